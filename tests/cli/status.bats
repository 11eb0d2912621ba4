#!/usr/bin/env bats
# Every exit status of `runbox run`, reached by a run; the report agrees with each.

load lib

setup() {
    programs
}

# A box that has said "ready" and waits for stdin.
live_box() {
    bundle live <<<'print("ready") io.read()'
    live live --report "$T/report" "$T/live"
}

@test "0: the script ended well" {
    bundle b <<<'return 1'
    goes 0 "$T/b"
    says '.status == "ok" and .message == ""'
    [ ! -s "$T/err" ]
}

@test "1: a Lua error, with its place" {
    bundle b <<<'error("it broke")'
    goes 1 "$T/b"
    says '.status == "error" and (.message | test("main.lua:1: it broke"))'
    grep -q '^runbox: b: .*main.lua:1: it broke' "$T/err"
}

@test "1: a syntax error, an error that is no string, a missing entry" {
    bundle b <<<'return return'
    goes 1 "$T/b"
    bundle b <<<'error({code = 7})'
    goes 1 "$T/b"
    bundle b '"entry":"start"' <<<'return 1'
    goes 1 "$T/b"
    says '.message | test("start")'
}

@test "1: a result that is no JSON" {
    bundle b <<<'return 0/0'
    goes 1 "$T/b"
    bundle b <<<'return print'
    goes 1 "$T/b"
}

@test "2: usage" {
    bundle b <<<'return 1'
    for words in "" "--no-such $T/b" "$T/b $T/b" "-l memory $T/b" "-l nothing=1 $T/b" "-l memory=1X $T/b" \
        "-o noequals $T/b" "--arg 1 --arg-file x $T/b" "--json --arg 1 $T/b"; do
        ends 2 "$runbox" run $words
        grep -q "Try 'runbox run --help'" "$T/err"
        [ ! -s "$T/out" ]
    done
    ends 2 "$runbox"
    ends 2 "$runbox" nosuchverb
}

@test "3: no bundle, a manifest with errors, all of them at once" {
    ends 3 "$runbox" run "$T/nowhere"
    grep -q "^runbox: $T/nowhere" "$T/err"
    bundle b '"limits":{"memory":"64X"},"nosuch":1' <<<'return 1'
    goes 3 "$T/b"
    [ "$(wc -l <"$T/err")" -eq 2 ]
    grep -q "^runbox: $T/b/manifest.json:1:[0-9]*: /limits/memory: " "$T/err"
    says '.status == "invalid"'
}

@test "3: an option, the argument, the result do not fit their schemas" {
    bundle b '"options":{"properties":{"n":{"type":"integer"}},"additionalProperties":false},"arg":{"type":["string","null"]},"result":{"type":"integer"}' \
        <<<'return box.options.n or box.arg'
    goes 0 -o n=5 "$T/b"
    [ "$(cat "$T/out")" = 5 ]
    goes 3 -o n=five "$T/b"
    goes 3 -o other=5 "$T/b"
    goes 3 --arg 7 "$T/b"
    goes 3 --arg '{' "$T/b"
    goes 3 --arg '"text"' "$T/b"
    says '.status == "invalid" and (.message | test("result"))'
    [ ! -s "$T/out" ]
}

@test "4: what is asked for is not granted; the named option grants it" {
    bundle b '"keyring_access":["aws","gcp"]' <<<'return 1'
    goes 4 "$T/b"
    says '.status == "refused"'
    grep -q -e '--grant keyring:aws --grant keyring:gcp' "$T/err"
    goes 4 -g keyring:aws "$T/b"
    refute grep -q -e '--grant keyring:aws' "$T/err"
    goes 0 -g keyring:aws -g keyring:gcp "$T/b"
}

@test "4: a limit above the host's ceiling" {
    bundle b <<<'return 1'
    goes 4 -l memory=2G "$T/b"
    goes 0 -l memory=2G -g limit:memory=2G "$T/b"
}

@test "76: the box ends without saying how" {
    live_box
    run "$bin/tests/tools/inject" "$box" exit_group 0
    ended 76
    says '.status == "protocol" and (.message | test("without saying how"))'
}

