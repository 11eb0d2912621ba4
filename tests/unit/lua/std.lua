-- box.std, with the vectors of its standards.
local function refused(want, f, ...)
    local ok, why = pcall(f, ...)
    assert(not ok and why:find(want, 1, true), why)
end

-- each module is one table, read-only, that shows no other
for _, name in ipairs {"base64", "csv", "date", "hash", "json", "text"} do
    local full = "box.std." .. name
    local module = require(full)
    assert(module == require(full) and package.loaded[full] == module and select(2, require(full)) == nil)
    refused(full .. " is read-only", function() module.encode = print end)
    refused(full .. " is read-only", function() module.new = 1 end)
    assert(getmetatable(module) == false and not pcall(setmetatable, module, {}) and next(module) == nil)
    local count = 0
    for key, value in pairs(module) do
        assert(module[key] == value)
        count = count + 1
    end
    local iterator, state = pairs(module)
    assert(count > 0 and state == module and rawequal(state, module) and type(iterator) == "function")
    assert(tostring(module):find("^" .. full:gsub("%.", "%%.") .. ": 0x"))
end
for _, name in ipairs {"box.std", "box.std.", "box.std.none", "box.std.json.x"} do
    refused("module '" .. name .. "' not found: box.std has base64, csv, date, hash, json, text", require, name)
end
refused("module 'box.stdx' not found: the bundle has neither", require, "box.stdx")

