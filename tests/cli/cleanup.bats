#!/usr/bin/env bats
# After a run, however it ended, no process and no group of it is left.

load lib

setup() {
    programs
    bundle live <<<'print("ready") io.read()'
}

# leaves_nothing STATUS ARGUMENT...: run in the background, to know its pid afterwards.
leaves_nothing() {
    local want=$1

    shift
    "$runbox" run "$@" </dev/null >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    ended "$want"
    no_groups_of "$pid"
}

@test "a well-ended run, an error, an invalid and a refused one" {
    bundle b <<<'return 1'
    leaves_nothing 0 "$T/b"
    bundle b <<<'error("x")'
    leaves_nothing 1 "$T/b"
    leaves_nothing 3 "$T/nowhere"
    bundle b '"keyring_access":["aws"]' <<<'return 1'
    leaves_nothing 4 "$T/b"
}

@test "each limit" {
    bundle b <<<'while true do end'
    leaves_nothing 124 -l cpu_time=50ms "$T/b"
    leaves_nothing 124 -l wall_time=50ms "$T/b"
    bundle b <<<'local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end'
    leaves_nothing 137 -l memory=16M "$T/b"
    bundle b <<<'while true do print(("x"):rep(1000)) end'
    leaves_nothing 153 -l output=64K "$T/b"
}

@test "a live box has groups: what the absence of others is measured by" {
    live live "$T/live"
    refute no_groups_of "$pid"
}

@test "runbox told to stop: box and groups are gone when it is" {
    for signal in TERM INT; do
        rm -f "$T"/live.*
        live live "$T/live"
        kill "-$signal" "$pid"
        refute wait "$pid"
        dead "$box"
        no_groups_of "$pid"
    done
}

@test "runbox killed: its box dies, the next run sweeps its groups" {
    live live "$T/live"
    kill -KILL "$pid"
    refute wait "$pid" 2>/dev/null
    until_holds dead "$box"
    # Its groups stay until somebody runs something, as a test beside this one may, and be at it still.
    bundle b <<<'return 1'
    ends 0 "$runbox" run "$T/b"
    until_holds no_groups_of "$pid"
}

@test "runbox killed as an ordinary user: its box dies" {
    programs_for_all
    bundle live <<<'print("ready") io.read()'
    as=("${ordinary[@]}")
    live live "$T/live"
    kill -KILL "$pid"
    refute wait "$pid" 2>/dev/null
    until_holds dead "$box"
}

@test "a run sweeps nobody else's groups" {
    live live "$T/live"
    groups_of "$pid" >"$T/before"
    [ -s "$T/before" ]
    bundle b <<<'return 1'
    ends 0 "$runbox" run "$T/b"
    diff "$T/before" <(groups_of "$pid")
    refute dead "$box"
}

@test "a forbidden system call, a box killed from outside" {
    live live "$T/live"
    run "$bin/tests/tools/inject" "$box" connect
    ended 159
    no_groups_of "$pid"
    rm "$T"/live.*
    live live "$T/live"
    kill -KILL "$box"
    ended 137
    no_groups_of "$pid"
}

@test "no file of a run stays in the directory it was started from" {
    bundle b <<<'box.artifact("a", "x") return 1'
    mkdir "$T/cwd" "$T/artifacts"
    (cd "$T/cwd" && ends 0 "$runbox" run --artifacts "$T/artifacts" "$T/b")
    [ -z "$(ls -A "$T/cwd")" ]
    [ "$(ls -A "$T/artifacts")" = a ]
}

@test "SIGKILL of runbox while an artifact is being written: nothing of it stays" {
    bundle b <<<'print("ready") for i = 1, 1e6 do box.artifact("a" .. i, ("x"):rep(3000000)) end'
    mkdir "$T/artifacts"
    live b -l output=1G -l memory=128M --artifacts "$T/artifacts" "$T/b"
    writes() {
        readlink "/proc/$pid"/fd/* | grep -q "^$T/artifacts/#"
    }
    until_holds writes
    kill -KILL "$pid"
    wait "$pid" || true
    [ -z "$(find "$T/artifacts" -mindepth 1 ! -name 'a*')" ]
    [ -z "$(find "$T/artifacts" -mindepth 1 ! -size 3000000c)" ]
}
