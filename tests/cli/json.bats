#!/usr/bin/env bats
# `runbox run --json`: a caller on the wire, well behaved and not.

load lib
load talk

setup() {
    programs
    records
}

# says_lines STATUS LINE...: what a caller sends that answers nothing; its pipe then ends.
says_lines() {
    ends "$1" "$runbox" run --json --report "$T/report" "${more[@]}" "$T/b" < <(printf '%s\n' "${@:2}")
    closed_well
    says ".exit_code == $1"
}

# Every line is an event by its name; Report comes right before Exit, both once and last.
closed_well() {
    jq -r 'keys | if length == 1 then .[0] else error("not one member") end' "$T/out" >"$T/names"
    [ "$(tail -2 "$T/names" | tr '\n' ' ')" = "Report Exit " ]
    [ "$(grep -cE '^(Report|Exit)$' "$T/names")" -eq 2 ]
    [ ! -s "$T/err" ]
}

@test "hello: Write, Report, Exit" {
    ends 0 "$runbox" run --json bundles/examples/hello/ <<<'{"arg":{"name":"Ada"}}'
    closed_well
    [ "$(head -1 "$T/out")" = '{"Stdio":{"Write":"hello, Ada\n"}}' ]
    [ "$(wc -l <"$T/out")" -eq 3 ]
    [ "$(tail -1 "$T/out")" = '{"Exit":"Ok"}' ]
    sed -n 2p "$T/out" | jq -e '.Report | .status == "ok" and .exit_code == 0 and .bundle == "examples/hello"'
}

@test "logs, a result, in the order of the script" {
    bundle b <<<'box.log.info("one") print("two") box.log.warn("three") return {four = 4}'
    says_lines 0 '{}'
    [ "$(sed -n 1p "$T/out")" = '{"Log":{"Info":"one"}}' ]
    [ "$(sed -n 2p "$T/out")" = '{"Stdio":{"Write":"two\n"}}' ]
    [ "$(sed -n 3p "$T/out")" = '{"Log":{"Warn":"three"}}' ]
    [ "$(sed -n 4p "$T/out")" = '{"Result":{"four":4}}' ]
}

@test "a script's error is the Exit's text" {
    bundle b <<<'error("broke", 0)'
    says_lines 1 '{}'
    [ "$(tail -1 "$T/out")" = '{"Exit":{"Err":"broke"}}' ]
}

@test "a call and its reply, an error that the script catches" {
    bundle b '"calls":["add","fail"]' <<'LUA'
local sum = box.call("add", {1, 2})
local ok, why = pcall(box.call, "fail")
return {sum, ok, why}
LUA
    talk
    hears '{"Call":{"method":"add","params":[1,2]}}'
    tells '{"Ok":3}'
    hears
    [[ "$line" == '{"Call":{"method":"fail"'* ]]
    tells '{"Err":"no luck"}'
    hears
    jq -e '.Result[0] == 3 and .Result[1] == false and (.Result[2] | test("no luck"))' <<<"$line"
    hears
    jq -e '.Report.calls == 2' <<<"$line"
    hears '{"Exit":"Ok"}'
    ended 0
}

@test "a call that the manifest does not list never leaves the box" {
    bundle b '"calls":["add"]' <<<'local ok, why = pcall(box.call, "sub", {}) return why'
    says_lines 0 '{}'
    refute grep -q '"Call"' "$T/out"
}

@test "Readline and ToEnd" {
    bundle b <<<'local a = io.read() local b = io.read("a") return {a, b, io.read() == nil}'
    talk
    hears '{"Stdio":"Readline"}'
    tells '{"Ok":"first\n"}'
    hears '{"Stdio":"ToEnd"}'
    tells '{"Ok":"second\nthi"}'
    hears '{"Stdio":"ToEnd"}'
    tells '{"Ok":"rd"}'
    hears '{"Stdio":"ToEnd"}'
    tells '{"Ok":null}'
    hears
    [ "$line" != '{"Stdio":"Readline"}' ] || { tells '{"Ok":null}'; hears; }
    [ "$line" = '{"Result":["first","second\nthird",true]}' ]
}

@test "a reply that nobody waits for: with the start line, later, with another reply" {
    bundle b <<<'print("ready") while true do end'
    more=(-l wall_time=10s)
    talk $'{}\n{"Ok":1}'
    ended 3
    talk
    hears '{"Stdio":{"Write":"ready\n"}}'
    tells '{"Ok":1}'
    ended 3
    says '.status == "invalid" and .wall_ms < 5000'
    bundle b <<<'io.read() io.read() return 1'
    talk
    hears '{"Stdio":"Readline"}'
    # In one write(2): the shell's own printf makes two.
    env printf '%s\n' '{"Ok":"one\n"}' '{"Ok":"two\n"}' >&"$tell"
    ended 3
    says '.status == "invalid" and .wall_ms < 5000'
}

@test "replies that do not fit: malformed, of another shape, too long, in two pieces of one line" {
    bundle b <<<'return io.read()'
    for reply in 'nonsense' '{"Ok":7}' '{"Maybe":"x"}' '{"Ok":"a","Err":"b"}' '{}' '[]' '{"Ok":"a"} {"Ok":"b"}'; do
        talk
        hears '{"Stdio":"Readline"}'
        tells "$reply"
        ended 3
        says '.status == "invalid"'
    done
    says_lines 3 '{}' "{\"Ok\":\"$(head -c 1100000 /dev/zero | tr '\0' x)\"}"
}

