#!/usr/bin/env bats
# Bundles with several functions: which one is called, by whom it is chosen, what holds for it, and what is said
# where there is none such.

load serve
load metered

setup() {
    programs
    export SOCKET="$T/s" PYTHONPATH="$PWD/tests/cli" PYTHONDONTWRITEBYTECODE=1
}

# A table's member, a global, one of each that has schemas or limits.
rules() {
    bundle rules '"arg":false,"result":false,"limits":{"cpu_time":"5s"},"exports":{
        "add":{"description":"Adds two numbers","arg":{"type":"array","items":{"type":"number"},"minItems":2},"result":{"type":"number"}},
        "hello":{"arg":{"type":["string","null"]}},
        "spin":{"limits":{"cpu_time":"100ms"}}, "wait":{"limits":{"wall_time":"200ms"}},
        "count":{"limits":{"instructions":2000}}, "talk":{"limits":{"output":"1K"}}}' <<'END'
local M = {}
function M.add(t) return t[2] == 0 and "nothing" or t[1] + t[2] end
function hello(name) return "hello, " .. (name or "nobody") end
function M.spin() while true do end end
function M.wait() io.read() end
function M.count(n) for i = 1, n do end return n end
function M.talk(n) print(("x"):rep(n)) return n end
return M
END
}

# export_ STATUS NAME ARG: `runbox run` of that function of $T/rules ends so.
export_() {
    goes "$1" --export "$2" --arg "$3" "$T/rules"
}

@test "a member of the table that main returned, else a global; the result, and the report's word of it" {
    rules
    export_ 0 add '[3,4]'
    [ "$(cat "$T/out")" = 7 ]
    says '.export == "add" and .bundle == "rules"'
    "$runbox" validate report "$T/report"
    export_ 0 hello '"Ada"'
    [ "$(cat "$T/out")" = '"hello, Ada"' ]
    goes 0 --export hello "$T/rules"
    [ "$(cat "$T/out")" = '"hello, nobody"' ]
    says '.export == "hello"'
    bundle both '"exports":{"f":{},"run":{}}' <<<'function f() return "global" end function run() return "entry" end return {f = function() return "member" end}'
    goes 0 --export f "$T/both"
    [ "$(cat "$T/out")" = '"member"' ]
    goes 0 --export run "$T/both"
    [ "$(cat "$T/out")" = '"entry"' ]
}

@test "its argument and its result are held to its own schemas, not to the bundle's" {
    rules
    export_ 3 add '[3,"4"]'
    grep -qx 'runbox: arg: /1: "4" is not of type number' "$T/err"
    goes 3 --export add "$T/rules"
    grep -q 'no argument was given' "$T/err"
    export_ 3 add '[3,0]'
    grep -q "the result does not fit the manifest's schema" "$T/err"
    says '.status == "invalid" and .export == "add"'
}

@test "its limits lower the bundle's; what the caller sets takes their place" {
    rules
    export_ 124 spin null
    says '.status == "cpu_time" and .enforced.cpu_time.effective == 0.1'
    sleep 20 | ends 124 "$runbox" run --export wait --report "$T/report" "$T/rules"
    says '.status == "wall_time" and .enforced.wall_time.effective == 0.2 and .enforced.cpu_time.effective == 5'
    export_ 124 count 100000
    says '.status == "instructions" and .enforced.instructions.effective == 2000'
    export_ 0 count 10
    export_ 153 talk 2000
    says '.status == "output" and .enforced.output.effective == 1024'
    export_ 0 talk 500
    goes 124 -l cpu_time=300ms --export spin "$T/rules"
    says '.enforced.cpu_time.effective == 0.3'
    goes 0 -l output=1M --export talk --arg 2000 "$T/rules"
}

@test "none chosen, or one that is not there: a usage error that has the names" {
    rules
    ends 2 "$runbox" run "$T/rules"
    grep -qx 'runbox: --export: rules names exports, and none was chosen: it has add, hello, spin, wait, count, talk' "$T/err"
    [ ! -s "$T/out" ]
    ends 2 "$runbox" run --export ad "$T/rules"
    grep -qx 'runbox: --export: rules has no export "ad": did you mean "add"? It has add, hello, spin, wait, count, talk' "$T/err"
    ends 2 "$runbox" run --export run "$T/rules"
    goes 2 --export zzzzzz "$T/rules"
    says '.status == "usage" and (has("export") | not)'
    for wrong in '' 9a a-b 'a b' é "$(printf 'a%.0s' {1..65})"; do
        ends 2 "$runbox" run --export "$wrong" "$T/rules"
        grep -q "expected a name: a letter or _, then up to 63 letters, digits and _" "$T/err"
    done
    ends 2 "$runbox" run --json --export add "$T/rules"
    grep -q 'with --json, the export belongs in the start line' "$T/err"
}

