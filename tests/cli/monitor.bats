#!/usr/bin/env bats
# The monitor's own privileges: from outside, and by calls that a monitor would make that had been taken over
# (tests/tools/inject). Not under ASan, whose runtime needs calls that no table lists.

load lib

setup() {
    programs_for_all
    inject=$(realpath "${B:-build}")/tests/tools/inject
    as=()
    bundle live <<<'print("ready") io.read()'
}

# field NAME: what the kernel says of $monitor.
field() {
    sed -n "s/^$1:[[:space:]]*//p" "/proc/$monitor/status"
}

none=0000000000000000

# bare: the live monitor has no right.
bare() {
    local set

    for set in CapPrm CapEff CapInh CapAmb; do
        [ "$(field $set)" = $none ]
    done
    [ "$(field NoNewPrivs)" = 1 ]
    [ "$(field Seccomp)" = 2 ]
    [ "$(score "$pid")" -lt "$(score "$monitor")" ]
    # A box in the making still waits for its order.
    [ -z "$box" ] || [ "$(cat "/proc/$box/comm")" != runbox-lua ] || [ "$(score "$monitor")" -lt "$(score "$box")" ]
}

score() {
    cat "/proc/$1/oom_score_adj"
}

# descriptors N: it has so many of descriptors beyond 0, 1, 2: the orders, the signals, and what else was given.
descriptors() {
    [ "$(ls "/proc/$monitor/fd" | grep -cvxE '[012]')" -eq "$1" ]
}

# confined_first: in the trace, the process that writes of the manifest had loaded its filter before.
confined_first() {
    # PID CALL(ARGUMENTS...
    awk 'NR == 1 { broker = $1 }
        /seccomp.*SECCOMP_SET_MODE_FILTER.* = 0$|seccomp resumed.* = 0$/ { loaded[$1] = 1 }
        /manifest.json/ { told = 1; if (!loaded[$1] || $1 == broker) bad = 1 }
        END { exit bad || !told }' "$T/trace"
}

@test "root: no capability, no new privileges, a filter, and no descriptor but its own" {
    live live "$T/live"
    bare
    descriptors 3 # and the box's wire
    echo x >&"$input"
    ended 0
}

@test "root: so it is before it has read its caller's first line, and before the bundle's manifest" {
    bundle live <<<'print("ready") io.read()'
    mkfifo "$T/in"
    exec {input}<>"$T/in"
    "$runbox" run --json "$T/live" <"$T/in" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval 'kin "$pid" && [ -n "$monitor" ] && [ "$(field Seccomp)" = 2 ]'
    bare
    descriptors 2
    echo '{}' >&"$input"
    until_holds grep -q ready "$T/out"
    echo '{"Ok":"x\n"}' >&"$input"
    ended 0
    # Nothing of it is in a manifest that cannot be read: the monitor is who says so.
    echo '{' >"$T/live/manifest.json"
    ends 3 strace -f -s 300 -e trace=seccomp,write -o "$T/trace" "$runbox" run "$T/live"
    confined_first
}

@test "root: --artifacts and --report in another user's directory are written, and the monitor has no right to" {
    bundle live <<<'print("ready") io.read() box.artifact("a.txt", "bytes")'
    install -d -o 12345 -m 755 "$T/theirs"
    live live --artifacts "$T/theirs" --report "$T/theirs/report" "$T/live"
    bare
    descriptors 3
    echo x >&"$input"
    ended 0
    [ "$(cat "$T/theirs/a.txt")" = bytes ]
    jq -e '.status == "ok"' "$T/theirs/report"
}

@test "an ordinary user: the same, with artifacts and a report too" {
    as=("${ordinary[@]}")
    bundle live <<<'print("ready") io.read() box.artifact("a.txt", "bytes")'
    install -d -o 12345 -m 755 "$T/mine"
    live live --artifacts "$T/mine" --report "$T/mine/report" "$T/live"
    bare
    echo x >&"$input"
    ended 0
    [ "$(cat "$T/mine/a.txt")" = bytes ]
    jq -e '.status == "ok"' "$T/mine/report"
}

