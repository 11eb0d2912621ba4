-- What libraries look for in a Lua: package, debug, the collector, chunks. Sources: this one, as main.lua, lib/a.lua,
-- conf.lua, binary.lua.
assert(package.config == "/\n;\n?\n!\n-\n" and package.path == "./?.lua;./?/init.lua" and package.cpath == "")
package.path = "./other/?.lua;" .. package.path -- allowed, and without effect
assert(require("lib.a") == "a" and not pcall(require, "b"))
for _, name in ipairs {"loadlib", "searchers", "searchpath"} do assert(package[name] == nil, name) end
for _, name in ipairs {"execute", "exit", "remove", "rename", "setlocale", "tmpname"} do assert(os[name] == nil, name) end
assert(io.popen == nil and io.tmpfile == nil and string.dump == nil)

-- debug: these two, and nothing that gives a function, a local, a metatable or the registry away
for name in pairs(debug) do assert(name == "traceback" or name == "getinfo", name) end
assert(require("debug") == debug)
local text = debug.traceback("what", 1)
assert(text:find("^what\nstack traceback:\n\tmain.lua:13: in main chunk\n\t%[C%]: in %?$"), text)
assert(debug.traceback("x", 100) == "x\nstack traceback:")
assert(debug.traceback({}, 1) ~= nil and debug.traceback(nil) == debug.traceback())
assert(type(debug.traceback(print)) == "function" and debug.traceback(12, 100) == "12\nstack traceback:")
for _, level in ipairs {-1, math.mininteger, math.maxinteger, 1 << 32} do
    assert(debug.traceback("x", level):find("^x\nstack traceback:"))
    assert(debug.getinfo(level) == nil)
end
local co = coroutine.create(function() local x = 1 coroutine.yield(x) end)
coroutine.resume(co)
assert(debug.traceback(co):find("main.lua:22: in function <main.lua:22>", 1, true))
assert(debug.traceback(co, "m", 0):find("^m\nstack traceback:\n\t%[C%]: in function 'coroutine.yield'"))
assert(debug.getinfo(co, 1).currentline == 22 and debug.getinfo(co, 2) == nil)
local ok, message = xpcall(error, debug.traceback, "e")
assert(not ok and message:find("^e\nstack traceback:\n\t%[C%]: in function 'error'"), message)

local function named()
    return debug.getinfo(1), debug.getinfo(1, "S"), debug.getinfo(1, "flnSrtuL"), debug.getinfo(1, "")
end
local all, place, most, none = named()
assert(all.source == "@main.lua" and all.short_src == "main.lua" and all.what == "Lua")
assert(all.linedefined == 30 and all.lastlinedefined == 32 and all.currentline == 31)
assert(all.name == "named" and all.namewhat == "local")
local known = {source = 1, short_src = 1, linedefined = 1, lastlinedefined = 1, currentline = 1, name = 1, namewhat = 1, what = 1}
for field in pairs(most) do assert(known[field], field) end
assert(place.name == nil and place.currentline == nil and place.source and next(none) == nil)
for _, f in ipairs {print, debug.getinfo, load, require, box.call, io.write, box.json.encode} do
    local info = debug.getinfo(f)
    assert(info.what == "C" and info.source == "=[C]" and info.short_src == "[C]" and info.currentline == -1)
    for field in pairs(info) do assert(known[field], field) end
end
for level = 0, 10 do
    for field in pairs(debug.getinfo(level) or {}) do assert(known[field], field) end
end
assert(not pcall(debug.getinfo, 1, ">f") and not pcall(debug.getinfo, print, "X") and not pcall(debug.getinfo))
assert(debug.getinfo(load("return 1", "=chunk")).short_src == "chunk")

-- the collector takes advice, and is not stopped by it
assert(collectgarbage("isrunning") == true and collectgarbage("stop") == 0 and collectgarbage("isrunning") == false)
local weak = setmetatable({}, {__mode = "v"})
for i = 1, 200000 do weak[1] = weak[1] or {i} local t = {i} end
weak[1] = nil
local most_kept = 0
for i = 1, 200000 do local t = {i, {i}} most_kept = math.max(most_kept, collectgarbage("count")) end
assert(most_kept < 6000, most_kept) -- 400000 tables are some 25 MB
assert(collectgarbage("restart") == 0 and collectgarbage("isrunning") == true)
assert(collectgarbage("generational") == "incremental" and collectgarbage("incremental") == "generational")
assert(collectgarbage("incremental", 100, 200, 8) == "incremental")
assert(collectgarbage("setpause", 150) == 200 and collectgarbage("setpause", 150) == 150)
assert(collectgarbage("setstepmul", 300) == 100 and collectgarbage("setstepmul") == 300)
assert(collectgarbage() == 0 and collectgarbage("collect") == 0 and math.type(collectgarbage("count")) == "float")
assert(type(collectgarbage("step")) == "boolean" and collectgarbage("step", 1 << 20) == true)
local in_finalizer
setmetatable({}, {__gc = function()
    in_finalizer = {collectgarbage(), collectgarbage("stop"), collectgarbage("count") or "none", collectgarbage("isrunning")}
end})
collectgarbage()
assert(in_finalizer[1] == 0 and in_finalizer[2] == 0 and in_finalizer[3] == "none" and in_finalizer[4] == false)

