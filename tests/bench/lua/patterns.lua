-- string.find, gmatch and gsub over log-like lines.
local lines = {}
for i = 1, 2000 do
    lines[i] = ("Nov 22 01:%02d:%02d host kernel: [%d.%06d] DENIED IN=eth%d SRC=10.0.%d.%d DST=192.168.1.%d LEN=%d")
        :format(i % 60, i * 7 % 60, i, i * 31, i % 4, i % 256, i * 3 % 256, i % 255, 40 + i % 1400)
end
local hits, length, keys = 0, 0, {}
for _ = 1, 55 do
    for _, line in ipairs(lines) do
        for key, value in line:gmatch("(%u+)=(%S+)") do
            keys[key] = (keys[key] or 0) + #value
        end
        if line:find("SRC=10%.0%.1?%d%d?%.") then hits = hits + 1 end
        length = length + #line:gsub("%d+", "#")
    end
end
print(hits, length, keys.SRC, keys.LEN)
