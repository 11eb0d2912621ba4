-- 100 MB by lines, there and back.
for line in io.lines() do
    io.write(line, "\n")
end
