# What a hostile review found: each test fails on the code before its fix.
bats_require_minimum_version 1.5.0
load lib

setup() {
    programs
}

# A run that hangs is killed: SIGTERM would be one more thing that it may not heed.
bounded() {
    timeout -s KILL 120 "$@"
}

@test "a caller that ignores SIGCHLD: the box is still reaped, by us" {
    bundle b <<<'return 1'
    ends 0 bounded perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' "$runbox" run "$T/b"
}

@test "a signal that the caller ignores stays ignored: nohup" {
    bundle b <<<'print("ready") return io.read("l")'
    trap '' HUP
    live run "$T/b"
    trap - HUP
    kill -HUP "$pid"
    sleep 0.2
    echo still >&"$input"
    ended 0
    grep -q still "$T/run.out"
}

@test "lines that waited for room are relayed when there is room, not at the wire's next byte" {
    for lines in 3300 3500 3700 3900; do
        bundle b <<<"for i = 1, $lines do print((\"x\"):rep(99)) end return io.read('l')"
        (echo line; sleep 2) | bounded "$runbox" run -l wall_time=60s "$T/b" 3>&- |
            (sleep 0.5; tail -n 1) >"$T/out"
        grep -q line "$T/out"
    done
}

@test "a request after the caller has closed the wire ends the run, at once" {
    records
    bundle b <<<'local t = os.clock() while os.clock() - t < 0.3 do end return io.read("l")'
    got=0
    echo '{}' | bounded "$runbox" run --json "$T/b" >"$T/out" || got=$?
    settled
    [ "$got" -eq 3 ]
    tail -n 1 "$T/out" | grep -q 'still owes a reply'
}

@test "a FIFO without a writer: a signal still ends the run" {
    bundle b <<<'return 1'
    mkfifo "$T/fifo"
    for option in --keyring --arg-file; do
        "$runbox" run $option "$T/fifo" "$T/b" >"$T/out" 2>"$T/b.err" 3>&- &
        pid=$!
        lives+=("$pid")
        until_holds heeds "$pid"
        kill -TERM "$pid"
        ended 143
        grep -q 'stopped by signal 15' "$T/b.err"
    done
    echo '[1,2]' >"$T/fifo" &
    ends 0 bounded "$runbox" run --arg-file "$T/fifo" "$T/b"
    wait
}

@test "a report into a FIFO that nobody reads is an error, not a wait" {
    bundle b <<<'return 1'
    mkfifo "$T/fifo"
    ends 125 bounded "$runbox" run --report "$T/fifo" "$T/b"
    grep -q "$T/fifo" "$T/err"
    ends 125 bounded "$runbox" run --report /dev/full "$T/b"
}

@test "output that a full disk refused: the cause is named, and it is no success" {
    bundle b <<<'print("x")'
    ends 125 bash -c '"$1" run --report "$2" "$3" >/dev/full' - "$runbox" "$T/report" "$T/b"
    grep -q 'No space left' "$T/err"
    says '.status == "setup" and .exit_code == 125'
}

@test "a slow reader loses nothing after the box has ended, however long it takes" {
    bundle b <<<'for i = 1, 3000 do print((("x"):rep(99))) end'
    bounded "$runbox" run "$T/b" 3>&- | (sleep 11; wc -l) >"$T/out"
    [ "$(cat "$T/out")" -eq 3000 ]
}

@test "a terminal that nobody reads: the limits hold, and a signal ends the run" {
    bundle b <<<'while true do print(("x"):rep(200)) end'
    bounded python3 - "$runbox" "$T/b" "$T/report" <<'PYTHON' 3>&-
import os, subprocess, sys, time
master, slave = os.openpty()
run = subprocess.Popen([sys.argv[1], "run", "--report", sys.argv[3], "-l", "wall_time=500ms", sys.argv[2]],
                       stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL)
boxes = lambda: subprocess.run(["pgrep", "-P", str(run.pid), "runbox-lua"], stdout=subprocess.PIPE).stdout
while not boxes():
    time.sleep(0.01)
end = time.monotonic() + 60
while boxes():
    assert time.monotonic() < end, "the box outlived its wall_time"
    time.sleep(0.1)
run.terminate()
run.wait(60)
PYTHON
    says '.status == "wall_time"'
}

