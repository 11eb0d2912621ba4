#!/usr/bin/env bats
# Whose fault it is: what was lowered by a command, a job or a policy is no mistake of the manifest's, nor what its caller
# gives too much of; and no cure is named that does not help.

load lib

setup() {
    programs
    export XDG_CONFIG_HOME="$T/config"
}

# his JSON: the user's policy file.
his() {
    mkdir -p -m 700 "$T/config/runbox"
    echo "$1" >"$T/config/runbox/policy.json"
}

@test "rlimits of a manifest above what an option, a job or a ceiling leaves: the lower one holds" {
    local word limit

    while read -r word limit; do
        bundle b "\"rlimits\":{$word}" <<<'return 1'
        ends 0 "$runbox" check "$T/b"
        ends 0 "$runbox" run "$T/b"
        ends 0 "$runbox" run -l "$limit" "$T/b"
        jq -cn --arg l "$limit" '{limits: ($l | split("=") | {(.[0]): (.[1] | tonumber? // .)})}' |
            ends 0 "$runbox" batch "$T/b"
    done <<'END'
"nofile":10 open_files=8
"data":40000000 memory=32M
"rss":40000000 memory=32M
"as":70000000 memory=32M
"cpu":20 cpu_time=1s
"cpu":{"soft":15,"hard":20} cpu_time=1s
END
    "$runbox" explain --json -l cpu_time=1s "$T/b" | jq -e '.rlimits.cpu == {"soft": 8, "hard": 8}'
    his '{"ceilings":{"cpu_time":"1s"}}'
    ends 0 "$runbox" run "$T/b"
    ends 0 "$runbox" check "$T/b"
    rm "$T/config/runbox/policy.json"
    # Against what the manifest itself says it stays one.
    bundle b '"limits":{"cpu_time":"1s"},"rlimits":{"cpu":20}' <<<'return 1'
    ends 3 "$runbox" run "$T/b"
    grep -q '/rlimits/cpu: 20 is looser than' "$T/err"
}

@test "an argument that a box has no room for, with options and keys: invalid, wherever it comes from" {
    bundle b '"options":{"type":"object"}' <<<'return #box.arg'
    bundle big "\"options\":{\"type\":\"object\",\"properties\":{\"o\":{\"type\":\"string\",\"default\":\"$(printf '%0104840d' 0)\"}}}" <<<'return 1'
    python3 -c 'print("\"" + "x" * 1048540 + "\"", end="")' >"$T/arg"
    ends 3 "$runbox" run --arg-file "$T/arg" "$T/b"
    grep -qE '^runbox: start line: argument, options and keys take 10486[0-9]+ bytes; a box accepts at most 1048576$' "$T/err"
    python3 -c 'print("{\"arg\":\"" + "x" * 1048520 + "\"}")' >"$T/jobs"
    ends 1 "$runbox" batch -f "$T/jobs" "$T/b"
    jq -e '.status == "invalid" and (.error | startswith("start line: argument, options and keys take "))' "$T/out"
    python3 -c 'print("\"" + "x" * 1048000 + "\"", end="")' >"$T/arg"
    ends 0 "$runbox" run --arg-file "$T/arg" "$T/b"
    [ "$(cat "$T/out")" = 1048000 ]
    python3 -c 'print("\"" + "x" * 1000000 + "\"", end="")' >"$T/arg"
    ends 3 "$runbox" run --arg-file "$T/arg" "$T/big"
    grep -q 'bytes; a box accepts at most 1048576$' "$T/err"
}

@test "a policy's ceiling below what a box starts with is the policy's mistake, with its member" {
    bundle b <<<'return 1'
    for ceiling in '"memory":"512K"' '"open_files":2'; do
        his "{\"ceilings\":{$ceiling}}"
        ends 125 "$runbox" run "$T/b"
        grep -qE "^runbox: .*policy.json: /ceilings/(memory|open_files): (512K|2) is too (small|low): " "$T/err"
        echo '{}' | ends 125 "$runbox" batch "$T/b"
        grep -q 'policy.json: /ceilings/' "$T/err"
    done
}

@test "a limit above the ceiling that nobody grants is refused with the option, whatever it leaves no room for" {
    bundle b '"seccomp":{"profile":"files"},"filesystem":{"scratch":"1G"},"limits":{"memory":"2G"}' <<<'return 1'
    ends 4 "$runbox" run "$T/b"
    grep -q -- '--grant limit:memory=2G' "$T/err"
    refute grep -q policy.json "$T/err"
}