@test "start lines: chosen there, or invalid" {
    rules
    records
    ends 0 "$runbox" run --json "$T/rules" <<<'{"export":"add","arg":[1,2]}'
    jq -se '.[0] == {"Result":3} and .[1].Report.export == "add"' "$T/out"
    ends 3 "$runbox" run --json "$T/rules" <<<'{"arg":[1,2]}'
    jq -se '.[0].Report | .status == "invalid" and .exit_code == 3 and (has("export") | not) and
        (.message | startswith("export: rules names exports, and none was chosen: it has add, "))' "$T/out"
    ends 3 "$runbox" run --json "$T/rules" <<<'{"export":"adf","arg":[1,2]}'
    jq -se '.[0].Report.message | startswith("export: rules has no export \"adf\": did you mean \"add\"?")' "$T/out"
    ends 3 "$runbox" run --json "$T/rules" <<<'{"export":["add"]}'
    jq -se '.[0].Report.message | startswith("start line: /export: expected an export'"'"'s name")' "$T/out"
}

@test "jobs: each its own, with its limits, from waiting boxes and from fresh ones" {
    rules
    cat >"$T/jobs" <<'END'
{"id":"add","export":"add","arg":[1,2]}
{"id":"wrong","export":"add","arg":[1,"2"]}
{"id":"hello","export":"hello"}
{"id":"spin","export":"spin"}
{"id":"less","export":"spin","limits":{"cpu_time":"50ms"}}
{"id":"count","export":"count","arg":100000}
{"id":"few","export":"count","arg":10}
{"id":"talk","export":"talk","arg":2000}
{"id":"more","export":"talk","arg":2000,"limits":{"output":"1M"}}
{"id":"none","arg":1}
{"id":"ad","export":"ad"}
{"id":"text","export":5}
END
    "$runbox" validate --lines job <(head -n 11 "$T/jobs")
    ends 3 "$runbox" validate --lines job <(tail -n 1 "$T/jobs")
    for how in "" --fresh; do
        ends 1 "$runbox" batch -q -f "$T/jobs" $how "$T/rules"
        "$runbox" validate --lines result "$T/out"
        diff <(jq -rc '[.id, .status, .report.export, .report.enforced.cpu_time.effective] | map(. // "-") | join(" ")' "$T/out" | sort) - <<'END'
ad invalid - -
add ok add 5
count instructions count 5
few ok count 5
hello ok hello 5
less cpu_time spin 0.05
more ok talk 5
none invalid - -
spin cpu_time spin 0.1
talk output talk 5
text invalid - -
wrong invalid - -
END
        jq -se 'map(select(.id == "ad"))[0].error | startswith("export: rules has no export \"ad\": did you mean \"add\"?")' "$T/out"
        jq -se 'map(select(.id == "text"))[0].error | startswith("line 12: /export: expected an export")' "$T/out"
    done
}

@test "serve: each run its own, with its limits, from waiting boxes and from fresh ones" {
    rules
    for how in "--warm 2" --fresh; do
        serves $how "$T/rules"
        [ "$how" = --fresh ] || until_holds stats '.bundles[0].warm == 2'
        calls <<'PY'
t = Talk()
def ended(**line):
    return t.run(**line)[1]
for _ in range(3):
    assert t.ok(export="add", arg=[1, 2]) == 3
r = ended(export="add", arg=[1, 2]); assert r["status"] == "ok" and r["export"] == "add", r
r = ended(export="spin"); assert r["status"] == "cpu_time" and r["enforced"]["cpu_time"]["effective"] == 0.1, r
r = ended(export="count", arg=100000); assert r["status"] == "instructions" and r["export"] == "count", r
r = ended(export="talk", arg=2000); assert r["status"] == "output", r
assert t.ok(export="count", arg=10) == 10
r = ended(export="add", arg=[1, "2"]); assert r["status"] == "invalid" and r["export"] == "add", r
r = ended(arg=1); assert r["status"] == "invalid" and "none was chosen: it has add" in r["message"] and "export" not in r, r
r = ended(export="ad"); assert r["status"] == "invalid" and 'did you mean "add"?' in r["message"], r
r = ended(export=""); assert r["status"] == "invalid" and "/export: expected an export" in r["message"], r
assert t.ok(export="hello", arg="Ada") == "hello, Ada"
PY
        stops
    done
}

