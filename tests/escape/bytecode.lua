-- expect: ok
-- Bytecode takes over the process: no way in reads any.
local code = "\27Lua\x54\0\x19\x93\r\n\x1a\n\4\8\8" .. ("\0"):rep(64)
assert(string.dump == nil)
for _, mode in ipairs { "b", "bt", "t", "tb", "" } do assert(not load(code, "c", mode)) end
local at = 0
assert(not load(function() at = at + 1 return code:sub(at, at) end, "c", "bt"))
at = 0
assert(not load(function() at = at + 1 return at == 1 and "" or at == 2 and code or nil end, "c", "b"))
assert(not pcall(load, code, "c", setmetatable({}, { __tostring = function() return "b" end })))
assert(not load("#!x\n" .. code))
assert(not load("\xef\xbb\xbf" .. code))
assert(not pcall(require, code) and not loadfile(code) and not pcall(dofile, code))
local ok, f = pcall(load, setmetatable({}, { __call = function() return code end }), "c", "b")
assert(not ok or not f)
for i = 1, #code do assert(not load(code:sub(1, i), "c", "b")) end
