#!/usr/bin/env bats
# JSON as its standard says, wherever it comes in: strings with U+0000, numbers that keep their value, members that
# stand twice, lines that are blank or do not end, and what is too long.

load lib

setup() {
    programs
    records
    bundle b '"arg":true,"result":true,"options":{"type":"object"},"calls":["m"]' <<<'return box.arg'
}

# invalid JSON TEXT: as the argument of a command line, of a file, of a start line and of a job, it is refused with TEXT.
invalid() {
    ends 3 "$runbox" run --arg "$1" "$T/b"
    grep -qF -- "$2" "$T/err"
    printf %s "$1" >"$T/arg"
    ends 3 "$runbox" run --arg-file "$T/arg" "$T/b"
    grep -qF -- "$2" "$T/err"
    ends 3 "$runbox" run --json "$T/b" <<<"{\"arg\":${1//$'\n'/}}"
    jq -r 'select(has("Exit")).Exit.SetupFailed' "$T/out" | grep -qF -- "$2"
    ends 1 "$runbox" batch "$T/b" <<<"{\"id\":7,\"arg\":${1//$'\n'/}}"
    jq -e '.status == "invalid"' "$T/out"
    jq -r .error "$T/out" | grep -qF -- "$2"
}

# kept JSON [RESULT]: as an argument, by each way in, it comes back as RESULT.
kept() {
    local want=${2-$1}

    ends 0 "$runbox" run --arg "$1" "$T/b"
    [ "$(cat "$T/out")" = "$want" ]
    ends 0 "$runbox" run --json "$T/b" <<<"{\"arg\":$1}"
    [ "$(head -n 1 "$T/out")" = "{\"Result\":$want}" ]
    ends 0 "$runbox" batch "$T/b" <<<"{\"arg\":$1}"
    grep -qF "\"result\":$want," "$T/out"
}

# talks STATUS START REPLY: a run whose script calls once; the reply comes when it is asked for.
talks() {
    : >"$T/out"
    ends "$1" "$runbox" run --json "$T/b" < <(
        printf %b "$2"
        until_holds grep -q '^{"Call"' "$T/out"
        printf %b "$3"
    )
}

@test "U+0000 in a string is a character: argument, options, replies, results, output, errors" {
    kept '{"s":["a\u0000b","\u0000"]}'
    bundle b '"options":{"type":"object","properties":{"o":{"type":"string","default":"d\u0000e"}}},"calls":["m"]' \
        <<<'print("p\0q") return {#box.arg, box.options.o, box.call("m", {"x\0"})}'
    talks 0 '{"arg":"a\\u0000b"}\n' '{"Ok":"r\\u0000s"}\n'
    grep -qxF '{"Stdio":{"Write":"p\u0000q\n"}}' "$T/out"
    grep -qxF '{"Call":{"method":"m","params":["x\u0000"]}}' "$T/out"
    grep -qxF '{"Result":[3,"d\u0000e","r\u0000s"]}' "$T/out"
    bundle b <<<'error("a\0b")'
    ends 1 "$runbox" run "$T/b"
    grep -qF 'a<U+0000>b' "$T/err"
    ends 1 "$runbox" batch "$T/b" <<<'{"id":"i\u0000j"}'
    jq -e '.id == "i\u0000j" and .status == "error" and .log[0].Log.Debug[0:16] == "main.lua:1: a\u0000b\n"' "$T/out"
}

