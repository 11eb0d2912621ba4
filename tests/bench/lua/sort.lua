-- table.sort, with and without a comparison of the script's own.
local seed, sum = 42, 0
local function random()
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed
end

for _ = 1, 7 do
    local numbers, names = {}, {}
    for i = 1, 60000 do numbers[i] = random() end
    for i = 1, 12000 do names[i] = "key" .. random() end
    table.sort(numbers)
    table.sort(numbers, function(a, b) return a > b end)
    table.sort(names)
    sum = sum + numbers[1] + numbers[#numbers] + #names[1]
end
print(sum)