@test "too few open files by an option: not the manifest's fault, which asks for enough" {
    bundle b '"rlimits":{"nofile":100}' <<<'return 1'
    ends 3 "$runbox" run -l open_files=2 "$T/b"
    grep -q 'limits: open_files=2 is too low' "$T/err"
    his '{"ceilings":{"open_files":2}}'
    ends 125 "$runbox" run "$T/b"
    grep -q 'policy.json: /ceilings/open_files: 2 is too low' "$T/err"
}

@test "sandbox: no option is advised that it lacks" {
    records
    echo '{"module":{"script":{"code":""}}}' >"$T/in"
    ends 4 "$runbox" sandbox -l memory=2G x <"$T/in"
    refute grep -q -- 'to grant it: --grant' "$T/out"
}

@test "io_write beside mounts that nothing can be written to needs no group" {
    bundle b '"limits":{"io_write":"1M"},"seccomp":{"profile":"files"},"filesystem":{"mounts":[{"source":"/etc","target":"/x","mode":"ro"}]}' <<<'return 1'
    ends 0 "$runbox" run -g mount:/etc "$T/b"
    bundle b '"limits":{"io_write":"1M"},"seccomp":{"profile":"files"},"filesystem":{"mounts":[{"source":"/etc","target":"/x","mode":"rw"}]}' <<<'return 1'
    ends 125 "$runbox" run -g mount:/etc:rw "$T/b" # but where a v2 group holds it, as in no test's machine
    grep -q 'io_write' "$T/err"
}

@test "batch: messages are no jobs" {
    bundle b <<<'return 1'
    printf '{"id":1}\nbad\n' >"$T/jobs"
    cp "$T/jobs" "$T/before"
    for how in "-v -f $T/jobs" "-f $T/jobs"; do
        # shellcheck disable=SC2086
        ends 2 bash -c 'exec "$@" 2>>"$0"' "$T/jobs" timeout -k 1 20 "$runbox" batch $how "$T/b"
        cmp <(head -2 "$T/jobs") "$T/before"
        [ "$(wc -l <"$T/jobs")" -eq 3 ]
        grep -q 'standard error are the same file' "$T/jobs"
        cp "$T/before" "$T/jobs"
    done
    ends 2 bash -c 'exec "$@" <"$0" 2>>"$0"' "$T/jobs" timeout -k 1 20 "$runbox" batch -v "$T/b"
}

@test "batch: the summary says what ended it" {
    bundle b <<<'while true do end'
    echo '{}' >"$T/jobs"
    ends 124 "$runbox" batch --timeout 0.5s -f "$T/jobs" "$T/b"
    grep -qE 'ended without a result; the time of the batch is over \(--timeout\)$' "$T/err"
    "$runbox" batch -f "$T/jobs" "$T/b" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval '[ -n "$(cat /proc/$pid/task/$pid/children)" ]'
    heeds "$pid"
    kill -TERM "$pid"
    ended 143
    grep -qE '; stopped by signal 15 \(Terminated\)$' "$T/err"
}

@test "a file that may not grow: each verb says so, is not killed, and leaves nothing" {
    bundle b <<<'return 1'
    cd "$T"
    limited() { # COMMAND...: its standard output is a file, where its messages go none
        bash -c 'ulimit -f 0; "$@" >"$0"; echo "exit $?" >&2' "$T/file" "$@" 2>&1 | cat >"$T/said"
        grep -qx "exit 125" "$T/said"
        grep -q "File too large" "$T/said"
    }
    limited "$runbox" new nb
    echo s | limited "$runbox" keyring add --store file a:b
    limited "$runbox" schema manifest
    limited "$runbox" explain "$T/b"
    limited "$runbox" describe "$T/b"
    limited "$runbox" check /
    limited "$runbox" --help
    [ -z "$(find "$T" -name '.runbox*' -o -name '*.new' -o -name nb)" ]
}

@test "keyring, policy: a link is not replaced by a file" {
    bundle b '"keyring_access":["aws"]' <<<'return 1'
    mkdir -p -m 700 "$T/config/runbox"
    echo '{}' >"$T/mine.json"
    chmod 600 "$T/mine.json"
    ln -s "$T/mine.json" "$T/config/runbox/policy.json"
    ends 125 "$runbox" keyring grant aws "$T/b"
    grep -q 'policy.json: is a symbolic link: writing would replace the link' "$T/err"
    [ -L "$T/config/runbox/policy.json" ]
    [ "$(cat "$T/mine.json")" = '{}' ]
}

@test "a namespace with a colon is none, in manifest, grant and keyring alike" {
    bundle b '"keyring_access":["a:b"]' <<<'return 1'
    ends 3 "$runbox" check "$T/b"
    ends 3 "$runbox" run "$T/b"
    bundle b '"keyring_access":["a"]' <<<'return 1'
    ends 2 "$runbox" run -g keyring:a:b "$T/b"
}
