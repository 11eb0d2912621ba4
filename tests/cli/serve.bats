#!/usr/bin/env bats
# `runbox serve`: the wire over a socket, one connection at a time.

load serve

@test "many runs after one another on one connection, each a fresh one" {
    bundle b <<<'n = (n or 0) + 1 return {n = n, arg = box.arg}'
    serves "$T/b"
    calls <<'PY'
t = Talk()
for i in range(200):
    assert t.ok(arg=i) == {"n": 1, "arg": i}
assert of(t.stats(), "b")["runs"] == {"ok": 200}
t.close()
PY
    stats '.bundles[0].latency.count == 200 and .bundles[0].template_restarts == 0'
    stops
}

@test "output, logs, calls and input cross as with run --json" {
    bundle b '"calls":["add"]' <<'LUA'
print("one")
box.log.info("two")
local sum = box.call("add", {1, 2})
local line = io.read()
return {sum, line, io.read("a")}
LUA
    serves "$T/b"
    calls <<'PY'
t = Talk()
for _ in range(3):
    t.say({})
    assert t.hear() == ("Stdio", {"Write": "one\n"})
    assert t.hear() == ("Log", {"Info": "two"})
    assert t.hear() == ("Call", {"method": "add", "params": [1, 2]})
    t.say({"Ok": 3})
    assert t.hear() == ("Stdio", "Readline")
    t.say({"Ok": "line\n"})
    for text in "rest", None:
        assert t.hear() == ("Stdio", "ToEnd")
        t.say({"Ok": text})
    events, report, end = t.ending()
    assert events == [("Result", [3, "line", "rest"])], events
    assert report["calls"] == 1 and end == "Ok"
PY
    stops
}

@test "each run has the encoding of its own start line" {
    bundle b <<<'io.write(box.arg or "\255") return io.read("a")'
    serves "$T/b"
    calls <<'PY'
t = Talk()
for text, given, encoding in ("\ufffd", "x", "utf-8"), ("/w==", "eA==", "base64"), ("\ufffd", "x", "utf-8"):
    t.say({"encoding": encoding})
    assert t.hear() == ("Stdio", {"Write": text})
    for piece in given, None:
        assert t.hear() == ("Stdio", "ToEnd")
        t.say({"Ok": piece})
    assert t.ending()[0] == [("Result", "x")]
PY
    stops
}

@test "which bundle: by its manifest's name; without one only where there is one" {
    bundle a <<<'return "a" .. box.name'
    bundle b <<<'return "b" .. box.name'
    serves "$T/a" "$T/b"
    calls <<'PY'
t = Talk()
assert t.ok(bundle="a") == "aa"
assert t.ok(bundle="b") == "bb"
assert "a member is missing, for several are served here: a, b" in t.fails("invalid")["message"]
assert "it is none of those that are served here: a, b" in t.fails("invalid", bundle="c\n")["message"]
assert "expected a string" in t.fails("invalid", bundle=1)["message"]
assert 'unknown member "bundel"' in t.fails("invalid", bundel="a")["message"]
assert t.ok(bundle="a") == "aa"
assert t.stats()["unnamed"] == 4
PY
    stops
}

@test "a start line in error: Report and Exit, and the connection goes on" {
    bundle b '"arg":{"type":"integer"},"options":{"type":"object","properties":{"n":{"type":"integer"}}}' <<<'return box.arg'
    serves "$T/b"
    calls <<'PY'
t = Talk()
for line in b"{\n", b"[]\n", b'{"no":1}\n', b'{"arg":"x"}\n', b'{"arg":1,"options":{"n":"x"}}\n', \
        b'{"stats":{"a":1}}\n', b'{"stats":{},"arg":1}\n', b'{"encoding":"base65"}\n', b'\xff\n':
    t.say(line)
    events, report, end = t.ending()
    assert events == [] and report["status"] == "invalid" and "SetupFailed" in end, (line, report)
    assert t.ok(arg=7) == 7
assert of(t.stats(), "b")["runs"] == {"ok": 9, "invalid": 2}, t.stats()
assert t.stats()["unnamed"] == 7
PY
    stops
}

