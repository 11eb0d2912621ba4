-- What each function that a box and lua5.4 both have says of arguments, right and wrong: a line for every
-- call, the same in both (tests/cli/library.bats compares them).
local values = {
    "nil", "true", "1", "1.5", "'x'", "'10'", "{}", "print", "coroutine.create(print)", "io.stdout", "-1",
}
local names = {
    "assert", "collectgarbage", "dofile", "error", "getmetatable", "ipairs", "load", "loadfile", "next", "pairs",
    "pcall", "rawequal", "rawget", "rawlen", "rawset", "select", "setmetatable", "tonumber", "tostring", "type",
    "xpcall", "debug.traceback", "debug.getinfo", "io.read", "io.write", "io.lines", "io.open", "io.type",
    "io.input", "io.output", "io.flush", "io.stdin.read", "io.stdin.lines", "io.stdout.write", "io.stdout.seek",
    "io.stdout.setvbuf", "io.stdout.flush",
}
for _, lib in ipairs {"string", "table", "math", "utf8", "coroutine", "os"} do
    local here = {"clock", "date", "difftime", "getenv", "time"}
    if lib ~= "os" then
        here = {}
        for name in pairs(_G[lib]) do
            here[#here + 1] = name
        end
    end
    table.sort(here)
    for _, name in ipairs(here) do
        names[#names + 1] = lib .. "." .. name
    end
end
-- Not compared: what opens a file of the host or reads a whole stream as a chunk; what a box has not; streams,
-- of which a box's have no positions and cannot be chosen; the values that stock's collector was given.
local other = {
    ["string.dump"] = ".", ["io.read"] = "^-1", ["getmetatable"] = "^['i]", ["dofile"] = "^[^{p]", ["loadfile"] = "^[^{p]", ["io.lines"] = "^['1-]", ["io.input"] = "^['1i-]",
    ["io.output"] = "^['1-]", ["io.stdout.seek"] = "^io", ["io.stdin.read"] = "^io", ["io.stdin.lines"] = "^io",
}
local function try(name, list)
    local args = table.concat(list, ", ")
    if other[name] and args:find(other[name]) or args == "" and other[name] then
        return
    end
    local call = ("%s(%s)"):format(name, args)
    local f = load(("local all = table.pack(%s) return all"):format(call), "=call")
    local ok, answer = pcall(f)
    if ok then
        local kinds = {}
        for i = 1, answer.n do
            kinds[i] = type(answer[i])
        end
        answer = table.concat(kinds, " ")
    end
    print(call, ok, (tostring(answer):gsub("0x%x+", "ADDRESS")))
end
for _, name in ipairs(names) do
    try(name, {})
    for _, first in ipairs(values) do
        try(name, {first})
        for _, second in ipairs(values) do
            try(name, {first, second})
            for _, third in ipairs {"nil", "2", "'b'", "{}"} do
                try(name, {first, second, third})
            end
        end
    end
end
