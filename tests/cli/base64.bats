#!/usr/bin/env bats
# "encoding":"base64" in the start line: any bytes, both ways.

load lib

setup() {
    programs
    records
}

# feeds FILE SIZE: run $T/b for a caller that gives it FILE in pieces of SIZE bytes; what the script wrote is in
# $T/written, its other lines in $T/out, how many pieces it wrote in $T/pieces.
feeds() {
    timeout 120 python3 - "$runbox" "$T" "$@" 3>&- <<'PY'
import base64, json, subprocess, sys

runbox, t, name, size = sys.argv[1:]
run = subprocess.Popen([runbox, "run", "--json", "-l", "output=64M", "--report", t + "/report", t + "/b"],
                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def say(value):
    run.stdin.write(json.dumps(value).encode() + b"\n")
    run.stdin.flush()
say({"encoding": "base64"})
with open(name, "rb") as given, open(t + "/written", "wb") as written, open(t + "/out", "wb") as out:
    pieces = 0
    for line in run.stdout:
        (kind, value), = json.loads(line).items()
        if kind == "Stdio" and value in ("Readline", "ToEnd"):
            piece = given.readline(int(size)) if value == "Readline" else given.read(int(size))
            say({"Ok": base64.b64encode(piece).decode() if piece else None})
        elif kind == "Stdio":
            written.write(base64.b64decode(value["Write"], validate=True))
            pieces += 1
        else:
            out.write(line)
with open(t + "/pieces", "w") as file:
    print(pieces, file=file)
sys.exit(run.wait())
PY
}

# Every byte value, in an order that repeats no three of them.
every_byte() {
    python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256)) + bytes(range(255, -1, -1)))'
}

@test "every byte value, there and back" {
    every_byte >"$T/given"
    bundle b <<<'io.write(io.read("a"))'
    for size in 1 2 3 7 500000; do
        feeds "$T/given" "$size"
        cmp "$T/given" "$T/written"
    done
    bundle b <<<'while true do local l = io.read("L") if not l then break end io.write(l) end print("\255\0end")'
    feeds "$T/given" 100
    cmp <(cat "$T/given" && printf '\377\0end\n') "$T/written"
}

@test "several MiB of a binary, in pieces of any length" {
    head -c 5000001 /dev/urandom >"$T/given"
    bundle b '"limits":{"memory":"64M"}' <<<'io.write(io.read("a"))'
    for size in 65537 786000; do
        feeds "$T/given" "$size"
        cmp "$T/given" "$T/written"
        # A line holds at most a megabyte.
        [ "$(cat "$T/pieces")" -ge 7 ]
    done
}

@test "what is logged, called, returned and raised is text all the same; an artifact is base64 of its bytes" {
    bundle b '"calls":["echo"]' <<'LUA'
box.log.info("plain \255")
print("é\255")
box.artifact("a", "\0\255")
local back = box.call("echo", "text")
error(back, 0)
LUA
    coproc RUN { exec "$runbox" run --json "$T/b" 3>&-; }
    lives+=("$RUN_PID")
    exec {hear}<&"${RUN[0]}" {tell}>&"${RUN[1]}"
    hears() { IFS= read -r -t 10 line <&"$hear" && [ "$line" = "$1" ]; }
    echo '{"encoding":"base64"}' >&"$tell"
    hears $'{"Log":{"Info":"plain \ufffd"}}'
    hears '{"Stdio":{"Write":"w6n/Cg=="}}'
    hears '{"Artifact":{"name":"a","data":"AP8="}}'
    echo '{"Ok":null}' >&"$tell"
    hears '{"Call":{"method":"echo","params":"text"}}'
    echo '{"Ok":"no base64"}' >&"$tell"
    IFS= read -r -t 10 line <&"$hear"
    while [[ "$line" == '{"Log":{"Debug"'* || "$line" == '{"Report"'* ]]; do IFS= read -r -t 10 line <&"$hear"; done
    [ "$line" = '{"Exit":{"Err":"no base64"}}' ]
}

@test "a caller whose reply is not base64: invalid, and nothing of it reaches the script" {
    bundle b <<<'print(#io.read("a"))'
    for text in 'YQ' 'YQ=' 'YR==' 'YQ==YQ==' '====' 'Y Q=' 'YW-_' 'plain' 'YWJ\n'; do
        rm -f "$T/out"
        ends 3 "$runbox" run --json --report "$T/report" "$T/b" < <(
            echo '{"encoding":"base64"}'
            until_holds grep -q ToEnd "$T/out"
            echo "{\"Ok\":\"$text\"}"
        )
        says '.status == "invalid" and (.message | test("base64"))'
        refute grep -q '^{"Stdio":{' "$T/out"
    done
}

@test "a box whose text is not base64: protocol, and nothing of it reaches the caller" {
    bundle b <<<'io.read(1) box.log.info("has it") while true do end'
    for text in 'YQ' 'YR==' 'plain' 'YW\\u004a' '=='; do
        rm -f "$T/in" "$T/out"
        mkfifo "$T/in"
        exec {input}<>"$T/in"
        "$runbox" run --json --report "$T/report" "$T/b" <"$T/in" >"$T/out" 3>&- &
        pid=$!
        lives+=("$pid")
        echo '{"encoding":"base64"}' >&"$input"
        until_holds grep -q Readline "$T/out"
        kin "$pid"
        echo '{"Ok":"AA=="}' >&"$input"
        until_holds grep -q "has it" "$T/out" # before, a line is one too many
        line="{\"Stdio\":{\"Write\":\"$text\"}}"
        run "$bin/tests/tools/inject" "$box" write 0 "@$line\\n" $((${#line} + 1))
        ended 76
        exec {input}>&-
        says '.status == "protocol" and (.message | test("base64"))'
        refute grep -q '^{"Stdio":{' "$T/out"
    done
}
