-- expect: ok
-- Recursion without end, in Lua, in C, in the parser, in patterns, in the codec.
local function lua() return 1 + lua() end
local function c() return (("x"):gsub("x", c)) end
local function through() return pcall(through) end
local function meta() return setmetatable({}, { __index = function(t) return t.x end }).x end
local function text() return tostring(setmetatable({}, { __tostring = text })) end
local function sorted() return table.sort({ 1, 2, 3 }, sorted) end
local function loaded() return load(loaded) end
for _, f in ipairs { lua, c, through, meta, text, sorted, loaded } do pcall(f) end
for _, piece in ipairs { "(", "{", "[", "function() ", "if x then ", "not ", "-", "a.", "a(", "do ", "{{", "x=", "~", "2^", "''.." } do
    pcall(load, piece:rep(20000))
    pcall(load, "return " .. piece:rep(250))
end
pcall(string.find, ("x"):rep(20000), ("(x"):rep(33))
pcall(string.find, ("x"):rep(100), ".-.-.-.-b")
pcall(string.match, ("("):rep(3000), "%b()")
pcall(string.find, ("x"):rep(3000), ("x?"):rep(20000))
local deep = {}
for i = 1, 10000 do deep = { deep } end
pcall(box.json.encode, deep)
pcall(box.json.decode, ("["):rep(10000))
pcall(box.json.decode, ('{"a":'):rep(10000))