@test "a start line that is too long, or ends early: the connection is closed after its Exit" {
    bundle b <<<'return 1'
    serves "$T/b"
    calls <<'PY'
t = Talk()
assert t.ok() == 1
t.say(b'{"arg":"' + b"x" * (1 << 20) + b'"}\n')
events, report, end = t.ending()
assert report["status"] == "invalid" and "longer than 1048576 bytes" in report["message"]
try:
    t.closed()
except ConnectionResetError:
    pass
t = Talk()
t.say(b'{"arg":')
t.socket.shutdown(socket.SHUT_WR)
assert "the input ends" in t.ending()[1]["message"]
t.closed()
t = Talk()
t.say(b'\n \r\n{"arg":1}')
t.socket.shutdown(socket.SHUT_WR)
assert t.ending()[1]["status"] == "ok"
t.closed()
t = Talk()
assert t.ok(arg="x" * ((1 << 20) - 100)) == 1
PY
    stops
}

@test "a line that no request waits for ends the run as invalid, and the connection" {
    bundle b <<<'print("ready") while true do end'
    serves -l wall_time=10s "$T/b"
    calls <<'PY'
for late in False, True:
    t = Talk()
    t.say(*([{}] if late else [{}, {}, {}]))
    if late:
        assert t.hear() == ("Stdio", {"Write": "ready\n"})
        t.say({})
    events, report, end = t.ending()
    assert report["status"] == "invalid" and "no request of the box is waiting for" in report["message"], report
    t.closed()
PY
    stats '.running == 0 and .bundles[0].runs.invalid == 2'
    stops
}

@test "a reply that comes when its run is over is nobody's: the next line is a start line" {
    bundle b '"calls":["wait"]' <<<'if box.arg then return box.arg end box.call("wait", {})'
    serves -l wall_time=200ms "$T/b"
    calls <<'PY'
t = Talk()
t.say({})
assert t.hear()[0] == "Call"
assert t.ending()[1]["status"] == "wall_time"
t.say({"Ok": 1})
assert t.ok(arg=2) == 2
t.say({})
assert t.hear()[0] == "Call"
assert t.ending()[1]["status"] == "wall_time"
assert t.ok(arg=3) == 3 # one that was never written is waited for by nobody
t.say({"Ok": 1})
assert t.ending()[1]["status"] == "invalid"
PY
    stops
}

@test "half-closed after the start line, everything still comes" {
    bundle b <<<'for i = 1, 3 do print(i) end return os.clock() >= 0'
    serves "$T/b"
    calls <<'PY'
t = Talk()
t.say({})
t.socket.shutdown(socket.SHUT_WR)
events, report, end = t.ending()
assert [e for e in events if e[0] == "Stdio"] == [("Stdio", {"Write": f"{i}\n"}) for i in (1, 2, 3)]
assert end == "Ok" and ("Result", True) in events
t.closed()
PY
    printf '{}\n' | timeout 120 python3 -c 'import socket, sys, os
s = socket.socket(socket.AF_UNIX); s.connect(os.environ["SOCKET"]); s.sendall(sys.stdin.buffer.read()); s.shutdown(1)
sys.stdout.buffer.write(s.makefile("rb").read())' >"$T/out"
    [ "$(tail -1 "$T/out")" = '{"Exit":"Ok"}' ]
    stops
}

@test "statuses of a script that misbehaves, warm and fresh" {
    bundle spins '"limits":{"wall_time":"300ms"}' <<<'while true do end'
    bundle b <<<'local how = box.arg
if how == "error" then error("broke", 0) end
if how == "memory" then local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end
return how'
    for how in "" --fresh; do
        serves $how "$T/b" "$T/spins"
        calls <<'PY'
t = Talk()
for _ in range(3):
    assert t.fails("error", bundle="b", arg="error")["message"] == "broke"
    assert t.fails("wall_time", bundle="spins")["exit_code"] == 124
    assert t.fails("memory", bundle="b", arg="memory")["exit_code"] == 137
    assert t.ok(bundle="b", arg="well") == "well"
PY
        stats '.bundles[0].runs == {"ok":3,"error":3,"memory":3} and .bundles[1].runs == {"wall_time":3}'
        stats ".bundles[0].warm $([ -n "$how" ] && echo '== 0' || echo '>= 0')"
        stops
    done
}