@test "a bundle without exports has one, named as its entry; without a choice all is as it was" {
    bundle one '"arg":{"type":["integer","null"]}' <<<'function run(n) return (n or 0) + 1 end'
    goes 0 --export run --arg 4 "$T/one"
    [ "$(cat "$T/out")" = 5 ]
    says '.export == "run"'
    goes 0 --arg 4 "$T/one"
    [ "$(cat "$T/out")" = 5 ]
    says 'has("export") | not'
    goes 3 --export run --arg '"x"' "$T/one"
    ends 2 "$runbox" run --export go "$T/one"
    grep -qx 'runbox: --export: one has no export "go": it has run' "$T/err"
    bundle two '"entry":"go"' <<<'return {go = function() return "member" end}'
    ends 2 "$runbox" run --export run "$T/two"
    goes 0 --export go "$T/two"
    [ "$(cat "$T/out")" = '"member"' ]
    goes 1 "$T/two" # its entry is a global, as ever
    grep -q 'the entry "go" named in manifest.json is not a global function' "$T/err"
    ends 0 "$runbox" batch -q "$T/one" <<<'{"export":"run","arg":1}'
    jq -e '.result == 2 and .report.export == "run"' "$T/out"
}

@test "what is no function: the message has the name, and what was found" {
    bundle odd '"exports":{"number":{},"text":{},"absent":{},"global":{},"null":{},"table":{}}' <<'END'
global = 5
return {number = 3, text = "x", null = box.null, table = {}}
END
    odd() {
        goes 1 --export "$1" "$T/odd"
        says ".message == \"$2\" and .export == \"$1\""
    }
    odd number 'export \"number\": no function, but a number, in the table that main.lua returns'
    odd text 'export \"text\": no function, but a string, in the table that main.lua returns'
    odd table 'export \"table\": no function, but a table, in the table that main.lua returns'
    odd null 'export \"null\": no function, but a userdata, in the table that main.lua returns'
    odd global 'export \"global\": no function, but a number, as the global of that name'
    odd absent 'export \"absent\": the table that main.lua returns has no such member, and there is no global function of that name'
    for value in '' 'return 5' 'return function() end'; do
        bundle odd '"exports":{"f":{}}' <<<"$value"
        goes 1 --export f "$T/odd"
        says '.message | startswith("export \"f\": there is no global function of that name, and main.lua returns no table, but ")'
    done
}

@test "names of 64 bytes, Lua's keywords, metamethods, and the entry's" {
    local long

    long=$(printf 'n%.0s' {1..64})
    bundle names "\"exports\":{\"$long\":{},\"end\":{},\"__index\":{},\"__call\":{},\"_\":{},\"run\":{},\"entry\":{}}" <<END
local M = {["$long"] = function() return "long" end, ["end"] = function() return "end" end, _ = function() return "_" end}
M.__index = function() return "__index" end
M.__call = function() return "__call" end
M.entry = function() return "entry" end
function run() return "run" end
return M
END
    for name in end __index __call _ run entry; do
        goes 0 --export "$name" "$T/names"
        [ "$(cat "$T/out")" = "\"$name\"" ]
    done
    goes 0 --export "$long" "$T/names"
    [ "$(cat "$T/out")" = '"long"' ]
    bundle names "\"exports\":{\"${long}n\":{}}" <<<'return {}'
    ends 3 "$runbox" check "$T/names"
    grep -q 'is not an export.s name (a letter or _, then up to 63 letters, digits and _)' "$T/out"
}

