#!/usr/bin/env bats
# Verbs whose parsing is a process of its own (runtime/cmd/apart.c): what a caller must not notice of that.

load lib

setup() {
    programs
    export XDG_CONFIG_HOME="$T/config"
    bundle b <<<'return 1'
    echo '{"type":"object"}' >"$T/schema.json"
}

@test "a parent that ignores SIGCHLD" {
    for words in "run $T/b" "describe $T/b" "explain $T/b" "check $T/b" "validate manifest $T/b/manifest.json"; do
        ends 0 bash -c 'trap "" CHLD; exec "$@"' - "$runbox" $words
        [ ! -s "$T/err" ]
    done
}

@test "more bundles to check than there may be descriptors" {
    bundles=()
    for ((i = 0; i < 40; i++)); do
        bundles+=("$T/b")
    done
    ends 0 bash -c 'ulimit -n 32; exec "$@"' - "$runbox" check "${bundles[@]}"
}

@test "standard input is left for whoever comes after, but where it is named" {
    printf '%s\n' 1 2 3 | while read -r line; do
        "$runbox" check "$T/b"
        "$runbox" describe "$T/b" >"$T/described"
        echo "$line"
    done >"$T/out"
    [ "$(cat "$T/out")" = $'1\n2\n3' ]
    ends 0 "$runbox" validate "$T/schema.json" - <<<'{}'
    ends 3 "$runbox" validate "$T/schema.json" - <<<'[]'
}

@test "validate waits for the writer of a FIFO, and a signal ends that" {
    mkfifo "$T/fifo"
    "$runbox" validate --json "$T/schema.json" "$T/fifo" >"$T/out" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval 'kin "$pid" && [ -n "$monitor" ] && waits_in "$monitor" poll ppoll'
    echo '{}' >"$T/fifo"
    ended 0
    jq -e .valid "$T/out"
    "$runbox" validate "$T/schema.json" "$T/fifo" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval 'kin "$pid" && [ -n "$monitor" ] && waits_in "$monitor" poll ppoll'
    kill -TERM "$pid"
    ended 143
    until_holds dead "$monitor"
}

@test "a reader that has gone: death by SIGPIPE, as of any program, and no word of a monitor" {
    for words in "describe $T/b" "explain $T/b"; do
        ends 141 bash -c '"$@" | true; exit "${PIPESTATUS[0]}"' - bash -c 'sleep 0.2; exec "$@"' - "$runbox" $words
        [ ! -s "$T/err" ]
    done
}

@test "a bundle that is larger than a file may become: said, with the limit's name" {
    {
        echo 'return 1'
        yes -- '-- a comment' | head -c 20000
    } >"$T/b/main.lua"
    for words in "run $T/b" "describe $T/b" "check $T/b"; do
        ends 125 bash -c 'ulimit -f 8; "$@" 2>&1 | cat >&2; exit "${PIPESTATUS[0]}"' - "$runbox" $words
        grep -q 'ulimit -f' "$T/err"
    done
}

@test "a policy of many grants reaches the monitor, whoever is slow" {
    mkdir -p -m 700 "$T/config/runbox"
    echo '{"runbox":1,"name":"b","version":"1.0.0","keyring_access":["n0","n399"]}' >"$T/b/manifest.json"
    jq -cn --arg b "$T/b" '{bundles: [{name: "b", path: $b, grants: [range(400) | "keyring:n\(.)"]}]}' >"$T/config/runbox/policy.json"
    for ((i = 0; i < 5; i++)); do
        ends 0 taskset -c 0 "$runbox" run "$T/b"
        ends 0 taskset -c 0 "$runbox" explain "$T/b"
    done
}

@test "told to stop while the bundle is read: by which signal, whoever is told first" {
    ends 0 "$runbox" run "$T/b" # warm
    for ((i = 0; i < 10; i++)); do
        ends 143 strace -f -o /dev/null -e inject=openat2:signal=TERM:when=1 "$runbox" run "$T/b"
    done
}