@test "keys of the start line reach a granted bundle, and no other" {
    bundle keys '"keyring_access":["aws"]' <<'LUA'
local there, k = pcall(box.keyring, "aws")
return there and #k[1].secret_key
LUA
    bundle none <<<'return (pcall(box.keyring, "aws"))'
    ends 4 "$runbox" serve --socket "$SOCKET" "$T/keys"
    grep -q -- '--grant keyring:aws' "$T/err"
    [ ! -e "$SOCKET" ]
    serves -g keyring:aws "$T/keys" "$T/none"
    calls <<'PY'
t = Talk()
entry = {"namespace": "aws", "access_key": "AK", "secret_key": "s3cret-" + "canary"}
assert t.ok(bundle="keys", keyring=[entry]) == len(entry["secret_key"])
assert t.ok(bundle="keys", keyring=[]) is False
assert t.ok(bundle="none", keyring=[entry]) is False
assert t.fails("invalid", keyring=[entry])["message"]
PY
    # Nothing of them is left in the server: neither of the runs, nor of the line that named no bundle.
    python3 - "$front" "$monitor" <<'PY'
import re, sys
def sees(pid):
    sees = False
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            begin, end = (int(x, 16) for x in found.groups()) if found else (0, 0)
            if not 0 < end - begin < 1 << 30:  # a sanitizer's shadow has terabytes, none of the program's
                continue
            mem.seek(begin)
            data = mem.read(end - begin)
            assert b"s3cret-" + b"canary" not in data, (pid, line)
            sees = sees or b"return there and #k[1].secret_key" in data
    return sees
# The bundle's source: this look sees what is there, and the front has none of it.
assert [sees(pid) for pid in sys.argv[1:]] == [False, True]
PY
    stops
}

@test "keys of the store, for a run that brings none" {
    export XDG_CONFIG_HOME="$T/config"
    printf 'from the store' | "$runbox" keyring add aws:AK
    bundle b '"keyring_access":["aws"]' <<<'local k = box.keyring("aws") return #k > 0 and k[1].secret_key or "none"'
    serves -g keyring:aws "$T/b"
    calls <<'PY'
t = Talk()
for _ in range(3):
    assert t.ok() == "from the store"
    assert t.ok(keyring=[{"namespace": "aws", "access_key": "AK", "secret_key": "the caller's"}]) == "the caller's"
PY
    stops
    serves --store credentials -g keyring:aws "$T/b"
    calls <<<'assert "CREDENTIALS_DIRECTORY is not set to a directory" in Talk().fails("setup")["message"]'
    stops
}

@test "two bundles of one name, no bundle, no socket, wrong numbers: usage errors" {
    bundle a <<<'return 1'
    mkdir "$T/other"
    cp "$T"/a/* "$T/other"
    ends 2 "$runbox" serve --socket "$SOCKET" "$T/a" "$T/other"
    grep -q 'has the same name, a, as' "$T/err"
    ends 2 "$runbox" serve --socket "$SOCKET" "$T/a" "$T/a"
    ends 2 "$runbox" serve --socket "$SOCKET"
    ends 2 "$runbox" serve "$T/a"
    for wrong in --max=0 --max=x --queue=-1 --warm=1001 --idle=x --drain=-1s --allow-uid=root --store=x --cgroup-parent=x \
        --connections=0 --limit=x --no-such; do
        ends 2 "$runbox" serve --socket "$SOCKET" "$wrong" "$T/a"
    done
    ends 3 "$runbox" serve --socket "$SOCKET" "$T/none"
    [ ! -e "$SOCKET" ]
    ends 2 "$runbox" serve --socket "$T/$(printf 'x%.0s' {1..200})" "$T/a"
    ends 0 "$runbox" serve --help
}

@test "two faults in a manifest are both said" {
    bundle a '"limits":{"memory":"64X"},"main":7' <<<'return 1'
    ends 3 "$runbox" serve --socket "$SOCKET" "$T/a"
    grep -q 64X "$T/err"
    grep -q /main "$T/err"
    [ "$(grep -c "^runbox: $T/a/manifest.json:" "$T/err")" -eq 2 ]
    [ "$(wc -l <"$T/err")" -eq 2 ]
}

@test "every Report and the Stats line fit their schemas" {
    bundle b <<<'return 1'
    serves --queue 0 --max 1 "$T/b"
    calls >"$T/said" <<'PY'
t, u = Talk(), Talk()
for line in {}, [], {"stats": {}}:
    t.say(line)
    print(t.lines.readline().decode(), end="")
    while line != {"stats": {}} and "Exit" not in (said := t.lines.readline().decode()):
        print(said, end="")
PY
    jq -c 'select(.Report) | .Report' "$T/said" >"$T/reports"
    jq -c 'select(.Stats) | .Stats' "$T/said" >"$T/numbers"
    [ "$(wc -l <"$T/reports")" -eq 2 ]
    [ "$(wc -l <"$T/numbers")" -eq 1 ]
    while read -r one; do
        ends 0 "$runbox" validate report - <<<"$one"
    done <"$T/reports"
    ends 0 "$runbox" validate stats "$T/numbers"
    stops
}
