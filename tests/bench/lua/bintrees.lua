-- The allocator and the collector: trees made and dropped beside one that stays.
local function tree(depth)
    if depth == 0 then return {} end
    return {tree(depth - 1), tree(depth - 1)}
end

local function count(t)
    return t[1] and 1 + count(t[1]) + count(t[2]) or 1
end

local most = 16
local long, sum = tree(most), 0
for depth = 4, most, 2 do
    for _ = 1, 1 << (most - depth + 2) do sum = sum + count(tree(depth)) end
end
print(sum, count(long))
