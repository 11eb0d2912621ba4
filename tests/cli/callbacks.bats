#!/usr/bin/env bats
# Callbacks both ways on the wire: functions lent for a call, and objects that stay with the caller.

load lib
load talk

setup() {
    programs
    records
    more=()
}

# returns VALUE: what the invoked function came to.
returns() {
    hears
    jq -e --argjson want "$1" '.Return.Ok == $want' <<<"$line"
}

fails() {
    hears
    jq -e --arg want "$1" '.Return.Err | test($want)' <<<"$line"
}

invokes() {
    tells "{\"Invoke\":{\"fn\":$1,\"params\":$2}}"
}

@test "the example of runbox-wire(7), line by line" {
    sed -n '/^local sorted/,/^return/p' man/runbox-wire.7 | bundle b '"calls":["sort","store.open","store:get"]'
    sed -n '/^> {"arg":null}$/,/^{"Exit":"Ok"}$/p' man/runbox-wire.7 >"$T/example"
    [ "$(wc -l <"$T/example")" -eq 16 ]
    talk "$(sed -n '1s/^> //p' "$T/example")"
    sed 1d "$T/example" >"$T/rest"
    while IFS= read -r expected <&"$example"; do
        case $expected in
        '> '*) tells "${expected#> }" ;;
        '{"Report":'*) hears && jq -e '.Report.calls == 3' <<<"$line" ;;
        *) hears "$expected" ;;
        esac
    done {example}<"$T/rest"
    ended 0
}

@test "a function in params is invoked while the call is open: values, errors, logs and calls of its own" {
    bundle b '"calls":["m","n"]' <<'LUA'
local function f(x)
    if x == "print" then print("in f") return nil end
    if x == "error" then error("no luck", 0) end
    if x == "object" then error(setmetatable({}, {__tostring = function() return "an object" end})) end
    if x == "nan" then return {a = 0 / 0} end
    if x == "function" then return print end
    if x == "yield" then coroutine.yield(1) end
    if x == "call" then return box.call("n", 1) + 1 end
    if x == "read" then return io.read() end
    return {x, box.null}
end
return box.call("m", {deep = {f}})
LUA
    talk
    hears '{"Call":{"method":"m","params":{"deep":[{"$fn":1}]}}}'
    invokes 1 '{"a":[1,2.5,"é"]}'
    returns '[{"a":[1,2.5,"é"]},null]'
    invokes 1 '"print"'
    hears '{"Stdio":{"Write":"in f\n"}}'
    hears '{"Return":{"Ok":null}}'
    for case in 'error no luck' 'object an object' 'nan callback.a: NaN' 'function a function has no JSON form' 'yield attempt to yield'; do
        invokes 1 "\"${case%% *}\""
        hears
        jq -e '.Log.Debug | test("stack traceback")' <<<"$line"
        fails "${case#* }"
    done
    invokes 1 '"call"'
    hears '{"Call":{"method":"n","params":1}}'
    tells '{"Ok":41}'
    returns 42
    invokes 1 '"read"'
    hears '{"Stdio":"Readline"}'
    tells '{"Ok":"line\n"}'
    returns '"line"'
    tells '{"Ok":"over"}'
    hears '{"Result":"over"}'
    hears
    jq -e '.Report.calls == 2' <<<"$line"
    hears '{"Exit":"Ok"}'
    ended 0
}

# Each callback calls again and lends a function of its own, as deep as runbox lets it.
nest() {
    bundle b '"calls":["m"]' <<'LUA'
local function down(n)
    local ok, what = pcall(box.call, "m", {n, function(x) return down(x) end})
    return ok and what or {n, what}
end
return down(1)
LUA
    talk
    for n in 1 2 3 4 5 6 7 8; do
        hears "{\"Call\":{\"method\":\"m\",\"params\":[$n,{\"\$fn\":$n}]}}"
        invokes "$n" $((n + 1))
    done
}