@test "a metatable on the table: looked up in the box, within its limits, and its errors are named" {
    bundle meta '"limits":{"cpu_time":"300ms","instructions":10000000},"exports":{"found":{},"broken":{},"other":{},"loops":{},"called":{},"kept":{},"chain":{}}' <<'END'
local t = {called = setmetatable({}, {__call = function(_, x) return {"called", x} end})}
function kept(x) return "global" end
return setmetatable(t, {__index = function(_, name)
    if name == "found" then return function(x) return {name, x} end end
    if name == "broken" then error("boom") end
    if name == "other" then error({}) end
    if name == "loops" then while true do end end
    if name == "chain" then return setmetatable({}, {__call = setmetatable({}, {__call = function() return "chain" end})}) end
end})
END
    goes 0 --export found --arg 1 "$T/meta"
    [ "$(cat "$T/out")" = '["found",1]' ]
    goes 0 --export called --arg 1 "$T/meta"
    [ "$(cat "$T/out")" = '["called",1]' ]
    goes 0 --export kept "$T/meta"
    goes 1 --export broken -v "$T/meta"
    says '.message == "export \"broken\": main.lua:5: boom"'
    grep -q "stack traceback" "$T/err"
    goes 1 --export other "$T/meta"
    says '.message == "export \"other\": main.lua:6: (error object is a table value)"'
    goes 124 --export loops "$T/meta"
    bundle loop '"exports":{"f":{}}' <<<'local t = {} return setmetatable(t, {__index = setmetatable(t, {__index = t})})'
    goes 1 --export f "$T/loop"
    says '.message | startswith("export \"f\": '"'__index'"' chain too long")'
    bundle globals '"exports":{"f":{}}' <<<'setmetatable(_G, {__index = function() error("strict") end})'
    goes 1 --export f "$T/globals"
    says '.message | startswith("export \"f\": there is no global function of that name")'
}

@test "an error of the function itself, and of main, is as ever" {
    bundle fails '"exports":{"f":{}}' <<<'return {f = function() error("broke") end}'
    goes 1 --export f "$T/fails"
    says '.message == "main.lua:1: broke"'
    bundle fails '"exports":{"f":{}}' <<<'error("early")'
    goes 1 --export f "$T/fails"
    says '.message == "main.lua:1: early"'
    bundle gives '"exports":{"f":{}}' <<<'return {f = function(...) return select("#", ...), "second" end}'
    goes 0 --export f "$T/gives"
    [ "$(cat "$T/out")" = 1 ]
}

@test "explain: what holds for one of them" {
    rules
    ends 0 "$runbox" explain "$T/rules"
    grep -qE '^  cpu_time +5s \(manifest\)' "$T/out"
    refute grep -q '^export' "$T/out"
    ends 0 "$runbox" explain --export spin "$T/rules"
    grep -qx 'export spin' "$T/out"
    grep -qE '^  cpu_time +100ms \(manifest\) +100ms' "$T/out"
    ends 0 "$runbox" explain --json --export talk -l output=2K "$T/rules"
    jq -e '.export == "talk" and .limits.output.effective == 2048' "$T/out"
    ends 2 "$runbox" explain --export spim "$T/rules"
    grep -q 'did you mean "spin"?' "$T/err"
    ends 2 "$runbox" explain --export 1 "$T/rules"
}

@test "describe: each of them, for people and as JSON" {
    rules
    ends 0 "$runbox" describe "$T/rules"
    grep -qx 'export add: Adds two numbers' "$T/out"
    grep -qx '  argument: array' "$T/out"
    grep -qx '  limits: instructions 2000' "$T/out"
    ends 0 "$runbox" describe --json "$T/rules"
    jq -e '.exports | keys_unsorted == ["add", "hello", "spin", "wait", "count", "talk"] and .spin == {"description": "",
        "inputSchema": {}, "outputSchema": {}, "limits": {"cpu_time": "100ms"}} and .add.outputSchema == {"type": "number"}' "$T/out"
    "$runbox" validate describe "$T/out"
    bundle texts '"exports":{"f":{"description":"x\nexport forged: y\u001b[2J"}}' <<<'return {f = print}'
    ends 0 "$runbox" describe "$T/texts"
    refute grep -q '^export forged' "$T/out"
    refute grep -qP '\x1b' "$T/out"
}