@test "U+0000 in schemas: enum, const, pattern, lengths and defaults take it; names and references do not" {
    bundle b '"arg":{"enum":["a\u0000b"]}' <<<'return 1'
    ends 0 "$runbox" run --arg '"a\u0000b"' "$T/b"
    for arg in '"a"' '"a\u0000c"' '"a\u0000"'; do
        ends 3 "$runbox" run --arg "$arg" "$T/b"
        grep -qF 'is not one of "a\u0000b"' "$T/err"
    done
    echo '{"minLength":3,"maxLength":3,"pattern":"^a\\u0000.$"}' >"$T/s"
    echo '"a\u0000b"' >"$T/d"
    ends 0 "$runbox" validate "$T/s" "$T/d"
    echo '{"pattern":"^a\u0000b$"}' >"$T/s"
    ends 0 "$runbox" validate "$T/s" "$T/d"
    echo '"ab"' >"$T/d"
    ends 3 "$runbox" validate "$T/s" "$T/d"
    grep -qF '"ab" does not match the pattern "^a\u0000b$"' "$T/out"
    echo '{"pattern":"a\u0000("}' >"$T/s"
    ends 3 "$runbox" validate "$T/s" "$T/d"
    grep -qF '"a\u0000(" is not a valid regular expression: ( without a ) (at byte 2)' "$T/out"
    for schema in '{"type":"null\u0000"}' '{"required":["a\u0000"]}' '{"$ref":"#\u0000"}'; do
        bundle b "\"arg\":$schema" <<<'return 1'
        ends 3 "$runbox" run "$T/b"
        grep -qF '\u0000' "$T/err"
    done
    bundle b '"main":"main.lua\u0000"' <<<'return 1'
    ends 3 "$runbox" run "$T/b"
    grep -qE '/main: "main.lua\\u0000" must not hold \\u0000' "$T/err"
    bundle b '"description":"one\u0000two"' <<<'return 1'
    ends 0 "$runbox" run "$T/b"
    "$runbox" describe --json "$T/b" | jq -e '.description == "one\u0000two"'
}

@test "a name with U+0000 is refused by name, with its place, never cut; so are a namespace and a path" {
    invalid '{"a\u0000b":1}' 'a member'"'"'s name must not hold \u0000: "a\u0000b"'
    echo '{"properties":{"a\u0000b":{}}}' >"$T/s"
    ends 3 "$runbox" validate "$T/s" /dev/null
    grep -q '^[^:]*:1:16: .*"a\\u0000b"$' "$T/out"
    ends 3 "$runbox" run --json "$T/b" <<<'{"keyring":[{"namespace":"a\u0000","access_key":"k"}]}'
    grep -qF '/keyring/0/namespace: must not hold' "$T/out"
    ends 3 "$runbox" run --json "$T/b" <<<'{"encoding":"base64\u0000"}'
    grep -qF '/encoding: expected' "$T/out"
    ends 3 "$runbox" run --json "$T/b" <<<'{"bundle":"test\u0000"}'
    ends 1 "$runbox" batch <<<"{\"bundle\":\"$T/b\\u0000\"}"
    jq -e '.error | test("/bundle: a path must not hold")' "$T/out"
    bundle b <<<'return {["a\0b"] = 1}'
    ends 1 "$runbox" run "$T/b"
    grep -qF "a member's name holds a NUL, which the wire does not carry" "$T/err"
}

@test "numbers keep their value, or are refused with their place" {
    kept '[-0,-0.0,0]' '[-0.0,-0.0,0]'
    kept 1E+2 100.0
    kept '[9223372036854775807,-9223372036854775808]'
    kept '[9223372036854775808,-36893488147419103232,1e22]' '[9.223372036854776e+18,-3.6893488147419103e+19,1e+22]'
    for number in 9223372036854775809 18446744073709551615 -9223372036854775809 123456789012345678901234567890; do
        invalid "{\"a\":[1,{\"b\":$number}]}" '/arg/a/1/b: an integer that a script cannot hold'
    done
    invalid 1e400 'too large'
    invalid 1e-123456789012345678 'exponent has too many digits'
    echo '{"minimum":-9223372036854775808,"maximum":18446744073709551616,"type":"integer"}' >"$T/s"
    printf '%s\n' -9223372036854775808 18446744073709551616 1e2 -0 >"$T/good"
    ends 0 "$runbox" validate --lines "$T/s" "$T/good"
    printf '%s\n' -9223372036854775809 18446744073709551617 9007199254740992.5 >"$T/bad"
    ends 3 "$runbox" validate --lines "$T/s" "$T/bad"
    [ "$(wc -l <"$T/out")" -eq 3 ]
}

@test "an integer in a reply that a script would get rounded is refused with its place" {
    bundle b '"calls":["m"]' <<<'return box.call("m")'
    talks 3 '{}\n' '{"Ok":[18446744073709551615]}\n'
    grep -qF 'reply: byte 8: an integer that a script cannot hold' "$T/out"
}