-- text and binary
local function fails(want, f, ...)
    local result, why = f(...)
    assert(result == nil and why == want, why)
end
assert(select(2, pcall(require, "box")):find("neither box.lua nor box/init.lua; box is a global", 1, true))
local binary, ours = "\27Lua", "attempt to load a binary chunk (the box loads text only)"
for _, mode in ipairs {"b", "bt", "tb"} do fails(ours, load, binary, "x", mode) end
fails(ours, load, binary)
fails("attempt to load a binary chunk (mode is 't')", load, binary, "x", "t")
fails("attempt to load a text chunk (mode is 'b')", load, "return 1", "x", "b")
fails("attempt to load a text chunk (mode is '')", load, "return 1", "x", "")
fails("attempt to load a text chunk (mode is 'b')", load, "x =", "x", "b")
fails(ours, load, (function() local n = 0 return function() n = n + 1 return ({"\27", "Lua"})[n] end end)(), "x", "b")
assert(load("return ...", "x", "t", {})(5) == 5 and load("return x", "x", nil, {x = 6})() == 6)
assert(load(function() return nil end) and select(2, load("x =", "=n")) == "n:1: unexpected symbol near <eof>")

-- loadfile and dofile: the bundle's sources
for _, path in ipairs {"conf.lua", "./conf.lua", "lib/../conf.lua", ".//conf.lua", "/bundle/conf.lua", "lib/./../conf.lua"} do
    local env = {}
    assert(loadfile(path, "t", env))()
    assert(env.x == 7 and x == nil, path)
end
assert(dofile("lib/a.lua") == "a" and loadfile("lib/a.lua")("name") == "a")
assert(select("#", dofile("conf.lua")) == 3 and x == 7)
for _, path in ipairs {"none.lua", "../conf.lua", "/conf.lua", "/bundle", "", "lib", "lib/../../conf.lua", "/bundle/../conf.lua",
        ("a/"):rep(400) .. "b.lua"} do
    fails("cannot open " .. path .. ": the bundle has no such source (*.lua)", loadfile, path)
end
fails("attempt to load a text chunk (mode is 'b')", loadfile, "conf.lua", "b")
fails(ours, loadfile, "binary.lua")
fails(ours, loadfile, "binary.lua", "b")
fails("attempt to load a binary chunk (mode is 't')", loadfile, "binary.lua", "t")
fails("bad.lua:2: unexpected symbol near <eof>", loadfile, "bad.lua")
fails("attempt to load a text chunk (mode is 'b')", loadfile, "bad.lua", "b")
local ok, why = pcall(dofile, "bad.lua")
assert(not ok and why == "bad.lua:2: unexpected symbol near <eof>", why)
ok, why = pcall(dofile, "none.lua")
assert(not ok and why:find("^cannot open none.lua"), why)
ok, why = pcall(dofile, "raises.lua")
assert(not ok and why == "raises.lua:1: out", why)
co = coroutine.wrap(dofile) -- a chunk may yield through dofile
assert(co("yields.lua") == 1 and co(2) == 3)
assert(dofile() == "from standard input")

-- files
local f, message, number = io.open("data.txt")
assert(f == nil and message:find('^data.txt: this box cannot open files .*"profile": "files"') and number == 13)
assert(not pcall(io.open, "x", "q") and select("#", io.open("x", "r+b")) == 3)
assert(io.output(io.stdout) == io.stdout and io.input(io.stdin) == io.stdin and not pcall(io.output, io.stderr))
for _, f in ipairs {io.lines, io.input, io.output} do
    ok, why = pcall(f, "data.txt")
    assert(not ok and why:find("profile"), why)
end
f, message, number = io.stdout:seek()
assert(f == nil and message:find("no position") and number == 29)
for call, want in pairs {["box.ratelimit()"] = "#1 to 'ratelimit'", ["box.ratelimit('x')"] = "#2 to 'ratelimit'",
        ["box.call()"] = "#1 to 'call'", ["box.keyring({})"] = "#1 to 'keyring'", ["box.artifact('x')"] = "#2 to 'artifact'",
        ["box.json.decode({})"] = "#1 to 'decode'", ["box.json.array(1)"] = "#1 to 'array'", ["require()"] = "#1 to 'require'",
        ["io.stdout:seek('x')"] = "#1 to 'seek'", ["io.stdout:seek('cur', {})"] = "#2 to 'seek'"} do
    ok, why = pcall(load(call, "=c"))
    assert(not ok and why:find("c:1: bad argument " .. want, 1, true), why)
end
assert(getmetatable("") == false and getmetatable(io.stdout) == false)
print("library ok")
