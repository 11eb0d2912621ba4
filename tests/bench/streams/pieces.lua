-- 16 MB in pieces of 4 KiB.
local piece = ("x"):rep(4096)
for _ = 1, 4096 do
    io.write(piece)
end
