#!/usr/bin/env bats
# The callers of contrib/clients/, each against the real runbox: one driver a language, the same answers.

load lib

setup() {
    programs
    records
    export RUNBOX=$runbox
}

# A driver's command, by its client's name.
command_of() {
    case $1 in
    python) driver=(python3 tests/clients/python.py) ;;
    sh) driver=(sh tests/clients/sh.sh) ;;
    node) driver=(node tests/clients/node.mjs) ;;
    lua) driver=(lua5.4 tests/clients/lua.lua) ;;
    esac
}

clients="python sh node lua"

# drives CLIENT SPEC: SPEC is a jq object to which the bundle $T/b is added; the answer is in $T/answer.
drives() {
    command_of "$1"
    jq -nc --arg T "$T" "{bundle: (\$T + \"/b\")} + $2" >"$T/spec"
    timeout -k 1 120 "${driver[@]}" <"$T/spec" >"$T/answer" 2>"$T/err" 3>&- || {
        echo "$1: the driver failed"
        head -c 2000 "$T/answer" "$T/err"
        return 1
    }
}

# answers SPEC FILTER: so it is with each client.
answers() {
    local client

    for client in ${only:-$clients}; do
        drives "$client" "$1"
        jq -e "$2" "$T/answer" >"$T/jq" || {
            echo "$client: does not hold: $2"
            head -c 2000 "$T/answer" "$T/err"
            return 1
        }
    done
}

@test "a result, what was printed, what was logged" {
    bundle b <<<'print("one\ttwo \27[1m") io.write("\\n é") box.log.warn("careful") return {1, 2.5, true, {a = "é\n"}}'
    answers '{}' '.result == [1, 2.5, true, {a: "é\n"}] and .output == "one\ttwo \u001b[1m\n\\n é" and .logs == [["Warn", "careful"]]'
    bundle b <<<'return nil'
    answers '{}' '.result == null and .output == "" and .logs == []'
    bundle b <<<'local long = ("a" .. ("€"):rep(10000)):rep(8) print(long) return long'
    answers '{}' '([range(8) | "a" + "€" * 10000] | add) as $long | .result == $long and .output == $long + "\n"'
}

@test "arg, options, seed" {
    bundle b '"options":{"type":"object","properties":{"n":{"type":"integer"}}}' \
        <<<'return {box.arg, box.options.n, math.random(1 << 30)}'
    answers '{start: {arg: {"k é": [null, {}, []]}, options: {n: 5}, seed: 7}}' '.result[:2] == [{"k é": [null, {}, []]}, 5]'
    cp "$T/answer" "$T/first"
    answers '{start: {arg: {"k é": [null, {}, []]}, options: {n: 5}, seed: 7}}' \
        ".result[2] == $(jq '.result[2]' "$T/first")"
}

@test "export: one of several functions" {
    bundle b '"exports":{"add":{"arg":{"type":"array"}},"mul":{"result":{"type":"number"}}}' \
        <<<'local M = {} function M.add(t) return t[1] + t[2] end function M.mul(t) return t[1] * t[2] end return M'
    answers '{start: {export: "add", arg: [3, 4]}}' '.result == 7 and .report.export == "add"'
    answers '{start: {export: "mul", arg: [3, 4]}}' '.result == 12 and .report.export == "mul"'
    answers '{start: {export: "mull"}}' '.exit_code == 3 and (.error | test("no export \"mull\": did you mean \"mul\"\\?"))'
    answers '{}' '.exit_code == 3 and (.error | test("none was chosen: it has add, mul"))'
}

@test "an error of the script" {
    bundle b <<<'print("so far") error("broke: é", 0)'
    answers '{}' '.error == "broke: é" and .exit_code == 1 and .status == "error" and .output == "so far\n" and .timeout == false'
}

@test "calls there and back, nested data" {
    bundle b '"calls":["add","echo"]' <<'LUA'
local deep = {list = {{1}, {2, {x = "\u{10FFFF} \"q\" \\ \u{2028}"}}}, none = box.null, empty = box.json.array()}
local back = box.call("echo", deep)
return {box.call("add", {1, 2}), back, box.call("echo", nil) == nil, back.none == box.null}
LUA
    answers '{}' '.result[0] == 3 and .result[1] == {list: [[1], [2, {x: "\udbff\udfff \"q\" \\ \u2028"}]], none: null, empty: []}
        and .result[2:] == [true, true] and .report.calls == 3'
}

