#!/usr/bin/env bats
# What a bundle's documents cost runbox itself is counted: whatever its author writes, it ends as `invalid`, at the same
# place on every machine, within some 64 MiB and a second of processor time.

load lib
load metered

setup() {
    programs
    export XDG_CONFIG_HOME="$T/config"
}

# manifest NAME FILTER: a bundle whose manifest is what jq makes, beginning with the members that all have.
manifest() {
    mkdir -p "$T/$1"
    echo 'function run() return 1 end' >"$T/$1/main.lua"
    jq -nc --arg name "$1" "{runbox: 1, name: \$name, version: \"1.0.0\"} + ($2)" >"$T/$1/manifest.json"
}

# 30 levels, each of which refers eight times to the next.
tree='{"$defs": ([range(30) | {key: "\(.)", value: {allOf: [range(8) as $i | {"$ref": "#/$defs/\(. + 1)"}]}}] + [{key: "30", value: {}}] | from_entries)}'

@test "30 levels of allOf with eight references each, as options: invalid, the pointer named" {
    manifest tree "{options: ($tree + {\"\$ref\": \"#/\$defs/0\"})}"
    spends 3 "$runbox" run "$T/tree"
    grep -Eq '^runbox: options: too costly to check: the budget of 12000000 steps ran out at /options/\$defs/[0-9]+' "$T/err"
    manifest behind "{options: ($tree + {properties: {a: {default: {}, \"\$ref\": \"#/\$defs/0\"}}})}"
    spends 3 "$runbox" run "$T/behind"
    grep -q 'ran out at /options/' "$T/err"
    # Options that come in a start line, in a job.
    records
    spends 3 sh -c 'echo "{\"options\":{\"a\":{}}}" | "$0" run --json "$1"' "$runbox" "$T/behind"
    jq -se 'any(.[]; .Report.status == "invalid" and (.Report.message | test("ran out at /options/")))' "$T/out"
    spends 1 sh -c 'echo "{\"id\":1,\"options\":{\"a\":{}}}" | "$0" batch "$1"' "$runbox" "$T/behind"
    jq -e '.report.status == "invalid" and (.report.message | test("ran out at /options/"))' "$T/out"
}

@test "check says it where no options at all spend the budget: no run can begin" {
    manifest tree "{options: ($tree + {\"\$ref\": \"#/\$defs/0\"})}"
    spends 3 "$runbox" check "$T/tree"
    grep -Eq '/options: too costly to check even when none are given: the budget of 12000000 steps ran out' "$T/out"
    manifest behind "{options: ($tree + {properties: {a: {\"\$ref\": \"#/\$defs/0\"}}})}"
    spends 0 "$runbox" check "$T/behind"
    spends 0 "$runbox" run "$T/behind"
}

@test "minLength on a text of 1 MB below 2^12 and 2^19 references" {
    printf '"%01000000d"' 0 >"$T/text"
    for levels in 12 19; do
        manifest lengths '{arg: {"$defs": ([range('$levels') | {key: "\(.)", value: {allOf: [range(2) as $i | {"$ref": "#/$defs/\(. + 1)"}]}}] +
            [{key: "'$levels'", value: {minLength: 1000000}}] | from_entries), "$ref": "#/$defs/0"}}'
        spends 3 "$runbox" run --arg-file "$T/text" "$T/lengths"
        grep -q 'arg: too costly to check: the budget of 12000000 steps ran out at /arg/' "$T/err"
    done
}

@test "a default of 850 KB behind 3000 references" {
    manifest copies '{limits: {memory: "1M"}, options: {"$defs": {o: {properties: {v: {default: ("x" * 850000)}}}},
        properties: ([range(3000) | {key: "p\(.)", value: {default: {}, "$ref": "#/$defs/o"}}] | from_entries)}}'
    spends 3 "$runbox" run "$T/copies"
    grep -q 'options: /p1/v: the defaults exceed the 1 MiB limit of a start line, at /options/\$defs/o/properties/v' "$T/err"
}

@test "180 KB of patterns that compile to 250 MB" {
    manifest patterns '{options: {patternProperties: ([range(360) | {key: "\("\\p{L}" * 100)\(.)", value: true}] | from_entries)}}'
    spends 3 "$runbox" run "$T/patterns"
    grep -q 'manifest.json:.*/options/patternProperties/.*too costly to compile: the budget of 48 MiB of memory ran out here' "$T/err"
}