@test "a member that stands twice is named, with the place of both" {
    invalid '{"b":1,"a":1,"a":2}' 'duplicate member "a" (the first is at column '
    printf '{"type": "object",\n "title": "",\n "type": "null"}' >"$T/s"
    ends 3 "$runbox" validate "$T/s" /dev/null
    grep -q ':3:2: duplicate member "type" (the first is at line 1, column 2)$' "$T/out"
    echo '{"runbox":1,"name":"b","version":"1.0.0","name":"c"}' >"$T/b/manifest.json"
    ends 3 "$runbox" run "$T/b"
    grep -qF 'manifest.json:1:42: duplicate member "name" (the first is at column 13)' "$T/err"
    bundle b '"calls":["m"],"arg":{"required":["a","b","a"]}' <<<'return 1'
    ends 3 "$runbox" run "$T/b"
    grep -qF '/arg/required/2: "a" is listed twice' "$T/err"
    bundle b '"calls":["m"]' <<<'return box.call("m")'
    talks 3 '{}\n' '{"Ok":{"x":1,"x":2}}\n'
    grep -qF 'duplicate member \"x\" (the first is at column 8)' "$T/out"
}

@test "blank lines are skipped wherever lines come in, and a last line needs no newline" {
    bundle b '"calls":["m"]' <<<'return {box.arg, box.call("m")}'
    talks 0 '\n \t\r\n{"arg":1}\n' '\n\r\n{"Ok":2}'
    grep -qxF '{"Result":[1,2]}' "$T/out"
    bundle b <<<'return box.arg'
    ends 0 "$runbox" run --json "$T/b" < <(printf '{"arg":1}')
    grep -qxF '{"Result":1}' "$T/out"
    ends 0 "$runbox" batch "$T/b" < <(printf '\n{"arg":1}\n  \n{"arg":2}')
    [ "$(jq -c '[.id, .result]' "$T/out" | sort | tr '\n' ' ')" = '[2,1] [4,2] ' ]
    echo '{"type":"integer"}' >"$T/s"
    printf '1\n\n2\n \r\nx' >"$T/d"
    ends 3 "$runbox" validate --lines "$T/s" "$T/d"
    [ "$(wc -l <"$T/out")" -eq 1 ]
    grep -q ':5:1: ' "$T/out"
    ends 3 "$runbox" run --json "$T/b" < <(printf ' \n\n')
    grep -qF 'closed the wire before sending it' "$T/out"
    jq -cn '{module: {script: {code: "function run() info(db_select(\"email\", \"a\")) end"}}}' >"$T/start"
    ends 0 "$runbox" sandbox x < <(echo && cat "$T/start" && printf '\n \n{"Ok":{"Found":3}}')
    grep -qxF '{"Log":{"Info":"3.0"}}' "$T/out"
}

@test "what is too long is named before a run begins: a job, a start line, what a box would get of them" {
    head -c 1048577 /dev/zero | tr '\0' x >"$T/x"
    { printf '{"arg":"' && cat "$T/x" && echo '"}'; } >"$T/line"
    ends 3 "$runbox" run --json "$T/b" <"$T/line"
    grep -qF 'start line: is longer than 1048576 bytes' "$T/out"
    ends 1 "$runbox" batch "$T/b" <"$T/line"
    jq -e '.error == "line 1: is longer than 1048576 bytes"' "$T/out"
    { printf '"' && cat "$T/x" && printf '"'; } >"$T/arg"
    ends 3 "$runbox" run --arg-file "$T/arg" "$T/b"
    grep -qF "$T/arg: is larger than 1048576 bytes" "$T/err"
    { printf '{"module":{"script":{"code":""}},"blobs":["' && head -c 1048520 "$T/x" && echo '"]}'; } >"$T/line"
    [ "$(wc -c <"$T/line")" -lt 1048576 ]
    ends 3 "$runbox" sandbox x <"$T/line"
    grep -qE 'start line: its blobs make 10486?[0-9]+ bytes of it; a box accepts at most 1048576' "$T/out"
}
