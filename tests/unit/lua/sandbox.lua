-- sn0int's library, without a caller: values in, values out. Lines of its own documentation and tests.
local function eq(got, want, what)
    local a, b = strval(got), strval(want)

    assert(type(got) == type(want) and a == b,
           what .. ": " .. tostring(a) .. ", not " .. tostring(b))
end

-- What FUNCTION fails with; it leaves nil and the error behind.
local function fails(...)
    local value, why = ...

    eq(value, nil, "a failure")
    eq(last_err(), why, "last_err")
    clear_err()
    eq(last_err(), nil, "clear_err")
    return why
end

function run(arg)
    eq(arg, {a = 1}, "arg")
    eq(sn0int_version(), "0.26.1", "version")
    eq(getopt("name"), "value", "getopt")
    eq(getopt("none"), nil, "getopt of none")
    eq(#keyring("aws"), 2, "keyring")
    eq(keyring("aws:K2")[1].access_key, "K2", "keyring by name")
    eq(keyring("aws:K2")[1].secret_key, nil, "a key without a secret")
    eq(#keyring("aw"), 0, "keyring of none")

    eq(base64_encode("ohai"), "b2hhaQ==", "base64_encode")
    eq(base64_encode({0, 255}), "AP8=", "base64_encode of numbers")
    eq(base64_decode("b2hhaQ=="), "ohai", "base64_decode")
    fails(base64_decode("b2hhaQ"))
    eq(hex("\x6F\x68\x00\xff"), "6f6800ff", "hex")
    fails(hex({256}))
    fails(hex(true))
    eq(utf8_decode({65, 65, 65, 65}), "AAAA", "utf8_decode")
    fails(utf8_decode("\xff"))
    eq(str_find("asdf", "sd"), 2, "str_find")
    eq(str_find("asdf", "x"), nil, "str_find of none")
    eq(str_find("a.b", "."), 2, "str_find takes no pattern")
    eq(str_replace("this is old", "old", "new"), "this is new", "str_replace")
    eq(str_replace("asdf", "", "x"), "xaxsxdxfx", "str_replace of nothing")
    eq(str_replace("", "a", "b"), "", "str_replace in nothing")
    eq(intval("123"), 123, "intval")
    eq(intval(0.456), 0, "intval of a float")
    eq(intval(nil), nil, "intval of nil")
    fails(intval("12x"))
    fails(intval("99999999999999999999"))
    fails(intval({}))
    eq(strval(1234), "1234", "strval")
    eq(strval(313.37), "313.37", "strval of a float")
    eq(strval(7 / 1), "7", "strval of a whole float")
    eq(strval(false), "false", "strval of false")
    eq(strval({a = 1}), '{"a":1}', "strval of a table")

    eq(json_decode('{"a":[1,null,3],"b":null}'), {a = {1, nil, 3}}, "json_decode")
    eq(json_decode("null"), nil, "json_decode of null")
    fails(json_decode("{"))
    eq(#json_decode_stream('{"data":1}{"data":2}\n3'), 3, "json_decode_stream")
    eq(#json_decode_stream(" "), 0, "json_decode_stream of nothing")
    eq(json_decode_stream('{"a":1} [2] 3 {"b": 4'), {{a = 1}, {2}, 3}, "json_decode_stream up to a bad value")
    eq(#json_decode_stream("x"), 0, "json_decode_stream of none")
    eq(json_encode({a = 1.0, l = {1, 2.5}, f = print, b = "\xff"}),
       '{"a":1,"b":[255],"f":null,"l":[1,2.5]}', "json_encode")
    local loop = {}
    loop[1] = loop
    fails(json_encode(loop))

    eq(strftime("%d/%m/%Y %H:%M", 1558584994), "23/05/2019 04:16", "strftime")
    eq(strptime("%d/%m/%Y %H:%M", "23/05/2019 04:16"), 1558584960, "strptime")
    fails(strptime("%d/%m/%Y", "23/05/2019"))
    fails(strptime("%Y-%m-%d %H:%M", "2019-05-23 04:16x"))
    fails(strptime("%Y", "x"))
    fails(strptime("%Y-%m-%d %H:%M", "2021-02-30 00:00"))
    fails(strptime("%Y-%m-%d %H:%M", "2021-02-29 00:00"))
    fails(strptime("%Y-%m-%d %H:%M", "2021-04-31 00:00"))
    eq(strptime("%Y-%m-%d %H:%M", "2020-02-29 00:00"), 1582934400, "strptime of a leap day")
    eq(strptime("%Y-%m-%d %H:%M:%S", "2016-12-31 23:59:60"), 1483228800, "strptime of a leap second")
    eq(strptime("%s", "86399"), 86399, "strptime of a timestamp")
    eq(strptime("%Y-%m-%d %H:%M %z", "2019-05-23 04:16 +0200"), 1558584960, "strptime of a zone")
    eq(strftime("%s %c", 0), "0 Thu Jan  1 00:00:00 1970", "strftime of the epoch")
    fails(strftime("%9999d", 0))
    eq(sn0int_time_from(1567931337), "2019-09-08T08:28:57", "sn0int_time_from")
    eq(#datetime(), 19, "datetime")
    assert(time_unix() > 1558584994 and strptime("%Y-%m-%dT%H:%M:%S", sn0int_time()) >= time_unix() - 1)

    numbers(eq)
    urls(eq, fails)
    eq(create_blob("asdf"), "DTTV3EjpHBNJx3Zw7eJsVPm4bYXKmNkJQpVNkcvTtTSz", "create_blob")
    eq(create_blob(("x"):rep(128)), "2W6hwzMeyrYnbKx9k7iU21hkU8WziSHwLbm2Z32GUbvi", "of one block")
    eq(create_blob(("x"):rep(300)), "76tFySYmPkBLw1b9iUiwmDrtFpe6hYzGb71sBxbicxse", "of three blocks")
    info("all")
end

-- Lua 5.2's habits.
function numbers(eq)
    local shown = {
        [10 / 2] = "5", [-7.0] = "-7", [1e14] = "1e+14", [99999999999999.0] = "99999999999999", [0.1] = "0.1",
        [2 ^ 53] = "9.007199254741e+15", [1 / 0] = "inf", [1e100] = "1e+100", [12345678901234.5] = "12345678901234",
    }

    for number, text in pairs(shown) do
        number = number * 1.0 -- a key that is whole became an integer
        eq(number .. "", text, "..")
        eq(tostring(number), text, "tostring")
        eq(("%s"):format(number), text, "%s")
        eq(table.concat {number}, text, "concat")
    end
    eq(#tostring(-0.0), 4, "-0.0")
    eq(("%d|%x"):format(3.7, 255.9), "3|ff", "%d of a fraction")
    eq(("abcdef"):sub(2.5, 3.9), "bc", "sub of a fraction")
    eq(("x"):rep(7 / 2), "xxx", "rep of a fraction")
    eq(select("#", pcall(string.rep, "x", 0 / 0)), 2, "rep of no number")
    eq(pcall(string.rep, "x", 1e300), false, "rep of too large a number")
    eq(pcall(string.rep, "x", "y"), false, "rep of a text")
    eq(strftime("%S", 1.5), "01", "strftime of a fraction")
    eq(math.type(3), "integer", "an integer")
end

function urls(eq, fails)
    local joined = {
        {"https://example.com/x", "/foo", "https://example.com/foo"},
        {"https://example.com/x", "https://github.com/", "https://github.com/"},
        {"https://example.com/foo/abc", "bar", "https://example.com/foo/bar"},
        {"https://example.com/foo/", "?x=1&a=2", "https://example.com/foo/?x=1&a=2"},
        {"https://example.com/foo/bar", "abc?x=1&a=2", "https://example.com/foo/abc?x=1&a=2"},
        {"https://example.com/foo/?fizz=buzz", "//asdf.com/abc", "https://asdf.com/abc"},
        {"https://example.com/a/b/c", "../../../x/./y/..", "https://example.com/x/"},
        {"https://EXAMPLE.com:443", "", "https://example.com/"},
        {"http://u:p@h:8080/a?b#c", "#d", "http://u:p@h:8080/a?b#d"},
        {"http://h/a b\"", "", "http://h/a%20b%22"},
        {"http://[::1]:80/", "x", "http://[::1]/x"},
        {"a:/x", "/.//h", "a:/.//h"}, -- what begins with "//" names no host
        {"a:/.//h/x", "y", "a:/.//h/y"},
    }

    for _, j in ipairs(joined) do
        eq(url_join(j[1], j[2]), j[3], j[1] .. " + " .. j[2])
    end
    for _, bad in ipairs {"foo", "http://", "http://h:99999/", "http://h:x/", "http://a b/",
                          "http://[::g]/", "http://\xc3\xa9/", "http://[::\0 x]/"} do
        fails(url_parse(bad))
    end
    fails(url_join("mailto:a@b", "c"))

    local url = url_parse("https://example.com:1337/foo/abc?a=b&x=1&x=2&y[]=asdf#foo")

    eq(url, {scheme = "https", host = "example.com", port = 1337, path = "/foo/abc", fragment = "foo",
             query = "a=b&x=1&x=2&y[]=asdf", params = {a = "b", x = "2", ["y[]"] = "asdf"}}, "url_parse")
    eq(url_parse("https://example.com"), {scheme = "https", host = "example.com", path = "/"}, "short")
    eq(url_encode({a = "b", c = "d e&", n = 1.0, t = true}), "a=b&c=d+e%26&n=1&t=true", "url_encode")
    fails(url_encode({a = {}}))
    eq(url_decode("a=b&c=d+%41&&e%&f"), {a = "b", c = "d A", ["e%"] = "", f = ""}, "url_decode")
    eq(url_escape("foo bar?"), "foo%20bar%3F", "url_escape")
    eq(url_escape("a/b%2F~\0é"), "a%2Fb%252F%7E%00%C3%A9", "url_escape of all but letters and digits")
    eq(url_unescape(url_escape("100%41 /é~")), "100%41 /é~", "url_unescape of url_escape")
    eq(url_unescape("foo%20bar%3F%"), "foo bar?%", "url_unescape")
    fails(url_unescape("%ff"))
end