@test "1 MiB of {}: as a manifest, as an argument, in a start line; but records are accepted" {
    printf '{"a":1,"b":2},%.0s' {1..74000} | sed 's/^/[/; s/,$/]/' >"$T/records"
    printf '{},%.0s' {1..349000} | sed 's/^/[/; s/,$/]/' >"$T/braces"
    mkdir "$T/m" && echo 'function run(x) return #x end' >"$T/m/main.lua"
    echo "{\"runbox\":1,\"name\":\"m\",\"version\":\"1.0.0\",\"annotations\":{\"x\":$(cat "$T/braces")}}" >"$T/m/manifest.json"
    spends 3 "$runbox" run "$T/m"
    grep -Eq 'manifest.json:1:[0-9]+: /annotations/x/[0-9]+: too large: the budget of 48 MiB of memory ran out' "$T/err"
    spends 3 "$runbox" check "$T/m"
    manifest plain '{result: true, limits: {memory: "256M"}}'
    spends 3 "$runbox" run --arg-file "$T/braces" "$T/plain"
    grep -Eq 'braces:1:[0-9]+: /[0-9]+: too large' "$T/err"
    echo "{\"arg\":$(cat "$T/braces")}" >"$T/line"
    spends 3 sh -c '"$0" run --json "$1" <"$2"' "$runbox" "$T/plain" "$T/line"
    grep -Eq 'start line: column [0-9]+: /arg/[0-9]+: too large' "$T/out"
    echo 'function run(x) return #x end' >"$T/plain/main.lua"
    spends 0 "$runbox" run --arg-file "$T/records" "$T/plain"
    [ "$(cat "$T/out")" = 74000 ]
}

@test "a schema that is compiled again and again; long names; findings without end; a deep check" {
    manifest names '{options: {properties: ([range(4000) | {key: "\(.)\("n" * 200)", value: true}] | from_entries),
        additionalProperties: {items: {"$ref": "#"}}}, arg: {items: {properties: {("k" * 200000): true, b: true}}}}'
    printf '{},%.0s' {1..70000} | sed 's/^/[/; s/,$/]/' >"$T/many"
    spends 3 "$runbox" run --arg-file "$T/many" "$T/names"
    grep -q 'ran out at /arg/items' "$T/err"
    manifest unknown '[range(60000) | {key: "unknown-member-of-a-manifest-\(.)", value: 1}] | from_entries'
    spends 3 "$runbox" check "$T/unknown"
    [ "$(wc -l <"$T/out")" -le 101 ]
    manifest nested '{options: (reduce range(60) as $i ({type: "object"}; {default: {}, properties: ([range(60) | {key: "a\(.)", value: {default: 1}}] + [{key: "x", value: .}] | from_entries)}))}'
    spends 0 "$runbox" check "$T/nested"
}

@test "validate: a document of any size has one budget, and so has each of many lines; a policy raises it" {
    echo '{"items":{"type":"object"}}' >"$T/schema"
    python3 -c 'print("[" + "{}," * 6000000 + "{}]")' >"$T/braces"
    spends 3 "$runbox" validate "$T/schema" "$T/braces"
    grep -Eq '^.*/braces:1:[0-9]+: /[0-9]+: too large: the budget of 48 MiB of memory ran out$' "$T/out"
    python3 -c 'print("[" + "{}," * 100000 + "{}]")' >"$T/line"
    for _ in 1 2 3; do cat "$T/line"; done >"$T/lines"
    ends 0 "$runbox" validate --lines "$T/schema" "$T/lines"
    spends 3 "$runbox" validate "$T/schema" /dev/zero
    grep -q '/dev/zero: larger than 50331648 bytes$' "$T/err"
    spends 3 "$runbox" validate "$T/braces" "$T/schema"
    # With a policy that allows it, the same document is read to its end.
    ends 3 "$runbox" validate --lines "$T/schema" - <"$T/braces"
    mkdir -p "$T/config/runbox"
    echo '{"budget":{"steps":1000000000,"memory":"2G"}}' >"$T/config/runbox/policy.json"
    ends 0 "$runbox" validate "$T/schema" "$T/braces"
    rm "$T/config/runbox/policy.json"
}

