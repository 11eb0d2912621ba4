#!/usr/bin/env bats
# The wire under attack from both ends. Bytes are written by the live box's own process, as by a script that has
# taken it over (tests/tools/inject.c); callers are as wrong as callers can be. Whatever comes: nothing of it
# reaches the other side, the verdict fits, Report and Exit come once and last, the monitor's memory stays flat.

load lib

setup() {
    programs
    records
    inject="$bin/tests/tools/inject"
}

# spins [ARGUMENT]...: a run of $T/b on JSON lines whose script has begun. Sets $pid, $box; its lines are in
# $T/out, $tell is its stdin.
spins() {
    rm -f "$T/in" "$T/out" "$T/report"
    mkfifo "$T/in"
    exec {tell}<>"$T/in"
    "$runbox" run --json --report "$T/report" "$@" "$T/b" <"$T/in" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    echo '{}' >&"$tell"
    until_holds grep -q ready "$T/out"
    box=$(cat "/proc/$pid/task/$pid/children")
    box=${box% }
}

# over STATUS: the run ends so, and its last lines are Report and Exit, each the only one of its kind.
over() {
    ended "$1"
    exec {tell}>&-
    ends_once "$T/out"
    says ".exit_code == $1"
}

ends_once() {
    jq -r keys[0] "$1" >"$T/names"
    [ "$(tail -n 2 "$T/names" | tr '\n' ' ')" = "Report Exit " ]
    [ "$(grep -cE '^(Report|Exit)$' "$T/names")" -eq 2 ]
    [ -z "$(tail -c 1 "$1" | tr -d '\n')" ]
}

# Most memory the monitor ever had, KiB.
most() {
    sed -n 's/^VmHWM:\s*\([0-9]*\) kB/\1/p' "/proc/$pid/status"
}

# pours BYTES [TIMES]: a file's bytes, from the box's process.
pours() {
    run "$inject" "$box" pour "$@"
}

# breaks FILE: its bytes end the run as a breach, and nothing but "ready" was passed on before the end.
breaks() {
    spins
    pours "$1"
    over 76
    says '.status == "protocol" and (.message | startswith("the box broke the protocol: "))'
    [ "$(cat "$T/names")" = $'Stdio\nReport\nExit' ]
    jq -e 'select(has("Exit")).Exit | has("Err")' "$T/out"
}

@test "lines that are none: NULs, bad UTF-8, what is not JSON, other ends of lines" {
    bundle b <<<'print("ready") while true do end'
    for bytes in '\0\n' '{"Log":{"Info":"a\0b"}}\n' '{"Log":{"Info":"\\u0000"}}\n' '{"Log":{"Info":"\377"}}\n' \
        '{"Log":{"Info":"\300\200"}}\n' '{"Log":{"Info":"\355\240\200"}}\n' '{"Log":{"Info":"\364\220\200\200"}}\n' \
        '{"Log":{"Info":"\\ud800"}}\n' '\357\273\277{"Log":{"Info":"a"}}\n' '\n' ' \n' '{}\n' '[]\n' 'null\n' \
        '{"Log":{"Info":"a"}}\r\n' '{"Log":{"Info":"a"}}\r{"Exit":"Ok"}\n' '{"Log":{"Info":"a"}} {"Log":{"Info":"b"}}\n' \
        '{"Log":{"Info":"\33[2J"}}\n' '{"Log":{"Info":"a",}}\n' '{"Log":{"Info":"a"}\n' "{'Log':{'Info':'a'}}\n"; do
        printf "$bytes" >"$T/bytes"
        breaks "$T/bytes"
    done
    # Without a newline it is no line yet, until it is too long for one.
    head -c 65536 /dev/zero >"$T/bytes"
    spins
    pours "$T/bytes" 17
    over 76
    says '.message | test("too long")'
}

