#!/usr/bin/env bats
# The making of a box: what its child shares with the monitor (nothing), what it holds, and who pays for it.

load serve
load groups

setup() {
    programs
    export SOCKET="$T/s" PYTHONPATH="$PWD/tests/cli" PYTHONDONTWRITEBYTECODE=1
}

# waits_in_the_making: a run whose caller has not said its first line yet; $box is the child, which waits for its order.
waits_in_the_making() {
    mkfifo "$T/in"
    exec {input}<>"$T/in"
    "${as[@]}" "$runbox" run --json "$T/b" <"$T/in" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval 'kin "$pid" && [ -n "$box" ] && [ -n "$monitor" ]'
    until_holds eval 'waits_in "$box" recvmsg && grep -q "^[0-9]* 0x2 " "/proc/$box/syscall"'
}

# same_kind KIND: whether the two processes have one of it: kcmp(2), 1 memory, 2 descriptor table, 3 root and directory.
same_kind() {
    /usr/bin/python3 - "$("$attack" knows kcmp)" "$pid" "$box" "$1" <<'PY'
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
r = libc.syscall(*map(int, sys.argv[1:]), 0, 0)
sys.exit(f"kcmp: errno {ctypes.get_errno()}" if r < 0 else r != 0)
PY
}

shares_nothing() {
    local kind fd

    for kind in 1 2 3; do
        got=0
        same_kind "$kind" || got=$?
        [ "$got" -eq 1 ]
    done
    box=$pid same_kind 1 # that the question is the right one
    for fd in "/proc/$box/fd/"*; do
        echo "${fd##*/} $(readlink "$fd")"
    done >"$T/fds"
    [ "$(wc -l <"$T/fds")" -eq 3 ]
    grep -q "^0 .*pidfd" "$T/fds" # of the monitor
    grep -qx "1 $bin/runbox-lua" "$T/fds"
    grep -q '^2 socket:' "$T/fds"
}

@test "root: a child that waits for its order shares no memory, no descriptor table, and holds three descriptors" {
    bundle b <<<'return 1'
    waits_in_the_making
    shares_nothing
    echo '{}' >&"$input"
    ended 0
}

@test "an ordinary user: the same" {
    programs_for_all
    as=("${ordinary[@]}")
    bundle b <<<'return 1'
    waits_in_the_making
    shares_nothing
    echo '{}' >&"$input"
    ended 0
}

# many_files NAME: a bundle of 1000 small ones, which a limit of 1M cannot hold: each has a page and an inode.
many_files() {
    bundle "$1" '"seccomp":{"profile":"files"},"limits":{"memory":"1M"}' <<<'return 1'
    mkdir "$T/$1/d"
    (cd "$T/$1/d" && seq 1000 | split -l 1 -a 4 -d)
}

too_little='memory limit: 1M is too little to make the box, whose copy of the bundle alone takes 4[0-9]*K .memory; -l memory=... changes it.'

@test "run: a set-up that does not fit its limit of memory ends as memory, which says so" {
    many_files fat
    goes 137 "$T/fat"
    grep -qx "runbox: $too_little" "$T/err"
    says '.status == "memory"'
    records
    ends 137 "$runbox" run --json "$T/fat" <<<'{}'
    jq -e --arg text "$too_little" 'select(.Exit) | .Exit.Err | test($text)' "$T/out"
    goes 0 -l memory=16M "$T/fat"
}

@test "batch: that job ends as memory, is not tried again, and the others run" {
    many_files fat
    bundle good <<<'return 1'
    {
        echo "{\"bundle\":\"$T/fat\"}"
        echo "{\"bundle\":\"$T/good\"}"
        echo "{\"bundle\":\"$T/fat\"}"
    } >"$T/jobs"
    ends 1 "$runbox" batch -j 2 --retries 2 --keep-order -f "$T/jobs"
    jq -es 'map([.status, .report.exit_code]) == [["memory", 137], ["ok", 0], ["memory", 137]]' "$T/out"
    refute grep -q retries "$T/err"
}

@test "serve: that run ends as memory, and the server serves on" {
    many_files fat
    bundle good <<<'return 1'
    serves "$T/fat" "$T/good"
    calls <<'PY'
for _ in range(3):
    Talk().fails("memory", bundle="fat")
    Talk().ok(bundle="good")
PY
    stops
}

@test "an ordinary user with groups of its own: the same verdict" {
    programs_for_all
    as=("${ordinary[@]}")
    delegate memory pids
    many_files fat
    chmod -R a+rX "$T/fat"
    ends 137 inside "$runbox" run --report "$T/report" "$T/fat"
    says '.status == "memory"'
}

@test "the copy of the bundle is charged to the run: 12 MB in a limit of 2M, and in the peak of one that holds it" {
    bundle b '"seccomp":{"profile":"files"}' <<<'return 1'
    for i in 1 2 3; do
        head -c 4000000 /dev/zero >"$T/b/$i"
    done
    goes 137 -l memory=2M "$T/b"
    says '.status == "memory"'
    goes 0 -l memory=64M "$T/b"
    says '.memory_peak > 12000000'
}

@test "sources that do not fit the limit: memory, cold and warm" {
    bundle b '"limits":{"memory":"1M"}' <<<"return 1 --$(head -c 2000000 /dev/zero | tr '\0' x)"
    goes 137 "$T/b"
    grep -q 'memory limit: 1M is too little to make the box (memory; -l memory=... changes it)' "$T/err"
    echo '{}' >"$T/jobs"
    ends 1 "$runbox" batch -f "$T/jobs" "$T/b"
    jq -e '.status == "memory" and (.error | test("1M is too little"))' "$T/out"
}

# Each piece that is sent is followed by a while in which the box may end.
slowly=(strace -f -qq -o /dev/null -e trace=sendto -e inject=sendto:delay_exit=50000)

@test "what a box is sent before it begins, and has no room for, is its memory limit, not a failed start" {
    bundle b <<<'return 1'
    head -c 1000000 /dev/zero | tr '\0' x | jq -R . >"$T/arg"
    for before in "" "${slowly[*]}"; do
        ends 137 $before "$runbox" run -l memory=1M --arg-file "$T/arg" "$T/b"
        grep -q 'b: memory limit: 1M ' "$T/err"
    done
    jq -c '{arg: ., limits: {memory: "1M"}}' "$T/arg" >"$T/jobs"
    for how in "" --fresh; do
        ends 1 "${slowly[@]}" "$runbox" batch -q $how -f "$T/jobs" "$T/b"
        jq -e '.status == "memory"' "$T/out"
    done
}

@test "keys that a box has no room for are its memory limit: they are sent to their end" {
    export XDG_CONFIG_HOME="$T/config"
    bundle b '"keyring_access":["aws"]' <<<'return #box.keyring("aws")'
    for i in $(seq 42); do
        head -c 24000 /dev/zero | tr '\0' x | "$runbox" keyring add "aws:K$i"
    done
    ends 0 "$runbox" run -g keyring:aws "$T/b"
    ends 137 "$runbox" run -l memory=1M -g keyring:aws "$T/b"
    grep -q 'b: memory limit: 1M ' "$T/err"
    echo '{"limits":{"memory":"1M"}}' >"$T/jobs"
    for how in "" --fresh; do
        ends 1 "$runbox" batch -q $how -g keyring:aws -f "$T/jobs" "$T/b"
        jq -e '.status == "memory"' "$T/out"
    done
}
