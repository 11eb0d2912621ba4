# What a hostile review found: each test fails on the code before its fix.
bats_require_minimum_version 1.5.0
load lib

setup() {
    programs
}

# A run that hangs is killed: SIGTERM would be one more thing that it may not heed.
bounded() {
    timeout -s KILL "$@"
}

@test "a caller that ignores SIGCHLD: the box is still reaped, by us" {
    bundle b <<<'return 1'
    ends 0 bounded 10 perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' "$runbox" run "$T/b"
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
        (echo line; sleep 2) | bounded 20 "$runbox" run -l wall_time=3s "$T/b" 3>&- |
            (sleep 0.5; tail -n 1) >"$T/out"
        grep -q line "$T/out"
    done
}

@test "a request after the caller has closed the wire ends the run, at once" {
    records
    bundle b <<<'local t = os.clock() while os.clock() - t < 0.3 do end return io.read("l")'
    got=0
    echo '{}' | bounded 10 "$runbox" run --json "$T/b" >"$T/out" || got=$?
    settled
    [ "$got" -eq 3 ]
    tail -n 1 "$T/out" | grep -q 'still owes a reply'
}

@test "a FIFO without a writer: a signal still ends the run" {
    bundle b <<<'return 1'
    mkfifo "$T/fifo"
    for option in --keyring --arg-file; do
        ends 124 timeout -s TERM -k 5 1 "$runbox" run $option "$T/fifo" "$T/b"
        grep -q 'stopped by signal 15' "$T/err"
    done
    echo '[1,2]' >"$T/fifo" &
    ends 0 bounded 10 "$runbox" run --arg-file "$T/fifo" "$T/b"
    wait
}

@test "a report into a FIFO that nobody reads is an error, not a wait" {
    bundle b <<<'return 1'
    mkfifo "$T/fifo"
    ends 125 bounded 10 "$runbox" run --report "$T/fifo" "$T/b"
    grep -q "$T/fifo" "$T/err"
    ends 125 bounded 10 "$runbox" run --report /dev/full "$T/b"
}

@test "output that a full disk refused: the cause is named, and it is no success" {
    bundle b <<<'print("x")'
    ends 125 bash -c '"$1" run --report "$2" "$3" >/dev/full' - "$runbox" "$T/report" "$T/b"
    grep -q 'No space left' "$T/err"
    says '.status == "setup" and .exit_code == 125'
}

@test "a slow reader loses nothing after the box has ended, however long it takes" {
    bundle b <<<'for i = 1, 3000 do print((("x"):rep(99))) end'
    bounded 30 "$runbox" run "$T/b" 3>&- | (sleep 11; wc -l) >"$T/out"
    [ "$(cat "$T/out")" -eq 3000 ]
}

@test "a terminal that nobody reads: the limits hold, and a signal ends the run" {
    bundle b <<<'while true do print(("x"):rep(200)) end'
    bounded 20 python3 - "$runbox" "$T/b" "$T/report" <<'PYTHON' 3>&-
import os, subprocess, sys, time
master, slave = os.openpty()
run = subprocess.Popen([sys.argv[1], "run", "--report", sys.argv[3], "-l", "wall_time=500ms", sys.argv[2]],
                       stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL)
time.sleep(2)
boxes = subprocess.run(["pgrep", "-P", str(run.pid)], stdout=subprocess.PIPE).stdout
run.terminate()
assert boxes == b"", "the box outlived its wall_time"
run.wait(8)
PYTHON
    says '.status == "wall_time"'
}

@test "runbox below a seccomp filter of its caller's: one more is the box's" {
    bundle b <<<'return 1'
    ends 0 bounded 10 setpriv --no-new-privs "$bin/tests/tools/filtered" "$runbox" run "$T/b"
}

@test "setup that fails is told as it was, and nothing hangs" {
    bundle b <<<'return 1'
    ends 125 bounded 9 strace -f -o "$T/trace" -e inject=sendto:error=ENOMEM:when=1 "$runbox" run "$T/b"
    ends 125 bounded 9 strace -f -o "$T/trace" -e inject=unshare:error=ENOSPC:when=1 "$runbox" run "$T/b"
    grep -q 'network namespace: No space left' "$T/err"
}

@test "a box killed before its loopback device was made is no success" {
    bundle b '"namespaces":{"network":"loopback"},"seccomp":{"profile":"network"}' <<<'return 1'
    ends 125 bounded 19 strace -f -o "$T/trace" -e inject=unshare:signal=SIGKILL:when=1 "$runbox" run "$T/b"
}

@test "a clock or a wire that cannot be read is no verdict about the box" {
    bundle b <<<'print("x")'
    for n in 1 2 3 4 5 6; do
        bounded 9 strace -o "$T/trace" -e inject=clock_gettime:error=EPERM:when=$n \
            "$runbox" run --report "$T/report" "$T/b" >"$T/out" 2>&1 || true
        says '.status == "ok" or .status == "setup"'
        bounded 9 strace -o "$T/trace" -e inject=recvfrom:error=ENOMEM:when=$n \
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
    printf '%s\n' '{}' '{"keyring":"s3cret"}' | bounded 9 "$runbox" run --json --report "$T/report" "$T/b" >"$T/out" || true
    settled
    says '.status == "invalid"'
    refute grep -q s3cret "$T/report" "$T/out"
}
