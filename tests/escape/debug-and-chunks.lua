-- expect: ok
-- debug names functions and gives none; loadfile and dofile reach the bundle's sources alone, and box.std's
-- modules cannot be changed, replaced by files of the bundle, or taken apart.
for name, value in pairs(debug) do
    assert(name == "traceback" or name == "getinfo", name)
end
local function no_function(info)
    for name, value in pairs(info or {}) do
        assert(type(value) == "string" or type(value) == "number", name)
    end
end
for _, what in ipairs { "f", "L", "u", "r", "t", "SlnrutLf", "" } do
    for level = 0, 20 do no_function(debug.getinfo(level, what)) end
    for _, f in ipairs { print, require, load, pcall, string.gsub, debug.getinfo, error } do no_function(debug.getinfo(f, what)) end
end
local co = coroutine.create(function(...) coroutine.yield(...) end)
coroutine.resume(co, {}, print)
for level = -1, 5 do no_function(debug.getinfo(co, level, "f")) debug.traceback(co, "", level) end
assert(not pcall(debug.getinfo, print, ">f") and not pcall(debug.getinfo, {}))
xpcall(error, function() for level = 0, 20 do no_function(debug.getinfo(level, "f")) end end)
setmetatable({}, { __gc = function() for level = 0, 20 do no_function(debug.getinfo(level, "nSlf")) end debug.traceback() end })
collectgarbage()
local text = debug.traceback(("x"):rep(100000), math.mininteger) .. debug.traceback("", math.maxinteger)
assert(not text:find("0x"))

for _, path in ipairs { "/etc/passwd", "/proc/self/maps", "../../etc/passwd", "/bundle/../etc/passwd", "/bundle/manifest.json", "/dev/stdin",
        "manifest.json", "..", ".", "/", "//bundle//main.lua/../../../etc/passwd", ("../"):rep(1000) .. "etc/passwd", ("x/../"):rep(2000) .. "x" } do
    assert(not loadfile(path) and not pcall(dofile, path), path)
end
assert(not load("\27Lua", "x", "b") and not load(function() return "\27Lua" end, "x", "b"))
local given
assert(not load(function() if not given then given = true return "\27" end end, "x", ("b"):rep(10000)))

for _, name in ipairs { "base64", "csv", "date", "hash", "json", "text" } do
    local module = require("box.std." .. name)
    assert(getmetatable(module) == false and not pcall(setmetatable, module, {}) and next(module) == nil)
    assert(not pcall(function() module.x = 1 end))
    local iterate, state, first = pairs(module)
    assert(state == module and iterate(nil, first) and not pcall(iterate, state, {}))
end
assert(not pcall(require, "box.std") and not pcall(require, "box.std.../main") and not pcall(require, "box.std.json\0x"))
for _, setting in ipairs { "stop", "generational", "incremental", "setpause", "setstepmul" } do collectgarbage(setting, 1 << 30) end
for i = 1, 200000 do local t = { i, { i } } end