@test "events that no box may say: unknown ones, the monitor's own, twice what comes once, calls it does not have" {
    bundle b '"calls":["listed"]' <<<'print("ready") while true do end'
    for line in '{"Report":{"status":"ok","message":"forged"}}' '{"Exit":{"SetupFailed":"forged"}}' '{"Exit":"ok"}' \
        '{"Exit":{"Ok":1}}' '{"Ready":3}' '{"Ready":-1}' '{"Forged":1}' '{"Invoke":{"fn":1,"params":[]}}' '{"Ok":1}' \
        '{"log":{"Info":"a"}}' '{"Log":{"Forged":"a"}}' '{"Log":{"Info":1}}' '{"Log":{"Info":"a","Warn":"b"}}' \
        '{"L\u006fg":{"Info":"a"}}' '{"Log":{"Info":"a"},"Log":{"Info":"b"}}' '{"Log":{"Info":"a"},"Exit":"Ok"}' \
        '{"Stdio":"Everything"}' '{"Stdio":{"Write":1}}' '{"Stdio":{"Read":"a"}}' \
        '{"Call":{"method":"unlisted","params":1}}' '{"Call":{"method":"listed"}}' \
        '{"Call":{"method":"listed","params":1,"more":1}}' '{"Call":{"method":"l\u0069sted","params":1}}' \
        '{"Artifact":{"name":"../a","data":""}}' '{"Artifact":{"name":".a","data":""}}' '{"Artifact":{"name":"a","data":"YQ"}}' \
        '{"Limit":{"name":"wall_time","text":"a"}}' '{"Database":{"Select":["Ipaddr","1"]}}' '{"Blob":"AA=="}' \
        '{"Ratelimit":{"key":"k","passes":-1,"time":1}}' '{"Sleep":{"secs":-1,"nanos":0}}'; do
        printf '%s\n' "$line" >"$T/bytes"
        breaks "$T/bytes"
    done
}

@test "Exit is the last word: after it nothing passes, and it is said once" {
    bundle b <<<'print("ready") while true do end'
    for line in '{"Log":{"Info":"after"}}' '{"Exit":"Ok"}' '{"Exit":{"Err":"other"}}' '{"Result":1}' '{"Stdio":"ToEnd"}' 'x'; do
        printf '%s\n' '{"Exit":"Ok"}' "$line" >"$T/bytes"
        breaks "$T/bytes"
    done
    printf '%s\n' '{"Result":"forged"}' '{"Result":2}' >"$T/bytes"
    spins
    pours "$T/bytes"
    over 76
    says '.message | test("after its Result")'
}

@test "a box that says Exit and stays is over when its time is" {
    bundle b <<<'print("ready") while true do end'
    spins -l wall_time=1s
    printf '{"Exit":"Ok"}\n' >"$T/bytes"
    pours "$T/bytes"
    over 124
    says '.status == "wall_time"'
}

