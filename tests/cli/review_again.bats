#!/usr/bin/env bats
# What a second hostile review found: each test fails on the code before its mend.

load lib
load metered

setup() {
    programs
    records
}

# glibc's qsort() asks for the host's memory where it sorts more than 1024 bytes: no call of the monitor's.
@test "tables of any size: a result, a call, a reply, unique elements" {
    for n in 1 42 43 100 3000; do
        bundle b '"calls":["x"],"result":{"type":"object"}' <<LUA
local t = {}
for i = 1, $n do t["k" .. i] = i end
local back = box.call("x", t)
local count = 0
for _ in pairs(back) do count = count + 1 end
t.count = count
return t
LUA
        timeout 60 python3 - "$n" "$runbox" run --json "$T/b" <<'PY'
import json, subprocess, sys
n = int(sys.argv[1])
run = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
say = lambda value: (run.stdin.write(json.dumps(value).encode() + b"\n"), run.stdin.flush())
say({})
assert "Call" in json.loads(run.stdout.readline())
say({"Ok": {f"r{i}": i for i in range(n)}})
(result, report, end) = map(json.loads, run.stdout.readlines())
assert len(result["Result"]) == n + 1 and result["Result"]["count"] == n and end == {"Exit": "Ok"}, (report, end)
PY
        bundle b '"result":{"uniqueItems":true}' <<<"local t = {} for i = 1, $n do t[i] = i % 1000000 end return t"
        goes 0 "$T/b"
        jq -cn --argjson n $n '[range($n)]' >"$T/arg"
        bundle b '"arg":{"uniqueItems":true}' <<<'return #box.arg'
        goes 0 --arg-file "$T/arg" "$T/b"
        [ "$(tail -n 1 "$T/out")" = $n ]
    done
}

@test "no characters that turn or hide a line in what a batch writes of a result" {
    bundle b <<<'return {k = box.arg, [box.arg] = 1}'
    printf '{"arg":"A\\u202e\\u009bB"}\n' | ends 0 "$runbox" batch -q "$T/b"
    refute env LC_ALL=C grep -q $'\xe2\x80\xae\\|\xc2\x9b' "$T/out"
    [ "$(jq -c '.result == {k: "A\u202e\u009bB", "A\u202e\u009bB": 1}' "$T/out")" = true ]
}

@test "rlimits of no CPU second, names longer than a file system's: the manifest's mistake" {
    bundle b '"rlimits":{"cpu":0}' <<<'return 1'
    for _ in 1 2 3 4 5; do
        goes 3 "$T/b"
        grep -q '/rlimits/cpu: 0 is too low: a box needs at least 1' "$T/err"
    done
    ends 3 "$runbox" explain "$T/b"
    long=$(printf 'a%.0s' {1..256})
    for mount in '"source":"main.lua","target":"/'"$long"'"' '"source":"'"$long"'","target":"/a"' '"source":"/x/'"$long"'/y","target":"/a"'; do
        bundle b '"seccomp":{"profile":"files"},"filesystem":{"mounts":[{'"$mount"'}]}' <<<'return 1'
        goes 3 "$T/b"
        grep -q 'filesystem/mounts/0/.*with names of at most 255 bytes' "$T/err"
        ends 3 "$runbox" check "$T/b"
    done
    bundle b '"seccomp":{"profile":"files"},"filesystem":{"mounts":[{"source":"main.lua","target":"/'"${long:1}"'"}]}' <<<'return 1'
    goes 0 "$T/b"
}

@test "a directory on the way to the policy that is a link to nowhere is not none" {
    bundle b <<<'return 1'
    mkdir "$T/home"
    HOME=$T/home XDG_CONFIG_HOME='' ends 0 "$runbox" run "$T/b"
    ln -s /nowhere "$T/home/.config"
    HOME=$T/home XDG_CONFIG_HOME='' ends 125 "$runbox" run "$T/b"
    grep -q "$T/home/.config/runbox: opening it: No such file" "$T/err"
    HOME=$T/home/.config/deeper XDG_CONFIG_HOME='' ends 125 "$runbox" run "$T/b"
}

@test "root: a policy that is a link to nowhere is not none: 125 and its path" {
    [ "$(id -u)" -eq 0 ]
    bundle b <<<'return 1'
    export XDG_CONFIG_HOME="$T/config"
    mkdir -p -m 700 "$T/config/runbox"
    ln -s "$T/gone" "$T/config/runbox/policy.json"
    ends 125 "$runbox" run "$T/b"
    grep -qx "runbox: $T/config/runbox/policy.json: opening it: No such file or directory" "$T/err"
    rm -r "$T/config/runbox"
    ln -s "$T/gone" "$T/config/runbox"
    ends 125 "$runbox" run "$T/b"
    grep -qx "runbox: $T/config/runbox: opening it: No such file or directory" "$T/err"
    rm "$T/config/runbox"
    ends 0 "$runbox" run "$T/b"
    mkdir "$T/etc"
    for broken in 'ln -s /nowhere /etc/runbox/policy.json' 'rmdir /etc/runbox && ln -s /nowhere /etc/runbox' 'rmdir /etc/runbox && echo >/etc/runbox'; do
        # shellcheck disable=SC2016
        ends 125 unshare --mount --propagation private bash -ec 'mount -t tmpfs none /etc && mkdir /etc/runbox && eval "$1"; shift; "$@"' - \
            "$broken" "$runbox" run "$T/b"
        grep -q '^runbox: /etc/runbox/policy.json: opening it: ' "$T/err"
    done
}

