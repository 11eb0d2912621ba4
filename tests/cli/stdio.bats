#!/usr/bin/env bats
# A bundle as a Unix filter: bytes in, bytes out, exact, at the speed of a pipe, in flat memory; what reaches a
# terminal or a caller on JSON lines instead.

load lib
load talk

setup() {
    programs
}

# Every byte value, each beside each other.
every_byte() {
    python3 -c 'import sys
sys.stdout.buffer.write(bytes(b for i in range(256) for j in range(256) for b in (i, j)))'
}

# filters [OPTION...]: $T/b writes what it reads, byte for byte, from and to a file and a pipe.
filters() {
    "$runbox" run "$@" "$T/b" <"$T/given" >"$T/file" 3>&-
    cmp "$T/given" "$T/file"
    cat "$T/given" | "$runbox" run "$@" "$T/b" 3>&- | cmp "$T/given"
}

@test "every byte there and back, by line, by block, whole and by character" {
    every_byte >"$T/given"
    for script in 'io.write(io.read("a"))' 'for l in io.lines(nil, "L") do io.write(l) end' \
        'while true do local s = io.read(65536) if not s then break end io.write(s) end' \
        'for s in io.lines(nil, 1000) do io.write(s) end' 'for s in io.lines(nil, 1) do io.write(s) end' \
        'io.write(io.read(7), io.read("L"), io.read("a"), io.read("a"))'; do
        bundle b <<<"$script"
        filters
    done
    bundle b <<<'for l in io.lines() do print(l) end'
    printf 'one\r\n\0\n\n\377\376last' >"$T/given"
    "$runbox" run "$T/b" <"$T/given" >"$T/file" 3>&-
    cmp <(cat "$T/given" && echo) "$T/file"
}

