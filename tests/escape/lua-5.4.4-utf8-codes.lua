-- expect: ok
-- Lua 5.4.4: utf8.codes took spurious continuation bytes; and other decoding at the edges of strings.
for _, s in ipairs { "ab\xff", "\xbf\xbf", "u\x80\x80", "\xf4\x9f\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf\xbf", "\xfe", "x\xe2\x82", ("\x80"):rep(1000) } do
    for _, lax in ipairs { false, true } do
        pcall(function() for p, c in utf8.codes(s, lax) do assert(p <= #s) end end)
        pcall(utf8.len, s, 1, -1, lax)
        pcall(utf8.codepoint, s, 1, -1, lax)
    end
    for i = -5, 5 do pcall(utf8.offset, s, i) end
end
pcall(function() for _ in utf8.codes("abc") do collectgarbage() end end)
for _, c in ipairs { 0, 0x7fffffff, 0x80000000, -1, 0xd800, 0x110000 } do pcall(utf8.char, c) end
pcall(utf8.char, table.unpack({}, 1, 200))