@test "runbox below a seccomp filter of its caller's: one more is the box's" {
    bundle b <<<'return 1'
    ends 0 bounded setpriv --no-new-privs "$bin/tests/tools/filtered" "$runbox" run "$T/b"
}

@test "setup that fails is told as it was, and nothing hangs" {
    bundle b <<<'return 1'
    ends 125 bounded strace -f -o "$T/trace" -e inject=sendto:error=ENOMEM:when=1 "$runbox" run "$T/b"
    ends 125 bounded strace -f -o "$T/trace" -e inject=unshare:error=ENOSPC:when=1 "$runbox" run "$T/b"
    grep -q 'network namespace: No space left' "$T/err"
}

@test "a box killed before its loopback device was made is no success" {
    bundle b '"namespaces":{"network":"loopback"},"seccomp":{"profile":"network"}' <<<'return 1'
    ends 125 bounded strace -f -o "$T/trace" -e inject=unshare:signal=SIGKILL:when=1 "$runbox" run "$T/b"
}

@test "a clock or a wire that cannot be read is no verdict about the box" {
    bundle b <<<'print("x")'
    for n in 1 2 3 4 5 6; do
        bounded strace -o "$T/trace" -e inject=clock_gettime:error=EPERM:when=$n \
            "$runbox" run --report "$T/report" "$T/b" >"$T/out" 2>&1 || true
        says '.status == "ok" or .status == "setup"'
        bounded strace -o "$T/trace" -e inject=recvfrom:error=ENOMEM:when=$n \
            "$runbox" run --report "$T/report" "$T/b" >"$T/out" 2>&1 || true
        says '.status == "ok" or .status == "setup"'
    done
}

@test "a group swept between its making and its lock: another is made" {
    bundle b <<<'return 1'
    strace -o "$T/trace" -e inject=flock:delay_enter=1000000:when=1 "$runbox" run "$T/b" >"$T/slow" 2>&1 3>&- &
    slow=$!
    for i in {1..20}; do
        "$runbox" run "$T/b" >"$T/out" 3>&-
        sleep 0.05
    done
    wait "$slow"
}

@test "what a caller says out of turn may be a key: it is not repeated" {
    records
    bundle b <<<'return 1'
    printf '%s\n' '{}' '{"keyring":"s3cret"}' | bounded "$runbox" run --json --report "$T/report" "$T/b" >"$T/out" || true
    settled
    says '.status == "invalid"'
    refute grep -q s3cret "$T/report" "$T/out"
}

@test "a box that the kernel does not let us kill: all end, and say so" {
    local refused=(strace -f -o /dev/null -e inject=pidfd_send_signal:error=EPERM)

    bundle good <<<'return 1'
    bundle bad '"limits":{"wall_time":"200ms"}' <<<'while true do end'
    ends 125 bounded "${refused[@]}" "$runbox" run "$T/bad"
    grep -qx 'runbox: bad: process [0-9]* could not be killed, and may run on: Operation not permitted' "$T/err"
    ends 125 bounded "${refused[@]}" "$runbox" run --report "$T/report" "$T/bad"
    jq -e '.status == "setup" and (.message | test("could not be killed"))' "$T/report"
    ends 125 bounded "${refused[@]}" "$runbox" run --json "$T/bad" <<<'{}'
    tail -n 1 "$T/out" | jq -e '.Exit.SetupFailed | test("could not be killed")'
    for jobs in 1 2; do
        printf '{"id":%d}\n' 1 2 3 4 >"$T/jobs"
        ends 0 bounded "${refused[@]}" "$runbox" batch -q -j "$jobs" -f "$T/jobs" "$T/good"
        [ "$(jq -c '[.status, .result]' "$T/out" | sort | uniq -c | tr -d ' ')" = '4["ok",1]' ]
        ends 1 bounded "${refused[@]}" "$runbox" batch -q -j "$jobs" -f "$T/jobs" "$T/bad"
        [ "$(jq -r 'select(.error | test("could not be killed")).status' "$T/out" | sort | uniq -c | tr -d ' ')" = 4setup ]
    done
}