@test "calls and callbacks nest sixteen deep; one more is a Lua error in the box" {
    nest
    returns '[9,"box.call: calls and callbacks are nested more than 16 deep"]'
    for n in 7 6 5 4 3 2 1; do
        tells "{\"Ok\":$n}"
        returns "$n"
    done
    tells '{"Ok":"top"}'
    hears '{"Result":"top"}'
    hears
    jq -e '.Report.calls == 8' <<<"$line"
    ended 0
}

@test "a seventeenth written by the box's own process is a breach" {
    bundle b '"calls":["m"]' <<'LUA'
local function down() if pcall(box.call, "m", {down}) then return 1 end while true do end end
return down()
LUA
    talk
    for n in 1 2 3 4 5 6 7 8; do
        hears "{\"Call\":{\"method\":\"m\",\"params\":[{\"\$fn\":$n}]}}"
        invokes "$n" null
    done
    breaks '{"Call":{"method":"m","params":1}}' 'nested too deeply'
}

@test "inside a callback the functions of the calls around it live; those of calls that have ended do not" {
    bundle b '"calls":["m"]' <<'LUA'
local outer = box.call("m", {function(x) return box.call("m", {function() return "inner" end}) end, function() return "outer" end})
return {outer, box.call("m", {function() return "next" end})}
LUA
    talk
    hears '{"Call":{"method":"m","params":[{"$fn":1},{"$fn":2}]}}'
    invokes 1 null
    hears '{"Call":{"method":"m","params":[{"$fn":3}]}}'
    invokes 2 null
    returns '"outer"'
    invokes 3 null
    returns '"inner"'
    tells '{"Ok":3}'
    returns 3
    tells '{"Ok":"one"}'
    hears '{"Call":{"method":"m","params":[{"$fn":4}]}}'
    invokes 4 null
    returns '"next"'
    invokes 1 null
    ended 3
    says '.status == "invalid" and (.message | test("function 1, which no open call has lent"))'
}

@test "a caller's Invoke that is wrong: of another shape, of no function, when no call is open" {
    bundle b '"calls":["m"]' <<<'box.call("m", print) while true do end'
    for wrong in '{"Invoke":{"fn":2,"params":null}}' '{"Invoke":{"fn":0,"params":null}}' '{"Invoke":{"fn":1}}' \
        '{"Invoke":{"fn":1.0,"params":1}}' '{"Invoke":{"fn":"1","params":1}}' '{"Invoke":{"fn":1,"fn":1,"params":1}}' \
        '{"Invoke":{"fn":1,"params":1,"x":1}}' '{"Invoke":{"fn":1,"params":1},"Ok":1}' '{"Invoke":[1,2]}' \
        '{"Return":{"Ok":1}}' '{"Invoke":{"fn":1,"params":1}} 1' '{"Invoke":{"fn":1,"params":{"a":1,"a":2}}}' \
        "{\"Invoke\":{\"fn\":1,\"params\":$(printf '[%.0s' {1..127})$(printf ']%.0s' {1..127})}}"; do
        talk
        hears '{"Call":{"method":"m","params":{"$fn":1}}}'
        tells "$wrong"
        ended 3
        says '.status == "invalid"'
    done
    # A second one before the first has returned, and one before there is a call.
    talk
    hears
    env printf '%s\n' '{"Invoke":{"fn":1,"params":1}}' '{"Invoke":{"fn":1,"params":1}}' >&"$tell"
    ended 3
    talk
    hears
    tells '{"Ok":1}'
    invokes 1 1
    ended 3
    bundle b <<<'io.read()'
    talk
    hears
    invokes 1 1
    ended 3
    says '.message | test("expected")'
}

@test "a caller that hangs up within a callback" {
    bundle b '"calls":["m"]' <<<'return box.call("m", function() print("on") for i = 1, 1e6 do end end)'
    talk
    hears
    invokes 1 null
    hears '{"Stdio":{"Write":"on\n"}}'
    hangs_up
    ended 3
    says '.message | test("still owes a reply")'
}

