#!/usr/bin/env bats
# The library that runbox-lua(7) and runbox-std(7) describe, in every kind of box, beside stock Lua's; what is in it is
# in tests/unit/script_run.c.

load lib

setup() {
    programs
}

# plain FILE: addresses and the names of streams left out, which differ from run to run.
plain() {
    sed -E 's/0x[0-9a-f]+/ADDRESS/g; s/file \((ADDRESS|stdin|stdout)\)/FILE/g' "$1"
}

# as_stock MEMBERS [OPTION]...: a bundle with these in its manifest says of 68000 calls with arguments, right and
# wrong, what lua5.4 says.
as_stock() {
    bundle b "\"limits\":{\"output\":\"64M\"}$1" <tests/unit/lua/arguments.lua
    lua5.4 tests/unit/lua/arguments.lua >"$T/stock" </dev/null
    ends 0 "$runbox" run "${@:2}" "$T/b" </dev/null
    [ "$(wc -l <"$T/out")" -gt 60000 ]
    diff <(plain "$T/stock") <(plain "$T/out") | head -n 20 >"$T/different"
    cat "$T/different"
    [ ! -s "$T/different" ]
}

@test "errors of arguments are stock's, with the function's name and the script's line" {
    as_stock ''
}

@test "with instructions limited: the same" {
    as_stock '' --limit instructions=1000000000
}

@test "with files: the same" {
    as_stock ',"seccomp":{"profile":"files"}'
}

# numbers: a script that writes numbers in every way.
numbers() {
    cat <<'EOS'
for _, n in ipairs {1, 1.0, 10 / 2, -0.0, 0.1, 1 / 3, 1e15, 1e16, 2^53, 2^63, 1e100, 1 / 0, -1 / 0, math.mininteger} do
    io.write(n, " ") io.stdout:write(n, " ", tostring(n), "\n") print(n, n .. "")
end
EOS
}

@test "numbers are written and printed as stock does, to the byte" {
    local profile

    numbers >"$T/numbers.lua"
    lua5.4 "$T/numbers.lua" >"$T/stock"
    grep -qx '5 5 5.0' "$T/stock"
    for profile in compute files; do
        bundle $profile "\"seccomp\":{\"profile\":\"$profile\"}" <"$T/numbers.lua"
        ends 0 "$runbox" run "$T/$profile"
        diff "$T/stock" "$T/out"
    done
}

# every_module: a script that uses each module of box.std, and returns a digest of what they say.
every_module() {
    cat <<'EOS'
function run()
    local std = {}
    for _, name in ipairs {"base64", "csv", "date", "hash", "json", "text"} do
        std[name] = require("box.std." .. name)
    end
    local rows = std.csv.parse("a,b\n1,2\n", {header = true})
    local all = {std.json.encode(rows), std.base64.encode("x"), std.date.format(0), std.text.hex("\1")}
    assert(not pcall(function() std.json.encode = nil end))
    return std.hash.sha256(table.concat(all, " "))
end
EOS
}

@test "box.std in boxes of every profile, with and without limits, and in a file of Lua alone" {
    local profile want

    want=$(printf '%s' '[{"a":"1","b":"2"}] eA== 1970-01-01T00:00:00Z 01' | sha256sum | cut -d ' ' -f 1)
    for profile in compute files network; do
        bundle $profile "\"seccomp\":{\"profile\":\"$profile\"}" < <(every_module)
        for limit in '' memory=1M instructions=1000000; do
            ends 0 "$runbox" run ${limit:+--limit $limit} "$T/$profile"
            [ "$(cat "$T/out")" = "\"$want\"" ]
        done
        ends 0 "$runbox" check "$T/$profile"
        [ ! -s "$T/out" ]
    done
}

@test "box.std in warm boxes: each run has its own" {
    bundle b < <(every_module)
    cat >>"$T/b/main.lua" <<'EOS'
local first = run
function run(name)
    assert(package.loaded["box.std.json"] == nil)
    rawset(require("box.std.json"), "left", true)
    return first()
end
EOS
    seq 1 20 | jq -c '{id: "job \(.)", arg: .}' >"$T/jobs"
    ends 0 "$runbox" batch -f "$T/jobs" "$T/b"
    [ "$(jq -r .result "$T/out" | sort | uniq -c | awk '{print $1}')" = 20 ]
}

@test "a directory box/std of the bundle's is not box.std, for a run and for check" {
    bundle b <<<'return {require("box.std.json").encode(1), pcall(require, "box.std.own")}'
    mkdir -p "$T/b/box/std"
    echo 'return {encode = function() return "the bundle'"'"'s" end}' | tee "$T/b/box/std/json.lua" >"$T/b/box/std/own.lua"
    ends 0 "$runbox" run "$T/b"
    jq -e '.[0] == "1" and .[1] == false and (.[2] | contains("box.std has base64, csv, date, hash, json, text"))' "$T/out"
    echo 'require("box.std.own")' >"$T/b/main.lua"
    ends 3 "$runbox" check "$T/b"
    grep -qxF "$T/b/main.lua:1: error: module 'box.std.own' not found: box.std has base64, csv, date, hash, json, text" "$T/out"
}

@test "the modules of box.std lie apart in the program: a box that requires none reads none of their pages" {
    local from size end at

    read -r from size < <(readelf -SW "$bin/runbox-lua" | sed -n 's/.* \.std  *PROGBITS  *\([0-9a-f]*\) [0-9a-f]* \([0-9a-f]*\) .*/\1 \2/p')
    end=$((16#$from + 16#$size))
    [ $((16#$size)) -gt 10000 ] && [ $((16#$size)) -lt 40000 ]
    for name in base64 csv date hash json text; do
        at=$((16#$(nm "$bin/runbox-lua" | sed -n "s/ . std_${name}$//p")))
        [ "$at" -ge $((16#$from)) ] && [ "$at" -lt "$end" ]
    done
}