@test "check: what no source defines, and every fault of the manifest's" {
    bundle c '"arg":true,"exports":{"add":{"arg":{"type":"objekt"},"agr":{},"limits":{"cpu_time":"11s","memory":"1M","wall_tme":1}},
        "sub":{"arg":{"type":"object","n":{"type":"integer"}},"result":{"type":"integer","default":"x"}},"mul":{}, "9":{}}' \
        <<<'local M = {} function M.sub() end function M.add() end return M'
    ends 3 "$runbox" check --json "$T/c"
    jq -e '[.errors[] | [.pointer, .message]] | sort == [
        ["/exports/9", "\"9\" is not an export'"'"'s name (a letter or _, then up to 63 letters, digits and _)"],
        ["/exports/add/agr", "unknown member \"agr\": did you mean \"arg\"?"],
        ["/exports/add/arg/type", "must be \"string\", \"integer\", \"number\", \"boolean\", \"object\", \"array\" or \"null\", or a list of them without duplicates, not \"objekt\""],
        ["/exports/add/limits/cpu_time", "11s is above the bundle'"'"'s own limit, 10s, the default: an export only lowers it"],
        ["/exports/add/limits/memory", "memory is a limit of the whole bundle: see runbox-manifest(5)"],
        ["/exports/add/limits/wall_tme", "unknown limit \"wall_tme\": did you mean \"wall_time\"?"],
        ["/exports/mul", "\"main.lua\" returns no table with this member, and no source sets a global of this name"],
        ["/exports/sub/result/default", "\"x\" is not of type integer"]]' "$T/out"
    jq -e '[.warnings[].pointer] == ["/arg", "/exports/sub/arg/n"] and all(.errors[]; .line > 0)' "$T/out"
    ends 3 "$runbox" run --export sub "$T/c"
    rules
    ends 0 "$runbox" check "$T/rules"
}

@test "check: where it cannot be told, no error" {
    for source in 'return setmetatable({}, {__index = print})' 'local M = {} M[x] = 1 return M' 'return require "m"' \
        '_G[x] = 1' 'load("f = 1")()' 'local M = {} f(M) return M' 'm = require "m"' 'return {f = 1}' 'function f() end'; do
        bundle c '"exports":{"f":{}}' <<<"$source"
        echo 'function f() end return {}' >"$T/c/m.lua"
        "$runbox" check --json "$T/c" >"$T/out" || true
        jq -e 'all(.errors[]; .pointer != "/exports/f")' "$T/out"
    done
    rm "$T/c/m.lua"
    bundle c '"main":"src/x.lua","exports":{"f":{}}' <<<'return {f = 1}' # of another file
    mkdir "$T/c/src"
    echo 'return {g = 1}' >"$T/c/src/x.lua"
    ends 3 "$runbox" check "$T/c"
    grep -q '/exports/f: "src/x.lua" returns no table with this member' "$T/out"
}

@test "thousands of exports: the first 1024, each looked at within the bundle's budget" {
    many() {
        python3 - "$T/many/manifest.json" "$@" <<'PY'
import json, sys
path, count, schema = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
json.dump({"runbox": 1, "name": "many", "version": "1.0.0", "exports": {f"f{i}": {"arg": schema} for i in range(count)}},
          open(path, "w"))
PY
    }
    bundle many <<<'function f1023(x) return x end'
    many 1024 '{"type": "integer"}'
    goes 0 --export f1023 --arg 5 "$T/many"
    ends 2 "$runbox" run --export f1024 "$T/many"
    grep -q 'f15 and 1008 more (runbox describe lists them)' "$T/err"
    [ "$(wc -c <"$T/err")" -lt 1000 ]
    ends 0 "$runbox" describe --json "$T/many"
    jq -e '.exports | length == 1024' "$T/out"
    ends 3 "$runbox" check "$T/many"
    grep -q '/exports/f7: "main.lua" returns no table' "$T/out"
    many 5000 '{}'
    ends 3 "$runbox" run --export f1 "$T/many"
    grep -q 'too many exports: 5000, at most 1024 allowed' "$T/err"
    many 1024 "$(python3 -c 'import json; print(json.dumps({"enum": ["x" * 9] * 70}))')" # 700 KB
    spends 0 "$runbox" explain "$T/many"
    many 1000 "$(python3 -c 'import json; print(json.dumps({"pattern": r"\p{L}" * 100}))')"
    spends 3 "$runbox" explain "$T/many"
    grep -q '/exports/f[0-9]*/arg.*: too costly to compile: the budget of 48 MiB of memory ran out here' "$T/err"
}
