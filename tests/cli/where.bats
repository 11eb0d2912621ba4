#!/usr/bin/env bats
# A violation tells the script's author where: the line of Lua that last used a file, as the box itself noted it.
# The calls are injected (tests/tools/inject) while the script waits: no script reaches a forbidden one by Lua.

load lib

setup() {
    programs
    inject="$bin/tests/tools/inject"
}

# forbidden CALL [ARGUMENT]...: the live box issues it, and the run ends as it must.
forbidden() {
    timeout 120 "$inject" "$box" "$@" >"$T/injected" 2>&1 || true
    ended 159
    says '.status == "syscall" and .exit_code == 159'
}

# message TEXT: what the report says.
message() {
    says ".message == $(jq -n --arg text "$1" '$text')"
}

# noted: the address and the bytes of the text in the live box: it is in the program's own data.
noted() {
    python3 - "$box" "$1" <<'PY'
import re, sys
pid, text = sys.argv[1], sys.argv[2].encode()
mem = open(f"/proc/{pid}/mem", "rb", 0)
for line in open(f"/proc/{pid}/maps"):
    m = re.match(r"(\w+)-(\w+) rw-p \S+ \S+ (\S+)", line)
    if not m or "[" in line and "[heap]" not in line:
        continue
    start, end = int(m[1], 16), int(m[2], 16)
    if end - start > 1 << 20:
        continue
    mem.seek(start)
    at = mem.read(end - start).find(text + b"\0")
    if at >= 0:
        print(hex(start + at))
        break
PY
}

# waits: the bundle "live" runs until it has said "ready".
waits() {
    echo data >"$T/live/data"
    live live --report "$T/report" "$T/live"
}

@test "the line of io.open, of a module's file, of a method, of io.lines" {
    bundle live '"seccomp":{"profile":"files"}' <<'LUA'
local f = io.open("/bundle/data")

print("ready") io.read()
LUA
    waits
    forbidden socket 1 1 0
    grep -q 'forbidden system call: socket (files were last used at main.lua:1, says the box)' "$T/live.err"

    rm "$T"/live.*
    mkdir "$T/live/lib"
    echo 'return function() local f = io.open("/bundle/data") local s = f:read("a") return s, f end' >"$T/live/lib/reader.lua"
    echo 'local s = require("lib.reader")() print("ready") while true do end' >"$T/live/main.lua"
    waits
    forbidden connect 0 0 0
    message 'forbidden system call: connect (files were last used at lib/reader.lua:1, says the box)'

    rm "$T"/live.*
    printf '%s\n' '' '' 'for line in io.lines("/bundle/data") do print("ready") while true do end end' >"$T/live/main.lua"
    waits
    forbidden execve 0 0 0
    message 'forbidden system call: execve (files were last used at main.lua:3, says the box)'

    rm "$T"/live.*
    printf '%s\n' 'local f = io.open("/bundle/data")' 'local ok = coroutine.wrap(function()' 'f:seek("set")' \
        'print("ready") while true do end end)()' >"$T/live/main.lua"
    waits
    forbidden 9999
    message 'forbidden system call: #9999 (files were last used at main.lua:3, says the box)'
}

@test "an ordinary user's box tells it too" {
    programs_for_all
    as=("${ordinary[@]}")
    bundle live '"seccomp":{"profile":"files"}' <<<'io.open("/bundle/main.lua") print("ready") while true do end'
    touch "$T/report" && chmod 666 "$T/report"
    live live --report "$T/report" "$T/live"
    inject=$(realpath "${B:-build}")/tests/tools/inject
    forbidden socket 1 1 0
    message 'forbidden system call: socket (files were last used at main.lua:1, says the box)'
}

@test "no file was used, or there are none: nothing is added" {
    bundle live '"seccomp":{"profile":"files"}' <<<'print("ready") while true do end'
    waits
    forbidden socket 1 1 0
    message 'forbidden system call: socket'
    rm "$T"/live.*
    bundle live <<<'print("ready") while true do end'
    waits
    forbidden socket 1 1 0
    message 'forbidden system call: socket'
}

@test "a box that writes rubbish there: only a line that the bundle has is told" {
    bundle live '"seccomp":{"profile":"files"}' <<'LUA'
local f = io.open("/bundle/data")
print("ready") while true do end
LUA
    tried=0
    for text in '' 'main.lua' 'main.lua:' 'main.lua:0' 'main.lua:01' 'main.lua:4' 'main.lua:999999999999' 'main.lua:1x' \
        'main.lua:-1' 'other.lua:1' 'data:1' '/etc/passwd:1' 'main.lua:1\n' ':1' $'\e[2Jmain.lua:1' 'manifest.json:1' \
        "$(head -c 400 /dev/zero | tr '\0' A)" "$(head -c 255 /dev/zero | tr '\0' ':')" '%s%n%s%n:1'; do
        rm -f "$T"/live.*
        waits
        address=$(noted main.lua:1)
        [ -n "$address" ]
        python3 -c '
import sys
mem = open("/proc/%s/mem" % sys.argv[1], "r+b", 0)
mem.seek(int(sys.argv[2], 16))
mem.write(sys.argv[3].replace("\\n", "\n").encode()[:256].ljust(256, b"A" if len(sys.argv[3]) > 200 else b"\0"))' "$box" "$address" "$text"
        forbidden socket 1 1 0
        message 'forbidden system call: socket'
        tried=$((tried + 1))
    done
    # And the measure of it: another line of the bundle is the box's to claim.
    rm -f "$T"/live.*
    waits
    address=$(noted main.lua:1)
    python3 -c 'import sys; mem = open("/proc/%s/mem" % sys.argv[1], "r+b", 0); mem.seek(int(sys.argv[2], 16)); mem.write(b"main.lua:2\0")' \
        "$box" "$address"
    forbidden socket 1 1 0
    message 'forbidden system call: socket (files were last used at main.lua:2, says the box)'
    echo "# $tried texts that name no line of the bundle, none told" >&3
}

@test "a box that has taken its memory away: the verdict is the same" {
    bundle live '"seccomp":{"profile":"files"}' <<<'io.open("/bundle/main.lua") print("ready") while true do end'
    live live --report "$T/report" "$T/live"
    address=$(noted main.lua:1)
    # munmap of the page, which its own next call does not need.
    page=$((address & ~4095))
    [ "$(timeout 120 "$inject" "$box" munmap "$page" 4096)" = 0 ]
    forbidden socket 1 1 0
    message 'forbidden system call: socket'
}
