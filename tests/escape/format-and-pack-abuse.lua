-- expect: ok
-- Formats, packings, numbers: absurd widths, sizes, alignments, positions.
local formats = { "%99999d", "%.99999f", "%99.99f", "%-+ #099.99g", "%5$d", "%n", "%s%s%s%s", "%q", "%a", "%*d", "%lld", "%", "%%%",
    "%1234567890s", "%.3000s", "%c", "%p", "%i", "%hhn", ("%99.99f"):rep(1000) }
local values = { 1, -1, 1e308, -1e308, 0 / 0, 1 / 0, math.mininteger, math.maxinteger, "x", ("y"):rep(5000), "a\0b", {}, print, true }
for _, f in ipairs(formats) do
    for _, v in ipairs(values) do
        pcall(string.format, f, v)
        pcall(string.format, f, v, v, v, v)
        pcall(string.format, ("x"):rep(300) .. f, v)
    end
    pcall(string.format, f)
end
for _, f in ipairs { "s", "s1", "s16", "z", "i16", "I16", "i17", "i0", "!16 d", "!32", "Xi16", "X", "c0", "c1000000000", "c-1", "j", "J", "T",
    "<i3>i5=!8d", ("i4"):rep(10000), "c2147483647", "c9223372036854775807", "s8", "!1Xd", " < > = ! " } do
    for _, v in ipairs(values) do
        pcall(string.pack, f, v, v)
        pcall(string.unpack, f, ("\xff"):rep(64))
        pcall(string.unpack, f, ("\xff"):rep(64), math.mininteger)
        pcall(string.unpack, f, ("\x7f"):rep(64), -1)
    end
    pcall(string.packsize, f)
end
for _, i in ipairs { 0, 1, -1, 2, math.mininteger, math.maxinteger, 1 << 31, -(1 << 31), 1 << 32 } do
    for _, j in ipairs { 0, 1, -1, math.mininteger, math.maxinteger, 1 << 31 } do
        pcall(string.sub, "abc", i, j)
        pcall(string.byte, "abc", i, j)
        pcall(string.rep, "abc", i, "x")
        pcall(utf8.codepoint, "abc", i, j)
        pcall(utf8.offset, "abc", i, j)
        pcall(utf8.len, "abc", i, j)
        pcall(string.find, "abc", "b", i)
        pcall(string.gmatch, "abc", "b", i)
        pcall(select, i, j)
        pcall(math.random, i, j)
        pcall(table.concat, { 1, 2, 3 }, "", i, j)
        pcall(table.unpack, { 1, 2, 3 }, i, j)
        pcall(os.date, "*t", i)
        pcall(os.date, "%c", j)
        pcall(os.time, { year = i, month = j, day = i, hour = j })
    end
end
for _, f in ipairs { "%E", "%", "%EX", "%Q", ("%c"):rep(1000), "!%c", "*t", "%\0" } do pcall(os.date, f, 0) end
