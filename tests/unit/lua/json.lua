-- The JSON codec: what comes out, what is refused and where.
local J = box.json
local function eq(a, b) if a ~= b then error(tostring(a) .. " ~= " .. tostring(b), 2) end end
eq(J.encode{b=1,a={1,2,{x=true}},["é"]=1.5}, '{"a":[1,2,{"x":true}],"b":1,"é":1.5}')
eq(J.encode(1.0), "1.0") eq(J.encode(0.1), "0.1") eq(J.encode(1e300), "1e+300") eq(J.encode(-0.0), "-0.0")
eq(J.encode(math.mininteger), "-9223372036854775808") eq(J.decode("-9223372036854775808"), math.mininteger)
eq(J.decode("9223372036854775807"), math.maxinteger) eq(math.type(J.decode("9223372036854775808")), "float")
eq(J.encode("a\0\n\"\\\27"), [["a\u0000\n\"\\\u001b"]])
-- -0 is a float, an integer that no float equals is an error that names it, and a NUL is a character.
eq(1 / J.decode("-0"), -1/0) eq(math.type(J.decode("-0")), "float") eq(J.encode(J.decode("[-0,-0.0]")), "[-0.0,-0.0]")
eq(J.decode("1E+2"), 100.0) eq(J.decode("18446744073709551616"), 2^64) eq(J.decode("-36893488147419103232"), -2^65)
eq(J.decode("1" .. ("0"):rep(22)), 1e22) eq(J.decode("9007199254740993"), 9007199254740993) eq(J.decode("18446744073709551615.0"), 2^64)
local function worse(s, why) local ok, e = pcall(J.decode, s) if ok or not e:find(why, 1, true) then error(tostring(e), 2) end end
worse("[1, 18446744073709551615]", "json: 1:5: the number 18446744073709551615 has more than 64 bits, and no float equals it")
worse("-9223372036854775809", "json: 1:1: the number -9223372036854775809") worse("[\n1e999]", "json: 2:1: the number 1e999 is out of range")
worse(("9"):rep(400), "the number " .. ("9"):rep(40) .. "... is out of range")
worse('{"b":1,\n "a":2, "b":3}', 'json: 2:9: the member "b" stands twice')
eq(J.decode([["a\u0000b"]]), "a\0b") eq(J.decode([[{"a\u0000b":1}]])["a\0b"], 1) eq(J.encode{["a\0"]="\0"}, [[{"a\u0000":"\u0000"}]])
eq(J.decode([["\u20ac\ud83d\ude00\/"]]), "€😀/")
eq(J.encode{}, "{}") eq(J.encode(J.array()), "[]") eq(J.encode(J.decode("[]")), "[]") eq(J.encode(J.decode("{}")), "{}")
eq(J.encode(J.array{1,2}), "[1,2]") eq(J.encode(nil), "null") eq(J.decode("null"), box.null)
local function bad(v, why) local ok, e = pcall(J.encode, v) if ok or not e:find(why, 1, true) then error(tostring(e), 2) end end
bad({a={0/0}}, "value.a[1]: NaN") bad({1/0}, "value[1]: an infinity") bad({1,2,x=1}, "both") bad({1,nil,3}, "holes")
bad({[1.5]=1}, "key") bad({[0]=1}, "key") bad({[true]=1}, "key") bad({f=print}, "value.f: a function") bad("\xff", "UTF-8")
bad({["\xff"]=1}, "UTF-8") bad({x={"\xed\xa0\x80"}}, "value.x[1]: a string is not UTF-8")
local c = {} c.c = c bad(c, "contains itself")
local d = {} local top = d for i = 1, 127 do d[1] = {} d = d[1] end J.encode(top) d[1] = {} bad(top, "too deep")
local nest = ("["):rep(128) .. ("]"):rep(128) J.decode(nest)
for _, s in ipairs{"", "[", "[1,]", "{,}", '{"a":1,"a":2}', "01", "1.", ".5", "+1", "nul", "tru", '"\\ud800"', '"\\udc00x"', '"\\ud800\\u0041"', '"\xff"', '"a', "'a'", "1 2", "[1]x", "\xef\xbb\xbf1", '"\n"', "-", "1e", "1e999", "NaN", "{1:2}", "[" .. nest .. "]", "\0", "1\0"} do
  local ok, e = pcall(J.decode, s) if ok then error("accepted " .. s) end
end
for i = 1, 2000 do local x = math.random() * 10 ^ math.random(-300, 300) eq(J.decode(J.encode(x)), x) end
local t = {} for i = 1, 500 do t["k" .. (i * 7919 % 1009)] = i end
local names = {} for k in J.encode(t):gmatch('"(k%d+)"') do names[#names + 1] = k end
for i = 2, #names do assert(names[i-1] < names[i]) end eq(#names, 500)
local m = setmetatable({a=1}, {__index = error, __pairs = error, __len = error}) eq(J.encode(m), '{"a":1}')
print "ok"
