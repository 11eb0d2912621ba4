-- expect: ok
-- manifest: "limits":{"cpu_time":"5s"}
-- Orders that are none, tables that change under the library's hands, ranges without end.
math.randomseed(1)
for n = 1, 300 do
    local t = {}
    for i = 1, n do t[i] = math.random(n) end
    pcall(table.sort, t, function() return true end)
    pcall(table.sort, t, function() return math.random(2) == 1 end)
    pcall(table.sort, t, function(a, b) t[math.random(n)] = nil return a < b end)
    pcall(table.sort, t, function(a, b) table.insert(t, b) return a > b end)
    pcall(table.sort, t, function(a, b) if math.random(9) == 1 then error(t) end return a < b end)
end
local huge = setmetatable({}, { __len = function() return math.maxinteger end, __index = function() return 1 end })
pcall(table.sort, huge)
pcall(table.unpack, huge)
pcall(table.unpack, {}, 1, 1e7)
pcall(table.insert, huge, 5)
pcall(table.remove, huge)
pcall(table.move, {}, math.mininteger, math.maxinteger, 1)
pcall(table.move, {}, 1, math.maxinteger, 2)
pcall(table.concat, setmetatable({}, { __len = function() return -1 end }))
local t = setmetatable({}, { __newindex = function(self, k, v) collectgarbage() rawset(self, k, v) end })
pcall(table.move, { 1, 2, 3 }, 1, 3, 2, t)
for k in pairs({ 1, 2, 3 }) do pcall(next, {}, k) end
local walked = {}
for i = 1, 100 do walked[i] = i end
pcall(function() for k in pairs(walked) do walked[k + 1000] = k walked[k] = nil end end)
