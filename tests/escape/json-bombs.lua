-- expect: ok
-- The box's own codec: depth, size, numbers, cycles, metamethods that change what is being written.
local encode, decode = box.json.encode, box.json.decode
for _, text in ipairs { "", "{", "[", "[1,", '{"a"', '{"a":', '"\\u', '"\\ud800"', '"\\udc00\\ud800"', "1e999999999", "-", "00", "1" .. ("0"):rep(100000),
    "nul", "\xff", '"\xff"', '"\0"', "[" .. ("1,"):rep(100000) .. "1]", '{"a":1,"a":2}', ("["):rep(1e6), ("{\"a\":"):rep(1e5) .. ("}"):rep(1e5) } do
    pcall(decode, text)
    for i = 1, math.min(#text, 50) do pcall(decode, text:sub(1, i)) end
end
local cycle = {}
cycle[1] = cycle
assert(not pcall(encode, cycle))
assert(not pcall(encode, { [1] = 1, [3] = 3, x = 1 }))
assert(not pcall(encode, print))
assert(not pcall(encode, 0 / 0))
local changing = setmetatable({}, { __index = function() collectgarbage() return {} end, __len = function() return 1 << 40 end,
    __pairs = function(t) return function(_, k) t[{}] = 1 return (k or 0) + 1, t end, t end })
pcall(encode, changing)
pcall(encode, { ("x"):rep(1 << 22) })