@test "a method that the manifest does not list: the box refuses, the caller hears nothing" {
    bundle b '"calls":["add"]' <<<'local ok, why = pcall(box.call, "echo", 1) return {ok, why}'
    answers '{}' '.result[0] == false and (.result[1] | test("echo")) and .report.calls == 0'
}

@test "a method that the caller does not serve, whatever it is called" {
    bundle b '"calls":["nosuch","constructor","__proto__","toString","__index","-n","eval"]' <<'LUA'
local refused = 0
for _, name in ipairs{"nosuch", "constructor", "__proto__", "toString", "__index", "-n", "eval"} do
    local ok, why = pcall(box.call, name, {"id"})
    refused = refused + ((not ok and why:find(name, 1, true) and why:find("no such method", 1, true)) and 1 or 0)
end
return refused
LUA
    answers '{}' '.result == 7'
}

@test "an error of the caller's that the script catches, or does not" {
    bundle b '"calls":["fail"]' <<<'local ok, why = pcall(box.call, "fail") return {ok, why}'
    answers '{}' '.result[0] == false and (.result[1] | test("no such host: é"))'
    bundle b '"calls":["fail"]' <<<'box.call("fail")'
    answers '{}' '.exit_code == 1 and (.error | test("no such host: é"))'
}

@test "a bug of the caller's own is not the script's to see: the run is over" {
    bundle b '"calls":["bug"]' <<<'print(pcall(box.call, "bug")) return 1'
    for client in $clients; do
        [ "$client" != sh ] || continue # no exceptions: a function fails or does not
        refute drives "$client" '{}'
        grep -q "a bug of the caller's" "$T/err"
    done
    refute pgrep -f -- "$T/b"
}

@test "functions in params: invoked by what serves the call, within each other, and not once it has been answered" {
    bundle b '"calls":["map","try","add","keep","late"]' <<'LUA'
local function half(x) print(x) return x / 2 end
local nested = box.call("map", {list = {{1, 2}, {3}}, f = function(list)
    return box.call("map", {list = list, f = function(x) return box.call("add", {x, 0.5}) end})
end})
return {box.call("map", {list = {1, 3}, f = half}), nested, box.call("try", function() error("no: é", 0) end),
    box.call("try", function() return box.call("try", function() return box.call("nosuch") end) end)}
LUA
    answers '{}' '.result[:3] == [[0.5, 1.5], [[1.5, 2.5], [3.5]], "caught: no: é"] and .output == "1\n3\n"
        and (.result[3] | test("^caught: .*nosuch.* is not listed")) and .report.calls == 10'
    bundle b '"calls":["map"]' <<<'local ok, why = pcall(box.call, "map", {list = {1}, f = function() error("mine", 0) end}) return {ok, why}'
    only=${clients/lua} answers '{}' '.result == [false, "mine"]' # in Lua what an error means is said by the method
    bundle b '"calls":["map"]' <<<'box.call("map", {list = {1}, f = function() while true do end end})'
    answers '{limits: {cpu_time: "200ms"}}' '.exit_code == 124 and .status == "cpu_time"'
    bundle b '"calls":["keep","late"]' <<<'box.call("keep", function(when) print(when) end) print(pcall(box.call, "late"))'
    for client in ${clients/sh}; do
        refute drives "$client" '{}'
        grep -q "has been answered" "$T/err"
    done
    only=sh answers '{}' '.output | test("^now\nfalse\t.*has been answered")'
}

@test "objects that stay with the caller" {
    bundle b '"calls":["door","door:open","door:slam","door:shut","same","echo"]' <<'LUA'
local door = box.call("door")
local ok, why = pcall(door.shut, door)
return {tostring(door):match("ref: door"), door:open("wide"), box.call("same", {door}), ok, why:match("no such method"),
    door:slam(function(x) return x .. "!" end), box.call("echo", {door})[1] == door}
LUA
    answers '{}' '.result == ["ref: door", "open wide", true, false, "no such method", "bang!", true]'
}