@test "a line in pieces is one line; a piece of one is nothing" {
    bundle b <<<'print("ready") while true do end'
    spins -l wall_time=2s
    line='{"Log":{"Info":"pieced"}}'
    for ((i = 0; i < ${#line}; i += 5)); do
        run "$inject" "$box" write 0 "@${line:i:5}" "$(printf %s "${line:i:5}" | wc -c)"
        refute grep -q pieced "$T/out"
    done
    run "$inject" "$box" write 0 '@\n' 1
    until_holds grep -qx "$line" "$T/out"
    run "$inject" "$box" write 0 "@${line%?}" $((${#line} - 1))
    over 124
    [ "$(grep -c pieced "$T/out")" -eq 1 ]
    # The same from a box that dies in the middle of its line.
    spins
    run "$inject" "$box" write 0 "@${line%?}" $((${#line} - 1))
    run "$inject" "$box" exit_group 0
    over 76
    refute grep -q pieced "$T/out"
}

@test "a line without an end costs what a line may be, and no more" {
    bundle b <<<'print("ready") while true do end'
    head -c 65536 /dev/zero | tr '\0' x >"$T/bytes"
    spins
    before=$(most)
    pours "$T/bytes" 15
    [ "$output" -eq $((15 * 65536)) ]
    # The line, and once more half of it while the buffer grew.
    [ $(($(most) - before)) -lt 2048 ]
    pours "$T/bytes" 32
    over 76
    says '.message | test("too long")'
    refute grep -q xxxx "$T/out"
}

@test "a million tiny lines: each arrives, the monitor's memory is flat" {
    bundle b <<<'print("ready") while true do end'
    yes '{"Log":{"Info":""}}' | head -n 3200 >"$T/bytes"
    spins -l output=1G -l wall_time=5m -l cpu_time=5m
    pours "$T/bytes" 8
    before=$(most)
    pours "$T/bytes" 313
    [ "$output" -eq $((313 * 3200 * 20)) ]
    [ $(($(most) - before)) -lt 512 ]
    kill -TERM "$pid"
    ended 143
    [ "$(grep -cxF '{"Log":{"Info":""}}' "$T/out")" -eq $((321 * 3200)) ]
    tail -n 1 "$T/out" | grep -q '^{"Exit":'
}

@test "a million tiny lines that say nothing: the first ends it; and more than output allows: output" {
    bundle b <<<'print("ready") while true do end'
    yes '' | head -c 65536 >"$T/bytes"
    spins
    pours "$T/bytes" 16
    over 76
    yes '{"Log":{"Info":""}}' | head -n 3200 >"$T/bytes"
    spins -l output=1M
    pours "$T/bytes" 100
    over 153
    says '.status == "output"'
    [ "$(grep -c '^{"Log"' "$T/out")" -le $(((1 << 20) / 20)) ]
}

@test "no lines at all: the wall clock" {
    bundle b <<<'while true do end'
    ends 124 "$runbox" run --json --report "$T/report" -l wall_time=300ms "$T/b" <<<'{}'
    ends_once "$T/out"
    [ "$(wc -l <"$T/out")" -eq 2 ]
}

@test "a box that talks while it owes silence: nothing of it passes" {
    bundle b <<<'print("ready") io.read()'
    for line in '{"Log":{"Info":"forged"}}' '{"Stdio":"Readline"}' '{"Exit":"Ok"}'; do
        spins
        until_holds grep -q Readline "$T/out"
        printf '%s\n' "$line" >"$T/bytes"
        pours "$T/bytes"
        over 76
        says '.message | test("waits for a reply")'
        [ "$(cat "$T/names")" = $'Stdio\nStdio\nReport\nExit' ]
    done
}

@test "a caller that says nothing: runbox waits for it, with no box begun, until it hangs up or a signal comes" {
    bundle b <<<'print("ran")'
    mkfifo "$T/in"
    exec {tell}<>"$T/in"
    "$runbox" run --json "$T/b" <"$T/in" >"$T/out" 3>&- &
    pid=$!
    lives+=("$pid")
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
    for bytes in '' '{' '{}' '{"arg":1'; do
        ends 3 "$runbox" run --json "$T/b" < <(printf %s "$bytes")
        ends_once "$T/out"
    done
    ends 3 timeout 20 "$runbox" run --json "$T/b" </dev/zero
    ends_once "$T/out"
    yes x | tr -d '\n' | ends 3 timeout 20 "$runbox" run --json "$T/b"
    ends_once "$T/out"
    grep -q 'longer than' "$T/out"
    ends 3 "$runbox" run --json "$T/b" < <(head -c 1000000 /dev/urandom)
    ends_once "$T/out"
}

@test "a caller that floods: the first line too many ends the run; a reply without an end costs what a line may be" {
    bundle b <<<'print("ready") while true do end'
    spins
    # A writer alone, so that it ends with the run.
    yes '{"Ok":"x"}' >"$T/in" 2>/dev/null 3>&- &
    over 3
    says '.status == "invalid" and (.message | test("no request"))'
    bundle b <<<'print("ready") io.read() while true do end'
    spins -l wall_time=2s
    until_holds grep -q Readline "$T/out"
    before=$(most)
    # A reply that has no end.
    head -c 900000 /dev/zero | tr '\0' x >&"$tell"
    [ $(($(most) - before)) -lt 2048 ]
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
    [ "$(cat "$T/most")" -lt 8192 ]
    jq -r 'select(has("Stdio")).Stdio.Write' "$T/out" | sed '/^$/d' | cmp - <(seq -f %060.0f 20000)
    grep -qx '{"Result":"whole"}' "$T/out"
    says '.wall_ms > 19000'
}

@test "a reader that stops for longer than the box has: the limit holds meanwhile, and Exit waits for the reader" {
    bundle b <<<'while true do print(("x"):rep(1000)) end'
    got=0
    reader 4 -l wall_time=1s -l output=1G || got=$?
    [ "$got" -eq 124 ]
    ends_once "$T/out"
    says '.status == "wall_time" and .wall_ms < 2000'
}

@test "stdout closed, stdin closed, both, a full disk: a defined end" {
    bundle b <<<'print("ran") return 1'
    got() {
        [ "$1" -eq "$2" ]
        says ".exit_code == $2"
    }
    # Closed is as /dev/null (man page): there is nobody to tell.
    code=0; timeout 20 "$runbox" run --json --report "$T/report" "$T/b" <<<'{}' >&- 3>&- || code=$?
    got "$code" 0
    code=0; timeout 20 "$runbox" run --json --report "$T/report" "$T/b" <&- >"$T/out" 3>&- || code=$?
    got "$code" 3
    ends_once "$T/out"
    code=0; timeout 20 "$runbox" run --json --report "$T/report" "$T/b" <&- >&- 3>&- || code=$?
    got "$code" 3
    code=0; timeout 20 "$runbox" run --json --report "$T/report" "$T/b" <<<'{}' >/dev/full 3>&- 2>"$T/err" || code=$?
    got "$code" 125
    says '.message | test("No space left")'
}

@test "a caller that goes away while the box is silent: the box's clocks end it" {
    bundle b <<<'print("ready") while true do end'
    timeout 20 "$runbox" run --json --report "$T/report" -l wall_time=1s "$T/b" <<<'{}' 3>&- | head -n 1 >"$T/out"
    until_holds test -s "$T/report"
    says '.exit_code == 124'
}