@test "the caller hangs up: while it owes a reply, and while it does not" {
    bundle b <<<'io.read() return 1'
    talk
    hears '{"Stdio":"Readline"}'
    hangs_up
    ended 3
    bundle b <<<'print("on my own") return 1'
    says_lines 0 '{}'
}

@test "start lines that are none" {
    bundle b <<<'return 1'
    for line in '' 'nonsense' '[]' '{"nosuch":1}' '{"arg":1,"arg":2}' '{"verbose":-1}' '{"seed":-1}' \
        '{"encoding":"latin1"}' '{"keyring":[{"namespace":"a"}]}' '{"keyring":{}}' '{"arg":"\ud800"}' '{"options":[]}' '{} {}'; do
        says_lines 3 "$line"
        jq -e 'select(has("Exit")) | .Exit.SetupFailed | type == "string"' "$T/out"
    done
    says_lines 3 "{\"arg\":\"$(head -c 1100000 /dev/zero | tr '\0' x)\"}"
    ends 3 "$runbox" run --json "$T/b" </dev/null
    closed_well
    says_lines 0 '{}'
}

@test "a start line of nearly a line's length arrives whole" {
    bundle b <<<'return #box.arg'
    says_lines 0 "{\"arg\":\"$(head -c 1000000 /dev/zero | tr '\0' x)\"}"
    [ "$(head -1 "$T/out")" = '{"Result":1000000}' ]
}

@test "integers, floats, nulls and texts cross unchanged" {
    bundle b '"arg":true,"result":true' <<<'return box.arg'
    for value in 9223372036854775807 -9223372036854775808 0.1 1e+300 '"\u0001\u2028é"' '[null,{},[],[[]]]' '{"a":null}' true; do
        says_lines 0 "{\"arg\":$value}"
        head -1 "$T/out" >"$T/result"
        jq -e --argjson want "$value" '.Result == $want' "$T/result"
    done
    says_lines 0 '{"arg":9223372036854775807}'
    [ "$(head -1 "$T/out")" = '{"Result":9223372036854775807}' ]
}

@test "encoding: utf-8 as if it were not said; the rest in base64.bats" {
    bundle b <<<'print("a")'
    for start in '{}' '{"encoding":"utf-8"}'; do
        says_lines 0 "$start"
        [ "$(head -1 "$T/out")" = '{"Stdio":{"Write":"a\n"}}' ]
    done
    says_lines 0 '{"encoding":"base64"}'
    [ "$(head -1 "$T/out")" = '{"Stdio":{"Write":"YQo="}}' ]
}

@test "the seed makes math.random repeat itself" {
    bundle b <<<'return {math.random(1 << 40), math.random(1 << 40)}'
    says_lines 0 '{"seed":7}'
    cp "$T/out" "$T/first"
    says_lines 0 '{"seed":7}'
    diff <(head -1 "$T/first") <(head -1 "$T/out")
    says_lines 0 '{"seed":8}'
    refute diff -q <(head -1 "$T/first") <(head -1 "$T/out")
}

@test "an artifact without --artifacts is the caller's to take" {
    bundle b <<<'box.artifact("a.txt", "hello") return 1'
    talk
    hears
    jq -e '.Artifact.name == "a.txt" and (.Artifact.data | @base64d) == "hello"' <<<"$line"
    tells '{"Ok":null}'
    hears '{"Result":1}'
}

@test "a reader that leaves ends the run" {
    bundle b <<<'while true do print(("x"):rep(1000)) end'
    timeout 120 "$runbox" run --json --report "$T/report" -l output=1G "$T/b" <<<'{}' 3>&- | head -1 >"$T/out"
    until_holds test -s "$T/report"
    says '.status == "cancelled" and .exit_code == 141'
}

@test "--report holds every member of its schema, and the one of the wire" {
    bundle b <<<'return 1'
    says_lines 0 '{}'
    jq -e --slurpfile schema schemas/report.schema.json \
        '(keys - ($schema[0].properties | keys)) == [] and (($schema[0].required // []) - keys) == []' "$T/report"
    diff <(jq -S . "$T/report") <(jq -S 'select(has("Report")).Report' "$T/out")
    says '.digest | test("^[0-9a-f]{64}$")'
    says '[.enforced[] | has("asked") and has("effective") and has("layer")] | length == 12 and all'
}

@test "the schemas are JSON, of draft 2020-12" {
    for schema in schemas/*.schema.json; do
        jq -e '."$schema" == "https://json-schema.org/draft/2020-12/schema"' "$schema"
    done
}

@test "the start line may name the bundle, by its own name" {
    bundle b <<<'print("ran")'
    says_lines 0 '{"bundle":"b"}'
    says_lines 3 '{"bundle":"c"}'
    grep -q 'bundle here is \\"b\\"' "$T/out"
    refute grep -q ran "$T/out"
    says_lines 3 '{"bundle":["b"]}'
}
