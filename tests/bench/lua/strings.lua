-- Building strings: concatenation, table.concat, format, rep, upper, interning.
local sum = 0
for round = 1, 110 do
    local parts = {}
    for i = 1, 6000 do
        parts[i] = "item-" .. i .. ":" .. string.format("%05d,%s", i * round, "abc")
    end
    local text = table.concat(parts, "\n")
    sum = sum + #text + #text:upper():rep(2) + #text:reverse():sub(10, -10)
end
local s = ""
for i = 1, 6000 do s = s .. string.char(97 + i % 26) end
print(sum, #s)
