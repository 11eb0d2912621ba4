#!/usr/bin/env bats
# The monitor's own privileges, once its box runs: from outside, and by calls that a monitor would make that
# had been taken over (tests/tools/inject). Not under ASan, whose runtime needs calls that no table lists.

load lib

setup() {
    programs_for_all
    inject=$(realpath "${B:-build}")/tests/tools/inject
    as=()
    bundle live <<<'print("ready") io.read()'
}

field() {
    sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"
}

# lessened CAPABILITIES: what the kernel says of the live monitor.
lessened() {
    local set

    for set in CapPrm CapEff; do
        [ "$(field $set)" = "$1" ]
    done
    [ "$(field CapInh)" = 0000000000000000 ]
    [ "$(field CapAmb)" = 0000000000000000 ]
    [ "$(field NoNewPrivs)" = 1 ]
    [ "$(field Seccomp)" = 2 ]
}

# A group's parent in which root writes by CAP_DAC_OVERRIDE alone: v1's topmost groups are r-xr-xr-x.
sealed_parent() {
    groups_of "$pid" | while read -r group; do
        stat -c %A "$(dirname "$group")"
    done | grep -q '^d.-'
}

none=0000000000000000
override=0000000000000002

@test "root: no capability but the one its groups need, no new privileges, a filter" {
    live live "$T/live"
    lessened "$(if sealed_parent; then echo $override; else echo $none; fi)"
    echo x >&"$input"
    ended 0
}

@test "root: --artifacts and --report keep the right to write in another user's directory, no other" {
    bundle live <<<'print("ready") io.read() box.artifact("a.txt", "bytes")'
    install -d -o 12345 -m 755 "$T/theirs"
    live live --artifacts "$T/theirs" --report "$T/theirs/report" "$T/live"
    lessened $override
    echo x >&"$input"
    ended 0
    [ "$(cat "$T/theirs/a.txt")" = bytes ]
    jq -e '.status == "ok"' "$T/theirs/report"
}

@test "an ordinary user: nothing, with artifacts and a report too" {
    as=("${ordinary[@]}")
    bundle live <<<'print("ready") io.read() box.artifact("a.txt", "bytes")'
    install -d -o 12345 -m 755 "$T/mine"
    live live --artifacts "$T/mine" --report "$T/mine/report" "$T/live"
    lessened $none
    echo x >&"$input"
    ended 0
    [ "$(cat "$T/mine/a.txt")" = bytes ]
    jq -e '.status == "ok"' "$T/mine/report"
}

@test "runbox sandbox: the same" {
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
    [ "$(field Seccomp)" = 2 ]
    [ "$(field NoNewPrivs)" = 1 ]
    [ "$(field CapInh)" = $none ]
    echo '{"Ok":null}' >&"$input"
    ended 0
}

# dies_of CALL [ARGUMENT]...: the monitor that issues it is killed, its box dies too, and the next run sweeps.
dies_of() {
    local status=0

    rm -f "$T"/live.*
    live live "${options[@]}" "$T/live"
    timeout 120 "$inject" "$pid" "$@" >"$T/injected" 2>&1 || status=$?
    [ "$status" -ne 1 ] && until_holds dead "$pid" || {
        echo "inject $*: status $status: $(cat "$T/injected")"
        return 1
    }
    ended 159
    until_holds dead "$box"
    tried=$((tried + 1))
}

@test "a taken-over monitor that wants further is killed, and its box with it" {
    options=() tried=0
    dies_of execve @/bin/sh 0 0
    dies_of fork
    dies_of socket 2 1 0
    dies_of ptrace 16 1
    dies_of 165 @none @/mnt @tmpfs 0 0      # mount
    dies_of 310 1 0 0 0 0 0                 # process_vm_readv
    dies_of 105 0                           # setuid
    dies_of 157 22 0                        # prctl
    dies_of 272 0x10000000                  # unshare
    dies_of 321 0 0 0                       # bpf
    dies_of 82 "@$T/a" "@$T/b"              # rename
    dies_of 263 -100 "@$T/live/main.lua" 0  # unlinkat of a file
    dies_of openat -100 "@$T/new" 0x41 0644 # O_WRONLY | O_CREAT
    dies_of openat -100 @/etc/passwd 2      # O_RDWR
    dies_of openat -100 @/tmp 0x490001 0600 # O_TMPFILE | O_WRONLY | O_CLOEXEC, without --artifacts
    dies_of mmap 0 4096 7 0x22 -1 0         # code
    sleep 60 3>&- &
    other=$!
    dies_of kill "$other" 15
    dies_of kill "-$other" 9
    kill -0 "$other"
    kill "$other"
    [ -f "$T/live/main.lua" ]
    [ ! -e "$T/new" ]
    "$runbox" run "$T/live" <<<x
    no_groups_of "$pid"
    echo "# $tried calls tried in a live monitor, $tried killed" >&3
}

@test "what it may do without is refused, a skipped call is none, and the run goes on" {
    live live "$T/live"
    [ "$("$inject" "$pid" openat -100 @/etc/passwd 0x80001)" = -13 ] # O_WRONLY | O_CLOEXEC
    [ "$("$inject" "$pid" 0xffffffff)" = -38 ]
    [ "$("$inject" "$pid" openat -100 @/proc/self/status 0)" -gt 2 ]
    echo x >&"$input"
    ended 0
}

@test "stopped and continued, in the middle of a wait" {
    live live "$T/live"
    kill -STOP "$pid"
    until_holds grep -q '^State:.T' "/proc/$pid/status"
    kill -CONT "$pid"
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
