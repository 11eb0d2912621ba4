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
    eq(type(why), "string", "its reason")
    eq(last_err(), why, "last_err")
    clear_err()
    eq(last_err(), nil, "clear_err")
    return why
end

-- All that sn0int has, in the order of its src/engine/ctx.rs; what needs a network, or the host, says so.
local all = [[
asn_lookup base64_decode base64_encode base64_custom_decode base64_custom_encode base32_custom_decode
base32_custom_encode clear_err create_blob datetime db_add db_add_ttl db_activity db_select db_update debug
dns error geo_polygon_contains geoip_lookup getopt hex hmac_md5 hmac_sha1 hmac_sha2_256 hmac_sha2_512
hmac_sha3_256 hmac_sha3_512 html_select html_select_list http_mksession http_request http_send http_fetch
http_fetch_json img_exif img_load img_ahash img_dhash img_phash img_nudity info intval json_decode
json_decode_stream json_encode key_trunc_pad keyring last_err md5 mqtt_connect mqtt_subscribe mqtt_recv
mqtt_ping pgp_pubkey pgp_pubkey_armored print psl_domain_from_dns_name ratelimit_throttle regex_find
regex_find_all semver_match set_err sha1 sha2_256 sha2_512 sha3_256 sha3_512 sleep sn0int_time
sn0int_time_from sn0int_version sock_connect sock_upgrade_tls sock_options sock_send sock_recv sock_sendline
sock_recvline sock_recvall sock_recvline_contains sock_recvline_regex sock_recvn sock_recvuntil sock_sendafter
sock_newline sodium_secretbox_open status stdin_read_line stdin_read_to_end stdin_readline str_find
str_replace strval strftime strptime time_unix url_decode url_encode url_escape url_join url_parse
url_unescape utf8_decode warn warn_once ws_connect ws_options ws_recv_text ws_recv_binary ws_recv_json
ws_send_text ws_send_binary ws_send_json x509_parse_pem xml_decode xml_named]]