# writing VERB...: one that waits to write to a full pipe, $full.
writing() {
    rm -f "$T/full"
    mkfifo "$T/full"
    exec {full}<>"$T/full"
    head -c 65536 /dev/zero >&"$full"
    "${as[@]}" "$runbox" "$@" >"$T/full" 2>"$T/live.err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds eval 'kin "$pid" && [ -n "$monitor" ] && [ "$(field Seccomp)" = 2 ] && waits_in "$monitor" write'
}

@test "check, describe, explain, validate: who reads the bundle has no right, and had none before" {
    echo 'x = y' >>"$T/live/main.lua" # something to say of it
    cp "$T/live/manifest.json" "$T/document"
    for words in "check $T/live" "describe $T/live" "explain $T/live" "check --json $T/document" "validate --json manifest $T/document"; do
        writing $words
        bare
        descriptors "$([[ $words != "check --json"* ]] && echo 2 || echo 3)" # the manifest alone
        head -c 65536 <&"$full" >"$T/zeros"
        ended 0
        exec {full}>&-
    done
    echo '{' >"$T/live/manifest.json"
    for words in check describe explain "validate manifest $T/live/manifest.json"; do
        ends 3 strace -f -s 300 -e trace=seccomp,write -o "$T/trace" "$runbox" $words "$T/live"
        confined_first
    done
}

@test "runbox sandbox: no new privileges, a filter" {
    records
    mkfifo "$T/in"
    exec {input}<>"$T/in"
    "$runbox" sandbox m <"$T/in" >"$T/live.out" 3>&- &
    pid=$!
    lives+=("$pid")
    jq -cn '{arg: null, dns_config: {ns: [], tcp: false, timeout: {nanos: 0, secs: 3}}, keyring: [],
        module: {author: "a", description: "d", keyring_access: [], name: "m", script: {code:
            "function run() info(\"ready\") stdin_readline() end"}, source: null, version: "0.1.0"},
        options: {}, proxy: null, verbose: 2}' >&"$input"
    until_holds grep -q ready "$T/live.out"
    kin "$pid"
    [ "$(field Seccomp)" = 2 ]
    [ "$(field NoNewPrivs)" = 1 ]
    for set in CapInh CapPrm CapEff CapAmb; do
        [ "$(field $set)" = $none ]
    done
    echo '{"Ok":null}' >&"$input"
    ended 0
}

# dies_of CALL [ARGUMENT]...: the monitor that issues it is killed, its box with it; the broker says so, and removes the groups.
dies_of() {
    local status=0

    rm -f "$T"/live.*
    live live "${options[@]}" "$T/live"
    timeout 120 "$inject" "$monitor" "$@" >"$T/injected" 2>&1 || status=$?
    [ "$status" -ne 1 ] && until_holds dead "$monitor" || {
        echo "inject $*: status $status: $(cat "$T/injected")"
        return 1
    }
    ended 125
    until_holds dead "$box"
    no_groups_of "$pid"
    grep -qF 'runbox: monitor: was killed by signal 31 (Bad system call)' "$T/live.err"
    tried=$((tried + 1))
}

