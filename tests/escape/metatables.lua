-- expect: ok
-- Metatables: those that are shared are locked, and a metamethod has no more than its caller.
assert(getmetatable("") == false)
assert(not pcall(setmetatable, "", {}))
assert(not pcall(function() ("").x = 1 end))
assert(not pcall(rawset, "", 1, 1))
local string_upper = string.upper
string.upper = function() return "tampered" end
assert(("x"):upper() == "tampered", "one's own table is one's own")
string.upper = string_upper
if io and io.open and io.stdout then
    local meta = getmetatable(io.stdout)
    assert(meta == nil or meta == false or type(meta) ~= "table" or not pcall(setmetatable, io.stdout, {}))
end
local box_meta = getmetatable(box)
assert(box_meta == nil or type(box_meta) ~= "table" or not box_meta.__gc)
local loop = {}
setmetatable(loop, { __index = loop, __newindex = loop })
assert(not pcall(function() return loop.x end))
local chain = {}
for i = 1, 5000 do chain = setmetatable({}, { __index = chain }) end
pcall(function() return chain.x end)
assert(not pcall(tostring, setmetatable({}, { __tostring = function() return {} end })))
assert(not pcall(function() return #setmetatable({}, { __len = error }) end))
local close_ran
do
    local c <close> = setmetatable({}, { __close = function() close_ran = true end })
end
assert(close_ran)
pcall(setmetatable, {}, { __gc = "not a function" })
for _, name in ipairs { "__name", "__metatable", "__mode", "__gc", "__pairs", "__eq", "__lt", "__concat", "__call" } do
    for _, value in ipairs { 1, "x", {}, false, print } do
        local t = setmetatable({}, { [name] = value })
        pcall(function() return t .. t, t == {}, t < t, t(), tostring(t) end)
        pcall(pairs, t)
    end
end
collectgarbage()