@test "a script that ends by a limit within a callback" {
    bundle b '"calls":["m"]' <<<'box.call("m", function() while true do end end)'
    more=(-l instructions=1000000)
    talk
    hears
    invokes 1 null
    ended 124
    says '.status == "instructions"'
    more=(-l cpu_time=100ms)
    talk
    hears
    invokes 1 null
    ended 124
}

@test "memory that runs out in a callback, or in what it is given, is an error of that callback" {
    bundle b '"calls":["m"]' <<'LUA'
local keep
local function f(x) if x == 1 then return ("x"):rep(1 << 29) end return #x end
local ok = pcall(box.call, "m", f)
return {ok, box.call("m", f)}
LUA
    more=(-l memory=3M)
    talk
    hears
    invokes 1 1
    fails 'not enough memory'
    tells "{\"Invoke\":{\"fn\":1,\"params\":[$(printf '[],%.0s' {1..100000})1]}}"
    fails 'not enough memory'
    tells "{\"Invoke\":{\"fn\":1,\"params\":\"$(head -c 100000 /dev/zero | tr '\0' x)\"}}"
    returns 100000
    tells '{"Ok":1}'
    hears
    invokes 2 '"abc"'
    returns 3
    tells '{"Ok":2}'
    hears '{"Result":[true,2]}'
    ended 0
}

@test "lending in coroutines, in finalizers, after errors: numbers go on, nothing is left open" {
    bundle b '"calls":["m"]' <<'LUA'
local f = function(x) return x end
for i = 1, 40 do
    coroutine.resume(coroutine.create(function() box.call("m", {f}) end)) -- the caller answers by an error
end
assert(not pcall(box.call, "m", {f, 0 / 0})) -- nothing is sent, so nothing is lent
local co = coroutine.wrap(function() coroutine.yield(box.call("m", {f})) return 2 end)
local first, second = co(), co()
setmetatable({}, {__gc = function() box.call("m", {f, "gc"}) end})
collectgarbage()
return {first, second, box.call("m", {f})}
LUA
    talk
    for n in {1..40}; do
        hears "{\"Call\":{\"method\":\"m\",\"params\":[{\"\$fn\":$n}]}}"
        invokes "$n" "$n"
        returns "$n"
        tells '{"Err":"no"}'
    done
    hears '{"Call":{"method":"m","params":[{"$fn":41}]}}'
    invokes 41 41
    returns 41
    tells '{"Ok":1}'
    hears '{"Call":{"method":"m","params":[{"$fn":42},"gc"]}}'
    invokes 42 42
    returns 42
    tells '{"Ok":1}'
    hears '{"Call":{"method":"m","params":[{"$fn":43}]}}'
    tells '{"Ok":3}'
    hears '{"Result":[1,2,3]}'
    ended 0
}