# as_cheap TIMES STATUS COMMAND... --as COMMAND...: the first takes no more than so many times as long as the second.
as_cheap() {
    local times=$1 status=$2 first=() ms other

    shift 2
    while [ "$1" != --as ]; do
        first+=("$1")
        shift
    done
    shift
    costs "$@" >"$T/out" 2>"$T/err" || true
    read -r other _ <"$T/cost"
    spends "$status" "${first[@]}"
    read -r ms _ <"$T/cost"
    echo "$ms ms beside $other"
    [ "$ms" -lt $((times * other + 300 * slack)) ]
}

@test "describe: deep examples, many required names; check: near names" {
    bundle b <<<'return 1'
    jq -cn '{runbox: 1, name: "b", version: "1.0.0", arg: {examples: (reduce range(110) as $i ([range(400000) | 1]; [.]))}}' >"$T/b/manifest.json"
    as_cheap 3 0 "$runbox" describe --json "$T/b" --as "$runbox" explain "$T/b"
    jq -cn '{runbox: 1, name: "b", version: "1.0.0", arg: {properties: ([range(4000) | {key: "p\(.)", value: {}}] | from_entries),
        required: [range(100000) | "q\(.)"]}}' >"$T/b/manifest.json"
    as_cheap 3 0 "$runbox" describe "$T/b" --as "$runbox" explain "$T/b"
    # Beside a text that spends the same budget on a pattern.
    bundle burns '"options":{"properties":{"a":{"pattern":"^(a|aa|aaa|a+)+$","default":"'"$(printf '%03000d' 0 | tr 0 a)"'b"}}}' <<<'return 1'
    jq -cn '{runbox: 1, name: "b", version: "1.0.0", options: {type: "object", properties: {a: {
        items: {enum: [range(19000) | "e\(. * 7919 % 90000 + 10000)xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\(. + 10000)"]},
        default: [range(30) | "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\(. + 10000)"]}}}}' >"$T/b/manifest.json"
    as_cheap 2 3 "$runbox" check "$T/b" --as "$runbox" check "$T/burns"
    seq 10000 12000 | sed 's/.*/box.call("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz&")/' >"$T/b/main.lua"
    jq -cn '{runbox: 1, name: "b", version: "1.0.0", calls: ["x"]}' >"$T/b/manifest.json"
    cp -r "$T/b" "$T/plain"
    jq -cn '{runbox: 1, name: "b", version: "1.0.0", calls: [range(512) | "n\(. * 7919 % 1000)xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\(. * 31 + 10000)"]}' >"$T/b/manifest.json"
    as_cheap 3 3 "$runbox" check "$T/b" --as "$runbox" check "$T/plain"
}

@test "a report that cannot be written: nothing is run for it" {
    bundle b <<<'print("ran") return 1'
    mkdir "$T/dir"
    for report in nodir/x dir; do
        ends 125 "$runbox" run --report "$T/$report" "$T/b"
        [ ! -s "$T/out" ]
        [ "$(wc -l <"$T/err")" -eq 1 ]
        grep -q "^runbox: $T/$report: writing the report: " "$T/err"
        ends 125 "$runbox" run --json --report "$T/$report" "$T/b" <<<'{}'
        [ "$(jq -r 'keys[]' "$T/out" | tr '\n' ' ')" = 'Report Exit ' ]
    done
    mkfifo "$T/fifo"
    cat "$T/fifo" >"$T/read" 3>&- &
    goes_to_fifo=$!
    ends 0 "$runbox" run --report "$T/fifo" "$T/b"
    wait "$goes_to_fifo"
    jq -e '.status == "ok"' "$T/read"
}

@test "files that are one: standard error and what is written by name; the bundle's manifest and sources" {
    bundle b <<<'return 1'
    bundle c <<<'return 1'
    printf '{"id":1}\n' >"$T/jobs"
    # both <> so that neither is cut
    for option in --output --html --resume; do
        : >"$T/log"
        got=0
        "$runbox" batch -v -f "$T/jobs" $option "$T/log" "$T/b" 2>>"$T/log" >"$T/out" 3>&- || got=$?
        [ "$got" -eq 2 ]
        grep -qx "runbox: $T/log: $option and standard error are the same file; each needs its own" "$T/log"
    done
    got=0
    "$runbox" run --report "$T/log" "$T/b" 2>>"$T/log" 3>&- || got=$?
    [ "$got" -eq 2 ]
    ends 0 "$runbox" batch -f "$T/jobs" "$T/b"
    "$runbox" batch -f "$T/jobs" "$T/b" >"$T/both" 2>&1 3>&-
    for file in manifest.json main.lua; do
        for words in 'run --report' "batch -f $T/jobs --html" "batch -f $T/jobs --output"; do
            ends 2 "$runbox" $words "$T/c/$file" "$T/c"
            grep -q "^runbox: $T/c/$file: --[a-z]* is a file of the bundle itself" "$T/err"
        done
    done
    cmp "$T/b/main.lua" "$T/c/main.lua"
    ends 0 "$runbox" run --report "$T/c/report.json" "$T/c"
    ends 2 "$runbox" serve --socket '' "$T/b"
    grep -qx "runbox: --socket: a socket's path has 1 to 107 bytes, not 0" "$T/err"
}