-- RFC 4648, section 10
local base64 = require "box.std.base64"
for plain, coded in pairs {[""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", fooba = "Zm9vYmE=", foobar = "Zm9vYmFy"} do
    assert(base64.encode(plain) == coded and base64.decode(coded) == plain)
    assert(base64.encode_url(plain) == coded:gsub("=", "") and base64.decode_url(coded) == plain)
    assert(base64.decode_url(base64.encode_url(plain)) == plain)
end
assert(base64.encode("\xfb\xef\xff\xfe") == "++///g==" and base64.encode_url("\xfb\xef\xff\xfe") == "--___g")
assert(base64.decode_url("--___g") == "\xfb\xef\xff\xfe" and base64.encode(12) == "MTI=")
for _, bad in ipairs {"Zg=", "Zg", "Z", "Zh==", "Zg==\n", "Zm9v Zm9v", "-_==", "Zg==Zg==", "=", "\0\0\0\0"} do
    refused("this is not base64", base64.decode, bad)
end
for _, bad in ipairs {"Z", "Zh", "Zg=", "+/8", "Zg==x", "a b"} do refused("this is not base64 for URLs", base64.decode_url, bad) end
refused("(string expected, got nil)", base64.encode)
local bytes = {}
for i = 0, 255 do bytes[i + 1] = string.char(i) end
bytes = table.concat(bytes):rep(40)
assert(base64.decode(base64.encode(bytes)) == bytes and base64.decode_url(base64.encode_url(bytes)) == bytes)

-- FIPS 180-4 (NIST's examples), RFC 1321, RFC 7693, RFC 2202, RFC 4231
local hash = require "box.std.hash"
local two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
assert(hash.sha1("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
assert(hash.sha1(two) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1" and hash.sha1("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
assert(hash.sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
assert(hash.sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
assert(hash.sha256(two) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
assert(hash.sha256(("a"):rep(1000000)) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
assert(hash.sha512("abc") == "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
assert(hash.sha512("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu")
    == "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909")
for text, digest in pairs {[""] = "d41d8cd98f00b204e9800998ecf8427e", a = "0cc175b9c0f1b6a831c399e269772661",
        abc = "900150983cd24fb0d6963f7d28e17f72", ["message digest"] = "f96b697d7cb7938d525a2f31aaf161d0"} do
    assert(hash.md5(text) == digest)
end
assert(hash.sha256("abc", true):byte(1) == 0xba and #hash.sha256("abc", true) == 32 and #hash.sha512("", true) == 64)
assert(hash.blake2b("abc") == "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923")
local function unhex(text) return (text:gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end)) end
-- RFC 7693, appendix E: digests of digests, keyed and not, of all the sizes that it takes
local function sequence(n, seed)
    local a, b, out = (0xDEAD4BAD * seed) & 0xffffffff, 1, {}
    for i = 1, n do
        a, b = b, (a + b) & 0xffffffff
        out[i] = string.char(b >> 24)
    end
    return table.concat(out)
end
local all = {}
for _, size in ipairs {20, 32, 48, 64} do
    for _, n in ipairs {0, 3, 128, 129, 255, 1024} do
        all[#all + 1] = hash.blake2b(sequence(n, n), size, "", true)
        all[#all + 1] = hash.blake2b(sequence(n, n), size, sequence(size, size), true)
    end
end
assert(hash.blake2b(table.concat(all), 32) == "c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475")
assert(#hash.blake2b("", 1) == 2 and hash.blake2b("x", nil, nil) == hash.blake2b("x", 64))
refused("1 to 64 expected", hash.blake2b, "", 65)
refused("1 to 64 expected", hash.blake2b, "", 0)
refused("at most 64 bytes", hash.blake2b, "", 64, ("k"):rep(65))
refused("(string expected, got table)", hash.sha256, {})
assert(hash.hmac("md5", unhex(("0b"):rep(16)), "Hi There") == "9294727a3638bb1c13f48ef8158bfc9d")
assert(hash.hmac("sha1", "Jefe", "what do ya want for nothing?") == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
assert(hash.hmac("sha256", unhex(("0b"):rep(20)), "Hi There") == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
local long = "Test Using Larger Than Block-Size Key - Hash Key First"
assert(hash.hmac("sha256", unhex(("aa"):rep(131)), long) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
assert(hash.hmac("sha512", "Jefe", "what do ya want for nothing?")
    == "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737")
assert(#hash.hmac("sha256", "k", "x", true) == 32)
refused("md5, sha1, sha256 or sha512 expected", hash.hmac, "blake2b", "", "")

-- json
local json = require "box.std.json"
assert(json.null == box.null and json.encode({b = json.array(), a = json.null}) == '{"a":null,"b":[]}')
assert(json.decode('{"a":[1,2]}').a[2] == 2 and not pcall(json.decode, "{"))
local value = {a = {1, {}, json.array()}, ["b,{"] = 'x"\\', c = {d = -1.5e300, e = true}}
assert(json.pretty(value) == [[
{
  "a": [
    1,
    {},
    []
  ],
  "b,{": "x\"\\",
  "c": {
    "d": -1.5e+300,
    "e": true
  }
}]])
for _, simple in ipairs {1, "x", true, '"', "\\", ""} do assert(json.pretty(simple) == json.encode(simple)) end
assert(json.encode(json.decode(json.pretty(value, "\t"))) == json.encode(value))

-- RFC 4180, section 2
local csv = require "box.std.csv"
local function same(text, rows, options) assert(json.encode(json.array(csv.parse(text, options))) == json.encode(json.array(rows)), text) end
same("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", {{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}}) -- 1
same("aaa,bbb,ccc\r\nzzz,yyy,xxx", {{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}}) -- 2
same("a,b\r\n1,2\r\n3,4", {{a = "1", b = "2"}, {a = "3", b = "4"}}, {header = true}) -- 3
same(" a , b", {{" a ", " b"}}) -- 4
same('"aaa","bbb",ccc\r\n', {{"aaa", "bbb", "ccc"}}) -- 5
same('"aaa","b\r\nbb","c,cc"\r\nzzz', {{"aaa", "b\r\nbb", "c,cc"}, {"zzz"}}) -- 6
same('"aaa","b""bb",""""\n"""x"""', {{"aaa", 'b"bb', '"'}, {'"x"'}}) -- 7
same("", {}) same("\n", {{""}}) same(",\n,", {{"", ""}, {"", ""}}) same('""', {{""}}) same("\xef\xbb\xbfa\n", {{"a"}})
same("a;b\tc\n", {{"a", "b\tc"}}, {sep = ";"}) same("a]b^c", {{"a", "b^c"}}, {sep = "]"}) same("a^b", {{"a", "b"}}, {sep = "^"})
for text, why in pairs {['a\n"b'] = "line 2: a quoted field is not closed", ['a"b'] = "line 1: a quote in a field",
        ['\n\n"a"b'] = "line 3: text after a quoted field", ["a\rb"] = "line 1: a CR without LF", ['"a\n\n"x'] = "line 3: text after"} do
    refused("csv: " .. why, csv.parse, text)
end
refused("csv: line 3: 1 field, where the header has 2", csv.parse, "a,b\n1,2\n3\n", {header = true})
refused("csv: line 2: 3 fields, where the header has 2", csv.parse, "a,b\n1,2,3\n", {header = true})
refused('csv: line 1: two columns are called "a"', csv.parse, "a,b,a\n", {header = true})
refused("sep is one byte", csv.parse, "", {sep = ",,"})
for _, f in ipairs {csv.parse, csv.rows, function(_, options) csv.format({}, options) end} do
    refused('csv: no option is called "separator": there are sep, header and eol', f, "", {separator = ";"})
    refused("csv: eol is a text, not a boolean", f, "", {eol = true})
end
refused("csv: header is true or false", csv.parse, "", {header = {"a"}})
refused("csv: header is true or false", csv.rows, "", {header = {"a"}})
refused("csv: header is the array of names", csv.format, {}, {header = true})
assert(json.encode(csv.parse("")) == "[]" and json.encode(csv.parse("a,b\n", {header = true})) == "[]")
-- with the place of the call, which of an iterator is the loop's
refused("main.lua:" .. debug.getinfo(1, "l").currentline .. ": csv: line 1", function() csv.parse('"') return 1 end)
refused("main.lua:" .. debug.getinfo(1, "l").currentline .. ": csv: line 1", function() for _ in csv.rows('"') do end end)
refused("csv: line 2: the source returned a number, not text", function()
    local pieces = {"abc\n", 5}
    for _ in csv.rows(function() return table.remove(pieces, 1) end) do end
end)
refused("(string expected, got nil)", csv.parse)
local document = '\xef\xbb\xbfid,"te""xt"\r\n1,"a\r\nb"\r\n2,\r\n' .. ('3,"' .. ("x,\n"):rep(2000) .. '"\n'):rep(3)
local whole = json.encode(csv.parse(document, {header = true}))
for _, size in ipairs {1, 2, 3, 7, 4096} do -- in pieces, cut anywhere
    local at, rows = 1, {}
    local function source()
        local piece = document:sub(at, at + size - 1)
        at = at + size
        return piece ~= "" and piece or nil
    end
    for row in csv.rows(source, {header = true}) do rows[#rows + 1] = row end
    assert(json.encode(rows) == whole, size)
end
assert(csv.format({{1, 'a"b', "c,d"}, {"", nil, "x\ny", n = 3}, {""}, {true, 2.5}}) == '1,"a""b","c,d"\r\n,,"x\ny"\r\n""\r\ntrue,2.5\r\n')
assert(csv.format({{b = 2, a = 1}, {a = "x;"}}, {header = {"a", "b"}, sep = ";", eol = "\n"}) == 'a;b\n1;2\n"x;";\n')
assert(csv.format({}) == "" and json.encode(csv.parse(csv.format({{'"', ",", "\r\n", " "}}))) == '[["\\"",",","\\r\\n"," "]]')
refused("csv: a table in record 2", csv.format, {{1}, {{}}})
refused("csv: record 2 is a string, not a table", csv.format, {{"a"}, "b"})
refused("csv: record 2 is a string, not a table", csv.format, {"b"}, {header = {"a"}})
refused("csv: record 1 has names, and no header says their order", csv.format, {{a = 1}})
refused("csv: record 2 has none of the header's names", csv.format, {{"x", "y"}}, {header = {"a", "b"}})
assert(csv.format({{}, {b = false}}, {header = {"a", "b"}}) == "a,b\r\n,\r\n,false\r\n")
assert(csv.format({{}, {n = 2}}) == "\r\n,\r\n" and csv.format({{"a", n = "b"}}) == "a\r\n")

-- RFC 3339, section 5.8
local date = require "box.std.date"
local function time(text, seconds, nanos, offset)
    local s, n, o = date.parse(text)
    assert(s == seconds and n == nanos and o == offset and math.type(s) == "integer", text)
end
time("1985-04-12T23:20:50.52Z", 482196050, 520000000, 0)
time("1996-12-19T16:39:57-08:00", 851042397, 0, -480)
time("1990-12-31T23:59:60Z", 662688000, 0, 0)
time("1990-12-31T15:59:60-08:00", 662688000, 0, -480)
time("1937-01-01T12:00:27.87+00:20", -1041337173, 870000000, 20)
time("1970-01-01t00:00:00z", 0, 0, 0) time("0000-01-01T00:00:00Z", -62167219200, 0, 0) time("9999-12-31T23:59:59Z", 253402300799, 0, 0)
time("2000-02-29T00:00:00-00:00", 951782400, 0, nil) time("2026-11-30T17:00:00.1234567899+05:30", 1796038200, 123456789, 330)
for _, bad in ipairs {"", "1985-04-12", "1985-04-12 23:20:50Z", "1985-04-12T23:20:50", "1985-4-12T23:20:50Z", "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:60Z", "2026-06-29T23:59:60Z", "1990-12-31T23:59:60-08:00",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01:60",
        "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00Z\n", "+026-01-01T00:00:00Z", "2026-01-01T00:00:00,5Z"} do
    refused("no date and time of RFC 3339: ", date.parse, bad)
end
for _, text in ipairs {"1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00", "1937-01-01T12:00:27.87+00:20", "0001-01-01T00:00:00Z"} do
    assert(date.format(date.parse(text)) == text)
end
assert(date.format(0) == "1970-01-01T00:00:00Z" and date.format(0, 1) == "1970-01-01T00:00:00.000000001Z" and date.format(2.0) == "1970-01-01T00:00:02Z")
refused("(integer expected, got number)", date.format, 1.5)
refused("the year has four digits", date.format, 253402300800)
refused("0 to 999999999 expected", date.format, 0, -1)
refused("-1439 to 1439 expected", date.format, 0, 0, 1440)
for _, seconds in ipairs {0, -1, 951782399, 951782400, 1796038200, -62167219200, 253402300799, 4102444799} do
    local stock, ours = os.date("!*t", seconds), date.fields(seconds)
    for name, value in pairs(stock) do assert(ours[name] == value, name) end
    assert(date.seconds(ours) == seconds and date.seconds(date.fields(seconds, 90), 90) == seconds)
end
refused("no such date: day 30 of 2026-02", date.seconds, {year = 2026, month = 2, day = 30})
refused("no such date: second 60", date.seconds, {year = 2026, month = 2, day = 3, sec = 60})
refused("field 'day' is no integer", date.seconds, {year = 2026, month = 2})

-- text
local text = require "box.std.text"
local function list(t) return table.concat(t, "|") end
assert(list(text.split("a,b,,c", ",")) == "a|b||c" and list(text.split("", ",")) == "" and #text.split("", ",") == 1)
assert(list(text.split("a,b,c", ",", 2)) == "a|b,c" and list(text.split("a--b", "--")) == "a|b" and list(text.split("a.b", ".")) == "a|b")
refused("a separator has a byte or more", text.split, "a", "")
assert(list(text.lines("a\r\n\nb")) == "a||b" and list(text.lines("a\n")) == "a" and #text.lines("") == 0 and #text.lines("\n") == 1)
assert(json.encode(text.lines("")) == "[]" and json.encode(text.wrap("", 5)) == "[]")
assert(text.trim("  a b\t\n") == "a b" and text.trim("") == "" and text.trim(" \n") == "")
assert(text.starts("abc", "ab") and not text.starts("a", "ab") and text.ends("abc", "bc") and text.ends("a", "") and not text.ends("c", "bc"))
local replaced, count = text.replace("a.b.c", ".", "%1")
assert(replaced == "a%1b%1c" and count == 2)
local odd = "a.b%c^$*+-?()[]\0\xff_é"
assert(odd:find("^" .. text.escape(odd) .. "$"))
assert(list(text.wrap("the quick  brown\nfox", 9)) == "the quick|brown fox" and list(text.wrap("ééé ééé", 7)) == "ééé ééé")
assert(list(text.wrap("a verylongword b", 4)) == "a|verylongword|b" and #text.wrap("", 10) == 0)
assert(text.hex("\0\xffa") == "00ff61" and text.unhex("00FF61") == "\0\xffa" and text.unhex("") == "")
for _, bad in ipairs {"0", "0g", "zz", "0 "} do refused("pairs of hexadecimal digits", text.unhex, bad) end

-- errors have the place of the caller
local ok, why = pcall(function() return (hash.sha256(nil)) end)
assert(why:find("^main.lua:%d+: bad argument #1 to 'sha256' %(string expected, got nil%)$"), why)
print("std ok")