@test "finalizers that call while params are encoded and answers are read: each has its own numbers and answer" {
    bundle b '"calls":["m"]' <<'LUA'
local f = function(x) return x end
for i = 1, 300 do
    setmetatable({}, {__gc = function() box.call("m", {f}) end})
    local answer = box.call("m", {f, ("x"):rep(3000), {f}})
    assert(#answer == 2 and answer[1]:match("^x*$") and #answer[1] % 1000 == 0)
end
LUA
    cat >"$T/answer.py" <<'PY'
import json, subprocess, sys
run = subprocess.Popen([sys.argv[1], "run", "--json", "--report", sys.argv[2], sys.argv[3]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def say(line):
    run.stdin.write(line + b"\n")
    run.stdin.flush()
say(b"{}")
last = calls = 0
for line in run.stdout:
    (name, value), = json.loads(line).items()
    if name == "Call":
        numbers = [p["$fn"] for p in value["params"] if isinstance(p, dict)] + [q["$fn"] for p in value["params"] if isinstance(p, list) for q in p]
        assert numbers == list(range(last + 1, last + 1 + len(numbers))), (last, numbers)
        last, calls = numbers[-1], calls + 1
        say(b'{"Ok":["%s",[]]}' % (b"x" * (calls % 30 * 1000)))
assert calls > 500, calls
sys.exit(run.wait())
PY
    timeout 120 python3 "$T/answer.py" "$runbox" "$T/report" "$T/b" 3>&-
    says '.status == "ok" and .calls > 500'
}

@test "a hundred thousand callbacks: the memory of box and monitor stays what it was" {
    bundle b '"calls":["m"]' <<<'for i = 1, 20 do box.call("m", {function(x) return {x} end}) end'
    cat >"$T/storm.py" <<'PY'
import json, subprocess, sys
run = subprocess.Popen([sys.argv[1], "run", "--json", "--report", sys.argv[2], sys.argv[3]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def say(line):
    run.stdin.write(line)
    run.stdin.flush()
def rss(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(l.split()[1]) for l in status if l.startswith("VmRSS"))
say(b"{}\n")
sizes, fn = [], 0
for line in run.stdout:
    if line.startswith(b'{"Call"'):
        fn, left = fn + 1, int(sys.argv[4])
        with open(f"/proc/{run.pid}/task/{run.pid}/children") as f:
            box, monitor = map(int, f.read().split())
            sizes.append((rss(monitor), rss(box)))
    elif not line.startswith(b'{"Return":{"Ok":'):
        continue
    say(b'{"Ok":1}\n' if left == 0 else b'{"Invoke":{"fn":%d,"params":%d}}\n' % (fn, left))
    left -= 1
monitor, box = ([pair[i] for pair in sizes[1:]] for i in (0, 1))
print(sizes)
assert len(sizes) == 20 and max(monitor) - monitor[0] <= 64 and max(box) - box[0] <= 256, sizes
sys.exit(run.wait())
PY
    timeout 100 python3 "$T/storm.py" "$runbox" "$T/report" "$T/b" "$(fewer 5000)" 3>&-
    says '.calls == 20'
}

@test "objects of the caller's: from the argument, replies and callbacks, as themselves" {
    bundle b '"calls":["m","door:open","lift:go"],"entry":"run"' <<'LUA'
function run(door)
    assert(tostring(door) == "ref: door:1" and type(door) == "userdata" and getmetatable(door) == false)
    assert(not pcall(function() door.x = 1 end) and not pcall(setmetatable, door, {}) and not pcall(box.json.encode, door))
    local other, same = table.unpack(box.call("m", {door, f = nil}))
    assert(same == door and other ~= door and ({[door] = 1})[same] == 1)
    assert(door:open{how = "wide"} == "open" and other.go(other) == nil)
    local ok, why = pcall(function() return door:shut() end)
    assert(not ok and why:find('method "door:shut" is not listed', 1, true))
    ok, why = pcall(function() return door.open("door:1") end)
    assert(not ok and why:find("not one of the caller", 1, true))
    ok, why = pcall(box.call, "shut")
    assert(not ok)
    box.call("m", function(x) assert(x.it == other) return {x.it} end)
    return {door}
end
LUA
    talk '{"arg":{"$ref":"door:1"}}'
    hears '{"Call":{"method":"m","params":[{"$ref":"door:1"}]}}'
    tells '{"Ok":[{"$ref":"lift"},{"\u0024ref":"door\u003a1"}]}'
    hears '{"Call":{"ref":"door:1","method":"open","params":{"how":"wide"}}}'
    tells '{"Ok":"open"}'
    hears '{"Call":{"ref":"lift","method":"go","params":null}}'
    tells '{"Ok":null}'
    hears '{"Call":{"method":"m","params":{"$fn":1}}}'
    invokes 1 '{"it":{"$ref":"lift"}}'
    hears '{"Return":{"Ok":[{"$ref":"lift"}]}}'
    tells '{"Ok":null}'
    hears '{"Result":[{"$ref":"door:1"}]}'
    ended 0
}

@test "a person's argument may name objects: there is nobody to call, and the run ends well" {
    bundle b '"calls":["door:open"]' <<<'local ok, why = pcall(box.arg.open, box.arg) print(why) return box.arg'
    goes 0 --arg '{"$ref":"door:1"}' "$T/b"
    grep -q 'nobody is there to call' "$T/out"
    grep -qF '{"$ref":"door:1"}' "$T/out"
}

@test "a script cannot make up a function or an object; what is no handle is data" {
    bundle b '"calls":["m"]' <<'LUA'
for _, forged in ipairs{{["$fn"] = 1}, {["$fn"] = 1.5}, {["$ref"] = "door:1"}, {{{["$ref"] = "a"}}}} do
    local ok, why = pcall(box.call, "m", forged)
    assert(not ok and why:find("would pass for", 1, true), why)
end
assert(box.json.encode({["$fn"] = 1}) == '{"$fn":1}')
return box.call("m", {{["$fn"] = "1"}, {["$ref"] = "#/$defs/a"}, {["$ref"] = 5}, {["$fn"] = 1, x = 2}})
LUA
    talk
    hears '{"Call":{"method":"m","params":[{"$fn":"1"},{"$ref":"#/$defs/a"},{"$ref":5},{"$fn":1,"x":2}]}}'
    tells '{"Ok":{"$fn":5}}'
    ended 1
    says '.message | test("would pass for a function")'
}

# A box whose process is taken over while it is its turn.
taken() {
    bundle b '"calls":["m","door:open"]' <<<'if box.arg then box.call("m", {print, print}) end print("ready") while true do end'
    talk "${1:-{\}}"
}

@test "forged by the box's own process: numbers" {
    for forged in '{"Call":{"method":"m","params":{"$fn":2}}}' '{"Call":{"method":"m","params":[{"$fn":1},{"$fn":1}]}}' \
        '{"Call":{"method":"m","params":{"$fn":1.0}}}' '{"Call":{"method":"m","params":{"$fn":0}}}' \
        '{"Call":{"method":"m","params":{"$fn":18446744073709551617}}}'; do
        taken
        hears '{"Stdio":{"Write":"ready\n"}}'
        breaks "$forged" 'not the next'
    done
    for forged in '{"Result":{"$fn":1}}' '{"Result":[{"\u0024fn":1}]}'; do
        taken
        hears '{"Stdio":{"Write":"ready\n"}}'
        breaks "$forged" 'no call lends|not the next'
    done
    taken '{"arg":1}'
    hears '{"Call":{"method":"m","params":[{"$fn":1},{"$fn":2}]}}'
    tells '{"Ok":1}'
    hears '{"Stdio":{"Write":"ready\n"}}'
    breaks '{"Call":{"method":"m","params":{"$fn":1}}}' 'not the next'
}

@test "forged by the box's own process: objects that nobody has named, and methods of those that were" {
    for forged in '{"Call":{"method":"m","params":{"$ref":"door:2"}}}' '{"Result":{"$ref":"door"}}' \
        '{"Call":{"ref":"door:2","method":"open","params":1}}' '{"Result":{"$r\u0065f":"door:2"}}'; do
        taken '{"arg":{"$ref":"door:1"},"options":{}}'
        hears '{"Call":{"method":"m","params":[{"$fn":1},{"$fn":2}]}}'
        tells '{"Ok":{"$ref":"#/a"}}'
        hears '{"Stdio":{"Write":"ready\n"}}'
        breaks "$forged" 'has not named'
    done
    taken '{"arg":{"$ref":"door:1"}}'
    hears
    tells '{"Ok":1}'
    hears '{"Stdio":{"Write":"ready\n"}}'
    breaks '{"Call":{"ref":"door:1","method":"shut","params":1}}' 'does not list'
}

@test "forged by the box's own process: Return, Result and Exit where they have no place" {
    taken
    hears '{"Stdio":{"Write":"ready\n"}}'
    breaks '{"Return":{"Ok":1}}' 'nothing that was invoked'
    bundle b '"calls":["m"]' <<<'box.call("m", function() print("within") while true do end end)'
    for forged in '{"Result":1}' '{"Exit":"Ok"}' '{"Exit":{"Err":"x"}}'; do
        talk
        hears
        invokes 1 null
        hears '{"Stdio":{"Write":"within\n"}}'
        breaks "$forged" 'within a callback'
    done
    for forged in '{"Return":{"Ok":{"$fn":2}}}' '{"Return":{"Ok":{"$ref":"a"}}}' '{"Return":{"Ok":1,"Err":"a"}}'; do
        talk
        hears
        invokes 1 null
        hears '{"Stdio":{"Write":"within\n"}}'
        breaks "$forged" ''
    done
    # While it is the caller's turn, whoever's call it is.
    talk
    hears
    breaks '{"Return":{"Ok":1}}' 'waits for a reply'
}

@test "more objects than the monitor keeps: the caller's line is refused" {
    bundle b '"calls":["m"]' <<<'while true do box.call("m") end'
    talk
    hears
    tells "{\"Ok\":[$(for i in {1..10000}; do printf '{"$ref":"a:%d"},' "$i"; done)1]}"
    hears
    tells "{\"Ok\":[$(for i in {1..10000}; do printf '{"$ref":"a:%d"},' "$i"; done)1]}"
    hears
    tells "{\"Ok\":[$(for i in {10001..16384}; do printf '{"$ref":"a:%d"},' "$i"; done)1]}"
    hears
    tells '{"Ok":{"$ref":"a:16385"}}'
    ended 3
    says '.status == "invalid" and (.message | test("more than 16384 objects"))'
}

@test "every line of such a conversation is of its schema" {
    jq -c '.oneOf = [{"$ref": "#/$defs/Call"}]' schemas/reply.schema.json >"$T/reply.json"
    for line in '{"Call":{"method":"m","params":{"$fn":1}}}' '{"Call":{"ref":"a:1","method":"m","params":null}}' \
        '{"Return":{"Ok":[]}}' '{"Return":{"Err":"x"}}'; do
        ends 0 "$runbox" validate schemas/event.schema.json - <<<"$line"
    done
    ends 0 "$runbox" validate "$T/reply.json" - <<<'{"Invoke":{"fn":1,"params":{"$ref":"a"}}}'
    ends 3 "$runbox" validate "$T/reply.json" - <<<'{"Invoke":{"fn":0,"params":1}}'
    ends 3 "$runbox" validate schemas/event.schema.json - <<<'{"Call":{"ref":":a","method":"m","params":null}}'
}

@test "check, explain and describe show methods of objects as they are listed" {
    bundle b '"calls":["door:open"]' <<<'return box.arg:open()'
    ends 0 "$runbox" check "$T/b"
    ends 0 "$runbox" explain "$T/b"
    grep -q 'door:open' "$T/out"
    ends 0 "$runbox" describe "$T/b"
    grep -q 'door:open' "$T/out"
}

@test "a callback that fails for want of memory does not tell the traceback of one before it" {
    bundle b '"calls":["m"],"limits":{"memory":"8M"}' <<'LUA'
return box.call("m", function(n)
    if n == 1 then error("boom") end
    local t = {}
    while true do t[#t + 1] = ("x"):rep(4000) .. #t end
end)
LUA
    talk '{}'
    hears
    invokes 1 1
    hears
    jq -e '.Log.Debug | contains("boom\nstack traceback")' <<<"$line"
    fails boom
    invokes 1 2
    fails 'not enough memory'
    tells '{"Ok":null}'
    ended 0
}