@test "what is read next is what comes next, whichever way it is read" {
    bundle b <<'LUA'
local seen = {}
for _, how in ipairs{"l", 3, "n", "L", "n", "n", 0, "l", 2, "a", "a", "l", 0, "n"} do
    seen[#seen + 1] = box.json.encode(io.read(how))
end
return table.concat(seen, " ")
LUA
    printf 'first\nabc  0x1F rest\n-2.5e1 7\nxy' | ends 0 "$runbox" run "$T/b"
    [ "$(cat "$T/out")" = '"\"first\" \"abc\" 31 \" rest\\n\" -25.0 7 \"\" \"\" \"xy\" \"\" \"\" null null null"' ]
}

@test "a finalizer that reads in the middle of a read takes what comes next, no more" {
    seq 20000 >"$T/given"
    for how in '"l"' '"L"' 700 '"a"' 1; do
        bundle b <<LUA
local bytes, over = 0, false
local function take(s)
    bytes = bytes + #(s or "")
    assert(bytes <= 108894, "more than there is")
    return s
end
local function arm()
    setmetatable({}, {__gc = function() if not over then take(io.read(3000)) take(io.read("L")) arm() end end})
end
for _ = 1, 5 do arm() end
for s in io.lines(nil, $how) do
    local t = {take(s), s .. "x"}
    if $how == "l" then bytes = bytes + 1 end
    if $how == "a" and s == "" then break end
end
over = true
assert(io.read("a") == "" and not io.read("l"))
return bytes
LUA
        ends 0 "$runbox" run "$T/b" <"$T/given"
        [ "$(cat "$T/out")" = 108894 ]
    done
}

@test "a line that does not fit in memory is still there when memory is" {
    bundle b '"limits":{"memory":"4M"}' <<'LUA'
local failed = 0
for i = 0, 39 do
    local ballast = {}
    pcall(function() while true do ballast[#ballast + 1] = ("x"):rep(4096) end end)
    for _ = 1, 8 * i do ballast[#ballast] = nil end
    collectgarbage()
    local ok, line = pcall(io.read, "l")
    ballast = nil
    if not ok then
        failed = failed + 1
        collectgarbage()
        line = io.read("l")
    end
    assert(#line == 300000 and not line:find("[^" .. i % 10 .. "]"), i)
    line = nil
    collectgarbage()
end
return {failed > 0 and failed < 40, io.read("a")}
LUA
    python3 -c 'for i in range(40): print(str(i % 10) * 300000)' >"$T/given"
    ends 0 "$runbox" run "$T/b" <"$T/given"
    [ "$(cat "$T/out")" = '[true,""]' ]
}

@test "lines are not what output counts: 900000 are read within the default limits" {
    bundle b <<<'local n = 0 for l in io.lines() do n = n + #l end return n'
    seq 900000 >"$T/given"
    ends 0 "$runbox" run --report "$T/report" "$T/b" <"$T/given"
    [ "$(cat "$T/out")" = $(($(stat -c %s "$T/given") - 900000)) ]
    says '.output_bytes < 100'
}

@test "output counts the bytes that reach the caller, to the byte" {
    bundle b <<<'for i = 1, 100 do io.write(("x"):rep(99), "\n") end'
    goes 0 -l output=10200 "$T/b" # with the line that says Exit
    [ "$(wc -c <"$T/out")" -eq 10000 ]
    says '.output_bytes > 10000 and .output_bytes <= 10200'
    goes 153 -l output=9999 "$T/b"
    [ "$(wc -c <"$T/out")" -lt 10000 ]
    says '.evidence.counter == "output_bytes" and .evidence.value > 9999'
}

@test "memory is flat, whatever comes and goes; a slow end stops the other, not runbox" {
    bundle b '"limits":{"memory":"4M","output":"1G"}' <<<'for s in io.lines(nil, 65536) do io.write(s) end'
    head -c "$(fewer 200000000)" /dev/zero >"$T/given"
    "$runbox" run --report "$T/report" "$T/b" <"$T/given" 3>&- | cmp "$T/given"
    says '.memory_peak < 8e6'
    # Its reader sleeps: the writer is stopped by a full pipe, and all of it comes.
    head -c 3000000 /dev/urandom >"$T/given"
    mkfifo "$T/pipe"
    "$runbox" run --report "$T/report" "$T/b" <"$T/given" >"$T/pipe" 3>&- &
    lives+=("$!")
    pid=$!
    { sleep 1 && cat; } <"$T/pipe" >"$T/file"
    ended 0
    cmp "$T/given" "$T/file"
    says '.wall_ms > 700 and .cpu_user_ms + .cpu_system_ms < 700'
}

@test "a reader that has enough ends the run" {
    bundle b '"limits":{"output":"1G"}' <<<'while true do print("y") end'
    ends 0 bash -c "'$runbox' run --report '$T/report' '$T/b' | head -n 1000 | wc -l"
    [ "$(cat "$T/out")" = 1000 ]
    says '.status == "cancelled" and .signal == 13'
}

@test "a reader that has enough is no news: as any filter, but with -v" {
    bundle b '"limits":{"output":"1G"}' <<<'while true do print("y") end'
    { "$runbox" run "$T/b" 2>"$T/err" || echo $? >"$T/got"; } | head -n 1
    [ "$(cat "$T/got")" = 141 ]
    [ ! -s "$T/err" ]
    { "$runbox" run -v "$T/b" 2>"$T/err" || true; } | head -n 1
    grep -q 'output: the caller closed its end' "$T/err"
}

@test "no more of the input is taken than the script asks for, where it can be left" {
    bundle b <<<'return 1'
    { "$runbox" run -q "$T/b" && cat; } < <(echo all) >"$T/out" 3>&-
    [ "$(cat "$T/out")" = all ]
}

@test "input that another reader takes first: the run waits on, and can be stopped" {
    bundle b <<<'print(#io.read("a"))'
    for more in '' --json; do
        timeout 60 python3 - "$runbox" "$T/b" $more 3>&- <<'PY'
import os, signal, subprocess, sys, time

r, w = os.pipe()
late = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=ppoll", "-e", "inject=ppoll:delay_exit=400000"]
run = subprocess.Popen(late + [sys.argv[1], "run", *sys.argv[3:], sys.argv[2]], stdin=r, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
if sys.argv[3:]:
    os.write(w, b"{}\n")
time.sleep(2.5)
os.write(w, b"x")
time.sleep(0.2)
assert os.read(r, 1) == b"x"
time.sleep(1)
for child in open(f"/proc/{run.pid}/task/{run.pid}/children").read().split():
    os.kill(int(child), signal.SIGTERM)
assert run.wait(timeout=20) == 143
PY
    done
}

@test "what is printed slowly is seen at once; much of it in few pieces, and all of it" {
    bundle b '"limits":{"wall_time":"60s"}' <<'LUA'
for i = 1, 10 do print("line " .. i) end
while true do end
LUA
    "$runbox" run "$T/b" >"$T/out" 3>&- &
    lives+=("$!")
    pid=$!
    until_holds grep -q 'line 10' "$T/out"
    kill "$pid"
    wait "$pid" || true
    bundle b <<<'for i = 1, 200000 do print(i) end error("over", 0)'
    ends 1 "$runbox" run -l output=64M "$T/b"
    seq 200000 | cmp - "$T/out"
    ends 1 strace -f -qq -e trace=write -e signal=none -o "$T/trace" "$runbox" run -l output=64M "$T/b"
    [ "$(wc -l <"$T/trace")" -lt 5000 ]
}

@test "setvbuf: no, line, full; flush" {
    for how in no line; do
        bundle b <<LUA
io.stdout:setvbuf("full") io.write("a\n") io.stdout:setvbuf("$how") io.write("b\n")
while true do end
LUA
        ends 124 "$runbox" run -l wall_time=300ms "$T/b"
        [ "$(cat "$T/out")" = $'a\nb' ]
    done
    bundle b <<<'io.stdout:setvbuf("full") io.write("a\n") io.flush() io.write("b\n") while true do end'
    ends 124 "$runbox" run -l wall_time=300ms "$T/b"
    [ "$(cat "$T/out")" = a ]
    bundle b <<<'io.stdout:setvbuf("no") io.write("a") while true do end'
    ends 124 "$runbox" run -l wall_time=300ms "$T/b"
    [ "$(cat "$T/out")" = a ]
    bundle b <<<'return {pcall(io.stdout.setvbuf, io.stdout, "some")}'
    ends 0 "$runbox" run "$T/b"
    jq -e '.[0] == false and (.[1] | test("invalid option"))' "$T/out"
}

@test "what is printed and logged comes in the order of the script, where both go to one file" {
    bundle b <<'LUA'
for i = 1, 200 do
    print("p" .. i)
    box.log.info("l" .. i)
    io.write("w") box.log.warn("m") io.write("\n")
end
return "end"
LUA
    for i in {1..200}; do
        printf 'p%d\ninfo: l%d\nwwarning: m\n\n' "$i" "$i"
    done >"$T/expected"
    echo '"end"' >>"$T/expected"
    "$runbox" run "$T/b" >"$T/file" 2>&1 3>&-
    cmp "$T/expected" "$T/file"
    "$runbox" run "$T/b" 2>&1 3>&- | cmp "$T/expected"
    script -qec "'$runbox' run --no-color '$T/b'" /dev/null </dev/null 3>&- | sed 's/\r$//' | cmp "$T/expected"
}

@test "a character cut anywhere reaches a terminal whole; what is none is replaced" {
    bundle b <<'LUA'
for b in ("\u{20ac}\u{1f600}"):gmatch(".") do io.write(b) io.flush() end
io.write("\xe2\x82") box.log.info("between") io.write("\xac\n", "\xf0\x9f")
LUA
    script -qec "'$runbox' run --no-color '$T/b'" /dev/null </dev/null 3>&- | sed 's/\r$//' >"$T/seen"
    printf '€😀\357\277\275info: between\n\357\277\275\n\357\277\275' | cmp - "$T/seen"
}

@test "-q leaves what the script wrote; --result takes the result elsewhere" {
    bundle b <<<'print("written") box.log.info("logged") return {n = 1}'
    ends 0 "$runbox" run -q "$T/b"
    [ "$(cat "$T/out" "$T/err")" = written ]
    ends 0 "$runbox" run --result "$T/result" "$T/b"
    [ "$(cat "$T/out")" = written ]
    [ "$(cat "$T/result")" = '{"n":1}' ]
    bundle b <<<'print("written")'
    ends 0 "$runbox" run --result "$T/result" "$T/b"
    [ "$(cat "$T/result")" = null ]
    bundle b <<<'return ("x"):rep(1000000)'
    ends 0 "$runbox" run --result "$T/result" "$T/b"
    [ "$(wc -c <"$T/result")" -eq 1000003 ]
    # A run that fails leaves what was there.
    bundle b <<<'error("no")'
    ends 1 "$runbox" run --result "$T/result" "$T/b"
    [ "$(wc -c <"$T/result")" -eq 1000003 ]
    bundle b <<<'return 7'
    ends 0 "$runbox" run --result /dev/stderr "$T/b"
    [ "$(cat "$T/err")" = 7 ]
    [ ! -s "$T/out" ]
    mkfifo "$T/fifo"
    cat "$T/fifo" >"$T/read" 3>&- &
    ends 0 "$runbox" run --result "$T/fifo" "$T/b"
    wait "$!"
    [ "$(cat "$T/read")" = 7 ]
}

@test "--result: nothing that a terminal acts on, however long; no monitor writes more than a line's worth" {
    bundle b <<<'return "\u{9b}31m\x7f\u{202e}" .. ("\x7f"):rep(box.arg or 0)'
    ends 0 "$runbox" run --result "$T/result" "$T/b"
    [ "$(cat "$T/result")" = '"\u009b31m\u007f\u202e"' ]
    script -qec "'$runbox' run --result /dev/stderr '$T/b'" /dev/null </dev/null 3>&- | sed 's/\r$//' | cmp "$T/result"
    ends 0 "$runbox" run --result "$T/result" --arg 1000000 "$T/b"
    [ "$(wc -c <"$T/result")" -eq 6000024 ]
    (ulimit -f 1000 && ends 0 "$runbox" run --result "$T/result" --arg 1 "$T/b")
    [ "$(wc -c <"$T/result")" -eq 30 ]
    bundle b <<<'print("ready") while true do end'
    "$runbox" run --result "$T/result" "$T/b" >"$T/out" 3>&- &
    lives+=("$!")
    pid=$!
    until_holds grep -q ready "$T/out"
    kin "$pid"
    python3 - "$monitor" <<'PY'
import errno, os, sys
directory = f"/proc/{sys.argv[1]}/fd/"
name, = (directory + fd for fd in os.listdir(directory) if "memfd:result" in os.readlink(directory + fd))
fd = os.open(name, os.O_RDWR)
for offset in (7 << 20, 1 << 40):
    try:
        os.pwrite(fd, b"x", offset)
        sys.exit("written")
    except OSError as error:
        assert error.errno == errno.EPERM, error
PY
    kill "$pid"
}

@test "--result where no file can be, or that the run reads or writes, is refused before the run" {
    bundle b <<<'print("ran") return 7'
    ends 125 "$runbox" run --result "$T/nowhere/result" "$T/b"
    grep -q "nowhere/result: writing the result: No such file" "$T/err"
    [ ! -s "$T/out" ]
    ends 2 "$runbox" run --result "$T/b/main.lua" "$T/b"
    ends 2 "$runbox" run --result "$T/r" --report "$T/r" "$T/b"
    ends 2 "$runbox" run --result "$T/out" "$T/b"
    echo 1 >"$T/arg"
    ends 2 "$runbox" run --result "$T/arg" --arg-file "$T/arg" "$T/b"
    ends 2 "$runbox" run --json --result "$T/r" "$T/b" </dev/null
    [ ! -s "$T/out" ]
    [ ! -e "$T/r" ]
    mkdir "$T/full"
    mount -t tmpfs -o size=4k,nr_inodes=4 none "$T/full"
    bundle b <<<'return ("x"):rep(100000)'
    ends 125 "$runbox" run --result "$T/full/result" --report "$T/report" "$T/b"
    umount "$T/full"
    says '.status == "setup" and .exit_code == 125 and (.message | test("writing the result: No space"))'
    grep -q 'full/result: writing the result: No space' "$T/err"
}

@test "NO_COLOR, CLICOLOR=0 and TERM=dumb are heeded" {
    bundle b <<<'box.log.info("hello")'
    for set in NO_COLOR=1 CLICOLOR=0 TERM=dumb; do
        script -qec "$set '$runbox' run '$T/b'" /dev/null </dev/null 3>&- | sed 's/\r$//' >"$T/seen"
        [ "$(cat "$T/seen")" = "info: hello" ]
        script -qec "$set '$runbox' doctor" /dev/null </dev/null 3>&- >"$T/seen" || true
        refute grep -q $'\e' "$T/seen"
    done
    for set in NO_COLOR= CLICOLOR=1 TERM=xterm; do
        script -qec "$set '$runbox' run '$T/b'" /dev/null </dev/null 3>&- >"$T/seen"
        grep -q $'\e\\[34m' "$T/seen"
    done
    echo '{}' >"$T/jobs"
    script -qec "TERM=dumb '$runbox' batch -f '$T/jobs' --output '$T/results' '$T/b'" /dev/null </dev/null 3>&- >"$T/seen"
    refute grep -q $'\e' "$T/seen"
}

# reads READ FILE [ENCODING]: a caller with "read":READ answers $T/b from FILE, up to $PIECE (1000) bytes at a time; its
# requests in $T/asked, what was written in $T/written.
reads() {
    timeout 120 python3 - "$runbox" "$T" "$@" 3>&- <<'PY'
import base64, json, os, subprocess, sys

piece_most = int(os.environ.get("PIECE", "1000"))
runbox, t, read, name, *encoding = sys.argv[1:]
run = subprocess.Popen([runbox, "run", "--json", t + "/b"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
coded = encoding == ["base64"]
def say(value):
    run.stdin.write(json.dumps(value).encode() + b"\n")
    run.stdin.flush()
say({"read": json.loads(read), "encoding": "base64" if coded else "utf-8"})
with open(name, "rb") as given, open(t + "/written", "wb") as written, open(t + "/asked", "w") as asked:
    for line in run.stdout:
        (kind, value), = json.loads(line).items()
        if kind == "Stdio" and not (isinstance(value, dict) and "Write" in value):
            print(json.dumps(value), file=asked)
            piece = given.readline(piece_most) if value == "Readline" else given.read(piece_most)
            say({"Ok": (base64.b64encode(piece).decode() if coded else piece.decode()) if piece else None})
        elif kind == "Stdio":
            written.write(base64.b64decode(value["Write"]) if coded else value["Write"].encode())
sys.exit(run.wait())
PY
}

@test "a caller that says \"read\":true is asked for blocks, any other for lines" {
    records
    bundle b <<<'for l in io.lines(nil, "L") do io.write(l) end'
    seq 2000 >"$T/given"
    reads true "$T/given"
    cmp "$T/given" "$T/written"
    [ "$(sort -u "$T/asked")" = '{"Read": 65536}' ]
    [ "$(wc -l <"$T/asked")" -eq 10 ]
    reads false "$T/given"
    cmp "$T/given" "$T/written"
    [ "$(sort -u "$T/asked")" = '"Readline"' ]
    every_byte >"$T/given"
    reads true "$T/given" base64
    cmp "$T/given" "$T/written"
    bundle b <<<'io.write(io.read("a"))'
    reads true "$T/given" base64
    cmp "$T/given" "$T/written"
    [ "$(sort -u "$T/asked")" = '{"Read": 65536}' ]
}

@test "a finalizer that reads while a reply is taken apart" {
    bundle b <<'LUA'
local over, bytes = false, 0
local function arm()
    setmetatable({}, {__gc = function() if not over then bytes = bytes + #(io.read(7) or "") arm() end end})
end
for _ = 1, 50 do arm() end
local t = {}
for l in io.lines(nil, "L") do
    bytes = bytes + #l
    for i = 1, 30 do t = {t and i} end
end
over = true
print(bytes)
LUA
    seq 5000 >"$T/given"
    for piece in 4 5 50; do
        PIECE=$piece reads true "$T/given"
        [ "$(cat "$T/written")" = "$(stat -c %s "$T/given")" ]
    done
    reads false "$T/given"
    [ "$(cat "$T/written")" = "$(stat -c %s "$T/given")" ]
}

@test "a reply to Read has 1 to N bytes, or is null" {
    records
    local reply text

    text=$(printf 'x%.0s' {1..65536})
    bundle b <<<'return #io.read("a")'
    printf '%s\n' '{"read":true}' "{\"Ok\":\"$text\"}" '{"Ok":"é"}' '{"Ok":null}' >"$T/lines"
    for reply in '{"Ok":""}' "{\"Ok\":\"${text}x\"}" "{\"Ok\":\"${text:2}\\u20ac\"}" '{"Ok":1}' '{"Err":"x"}'; do
        talk '{"read":true}'
        hears '{"Stdio":{"Read":65536}}'
        tells "$reply"
        ended 3
        says '.status == "invalid" and (.message | test("1 to 65536 bytes, or"))'
    done
    talk '{"read":true}'
    hears '{"Stdio":{"Read":65536}}'
    tells "{\"Ok\":\"$text\"}"
    hears '{"Stdio":{"Read":65536}}'
    tells '{"Ok":"\u20ac"}'
    hears '{"Stdio":{"Read":65536}}'
    tells '{"Ok":null}'
    hears '{"Result":65539}'
    ended 0
    ends 3 "$runbox" run --json "$T/b" <<<'{"read":1}'
    grep -q '/read: expected true or false, not int' "$T/out"
}

@test "an owned box asks for no blocks of whom does not give them, and sends no bytes to whom reads lines" {
    records
    bundle b <<<'print("ready") while true do end'
    for said in '{"Stdio":{"Read":65536}}' '{"Stdio":{"Bytes":4}}' '{"Stdio":{"Read":3}}' '{"Stdio":{"Read":65537}}' \
        '{"Stdio":{"Bytes":0}}' '{"Stdio":{"Bytes":65537}}' '{"Stdio":{"Bytes":-1}}' '{"Stdio":{"Bytes":1e1}}' \
        '{"Stdio":{"Read":8,"Read":8}}'; do
        talk
        hears '{"Stdio":{"Write":"ready\n"}}'
        breaks "$said" .
    done
    talk '{"read":true}'
    hears '{"Stdio":{"Write":"ready\n"}}'
    breaks '{"Stdio":{"Bytes":4}}' 'its output is text'
}

# pours BYTES: from the box's own process, into the run of $T/b as a person's; its status must be WANT.
pours() {
    "$runbox" run --report "$T/report" -l wall_time=20s "$T/b" >"$T/out" 2>"$T/err" </dev/null 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds grep -q ready "$T/out"
    kin "$pid"
    printf '%b' "$1" >"$T/bytes"
    "$bin/tests/tools/inject" "$box" pour "$T/bytes" >"$T/injected" 2>&1 || true
}

@test "a person's streams are bytes: a text, a line's request, a count without its bytes" {
    bundle b <<<'print("ready") while true do end'
    for line in '{"Stdio":{"Write":"x"}}' '{"Stdio":"Readline"}' '{"Stdio":"ToEnd"}'; do
        pours "$line\n"
        ended 76
        says '.status == "protocol" and (.message | test("its streams are bytes"))'
    done
    # What a count announces is taken as output, whatever it looks like, and what follows as a line again.
    pours '{"Stdio":{"Bytes":12}}\n{"Exit":"Ok\n{"Log":{"Info":"told"}}\nno line\n'
    ended 76
    [ "$(cat "$T/out")" = $'ready\n{"Exit":"Ok' ]
    grep -q '^info: told' "$T/err"
    # A box that dies within is what killed it; what came is written.
    pours '{"Stdio":{"Bytes":9}}\nhalf'
    until_holds grep -q half "$T/out"
    kill -9 "$box"
    ended 137
    says '.status == "signal"'
}

@test "an owned box that asks again before it has read the reply is ended: replies do not pile up" {
    bundle b <<<'io.read("a") print("ready") while true do end'
    pours '{"Stdio":{"Read":4}}\n{"Stdio":{"Read":4}}\n'
    ended 76
    says '.status == "protocol" and (.message | test("before it has read the reply"))'
}
