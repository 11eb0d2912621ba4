#!/usr/bin/env bats
# Hostile callers: silent, early, endless, slow, gone, deaf. Whatever they do: a defined end, no hang, Exit once
# and last where the pipe still works, the monitor's memory flat.

load lib
load wire

setup() {
    programs
    records
}

@test "a caller that says nothing: runbox waits for it, with no box begun, until it hangs up or a signal comes" {
    bundle b <<<'print("ran")'
    mkfifo "$T/in"
    exec {tell}<>"$T/in"
    "$runbox" run --json "$T/b" <"$T/in" >"$T/out" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds heeds "$pid"
    sleep 1
    kill -0 "$pid"
    [ ! -s "$T/out" ]
    kill -TERM "$pid"
    ended 143
    exec {tell}>&-
    ends_once "$T/out"
    [ "$(wc -l <"$T/out")" -eq 2 ]
}

@test "a start line that ends early, or never" {
    bundle b <<<'print("ran")'
    for bytes in '' '{' '[{}' '{"arg":1'; do
        ends 3 "$runbox" run --json "$T/b" < <(printf %s "$bytes")
        ends_once "$T/out"
    done
    ends 3 timeout 120 "$runbox" run --json "$T/b" </dev/zero
    ends_once "$T/out"
    yes x | tr -d '\n' | ends 3 timeout 120 "$runbox" run --json "$T/b"
    ends_once "$T/out"
    grep -q 'longer than' "$T/out"
    ends 3 "$runbox" run --json "$T/b" < <(head -c 1000000 /dev/urandom)
    ends_once "$T/out"
}

@test "a caller that floods: the first line too many ends the run; a reply without an end costs what a line may be" {
    bundle b <<<'print("ready") while true do end'
    spins
    # A writer alone, so that it ends with the run: with $tell it would be its own reader.
    yes '{"Ok":"x"}' >"$T/in" 2>/dev/null 3>&- {tell}>&- &
    writer=$!
    over 3
    until_holds dead "$writer"
    says '.status == "invalid" and (.message | test("no request"))'
    bundle b <<<'print("ready") io.read() while true do end'
    spins -l wall_time=10s
    until_holds grep -q Readline "$T/out"
    before=$(most)
    # A reply that has no end.
    head -c 900000 /dev/zero | tr '\0' x >&"$tell"
    [ $(($(most) - before)) -lt "$(bound 2048)" ]
    over 124
}

# reader SECONDS [ARGUMENT]...: a caller that says {} and reads nothing for so long, then all. $T/most: the most
# memory that runbox had meanwhile, in KiB.
reader() {
    timeout -k 1 100 python3 - "$T" "$runbox" "$@" 3>&- <<'PY'
import subprocess, sys, time

t, runbox, seconds, *arguments = sys.argv[1:]
run = subprocess.Popen([runbox, "run", "--json", "--report", t + "/report", *arguments, t + "/b"],
                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
run.stdin.write(b"{}\n")
run.stdin.flush()
time.sleep(float(seconds))
with open(f"/proc/{run.pid}/status") as status, open(t + "/most", "w") as most:
    most.writelines(line.split()[1] for line in status if line.startswith("VmHWM:"))
with open(t + "/out", "wb") as out:
    out.write(run.stdout.read())
sys.exit(run.wait())
PY
}

@test "a reader that stops for long: the box waits, then every line comes, in order" {
    bundle b <<<'for i = 1, 20000 do print(("%060d"):format(i)) end return "whole"'
    reader 20 -l wall_time=5m
    ends_once "$T/out"
    [ "$(cat "$T/most")" -lt "$(bound 8192)" ]
    jq -r 'select(has("Stdio")).Stdio.Write' "$T/out" | sed '/^$/d' | cmp - <(seq -f %060.0f 20000)
    grep -qx '{"Result":"whole"}' "$T/out"
    says '.wall_ms > 10000'
}

@test "a reader that stops for longer than the box has: the limit holds meanwhile, and Exit waits for the reader" {
    bundle b <<<'while true do print(("x"):rep(1000)) end'
    got=0
    reader 10 -l wall_time=1s -l output=1G || got=$?
    [ "$got" -eq 124 ]
    ends_once "$T/out"
    says '.status == "wall_time" and .wall_ms < 10000'
}

@test "stdout closed, stdin closed, both, a full disk: a defined end" {
    bundle b <<<'print("ran") return 1'
    got() {
        [ "$1" -eq "$2" ]
        says ".exit_code == $2"
    }
    # Closed is as /dev/null (man page): there is nobody to tell.
    code=0; timeout 120 "$runbox" run --json --report "$T/report" "$T/b" <<<'{}' >&- 3>&- || code=$?
    got "$code" 0
    code=0; timeout 120 "$runbox" run --json --report "$T/report" "$T/b" <&- >"$T/out" 3>&- || code=$?
    got "$code" 3
    ends_once "$T/out"
    code=0; timeout 120 "$runbox" run --json --report "$T/report" "$T/b" <&- >&- 3>&- || code=$?
    got "$code" 3
    code=0; timeout 120 "$runbox" run --json --report "$T/report" "$T/b" <<<'{}' >/dev/full 3>&- 2>"$T/err" || code=$?
    got "$code" 125
    says '.message | test("No space left")'
}

@test "a caller that goes away while the box is silent: the box's clocks end it" {
    bundle b <<<'print("ready") while true do end'
    timeout 120 "$runbox" run --json --report "$T/report" -l wall_time=1s "$T/b" <<<'{}' 3>&- | head -n 1 >"$T/out"
    until_holds test -s "$T/report"
    says '.exit_code == 124'
}