@test "a taken-over monitor that wants further is killed, and its box with it" {
    options=() tried=0
    dies_of execve @/bin/sh 0 0
    dies_of clone 17 0 0 0 0
    dies_of socket 2 1 0
    dies_of ptrace 16 1
    dies_of mount @none @/mnt @tmpfs 0 0
    dies_of process_vm_readv 1 0 0 0 0 0
    dies_of setuid 0
    dies_of prctl 22 0
    dies_of unshare 0x10000000
    dies_of bpf 0 0 0
    dies_of renameat -100 "@$T/a" -100 "@$T/b"
    dies_of unlinkat -100 "@$T/live/main.lua" 0 # a file
    dies_of unlinkat -100 "@$T" 0x200 # a directory
    dies_of openat -100 "@$T/new" 0x41 0644 # O_WRONLY | O_CREAT
    dies_of openat -100 @/etc/passwd 2      # O_RDWR
    dies_of openat -100 @/etc/passwd 0      # O_RDONLY
    dies_of openat -100 @/tmp 0x490001 0600 # O_TMPFILE | O_WRONLY | O_CLOEXEC
    dies_of mmap 0 4096 7 0x22 -1 0         # code
    dies_of pidfd_send_signal 0 9 0 0
    dies_of sendmsg 0 0 0 # descriptors go nowhere
    sleep 60 3>&- &
    other=$!
    dies_of kill "$other" 15
    dies_of kill "-$other" 9
    kill -0 "$other"
    kill "$other"
    [ -f "$T/live/main.lua" ]
    [ ! -e "$T/new" ]
    "$runbox" run "$T/live" <<<x
    echo "# $tried calls tried in a live monitor, $tried killed" >&3
}