function run(arg)
    local absent = 0

    for name in all:gmatch("%S+") do
        assert(type(_G[name]) == "function", name)
        if (" sock_ ws_ http_ mqtt_ img_ dns asn_ geoip_ psl_"):find(" " .. name:match("^%l+_?"), 1, true) then
            local fine, why = pcall(_G[name])

            assert(not fine and why:find(name .. ": needs a", 1, true), name)
            absent = absent + 1
        end
    end
    eq(absent, 41, "what is not there")
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
    assert(fails(base64_encode(1)):find("^main.lua:%d+: bad argument #1 to 'base64_encode' %(.*a string or a list"))
    assert(fails(hmac_md5("", {256})):find("^main.lua:%d+: bad argument #2 to 'hmac_md5' %(.*out of range: 256%)$"))
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
    eq(json_encode({1, nil, 3, [5] = {[2] = "x"}}), '[1,3,["x"]]', "json_encode of lists with holes")
    eq(json_encode({[3] = 1, a = 2}), "[1]", "json_encode of keys of both kinds")

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
    eq(strptime("%Y-%m-%dT%H:%M:%S%.fZ", "2024-02-03T01:01:01.123456Z"), 1706922061, "a fraction")
    eq(strptime("%Y-%m-%dT%H:%M:%S%.fZ", "2024-02-03T01:01:01Z"), 1706922061, "no fraction")
    eq(strptime("%Y-%m-%dT%H:%M:%S.%fZ", "2024-02-03T01:01:01.5Z"), 1706922061, "a fraction's digits")
    eq(strptime("%I:%M:%S.%3f %P %v", "01:02:03.500 pm 3-Feb-2024"), 1706965323, "three digits, in between")
    eq(strptime("%+", "2024-02-03T01:01:01.5+02:00"), 1706922061, "RFC 3339")
    eq(strptime("%a, %d %b %Y %T %:z", "Sat, 03 Feb 2024 01:01:01 +00:00"), 1706922061, "a day of the week")
    for format, text in pairs {["%FT%T%.fZ"] = "2024-02-03T01:01:01.Z", ["%F %T.%3f"] = "2024-02-03 01:01:01.50",
                               ["%a, %F %T"] = "Mon, 2024-02-03 01:01:01", ["%F %j %R"] = "2024-02-03 035 01:01",
                               ["%F %R"] = "2024-02-03 01:01\0"} do
        fails(strptime(format, text))
    end
    eq(fails(strptime("%.f%.f", ".1.1")), 'strptime: format: "%.f" is not supported', "two fractions")
    eq(strftime("%v %-d %0e %f%.f%.3f%6f", 1558584994), "23-May-2019 23 23 000000000.000000000", "strftime of chrono's")
    for _, format in ipairs {"%q", "%:z", "%+", "%E", "%^a", "%5d", "%"} do
        eq(fails(strftime(format, 0)), 'strftime: format: "' .. format .. '" is not supported', format)
    end
    fails(strftime("%Y\0", 0))
    eq(sn0int_time_from(1567931337), "2019-09-08T08:28:57", "sn0int_time_from")
    eq(#datetime(), 19, "datetime")
    assert(time_unix() > 1558584994 and strptime("%Y-%m-%dT%H:%M:%S", sn0int_time()) >= time_unix() - 1)

    numbers(eq)
    markup(eq, fails)
    keys(eq, fails)
    documents(eq, fails)
    patterns(eq, fails)
    digests(eq, fails)
    encodings(eq, fails)
    versions(eq, fails)
    places(eq, fails)
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

-- MD5: RFC 1321; SHA: FIPS 180-4, 202; HMAC: RFC 2202, 4231 and sn0int's own; "abc" unless said otherwise.
function digests(eq, fails)
    local function bytes(text)
        return (text:gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end))
    end
    local known = {
        md5 = "900150983cd24fb0d6963f7d28e17f72",
        sha1 = "a9993e364706816aba3e25717850c26c9cd0d89d",
        sha2_256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        sha2_512 = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" ..
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        sha3_256 = "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
        sha3_512 = "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e" ..
            "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
        keccak_256 = "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
        keccak_512 = "18587dc2ea106b9a1563e32b3312421ca164c7f1f07bc922a9c83d77cea3a1e5" ..
            "d0c69910739025372dc14ac9642629379540c17e2a65b19d77aa511a9d00bb96",
    }

    for name, digest in pairs(known) do
        eq(hex(_G[name]("abc")), digest, name)
        eq(hex(_G[name]({97, 98, 99})), digest, name .. " of numbers")
        fails(_G[name](true))
    end
    eq(hex(md5("")), "d41d8cd98f00b204e9800998ecf8427e", "md5 of nothing")
    eq(hex(sha3_256(("a"):rep(200))), "cce34485baf2bf2aca99b94833892a4f52896d3d153f7b840cc4f9fe695f1387",
       "sha3_256 of more than a block")
    eq(hex(keccak_256("")), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470", "keccak_256 of nothing")
    eq(hex(keccak_256(("a"):rep(136))), "a6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e",
       "keccak_256 of a whole block")
    eq(hex(keccak_256(("a"):rep(135))), "34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446",
       "keccak_256 of a block less one")

    local key, data = ("\x0b"):rep(20), "Hi There"

    eq(hex(hmac_md5(("\x0b"):rep(16), data)), "9294727a3638bb1c13f48ef8158bfc9d", "hmac_md5")
    eq(hex(hmac_sha1(key, data)), "b617318655057264e28bc0b6fb378c8ef146be00", "hmac_sha1")
    eq(hex(hmac_sha2_256(key, data)), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
       "hmac_sha2_256")
    eq(hex(hmac_sha2_512(key, data)), "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde" ..
       "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854", "hmac_sha2_512")
    eq(hex(hmac_sha2_256(("\xaa"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First")),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", "a key of more than a block")
    eq(hex(hmac_sha3_256("foo", "bar")), "a7dc3fbbd45078239f0cb321e6902375d22b505f2c48722eb7009e7da2574893",
       "hmac_sha3_256")
    eq(hex(hmac_sha3_512("foo", "bar")), "2da91b8227d106199fd06c5d8a6752796cf3c84dde5a427bd2aca384f0cffc19" ..
       "997e2584ed15c55542c2cb8918b987e2bcd9e77a9f3fdbb4dbea8a3d0136da2f", "hmac_sha3_512")
    fails(hmac_md5("k", {256}))
    fails(hmac_md5(print, "x"))

    -- The example of NaCl's own tests (secretbox.c).
    local nonce = bytes "69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37"
    local secret = bytes "1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389"
    local box = bytes("f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a" ..
        "c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae" ..
        "90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5")
    local plain = sodium_secretbox_open(nonce .. box, secret)

    eq(#plain, 131, "secretbox")
    eq(hex(plain:sub(1, 8)) .. hex(plain:sub(-5)), "be075fc53c81f2d5" .. "48645e0705", "secretbox")
    fails(sodium_secretbox_open(nonce, secret))
    fails(sodium_secretbox_open(nonce .. "x", secret))
    fails(sodium_secretbox_open(nonce .. box, "short"))
    fails(sodium_secretbox_open(nonce .. box:sub(1, -2) .. "x", secret))
    eq(key_trunc_pad("\1\2\3\4\5", 5, 0), "\1\2\3\4\5", "key_trunc_pad")
    eq(key_trunc_pad({1, 2, 3, 4, 5, 6}, 5, 0), "\1\2\3\4\5", "key_trunc_pad of more")
    eq(key_trunc_pad("abc", 5, 46), "abc..", "key_trunc_pad of less")
    fails(key_trunc_pad(nil, 5, 46))
end

-- RFC 4648, 10; z-base-32; sn0int's own.
function encodings(eq, fails)
    eq(hex_custom_encode("\x01\xab", "0123456789ABCDEF"), "01AB", "hex")
    eq(hex_custom_decode("ba", "fedcba9876543210"), "\x45", "hex of another alphabet")
    eq(hex_custom_decode("01AB", "0123456789ABCDEF", ""), "\x01\xab", "hex back")
    fails(hex_custom_decode("01A", "0123456789ABCDEF"))
    fails(hex_custom_decode("0g", "0123456789ABCDEF"))
    fails(hex_custom_encode("x", "01"))

    local b64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    local b32, z = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "ybndrfg8ejkmcpqxot1uwisza345h769"
    local text, in64 = "foobar", {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"}
    local in32 = {"", "MY======", "MZXQ====", "MZXW6===", "MZXW6YQ=", "MZXW6YTB", "MZXW6YTBOI======"}

    for i = 0, 6 do
        local part = text:sub(1, i)
        local bare64, bare32 = in64[i + 1]:gsub("=", ""), in32[i + 1]:gsub("=", "")

        eq(base64_custom_encode(part, b64, "="), in64[i + 1], "base64")
        eq(base64_custom_decode(in64[i + 1], b64, "="), part, "base64 back")
        eq(base64_custom_encode(part, b64, ""), bare64, "base64 without padding")
        eq(base64_custom_decode(bare64, b64, ""), part, "base64 without padding, back")
        eq(base32_custom_encode(part, b32, "="), in32[i + 1], "base32")
        eq(base32_custom_decode(in32[i + 1], b32, "="), part, "base32 back")
        eq(base32_custom_encode(part, b32, ""), bare32, "base32 without padding")
        eq(base32_custom_decode(bare32, b32, ""), part, "base32 without padding, back")
    end
    eq(base32_custom_encode("ohai", z, ""), "p7wgn4e", "z-base-32")
    eq(base32_custom_decode("p7wgn4e", z, ""), "ohai", "z-base-32 back")
    eq(base64_custom_encode({0, 255}, b64, "="), "AP8=", "of numbers")
    for _, bad in ipairs {"Zg", "Zg=", "Zg===", "Zh==", "Z===", "====", "Zg=x", "Zm9v=", "Z m9", "Zm8=Zm8=", "\xff\xff=="} do
        fails(base64_custom_decode(bad, b64, "="))
    end
    for _, bad in ipairs {"Z", "Zh", "Zg==", "Zm9vY"} do
        fails(base64_custom_decode(bad, b64, ""))
    end
    for _, bad in ipairs {"M", "MZX", "MZXW6Y", "MZ", "my"} do
        fails(base32_custom_decode(bad, b32, ""))
    end
    fails(base32_custom_encode("a", b64, "="))
    fails(base64_custom_encode("a", b64:sub(2) .. "B", "="))
    fails(base64_custom_encode("a", b64:sub(2) .. "\xff", "="))
    fails(base64_custom_encode("a", b64, "A"))
    fails(base64_custom_encode(nil, b64, "="))
end

-- SemVer 2.0, 11; the examples of Cargo's book, "Specifying Dependencies".
function versions(eq, fails)
    local yes = {
        "^1.2.3|1.2.3", "1.2.3|1.9.9", "1.2|1.2.0", "1|1.99.0", "0.2.3|0.2.9", "0.0.3|0.0.3", "0.0|0.0.9", "0|0.9.0",
        "~1.2.3|1.2.9", "~1.2|1.2.0", "~1|1.9.9", "*|1.2.3", "1.*|1.9.0", "1.2.*|1.2.7", "1.x|1.0.0", "1.*.*|1.2.3",
        ">= 1.2.0|1.2.0", "> 1|2.0.0", "< 2|1.9.9", "= 1.2.3|1.2.3", ">= 1.2, < 1.5|1.4.9", "<=1.2|1.2.9", "=1.2|1.2.5",
        ">=1.0.0-alpha|1.0.0-beta", "1.0.0-rc.1|1.0.0-rc.1", "^1.0.0-rc.1|1.0.0", ">1.0.0-alpha|1.0.0-alpha.1",
        ">1.0.0-alpha.1|1.0.0-alpha.beta", ">1.0.0-beta.2|1.0.0-beta.11", ">1.0.0-beta.11|1.0.0-rc.1", "1.2.3+x|1.2.3+y",
        ">= 0.7.2, <= 99.9.9|0.26.1", "18446744073709551615|18446744073709551615.0.0",
    }
    local no = {
        "1.2.3|2.0.0", "1.2.3|1.2.2", "0.2.3|0.3.0", "0.0.3|0.0.4", "0.0|0.1.0", "0|1.0.0", "~1.2.3|1.3.0", "~1.2|1.3.0",
        "~1|2.0.0", "1.*|2.0.0", "> 1|1.9.0", "< 2|2.0.0", ">1.2|1.2.9", "= 1.2.3|1.2.4", "*|1.0.0-a", "1|1.5.0-a",
        ">=1.0.0-a|1.0.1-a", "1.0.0|1.0.0-a", ">1.0.0-rc.1|1.0.0-beta.11", "<1.2|1.2.0-a", ">= 0.4.2, <= 0.8.9|0.26.1",
    }
    local bad = {"", "x.1|", "1.2.3.4|1.0.0", "01|1.0.0", "1 2|1.0.0", "1,|1.0.0", "*, 1|1.0.0", "1.*.3|1.0.0", "a|1.0.0",
                 "1.0.0-|1.0.0", "1.0.0-01|1.0.0", "1.0.0-a..b|1.0.0", "1|1.0", "1|1.0.0.0", "1|v1.0.0", "1|1.0.0 ",
                 "18446744073709551616|1.0.0", "1.*-a|1.0.0", "1\0|1.0.0", ">|1.0.0", ("1,"):rep(32) .. "1|1.0.0"}
    local function match(case)
        return semver_match(case:match("^(.-)|(.*)$") or "", case:match("|(.*)$") or "1.0.0")
    end

    for _, case in ipairs(yes) do
        eq(match(case), true, case)
    end
    for _, case in ipairs(no) do
        eq(match(case), false, case)
    end
    for _, case in ipairs(bad) do
        fails(match(case))
    end
end

function places(eq, fails)
    local function ring(text)
        local points = {}

        for x, y in text:gmatch("(%S+),(%S+)") do
            points[#points + 1] = {lon = tonumber(x), lat = tonumber(y)}
        end
        return points
    end
    local square, hole = ring "0,0 4,0 4,4 0,4", ring "0,0 6,0 6,6 0,6 0,0 2,2 2,4 4,4 4,2 2,2"

    eq(geo_polygon_contains(square, {lon = 2, lat = 2}), true, "within")
    eq(geo_polygon_contains(square, {lon = 5, lat = 2}), false, "outside")
    eq(geo_polygon_contains(square, {lon = 4, lat = 2}), false, "on an edge")
    eq(geo_polygon_contains(square, {lon = 0, lat = 0}), false, "a corner")
    eq(geo_polygon_contains(square, {lon = -1, lat = 4}), false, "beside an edge")
    eq(geo_polygon_contains(ring "0,0 4,0 4,4 0,4 0,0", {lon = 2, lat = 2}), true, "a closed ring")
    eq(geo_polygon_contains(ring "0,4 4,4 4,0 0,0", {lon = 2, lat = 2}), true, "the other way round")
    eq(geo_polygon_contains(ring "0,0 4,0 4,4 2,1 0,4", {lon = 2, lat = 3}), false, "in a notch")
    eq(geo_polygon_contains(hole, {lon = 3, lat = 3}), false, "turned round both ways")
    eq(geo_polygon_contains({}, {lon = 0, lat = 0}), false, "no ring")
    eq(geo_polygon_contains(ring "1,1", {lon = 1, lat = 1}), false, "one point")
    eq(geo_polygon_contains(ring "9.7647,53.6397 10.3477,53.4406 9.6332,53.5681", {lat = 53.551085, lon = 9.993682}), true,
       "in Hamburg")
    fails(geo_polygon_contains(square, {lon = 1}))
    fails(geo_polygon_contains({{lat = "1", lon = 2}}, {lon = 1, lat = 1}))
    fails(geo_polygon_contains(square, nil))
end

-- The regex crate's syntax, from its documentation; {pattern, text, matches joined by "|"}.
function patterns(eq, fails)
    local found = {
        {"a+", "aabaaa", "aa|aaa"}, {"a*", "baac", "|aa|"}, {"", "é!", "||"}, {"a|ab", "abab", "a|a"}, {"a+?", "aa", "a|a"},
        {"(?i)É", "éÉe", "é|É"}, {".", "a\n\u{2028}é", "a|\u{2028}|é"}, {"(?s).", "a\n", "a|\n"}, {"a$", "a\n", ""},
        {"(?m)^.?$", "a\nb\n", "a|b|"}, {"(?m)a$", "a\na", "a|a"}, {"\\Aa", "aa", "a"}, {"a\\z", "aa", "a"},
        {"\\d+", "12 ٣٤", "12|٣٤"}, {"(?-u)\\d+", "12 ٣٤", "12"}, {"(?-u:\\w)+|é", "aéb", "a|é|b"},
        {"\\w+", "x_1 héllo\u{301}, 日本\u{200d}", "x_1|héllo\u{301}|日本\u{200d}"}, {"\\s+", "a\u{a0}\u{3000}b\v", "\u{a0}\u{3000}|\v"},
        {"\\W", "é-b", "-"}, {"\\D\\S", "a1 b", "a1| b"}, {"\\bé+\\b", "éé aé é", "éé|é"}, {"\\B.", "ab cd", "b|d"},
        {"\\b{start}.", "ab cd", "a|c"}, {".\\b{end}", "ab cd", "b|d"}, {"\\<.|.\\>", "ab", "a|b"},
        {"[a-c]+", "abcd", "abc"}, {"[^a-c]+", "abcd\n", "d\n"}, {"[]a]+", "]a[", "]a"}, {"[^]a]", "]ab", "b"},
        {"[a-]+", "a-b", "a-"}, {"[-a]+", "a-b", "a-"}, {"[\\]\\[^]+", "[]^", "[]^"}, {"[[:alpha:]]+", "aéb", "a|b"},
        {"[[:^alpha:]x]+", "ax1", "x1"}, {"[x[^xyz]]+", "xaybz", "xa|b"}, {"[a-y&&xyz]+", "wxyz", "xy"},
        {"[0-9&&[^4]]+", "345", "3|5"}, {"[0-9--4]+", "345", "3|5"}, {"[a-g~~b-h]+", "abgh", "a|h"}, {"[a-c&&]", "abc", ""},
        {"[a-d--[ab~~]]+", "abcd", "cd"}, {"[a-d~~[b--b]]+", "abcd", "abcd"}, {"[^a&&]", "ab", "a|b"},
        {"[a-z&&[^aeiou]&&[^x]]+", "abcxe", "bc"}, {"[^a-z&&b]", "abc", "a|c"}, {"[\\d\\W]+", "a1-b", "1-"}, {"[&a]+", "a&b", "a&"},
        {"(?i)[^a]", "aAb", "b"}, {"(?i)[a-z&&[^k]]+", "aKb", "a|b"}, {"[\\x{e9}-\\u{ea}]", "éêë", "é|ê"},
        {"\\pL+", "aé1", "aé"}, {"\\p{Greek}+", "aβγ", "βγ"}, {"\\p{Lu}", "aB", "B"}, {"\\p{Uppercase_Letter}", "aB", "B"},
        {"\\P{L}", "a1", "1"}, {"\\p{gc=Nd}", "a1", "1"}, {"\\p{script=Latin}+", "aβ", "a"}, {"\\p{sc!=Latin}", "aβ", "β"},
        {"[\\p{Greek}&&\\pL]+", "aβ1", "β"}, {"\\p{Alphabetic}+", "a1", "a"}, {"\\p{ascii}+", "aéb", "a|b"},
        {"\\x41\\u0042\\U00000043\\x{44}", "ABCD", "ABCD"}, {"\\a\\f\\t\\n\\r\\v", "\a\f\t\n\r\v", "\a\f\t\n\r\v"},
        {"\\.\\/\\-\\#\\ ", "./-# ", "./-# "}, {"a{2}", "aaaaa", "aa|aa"}, {"a{2,}", "aaaa", "aaaa"}, {"a{1,2}?", "aa", "a|a"},
        {"a**", "aab", "aa|"}, {"a++a?", "aa", "aa"}, {"(?:a+)+?a", "aaa", "aaa"}, {"(?U)a+", "aa", "a|a"}, {"(?U)a+?", "aa", "aa"},
        {"(?x) a  b # c\n [ c ]", "abc", "abc"}, {"(?x: a ) b", "a b", "a b"}, {"a(?i)b|c", "aB C", "aB|C"}, {"(?:(?i)a)b", "Ab AB", "Ab"},
        {"^*a", "a", "a"}, {"a}]", "a}]", "a}]"}, {"a\0b", "a\0b", "a\0b"}, {"\\S+@\\S+\\.\\w{2,}", "mail a@b.de now", "a@b.de"},
    }
    local refused = {
        "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(a)\\1", "(?P=a)", "(?>a)", "(?#a)", "(?R)a", "(?|a)", "\\K", "\\Q", "\\h", "\\R", "\\G", "\\C",
        "\\Z", "*a", "a|*", "(*UTF)", "(?i)*", "a{", "a{x}", "a{2,1}", "a{99999}", "(", ")", "(?", "(?i", "(?P<", "(?P<>a)", "(?P<1>a)", "(?P<a b>a)",
        "(?P<a>a)(?P<a>b)", "[", "[a", "[z-a]", "[a-\\d]", "[\\b]", "[]", "[^]", "\\", "\\p", "\\p{", "\\p{Nonesuch}", "\\pX", "\\p{age=3.0}",
        "\\x{110000}", "\\x{d800}", "\\xg1", "\\x{}", "\\u12", "(?-u).", "(?-u)[^a]", "(?-u)\\W", "(?-u)[é]", "(?-u)\\pL", "\xff", ("("):rep(300),
        ("["):rep(300),
    }

    for _, case in ipairs(found) do
        local whole, list = {}, regex_find_all(case[1], case[2])

        eq(last_err(), nil, case[1])
        for i, match in ipairs(list) do
            whole[i] = match[1]
        end
        eq(table.concat(whole, "|"), case[3], case[1])
    end
    for _, pattern in ipairs(refused) do
        fails(regex_find(pattern, "a"))
        fails(regex_find_all(pattern, "a"))
    end
    eq(regex_find("(?P<year>\\d{4})-(?<m>\\d\\d)", "on 2024-05"), {"2024-05", "2024", "05"}, "groups")
    eq(regex_find("(a)|(b)(c)?", "b"), {"b"}, "groups up to one that took no part")
    eq(regex_find("a(b)?(c)", "ac"), {"ac"}, "the same")
    eq(regex_find(".(.)", "abcdef"), {"ab", "b"}, "sn0int's own")
    eq(regex_find("x", "abc"), nil, "no match")
    eq(#regex_find_all("x", "abc"), 0, "no matches")
    eq(#regex_find_all("(.)", ("x"):rep(3000)), 3000, "many matches")
    eq(fails(regex_find("(x+x+)+(?:y|\\b{end}z)", ("x"):rep(100))), "regex: a match would take more than 10000000 steps",
       "steps")
    fails(regex_find("a", "\xff"))
    eq(fails(regex_find("(?:a|b)*[cd]", ("ab"):rep(500000))), "regex: a match would take more than 8M of memory", "memory")
    for _ = 1, 3000 do -- what a library takes is given back at once
        assert(regex_find("[a-z\\d]{1,700}", "a"))
    end
    for _ = 1, 3000 do
        assert(xml_decode("<a/>") and not xml_decode("<a>") and html_select("<a>", "a"))
    end
    clear_err()
    assert(fails(regex_find("((a{100}){100}){100}", "a")):find("too large", 1, true))
end

-- CSS selectors, level 3; HTML as its standard parses and writes it.
function documents(eq, fails)
    local page = [[<!DOCTYPE html><title>T</title><body class="a b-c"><h1 id=top lang=en-US>One</h1><p>1<p class=x>2 <b>bold</b>
<ul data-n="a b c"><li>i<li class="x y">ii<li>iii<li><i></i></ul><a href="https://x/y.html">l</a><a>n</a>
<form><input type=hidden name=t value=v disabled><input checked><select><option selected>o</select></form>
<svg viewBox="0 0 1 1"><linearGradient id=g /></svg><my-tag>z</my-tag></body>]]
    local selected = {
        h1 = "One", H1 = "One", ["*[id]"] = "One|", ["#top"] = "One", [".x"] = "2 bold\n|ii", ["li.x.y"] = "ii", ["p > b"] = "bold",
        ["body b"] = "bold", ["h1 + p"] = "1", ["h1 ~ p"] = "1|2 bold\n", ["li:first-child"] = "i", ["li:last-child"] = "",
        ["li:nth-child(2n+1)"] = "i|iii", ["li:nth-child(even)"] = "ii|", ["li:nth-child(-n+2)"] = "i|ii", ["li:nth-child( 3 )"] = "iii",
        ["li:nth-last-child(2)"] = "iii", ["p:nth-of-type(2)"] = "2 bold\n", ["p:first-of-type, li:last-of-type"] = "1|",
        ["h1:only-of-type"] = "One", ["b:only-child"] = "bold", ["li:not(.x):not(:last-child)"] = "i|iii", ["ul :empty"] = "",
        ["li:is(.x, :first-child)"] = "i|ii", ["[lang|=en]"] = "One", ["[data-n~=b] > li.x"] = "ii", ["a[href^='https:']"] = "l",
        ['a[href$=".html"]'] = "l", ["a[href*='/y']"] = "l", ["a[href=X]"] = "", ["a[href='HTTPS://x/y.html' i]"] = "l",
        ["a:link"] = "l", ["a:not([href])"] = "n", ["input:disabled"] = "", ["option:checked"] = "o", [":root > head > title"] = "T",
        ["#\\74 op"] = "One", [".b\\-c h1"] = "One", ["my-tag"] = "z", ["nosuch"] = "", ["lineargradient"] = "", ["a:hover"] = "",
        ["body ul > li + li ~ li"] = "iii|", ["html p b"] = "bold", ["p p"] = "",
    }

    for selector, want in pairs(selected) do
        local texts = {}

        for i, e in ipairs(html_select_list(page, selector)) do
            texts[i] = e.text
        end
        eq(last_err(), nil, selector)
        eq(table.concat(texts, "|"), want, selector)
    end

    local counted = {
        ["input:disabled"] = 1, ["ul :empty"] = 1, ["li:last-child"] = 1, ["a[href=X]"] = 0, nosuch = 0, lineargradient = 0, ["a:hover"] = 0,
        ["p p"] = 0, ["input[type=HIDDEN]"] = 1, ["input[TYPE^=Hid]"] = 1, ["input[type=HIDDEN s]"] = 0, ["input[name=T]"] = 0, ["input[name=T i]"] = 1,
    }

    for selector, want in pairs(counted) do
        eq(#html_select_list(page, selector), want, selector)
    end
    eq(#html_select_list('<link rel="Style x"><svg rel="Style"></svg><p data-rel="Style">', "[rel~=style], [data-rel=style]"), 1, "case of HTML's")
    eq(#html_select_list("<p title='" .. ("a"):rep(1000000) .. "'>", "[title*='" .. ("a"):rep(200) .. "b']"), 0, "a long value")
    for _, bad in ipairs {"", ",", "a,", "a >", "> a", "a > > b", "[", "[a", "[a=]", "[=a]", "a:", "a:nosuch", "a::before", "a:not()", "a:nth-child(x)",
                          "a:nth-child", "#", ".", ".1", "a)", "a b)", "svg|a", "*|a", "a:hover(x)", "[a='x]", "\\", "a{", "1", "a:is(b", "a\0",
                          ("a:not("):rep(20) .. "b" .. (")"):rep(20), ("a "):rep(3000)} do
        fails(html_select_list(page, bad))
    end
    eq(html_select('<html><div id="yey">content</div></html>', "#yey"),
       {attrs = {id = "yey"}, text = "content", html = '<div id="yey">content</div>'}, "sn0int's own")
    eq(html_select(page, "input").attrs, {type = "hidden", name = "t", value = "v", disabled = ""}, "attributes")
    fails(html_select(page, "table"))
    eq(#html_select_list(page, "table"), 0, "none")

    local written = {
        {"<p>a<br>b<p>c", "body", "<body><p>a<br>b</p><p>c</p></body>"},
        {"<b><i>x</b>y</i>", "body", "<body><b><i>x</i></b><i>y</i></body>"},
        {"<table>t<tr><td>c", "body", "<body>t<table><tbody><tr><td>c</td></tr></tbody></table></body>"},
        {"<p title='\"&<>'>&lt;&amp;\"&nbsp;&eacute;", "p", '<p title="&quot;&amp;<>">&lt;&amp;"&nbsp;é</p>'},
        {"<script>a<b&&c</script>", "script", "<script>a<b&&c</script>"},
        {"<div><!-- c --><IMG SRC=x></DIV>", "div", '<div><!-- c --><img src="x"></div>'},
        {"<svg viewbox=1><LINEARGRADIENT xlink:href=#a /></svg>", "svg",
         '<svg viewBox="1"><linearGradient xlink:href="#a"></linearGradient></svg>'},
        {"<My-Tag>x", "my-tag", "<my-tag>x</my-tag>"},
        {"", "html", "<html><head></head><body></body></html>"},
    }

    for _, case in ipairs(written) do
        eq(html_select(case[1], case[2]).html, case[3], case[1])
    end
    eq(html_select(("<div>"):rep(5000) .. "x", "div div div:not(:has)"), nil, "has is none")
    clear_err()
    eq(html_select(("<div>"):rep(5000) .. "x", "div").text, "x", "deep")
    eq(#html_select(("<div>"):rep(5000) .. "x", "div").html, 5000 * 11 + 1, "deep, written")
end

-- XML 1.0 and its namespaces; sn0int's own.
function markup(eq, fails)
    local x = xml_decode('<?xml version="1.0"?><!-- c --><a:body xmlns:a="u" a:k="1" l="&lt;2">\n t<b/> <c>x<![CDATA[<&]]>y</c> u\n</a:body>')
    local body = x.children[1]

    eq(#x.children, 1, "a root")
    eq(body.name, "body", "a name without its prefix")
    eq(body.attrs, {k = "1", l = "<2"}, "attributes")
    eq(body.text, "tu", "text")
    eq(#body.children, 2, "children")
    eq(body.children[2], {name = "c", attrs = {}, text = "x<&y", children = json_decode("[]")}, "a child")
    eq(body.children[1].text, nil, "no text")

    local foo = xml_named(xml_decode('<body><bar/><foo fizz="buzz">bar</foo><foo/></body>').children[1], "foo")

    eq({foo.name, foo.attrs.fizz, foo.text, #foo.children}, {"foo", "buzz", "bar", 0}, "xml_named")
    eq(xml_named(foo, "x"), nil, "xml_named of none")
    eq(xml_named("x", "x"), nil, "xml_named of no element")
    eq(xml_named({children = {1, {name = "y"}, {}}}, "y").name, "y", "xml_named of a table")
    local away = '<!DOCTYPE a SYSTEM "a.dtd" [<!ATTLIST b c CDATA "default">]>'

    eq(xml_decode(away .. "<b d='&lt;&amp;&#233;'/>").children[1].attrs, {d = "<&é"}, "attributes of a DTD's own")
    for _, text in ipairs {"<b>&nbsp;</b>", "<b d='&nbsp;'/>", "<b>t<c d='&amp;&ampx;'/></b>"} do
        assert(fails(xml_decode(away .. text)):find("undefined entity", 1, true), text)
    end
    eq(xml_decode("<a>é&#x20ac;</a>").children[1].text, "é€", "characters")
    for _, bad in ipairs {"", "x", "<a>", "<a></b>", "<a/><b/>", "<a x=1/>", "<a x='1' x='2'/>", "<a>&x;</a>", "<p:a/>", "<a>\xff</a>", "<a>\0</a>",
                          "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<!DOCTYPE a [<!ENTITY % x 'y'>]><a/>", "<a", "<a/>x"} do
        fails(xml_decode(bad))
    end
    eq(select(2, xml_decode("<a>\n<b></a>")), "xml: 2:6: mismatched tag", "where")
    clear_err()

    local depth, deep = 0, xml_decode(("<d>"):rep(20000) .. ("</d>"):rep(20000))

    while deep.children[1] do
        depth, deep = depth + 1, deep.children[1]
    end
    eq(depth, 20000, "deep")
end

-- Made with openssl: subjectAltName=DNS:example.com,DNS:www.example.com,email:a@example.com,IP:192.0.2.1,IP:2001:db8::1,URI:https://x/
local certificate = [[
-----BEGIN CERTIFICATE-----
MIICJDCCAcugAwIBAgIUBQeAQJSs60CVIcuPhflrPx3ibTwwCgYIKoZIzj0EAwIw
OTELMAkGA1UEBhMCREUxEDAOBgNVBAoMB0V4YW1wbGUxGDAWBgNVBAMMD3d3dy5l
eGFtcGxlLmNvbTAeFw0yNjExMzAxOTIxMTFaFw0zNjExMjcxOTIxMTFaMDkxCzAJ
BgNVBAYTAkRFMRAwDgYDVQQKDAdFeGFtcGxlMRgwFgYDVQQDDA93d3cuZXhhbXBs
ZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAThgWh9I/WYO5FNiz2pDa/C
/4RMFFqjccJnTLpAv11Ow41rFpmdZN9iGxK7p6qkKgkKHmUMZ7ABx1TJMZkUGerl
o4GwMIGtMB0GA1UdDgQWBBS2gsR+K6w04uj0jUOwpNNtLQgFnjAfBgNVHSMEGDAW
gBS2gsR+K6w04uj0jUOwpNNtLQgFnjAPBgNVHRMBAf8EBTADAQH/MFoGA1UdEQRT
MFGCC2V4YW1wbGUuY29tgg93d3cuZXhhbXBsZS5jb22BDWFAZXhhbXBsZS5jb22H
BMAAAgGHECABDbgAAAAAAAAAAAAAAAGGCmh0dHBzOi8veC8wCgYIKoZIzj0EAwID
RwAwRAIgL3uc3eBnC354D0kkFPvuLN+kXZQyNHEUoIMbqBpNaKQCIGB3DKRkril8
wxs4dNM5MEas4x59OWo+fhC7ygMHEhJU
-----END CERTIFICATE-----
]]
-- Made with gpg.
local public_key = [[
-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEaw3M7xYJKwYBBAHaRw8BAQdAKLO+npl2xg84uXLAqJey81IFx6IPUQlvUbiM
xEU9b6i0IUFsaWNlIEV4YW1wbGUgPGFsaWNlQGV4YW1wbGUuY29tPoiQBBMWCAA4
FiEEpPSx8FClX1ghI0hh0WFASQ7Cs1AFAmsNzO8CGwMFCwkIBwIGFQoJCAsCBBYC
AwECHgECF4AACgkQ0WFASQ7Cs1ChvAD/RjYpc0ZFqKR/ShVUzKxk+Pa9sYg2ApPa
vdBmgLRM/ZwBAJ2EYcrb6yxNOkWBREC6FQgLpV99JoMV26oQ1qKPgGgCtA5BbGlj
ZSDDnG5pY29kZYiQBBMWCAA4FiEEpPSx8FClX1ghI0hh0WFASQ7Cs1AFAmsNzO8C
GwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQ0WFASQ7Cs1B8FwD9FuKICpcY
Hy1oF2T+YOt52kSYBLzZBZoTZifWx17q9yEBAMVmkRNd5iZFendOjIVDZpm34VdC
+qssYU7ZVvcUSJoH
=RhE/
-----END PGP PUBLIC KEY BLOCK-----
]]

function keys(eq, fails)
    local cert = x509_parse_pem(certificate)

    eq(cert, {valid_names = {"www.example.com", "example.com"}, valid_emails = {"a@example.com"},
              valid_ipaddrs = {"192.0.2.1", "2001:db8::1"}}, "x509_parse_pem")
    eq(x509_parse_pem("before\n" .. certificate .. "\n \n"), cert, "text before it, space after it")

    local der = base64_decode(certificate:gsub("%-%-%-%-%-.-%-%-%-%-%-", ""):gsub("%s", ""))
    local function pem(bytes)
        return "-----BEGIN CERTIFICATE-----\n" .. base64_encode(bytes) .. "\n-----END CERTIFICATE-----\n"
    end

    eq(x509_parse_pem(pem(der)), cert, "in one line")
    for i = 0, #der - 1 do -- whatever is missing, or is another byte, is no crash
        fails(x509_parse_pem(pem(der:sub(1, i))))
        x509_parse_pem(pem(der:sub(1, i) .. "\xff" .. der:sub(i + 2)))
        x509_parse_pem(pem(der:sub(1, i) .. "\0" .. der:sub(i + 2)))
    end
    clear_err()
    fails(x509_parse_pem(pem(der .. "x")))
    fails(x509_parse_pem(certificate .. "x"))
    fails(x509_parse_pem(certificate:gsub("CERTIFICATE", "KEY")))
    fails(x509_parse_pem(certificate:sub(1, -30)))
    fails(x509_parse_pem(""))

    local key = pgp_pubkey_armored(public_key)
    local print = "A4F4B1F050A55F5821234861D16140490EC2B350"

    eq(key, {fingerprint = print, uids = {"Alice Example <alice@example.com>", "Alice Ünicode"},
             sigs = {{keyid = print:sub(-16), fingerprint = print}}}, "pgp_pubkey_armored")

    local bytes = base64_decode(public_key:match("\n\n(.-)\n="):gsub("%s", ""))

    eq(pgp_pubkey(bytes), key, "pgp_pubkey")
    for i = 0, #bytes - 1 do
        pgp_pubkey(bytes:sub(1, i))
        pgp_pubkey(bytes:sub(1, i) .. "\xff" .. bytes:sub(i + 2))
    end
    eq(last_err(), nil, "what is not understood is passed over")
    eq(pgp_pubkey("\xcd\x03abc").uids, {"abc"}, "a new packet")
    eq(pgp_pubkey("\xcd\xe1ab\x01c").uids, {"abc"}, "a packet in parts")
    eq(pgp_pubkey("\xcd\xff\0\0\0\3abc").uids, {"abc"}, "a length of four bytes")
    eq(pgp_pubkey("\xb7abc").uids, {"abc"}, "a packet up to the end")
    eq(pgp_pubkey("\xcd\3a\xffc\xcd\5abc").uids, nil, "no UTF-8; not whole")
    eq(strval(pgp_pubkey("")), "{}", "nothing")
    fails(pgp_pubkey(nil))
    fails(pgp_pubkey_armored(public_key:gsub("\nm", "\n!")))
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
        {"https://h/a/b/%2E%2e/c", ".%2e", "https://h/"},
        {"https://h/a/%2e/%2e%2ex", "", "https://h/a/%2e%2ex"},
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