@test "a policy raises the budget, a manifest does not" {
    # 2^24 nodes.
    manifest large '{options: {"$defs": ([range(23) | {key: "\(.)", value: {allOf: [range(2) as $i | {"$ref": "#/$defs/\(. + 1)"}]}}] +
            [{key: "23", value: {}}] | from_entries), "$ref": "#/$defs/0"}}'
    ends 3 "$runbox" run "$T/large"
    mkdir -p "$T/config/runbox"
    echo '{"budget":{"steps":100000000,"memory":"1M"}}' >"$T/config/runbox/policy.json"
    ends 0 "$runbox" run "$T/large"
    ends 0 "$runbox" explain "$T/large"
    echo '{"budget":{"steps":-1}}' >"$T/config/runbox/policy.json"
    ends 3 "$runbox" run "$T/large"
    ends 0 "$runbox" validate policy - <<<'{"budget":{"steps":100000000,"memory":"1M"}}'
    manifest asks '{budget: {steps: 100000000}}'
    rm "$T/config/runbox/policy.json"
    ends 3 "$runbox" run "$T/asks"
}

# stops STATUS SIGNAL COMMAND...: in the midst of work that would go on for hours.
stops() {
    local got=0 pid

    "${@:3}" >"$T/out" 2>"$T/err" <"${input:-/dev/null}" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds busy "$pid"
    kill "-$2" "$pid"
    wait "$pid" || got=$?
    [ "$got" -eq "$1" ] || {
        echo "exit status $got, not $1"
        cat "$T/out" "$T/err"
        return 1
    }
}

# It, or a child of it, has used a tenth of a second of processor time.
busy() {
    local process

    for process in "$1" $(cat "/proc/$1/task/$1/children"); do
        [ "$(awk '{ print $14 + $15 }' "/proc/$process/stat")" -ge 10 ] && return
    done
    return 1
}

@test "signals are heard while a bundle is checked, by every verb that holds them back" {
    manifest tree "{options: ($tree + {\"\$ref\": \"#/\$defs/0\"})}"
    mkdir -p "$T/config/runbox"
    echo '{"budget":{"steps":1000000000000000}}' >"$T/config/runbox/policy.json"
    stops 143 TERM "$runbox" run --report "$T/report" "$T/tree"
    says '.status == "cancelled" and .signal == 15'
    # A shell's background programs ignore SIGINT, which one that holds it back hears all the same.
    stops 130 INT "$runbox" run "$T/tree"
    grep -q 'stopped by signal 2' "$T/err"
    echo '{}' >"$T/line"
    input="$T/line" stops 143 TERM "$runbox" run --json "$T/tree"
    jq -se 'any(.[]; .Report.status == "cancelled") and (last | has("Exit"))' "$T/out"
    input="$T/line" stops 143 TERM "$runbox" batch "$T/tree"
    [ ! -s "$T/out" ]
    echo '{"type":"array","items":true}' >"$T/schema"
    jq '.options' "$T/tree/manifest.json" >"$T/schema"
    stops 143 TERM "$runbox" validate "$T/schema" "$T/line"
}

@test "a server that is told to stop while it checks what a caller gives" {
    manifest tree "{options: ($tree + {properties: {a: {\"\$ref\": \"#/\$defs/0\"}}})}"
    mkdir -p "$T/config/runbox"
    echo '{"budget":{"steps":1000000000000000}}' >"$T/config/runbox/policy.json"
    "$runbox" serve --socket "$T/socket" "$T/tree" >"$T/served" 2>&1 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds test -S "$T/socket"
    python3 - "$T/socket" "$pid" <<'END' >"$T/heard"
import os, signal, socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b'{"options":{"a":{}}}\n')
monitor = open(f"/proc/{sys.argv[2]}/task/{sys.argv[2]}/children").read().split()[2] # behind the front and its broker
def used():
    with open(f"/proc/{monitor}/stat") as f:
        return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))
before = used()
while used() < before + 20:
    time.sleep(0.01)
os.kill(int(sys.argv[2]), signal.SIGTERM)
print(s.makefile().read())
END
    wait "$pid" || true
    grep -q '"status":"cancelled"' "$T/heard"
}