@test "every system call that a monitor's table does not have kills it, and another run goes on unharmed" {
    live live -l wall_time=15m "$T/live"
    good=$pid told=$input
    bundle b <<<'print("ready") io.read()'
    chmod -R a+rX "$T/b"
    PYTHONPATH=$PWD/tests/cli PYTHONDONTWRITEBYTECODE=1 timeout 600 /usr/bin/python3 - "$runbox" "$inject" "$T/b" <<'PY' >"$T/count"
import os, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
from own_calls import others

runbox, inject, bundle = sys.argv[1:]

def monitor_of(pid):
    """Its child in the same user namespace; the other is the box."""
    mine = os.readlink(f"/proc/{pid}/ns/user")
    (child,) = [c for c in open(f"/proc/{pid}/task/{pid}/children").read().split() if os.readlink(f"/proc/{c}/ns/user") == mine]
    return child

def dies_of(nr):
    run = subprocess.Popen([runbox, "run", bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stdout.readline() == b"ready\n"
    done = subprocess.run([inject, monitor_of(run.pid), str(nr), "0", "0", "0", "0", "0", "0"], capture_output=True, timeout=60)
    out, err = run.communicate(timeout=60)
    # The tool may let go of it before it is gone.
    if done.returncode not in (0, 3) or run.returncode != 125 or b"killed by signal 31" not in err:
        return nr, done, run.returncode, err
    return None

# And some by the number of another ABI.
numbers = others + [nr | 0x40000000 for nr in range(0, 400, 40)] + [-2, 2**31 - 1]
with ThreadPoolExecutor(4) as pool:
    wrong = [what for what in pool.map(dies_of, numbers) if what]
assert not wrong, wrong
print(f"# {len(numbers)} calls of a live monitor's, none of its table's: {len(numbers)} killed")
PY
    cat "$T/count" >&3
    pid=$good
    echo x >&"$told"
    ended 0
}

# refused_to PID: the calls that neither it nor what it starts ever makes.
refused_to() {
    local call

    for call in "ptrace 16 1" "bpf 0 0 0" "init_module 0 0 @" "finit_module 0 @ 0" "kexec_load 0 0 0 0" \
        "io_uring_setup 1 0" "perf_event_open 0 0 -1 -1 0" "userfaultfd 0" "open_by_handle_at 0 0 0" "reboot 0 0 0 0" \
        "settimeofday 0 0" "setuid 0" "chroot @/" "process_vm_writev 1 0 0 0 0 0" "process_madvise 0 0 0 0 0" \
        "personality 0" "mknodat -100 @/none 0x2000 0"; do
        # shellcheck disable=SC2086
        [ "$(timeout 60 "$inject" "$1" $call)" = -38 ] || { # ENOSYS
            echo "not refused: $call"
            return 1
        }
    done
}

# filters PID: how many it has, beyond those of this test.
filters() {
    echo $(($(sed -n 's/^Seccomp_filters:[[:space:]]*//p' "/proc/$1/status") - $(sed -n 's/^Seccomp_filters:[[:space:]]*//p' /proc/$$/status)))
}

@test "the broker has a filter, for its box too: what no grant allows is refused to it, but for what it does itself" {
    live live "$T/live"
    [ "$(filters "$pid") $(filters "$monitor") $(filters "$box")" = "1 1 2" ]
    refused_to "$pid"
    echo x >&"$input"
    ended 0
    as=("${ordinary[@]}")
    rm -f "$T"/live.*
    live live "$T/live"
    [ "$(filters "$pid") $(filters "$monitor") $(filters "$box")" = "1 1 2" ]
    refused_to "$pid"
    echo x >&"$input"
    ended 0
}

@test "what a box is granted its broker's filter does not refuse; what it may not call its own filter names" {
    bundle live '"seccomp":{"allow":["getpid"]}' <<<'print("ready") io.read()'
    live live -g syscall:getpid "$T/live"
    [ "$("$inject" "$box" getpid)" -gt 0 ]
    timeout 60 "$inject" "$box" bpf 0 0 0 || [ $? -eq 3 ] # it died
    ended 159
    grep -q 'bpf' "$T/live.err"
}

@test "a skipped call is none, and the run goes on" {
    live live "$T/live"
    [ "$("$inject" "$monitor" 0xffffffff)" = -38 ]
    echo x >&"$input"
    ended 0
}

@test "the broker killed: monitor and box die with it" {
    live live "$T/live"
    kill -KILL "$pid"
    refute wait "$pid" 2>/dev/null
    until_holds dead "$monitor"
    until_holds dead "$box"
}

@test "stopped and continued, in the middle of a wait" {
    live live "$T/live"
    for process in "$pid" "$monitor"; do
        kill -STOP "$process"
        until_holds grep -q '^State:.T' "/proc/$process/status"
        kill -CONT "$process"
    done
    echo x >&"$input"
    ended 0
}

@test "a set-user-ID runbox refuses to run, and so does one with file capabilities" {
    chmod 4755 "$bin/runbox"
    ends 125 "${ordinary[@]}" "$runbox" run "$T/live"
    grep -q 'set-user-ID' "$T/err"
    [ ! -s "$T/out" ]
    ends 125 "${ordinary[@]}" "$runbox" --version
    chmod 2755 "$bin/runbox"
    ends 125 "${ordinary[@]}" "$runbox" --version
    chmod 755 "$bin/runbox"
    setcap cap_dac_override+ep "$bin/runbox"
    ends 125 "${ordinary[@]}" "$runbox" --version
    setcap -r "$bin/runbox"
    ends 0 "${ordinary[@]}" "$runbox" --version
}

@test "keyring grant: the manifest is read by a process without rights, which can name the bundle once and do no more" {
    local broker child digest

    export XDG_CONFIG_HOME="$T/config"
    bundle b '"keyring_access":["aws"]' <<<'return 1'
    digest=$("$runbox" explain --json "$T/b" | jq -r .digest)
    strace -f -o "$T/trace" -e trace=openat,openat2,execve,capset,seccomp,sendto,socket,connect "$runbox" keyring grant aws "$T/b"
    [ "$(jq -r '.bundles[0].digest' "$T/config/runbox/policy.json")" = "$digest" ]
    grep -q 'seccomp(SECCOMP_SET_MODE_FILTER' "$T/trace"
    # Behind its filter the child opens nothing; what it asks is one order.
    broker=$(sed -n '1s/ .*//p' "$T/trace")
    child=$(sed -n 's/^\([0-9]*\) .*seccomp(SECCOMP_SET_MODE_FILTER.*/\1/p' "$T/trace" | grep -vx "$broker")
    sed -n "/^$child .*seccomp(SECCOMP_SET_MODE_FILTER/,\$ s/^$child *//p" "$T/trace" >"$T/behind"
    refute grep -E '^(openat|openat2|connect|socket)' "$T/behind"
    [ "$(grep -c '^sendto' "$T/behind")" -eq 1 ]
}
