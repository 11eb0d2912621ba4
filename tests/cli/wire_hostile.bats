#!/usr/bin/env bats
# Hostile boxes: bytes written by the live box's own process, as by a script that has taken it over
# (tests/tools/inject.c). Whatever comes: nothing of it reaches the caller, the verdict fits, Report and Exit come
# once and last, the monitor's memory stays flat.

load lib
load wire

setup() {
    programs
    records
    inject="$bin/tests/tools/inject"
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
    for bytes in '\0\n' '{"Log":{"Info":"a\0b"}}\n' '{"Log":{"Info\\u0000":"a"}}\n' '{"Log":{"Info":"\377"}}\n' \
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
        '{"Artifact":{"name":"../a","data":""}}' '{"Artifact":{"name":".a","data":""}}' '{"Artifact":{"name":"-a","data":""}}' '{"Artifact":{"name":"a","data":"YQ"}}' \
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
    spins -l wall_time=5s
    printf '{"Exit":"Ok"}\n' >"$T/bytes"
    pours "$T/bytes"
    over 124
    says '.status == "wall_time"'
}

@test "a line in pieces is one line; a piece of one is nothing" {
    bundle b <<<'print("ready") while true do end'
    spins -l wall_time=5s
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
    [ $(($(most) - before)) -lt "$(bound 2048)" ]
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
    n=$(fewer 313)
    pours "$T/bytes" "$n"
    [ "$output" -eq $((n * 3200 * 20)) ]
    [ $(($(most) - before)) -lt "$(bound 512)" ]
    # What is in the wire still when it is told to stop is nobody's.
    until_holds eval '[ "$(grep -cxF "{\"Log\":{\"Info\":\"\"}}" "$T/out")" -eq $(((n + 8) * 3200)) ]'
    kill -TERM "$pid"
    ended 143
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