@test "an answer that is too long for a line is an error of its call" {
    bundle b '"calls":["long","echo"]' <<'LUA'
local ok, why = pcall(box.call, "long")
return {ok, why:match("longer than a line"), #box.call("echo", ("x"):rep(1000000))}
LUA
    answers '{}' '.result == [false, "longer than a line", 1000000]'
}

@test "standard input: a line, then a megabyte, without cutting a character" {
    bundle b <<'LUA'
local first, rest = io.read(), io.read("a")
return {first, #rest, utf8.len(rest), select(2, rest:gsub("é\n", "")), io.read() == nil, io.read("a")}
LUA
    { echo "first é"; yes 'abc, é' | head -c 1048576; } >"$T/input"
    answers "{stdin: \"$T/input\"}" '.result == ["first é", 1048576, 917504, 131072, true, ""]'
    bundle b <<<'local a, b, c, d = io.read("L"), io.read("L"), io.read("L"), io.read("L") return {#a, #b, c, d == nil}'
    { head -c 300000 /dev/zero | tr '\0' '\1'; echo; head -c 200000 /dev/zero | tr '\0' x; echo; printf 'end'; } >"$T/input"
    answers "{stdin: \"$T/input\"}" '.result == [300001, 200001, "end", true]'
    answers '{}' '.exit_code == 1'
}

@test "standard input: characters at the ends of blocks, CRLF, no newline at the end" {
    bundle b <<<'local all = {} for l in io.lines(nil, "L") do all[#all + 1] = l end return table.concat(all)'
    for given in '""' '"a" + "€" * 50000' '"ab" + "€\r\n" * 30000 + "end"' '"abc" + "\ud83d\ude00" * 40000' '"\r\n" * 3'; do
        jq -nj "$given" >"$T/input"
        for client in $clients; do
            drives "$client" "{stdin: \"$T/input\"}"
            jq -j .result "$T/answer" | cmp - "$T/input"
        done
    done
}

@test "standard input that is not UTF-8, or has NULs" {
    bundle b <<<'return io.read("a")'
    printf 'a\377b\0c\303' >"$T/input"
    answers "{stdin: \"$T/input\"}" '.result == "a\ufffdb\u0000c\ufffd"'
    { head -c 100000 /dev/zero; head -c 100000 /dev/zero | tr '\0' '\377'; printf 'é\303'; } >"$T/input"
    answers "{stdin: \"$T/input\"}" '.result == "\u0000" * 100000 + "\ufffd" * 100000 + "é\ufffd"'
    bundle b '"calls":["echo"]' <<<'return {io.read(), io.read("L"), io.read(), box.call("echo", "a\0b")}'
    printf 'a\0b\n\0\nc' >"$T/input"
    answers "{stdin: \"$T/input\"}" '.result == ["a\u0000b", "\u0000\n", "c", "a\u0000b"]'
}

# pipes COMMAND...: it runs $T/b with the FIFO $T/input; the script is to have a block that stops in the middle of a
# character, and is a line and a half, before there is more.
pipes() {
    rm -rf "$T/kept" "$T/input"
    mkdir "$T/kept"
    mkfifo "$T/input"
    "$@" &
    pid=$!
    lives+=("$pid")
    exec {input}>"$T/input"
    printf 'one\nt\303' >&"$input"
    until_holds test -s "$T/kept/first"
    printf '\251o' >&"$input"
    exec {input}>&-
    wait "$pid"
    jq -e '.result == ["one", "téo", true]' "$T/answer"
}

@test "standard input is a pipe: the script has what there is at once" {
    bundle b <<'LUA'
local first = io.read()
box.artifact("first", first)
return {first, io.read("a"), io.read() == nil}
LUA
    for client in $clients; do
        pipes drives "$client" "{stdin: \"$T/input\", artifacts: \"$T/kept\"}"
    done
    cat >"$T/own.lua" <<'LUA'
package.path = "contrib/clients/lua/?.lua;" .. package.path
local runbox, json = require("runbox"), require("runbox_json")
print(json.encode(runbox.run(arg[1] .. "/b", { stdin = runbox.stdin, artifacts = arg[1] .. "/kept", program = os.getenv("RUNBOX") })))
LUA
    own() {
        timeout -k 1 120 lua5.4 "$T/own.lua" "$T" <"$T/input" >"$T/answer" 3>&-
    }
    pipes own
}

@test "a limit of time, given by the caller" {
    bundle b <<<'while true do end'
    answers '{limits: {wall_time: "300ms"}}' '.exit_code == 124 and .status == "wall_time" and .timeout == false'
}

@test "the caller's own timeout: runbox is told to stop" {
    bundle b <<<'print("on") while true do end'
    answers '{timeout: 2}' '.exit_code == 143 and .timeout and .status == "cancelled" and .report.signal == 15
        and .output == "on\n" and .report.wall_ms < 9000'
    answers '{timeout: 120, limits: {wall_time: "200ms"}}' '.exit_code == 124 and .timeout == false'
}

@test "Node: a pipe that says nothing does not hold a run that has ended" {
    bundle b <<<'return io.read()'
    mkfifo "$T/silent"
    exec {silent}<>"$T/silent"
    cat >"$T/call.mjs" <<'JS'
const { run } = await import(`${process.cwd()}/contrib/clients/node/runbox.mjs`);
const how = { stdin: process.stdin, limits: { wall_time: '300ms' }, program: process.env.RUNBOX };

await run(process.argv[2], how).catch((error) => console.log(error.exitCode));
JS
    timeout 120 node "$T/call.mjs" "$T/b" <"$T/silent" >"$T/answer" 3>&-
    [ "$(cat "$T/answer")" = 124 ]
}

@test "a grant that is missing, and given" {
    bundle b '"limits":{"memory":"2G"}' <<<'return 1'
    answers '{}' '.exit_code == 4 and .status == "refused" and (.error | test("--grant limit:memory=2G"))'
    answers '{grants: ["limit:memory=2G"]}' '.result == 1'
}

@test "usage errors and bundles that are none" {
    bundle b <<<'return 1'
    answers '{limits: {nosuch: 1}}' '.exit_code == 2 and (.error | test("nosuch"))'
    answers '{bundle: "/nonexistent"}' '.exit_code == 3 and .status == "invalid" and (.error | test("/nonexistent"))'
    answers '{start: {arg: ("x" * 1100000)}}' '.exit_code == 3 and .status == "invalid"'
}

@test "integers beyond 2^53" {
    bundle b '"calls":["echo","add"]' <<<'return {box.call("echo", (1 << 53) + 1), math.mininteger, math.maxinteger}'
    only=python answers '{}' '.'
    grep -qF '"result": [9007199254740993, -9223372036854775808, 9223372036854775807]' "$T/answer"
    only=lua answers '{}' '.'
    grep -qF '"result":[9007199254740993,-9223372036854775808,9223372036854775807]' "$T/answer"
    only=node answers '{}' '.result[0] == 9007199254740992' # as JavaScript rounds it
    bundle b <<<'return {(1 << 53) + 1, math.mininteger}'
    only=sh answers '{}' '.'
    grep -qF '"result":[9007199254740993,-9223372036854775808]' "$T/answer"
}

@test "artifacts: by runbox into a directory, or taken by the caller" {
    bundle b <<<'box.artifact("a.txt", "hello") box.artifact("b.bin", ("\0\255"):rep(700000)) return 1'
    for client in $clients; do
        rm -rf "$T/kept"
        mkdir "$T/kept"
        only=$client answers "{artifacts: \"$T/kept\"}" '.result == 1 and .artifacts == {}'
        [ "$(cat "$T/kept/a.txt")" = hello ]
        [ "$(stat -c %s "$T/kept/b.bin")" -eq 1400000 ]
    done
    only=${clients/sh} answers '{}' '.artifacts == {"a.txt": 5, "b.bin": 1400000}'
    only=sh answers '{}' '.exit_code == 1 and (.error | test("takes no artifacts"))'
    bundle b <<<'box.artifact("a", "1") box.artifact("a", "2")'
    only=${clients/sh} answers '{}' '.exit_code == 1 and (.error | test("handed over already"))'
}

@test "the report has the members of its schema" {
    bundle b <<<'return 1'
    answers '{}' ".report | keys == $(jq -c '.required | sort' schemas/report.schema.json) and .exit_code == 0
        and .bundle == \"b\" and .enforced.memory.asked == 67108864"
}

@test "a reply to Read has whole characters, and never more bytes than were asked for" {
    cat >"$T/stand-in" <<'SH'
#!/bin/sh
IFS= read -r start
printf '%s\n' "$start" >"$T/start"
for most in 4 5 7 65536 4 4 4 4 4 4 4 4 65536 65536 65536 65536; do
    printf '{"Stdio":{"Read":%d}}\n' "$most"
    IFS= read -r reply
    printf '[%d,%s]\n' "$most" "$reply" >>"$T/replies"
done
echo '{"Report":{"status":"ok","exit_code":0}}'
echo '{"Exit":"Ok"}'
SH
    chmod +x "$T/stand-in"
    export T RUNBOX=$T/stand-in
    printf 'aé€😀\377\0\r\n\360\237\230😀\376\377\377\377€€z\303' >"$T/input"
    for client in $clients; do
        rm -f "$T/replies"
        drives "$client" "{stdin: \"$T/input\", start: {arg: [1]}}"
        jq -e '.read == true and .arg == [1]' "$T/start"
        jq -se '[.[] | . as [$most, $reply] | $reply.Ok | select(. != null) | utf8bytelength >= 1 and utf8bytelength <= $most]
            | all and length >= 5' "$T/replies"
        jq -se '(map(.[1].Ok // "") | join("") | gsub("\ufffd+"; "\ufffd")) == "aé€😀\ufffd\u0000\r\n\ufffd😀\ufffd€€z\ufffd"
            and .[-1][1] == {Ok: null}' "$T/replies"
    done
}

# A stand-in for runbox that prints the lines of $T/lines and ends with STATUS.
stands_in() {
    printf '#!/bin/sh\nread -r start\ncat "%s"\nexit %d\n' "$T/lines" "$1" >"$T/stand-in"
    chmod +x "$T/stand-in"
    export RUNBOX=$T/stand-in
}

@test "lines as a taken-over box may write them: white space, any order of members, numbers of many digits" {
    stands_in 0
    {
        echo ' { "Log" : { "Info" : "one" } } '
        printf '{\t"Artifact":{"more":true ,"data":"aGVs","name":"a"}}\n{"Artifact":{"data":"bG8=","name":"a"}}\n'
        echo "{ \"Result\" : [ \"} é\" , $(head -c 300 /dev/zero | tr '\0' 9) ] }  "
        echo '{"Report": {"status":"ok", "exit_code":0} }'
        echo '{ "Exit" : "Ok" }'
    } >"$T/lines"
    answers '{}' '.result[0] == "} é" and .result[1] > 1e299 and .logs == [["Info", "one"]] and .report.status == "ok"'
    only=${clients/sh} answers '{}' '.artifacts == {a: 5}'
}

@test "a runbox that was killed, in the middle of a line too" {
    stands_in 9
    printf '{"Log":{"Info":"one"}}\n' >"$T/lines"
    answers '{}' '.exit_code == 9 and .status == null and .logs == [["Info", "one"]] and (.error | test("without an Exit"))'
    printf '{"Log":{"Info":"one"}}\n{"Rep' >"$T/lines"
    only=${clients/sh} answers '{}' '.exit_code == 9 and .status == null and (.error | test("without an Exit"))'
}

@test "the examples of all languages say the same" {
    cd contrib/clients
    python/example.py <prices/sample.txt >"$T/python"
    grep -qx '{"currency": "EUR", "total": 17.1}' "$T/python"
    node/example.mjs <prices/sample.txt >"$T/node"
    lua/example.lua <prices/sample.txt >"$T/lua"
    sh/example.sh <prices/sample.txt >"$T/sh"
    grep -qx '{"currency":"EUR","total":17.1}' "$T/sh"
    grep -qx '{"currency":"EUR","total":17.1}' "$T/node"
    grep -qx '17.10 EUR' "$T/lua"
    for client in $clients; do
        grep -qx "3 items, 1 left out" "$T/$client"
        grep -qx "41 bytes of prices.csv, 3 calls" "$T/$client"
    done
}
