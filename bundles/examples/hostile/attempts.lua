-- The attempts. Each returns something that is not nil or false where it got through; an error, nil or
-- false mean that it was blocked. None does harm where it succeeds.
local attempts = {}

local function attempt(name, try)
    attempts[#attempts + 1] = { name = name, try = try }
end

-- A function's bytes as string.dump would write them, with one field spoilt: enough for a loader that
-- takes binary chunks to say something other than "text only".
local BYTECODE <const> = "\27Lua\x54\0\x19\x93\r\n\x1a\n\4\8\8" .. ("\0"):rep(64)

-- Files and programs.

attempt("dofile of a host file", function()
    dofile("/etc/passwd")
    return true
end)
attempt("loadfile of a host file", function()
    return loadfile("/etc/passwd")
end)
attempt("io.open of a host file", function()
    return io.open("/etc/passwd")
end)
attempt("io.lines of a host file", function()
    return io.lines("/etc/passwd")()
end)
attempt("io.popen of a program", function()
    return io.popen("id")
end)
attempt("io.tmpfile", function()
    return io.tmpfile()
end)
attempt("os.execute of a program", function()
    return os.execute("true")
end)
attempt("os.remove, os.rename, os.tmpname", function()
    return os.remove or os.rename or os.tmpname
end)
attempt("os.exit, past the monitor's report", function()
    return os.exit
end)
attempt("os.getenv of the host's environment", function()
    return os.getenv("PATH") or os.getenv("HOME") or os.getenv("USER")
end)

-- Native code: a crafted binary chunk takes over the process.

attempt("load of a binary chunk", function()
    return load(BYTECODE, "b", "b")
end)
attempt("load of a binary chunk as any", function()
    return load(BYTECODE, "bt", "bt")
end)
attempt("load of a binary chunk in pieces", function()
    local at = 0

    return load(function()
        at = at + 1
        return at <= #BYTECODE and BYTECODE:sub(at, at) or nil
    end, "pieces", "bt")
end)
attempt("string.dump", function()
    return string.dump(function() end)
end)
attempt("package.loadlib", function()
    return package.loadlib("/lib/x86_64-linux-gnu/libc.so.6", "system")
end)
attempt("package.cpath and searchers", function()
    return package.cpath ~= "" or package.searchers or package.searchpath
end)
attempt("require of a C module", function()
    return require("socket.core")
end)

-- Modules from outside the bundle.

for _, name in ipairs({ "/etc/passwd", "../../../etc/passwd", "..", "%2e%2e/x", "./main", "main\0.x" }) do
    attempt(("require of %q"):format(name), function()
        return require(name)
    end)
end
attempt("require of the whole libraries", function()
    local ok, library = pcall(require, "debug")

    if ok and library.sethook then
        return true
    end
    ok, library = pcall(require, "io")
    return ok and type(library) == "table" and library.popen
end)

-- The state itself.

attempt("what debug can change elsewhere", function()
    for _, name in ipairs({ "sethook", "setlocal", "setmetatable", "setupvalue", "upvaluejoin" }) do
        if debug[name] then
            return name
        end
    end
end)
attempt("the registry, through debug", function()
    return debug.getregistry()
end)
attempt("the functions that called this one, through debug", function()
    for level = 0, 20 do
        local info = debug.getinfo(level, "f")

        if info and info.func then
            return info.func
        end
    end
end)
attempt("the metatable of all strings", function()
    local meta = getmetatable("")

    if type(meta) == "table" then
        meta.__index = { upper = function() return "tampered" end }
    end
    return ("x"):upper() == "tampered"
end)
attempt("setmetatable on a string", function()
    return setmetatable("", {})
end)
for _, advice in ipairs({ "stop", "generational", "setpause" }) do
    attempt(("a garbage collector told to %q"):format(advice), function()
        local kept = setmetatable({ {} }, { __mode = "v" })

        collectgarbage(advice, 1 << 30)
        for i = 1, 500000 do
            local _ = { i }
        end
        collectgarbage("restart")
        return kept[1]
    end)
end
attempt("more memory than there is", function()
    return ("x"):rep(1 << 34)
end)
attempt("recursion without end", function()
    local function deeper()
        return 1 + deeper()
    end

    return deeper()
end)
attempt("recursion in C without end", function()
    local function deeper()
        return (("x"):gsub("x", deeper))
    end

    return deeper()
end)

-- What the host holds.

attempt("box.call of a method not listed", function()
    box.call("host.exec", { command = "id" })
    return true
end)
attempt("box.call of one listed by the script itself", function()
    box.calls = { "host.exec" }
    box.call("host.exec", {})
    return true
end)
attempt("box.call of a method with a NUL", function()
    box.call("demo.allowed\0", {})
    return true
end)
attempt("box.keyring of a namespace not granted", function()
    return box.keyring("aws")
end)
attempt("box.keyring without a namespace", function()
    return box.keyring()
end)
for _, name in ipairs({ "../escape", "/etc/cron.d/x", ".bashrc", "", "a\0b", ("n"):rep(300) }) do
    attempt(("box.artifact called %q"):format(name:sub(1, 20)), function()
        box.artifact(name, "x")
        return true
    end)
end

return attempts