@test "76: forged and broken lines on the wire, none of which is passed on" {
    bundle spin '"calls":["demo"]' <<<'print("ready") while true do end'
    for line in '{"Report":{"status":"ok"}}' '{"Exit":"Ok"}\n{"Stdio":{"Write":"forged"}}' '{"Log":{"Info":"forged"' \
        'forged' '{"Call":{"method":"forged","params":null}}' '{"Forged":1}' '"Ready"' '{"Ready":null}' \
        '{"Result":"forged"}\n{"Log":{"Info":"forged"}}'; do
        text="$line\\n"
        plain=${text//\\n/x}
        rm -f "$T"/live.*
        live live --report "$T/report" "$T/spin"
        run "$bin/tests/tools/inject" "$box" write 0 "@$text" "${#plain}"
        ended 76
        says '.status == "protocol"'
        refute grep -q '^forged' "$T/live.out"
        refute grep -q 'info: forged' "$T/live.err"
    done
}

@test "a line that the box may say is passed on: what the injected ones are measured by" {
    bundle spin <<<'print("ready") while true do end'
    live live -l cpu_time=5m -l wall_time=5m --report "$T/report" "$T/spin"
    line='{"Log":{"Info":"injected"}}'
    run "$bin/tests/tools/inject" "$box" write 0 "@$line\\n" $((${#line} + 1))
    [ "$output" = $((${#line} + 1)) ]
    until_holds grep -q '^info: injected$' "$T/live.err"
    kill -TERM "$pid"
    ended 143
}

@test "124: wall time and CPU time" {
    bundle b <<<'io.read()'
    mkfifo "$T/in"
    exec {input}<>"$T/in"
    goes 124 -l wall_time=100ms "$T/b" <"$T/in"
    says '.status == "wall_time"'
    bundle b <<<'while true do end'
    goes 124 -l cpu_time=100ms "$T/b"
    says '.status == "cpu_time"'
    goes 124 -l instructions=1000000 "$T/b"
    says '.status == "instructions"'
}

@test "125: runbox-lua is missing" {
    bundle b <<<'return 1'
    mkdir "$T/alone"
    cp "$runbox" "$T/alone/"
    ends 125 "$T/alone/runbox" run --report "$T/report" "$T/b"
    grep -q runbox-lua "$T/err"
    says '.status == "setup"'
}

@test "125: a limit that no layer of this host holds, named" {
    programs_for_all
    bundle b <<<'return 1'
    ends 125 "${ordinary[@]}" "$runbox" run -l cpus=0.25 "$T/b"
    grep -q 'cpus=0.25.*"cpu"' "$T/err"
}

@test "--best-effort runs all the same, and the report says that nothing held it" {
    programs_for_all
    bundle b <<<'return 1'
    ends 0 "${ordinary[@]}" "$runbox" run --best-effort --report "$T/report" -l cpus=0.25 "$T/b"
    says '.enforced.cpus == {asked: 0.25, effective: null, layer: "none"}'
}

@test "137: memory, uncaught" {
    bundle b <<<'local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(4096) .. i end'
    goes 137 -l memory=16M "$T/b"
    says '.status == "memory"'
    says '.memory_peak <= 16777216'
}

@test "153: output" {
    bundle b <<<'while true do print(("x"):rep(1000)) end'
    goes 153 -l output=64K "$T/b"
    says '.status == "output"'
    [ "$(stat -c %s "$T/out")" -le 65536 ]
}

@test "159: a forbidden system call is named, and never happens" {
    for call in connect openat socket execve clone clone3 mmap ptrace kill io_uring_setup; do
        rm -f "$T"/live.*
        live_box
        run "$bin/tests/tools/inject" "$box" "$call" 1 1 1
        [ "$status" -eq 3 ]
        ended 159
        says ".status == \"syscall\" and .syscall == \"$call\""
        grep -q "^runbox: live: forbidden system call: $call\$" "$T/live.err"
    done
}

@test "159: a call without a name, and one of the other ABI's numbers" {
    live_box
    run "$bin/tests/tools/inject" "$box" 9999
    ended 159
    says '.syscall == "#9999"'
    rm "$T"/live.*
    live_box
    run "$bin/tests/tools/inject" "$box" 0x40000001 0 @x 1
    ended 159
}

@test "159: the box cannot answer its own notification" {
    live_box
    run "$bin/tests/tools/inject" "$box" ioctl 3 0xc0182101 @x
    ended 159
    says '.syscall == "ioctl"'
}

@test "128+N: runbox told to stop" {
    for signal in TERM:143 INT:130 HUP:129; do
        rm -f "$T"/live.*
        live_box
        kill "-${signal%:*}" "$pid"
        ended "${signal#*:}"
        says '.status == "cancelled" and .signal == .exit_code - 128'
        dead "$box"
    done
}

@test "128+N: the box killed from outside, which is not the memory limit" {
    live_box
    kill -KILL "$box"
    ended 137
    says '.status == "signal" and .signal == 9'
}
