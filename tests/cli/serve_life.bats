#!/usr/bin/env bats
# The life of a server: its socket, whom it serves, signals, what dies under it.

load serve

waits() {
    bundle b '"calls":["wait"]' <<<'print("ready") return box.call("wait", {})'
}

@test "the socket is born with mode 0600, and 0666 where others are served" {
    bundle b <<<'return 1'
    for more in "" "--allow-uid 12345"; do
        (umask 000 && exec strace -f -o "$T/trace" -e trace=umask,bind,chmod,fchmod,fchmodat "$runbox" serve --socket "$SOCKET" \
            $more "$T/b" >"$T/log" 2>&1 3>&-) &
        tracer=$!
        until_holds listening
        [ "$(stat -c %a "$SOCKET")" = "$([ -n "$more" ] && echo 666 || echo 600)" ]
        refute grep -q chmod "$T/trace"
        kill -TERM "$(sed -n '1s/ .*//p' "$T/trace")"
        wait "$tracer"
        [ ! -e "$SOCKET" ]
    done
}

@test "an ordinary user is served where --allow-uid names it, and nobody else" {
    for_all
    bundle b <<<'return 1'
    serves --allow-uid 12345 "$T/b"
    by=("${ordinary[@]}")
    calls <<'PY'
assert os.getuid() == 12345
t = Talk()
assert t.ok() == 1
PY
    by=(setpriv --reuid 12346 --regid 12345 --clear-groups)
    calls <<'PY'
t = Talk()
events, report, end = t.ending()  # it need not say anything
assert report["status"] == "refused" and "user 12346 may not use this server (--allow-uid)" in report["message"]
try:
    t.closed()
except ConnectionResetError:
    pass
PY
    ends 4 setpriv --reuid 12346 --regid 12345 --clear-groups "$runbox" stats --socket "$SOCKET"
    grep -q 'user 12346 may not use' "$T/err"
    ends 0 "${ordinary[@]}" "$runbox" stats --socket "$SOCKET"
    stats '.connections_refused == 2 and .bundles[0].runs == {"ok":1}'
    stops
    serves "$T/b"
    by=("${ordinary[@]}")
    calls <<'PY'
try:
    Talk()
    assert False, "connected"
except PermissionError:
    pass
PY
    stops
}

@test "an ordinary user serves, and root may come too" {
    for_all
    bundle b <<<'return 1'
    as=("${ordinary[@]}")
    serves --best-effort "$T/b"
    grep -qx 'NoNewPrivs:	1' "/proc/$monitor/status"
    calls <<<'assert Talk().ok() == 1'
    by=("${ordinary[@]}")
    calls <<<'assert Talk().ok() == 1'
    stops
}

@test "a dead server's socket makes way, a living one's does not, nor does a file" {
    bundle b <<<'return 1'
    serves "$T/b"
    ends 125 "$runbox" serve --socket "$SOCKET" "$T/b"
    grep -q 'another server has this socket' "$T/err"
    calls <<<'assert Talk().ok() == 1'
    kill -KILL "$pid"
    wait "$pid" || true
    [ -S "$SOCKET" ]
    serves "$T/b"
    calls <<<'assert Talk().ok() == 1'
    stops
    echo text >"$SOCKET"
    ends 125 "$runbox" serve --socket "$SOCKET" "$T/b"
    grep -q 'is there already, and no socket' "$T/err"
    [ "$(cat "$SOCKET")" = text ]
    rm "$SOCKET"
    timeout 120 python3 -c 'import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print(1, flush=True)
time.sleep(100)' "$SOCKET" >"$T/other" 3>&- &
    other=$!
    until_holds test -s "$T/other"
    ends 125 "$runbox" serve --socket "$SOCKET" "$T/b"
    grep -q 'another server listens at this socket' "$T/err"
    kill "$other"
}

@test "of eight servers that start at once on a stale socket one serves" {
    bundle b <<<'return 1'
    serves "$T/b"
    kill -KILL "$pid"
    wait "$pid" || true
    for i in {1..8}; do
        "$runbox" serve --warm 0 --socket "$SOCKET" "$T/b" >"$T/log.$i" 2>&1 3>&- &
        lives+=($!)
    done
    until_holds listening
    until_holds eval '[ "$(cat "$T"/log.* | wc -l)" -eq 7 ]'
    [ "$(cat "$T"/log.* | grep -cE 'another server (has|listens at) this socket')" -eq 7 ]
    calls <<<'assert Talk().ok() == 1'
}

@test "SIGTERM: runs under way end well, waiting ones are sent away, nobody new comes" {
    waits
    serves --max 1 "$T/b"
    calls "$pid" <<'PY'
import signal, sys
runs, waits, idle = Talk(), Talk(), Talk()
runs.say({})
runs.hear()
assert runs.hear()[0] == "Call"
waits.say({})
until(lambda: of(idle.stats(), "b")["queued"] == 1)
os.kill(int(sys.argv[1]), signal.SIGTERM)
events, report, end = waits.ending()
assert (report["status"], report["signal"], report["exit_code"]) == ("cancelled", 15, 143), report
waits.closed()
idle.closed()
try:
    Talk()
    assert False, "connected"
except (FileNotFoundError, ConnectionRefusedError):
    pass
runs.say({"Ok": "late"})
events, report, end = runs.ending()
assert events == [("Result", "late")] and end == "Ok"
runs.closed()
PY
    stopped 0
}

@test "a second SIGTERM, or the end of --drain: the runs are cancelled, and told" {
    waits
    for how in second drain; do
        serves --drain "$([ "$how" = drain ] && echo 300ms || echo 1m)" "$T/b"
        calls "$pid" "$how" <<'PY'
import signal, sys
t = Talk()
t.say({})
t.hear()
assert t.hear()[0] == "Call"
os.kill(int(sys.argv[1]), signal.SIGTERM)
if sys.argv[2] == "second":
    until(lambda: heard(sys.argv[1]))
    os.kill(int(sys.argv[1]), signal.SIGINT)
events, report, end = t.ending()
assert (report["status"], report["signal"]) == ("cancelled", 15), report
t.closed()
PY
        stopped 143
    done
}

@test "SIGHUP: a changed bundle is read again, a run under way keeps its own, a broken one changes nothing" {
    bundle b '"calls":["wait"]' <<<'if box.arg then box.call("wait", {}) end return 1'
    bundle c <<<'return "c"'
    serves "$T/b" "$T/c"
    calls "$pid" "$T" <<'PY'
import signal, sys
pid, place = int(sys.argv[1]), sys.argv[2]
def reload(): os.kill(pid, signal.SIGHUP)
def write(text, name="main.lua"):
    with open(f"{place}/b/{name}", "w") as f: f.write(text)
old, t = Talk(), Talk()
old.say({"bundle": "b", "arg": True})
assert old.hear()[0] == "Call"
write("return 2")
assert t.ok(bundle="b") == 1  # not before it is told
reload()
until(lambda: of(t.stats(), "b")["reloads"] == 1)
assert t.ok(bundle="b") == 2
old.say({"Ok": None})
assert old.ending()[0] == [("Result", 1)]
assert old.ok(bundle="b") == 2
manifest = open(f"{place}/b/manifest.json").read()
write("{", "manifest.json")
write("return 3")
reload()
until(lambda: "manifest.json" in open(place + "/log").read())
assert t.ok(bundle="b") == 2
write(manifest, "manifest.json")
reload()
until(lambda: of(t.stats(), "b")["reloads"] == 2)
assert t.ok(bundle="b") == 3 and t.ok(bundle="c") == "c"
assert of(t.stats(), "c")["reloads"] == 0
PY
    stops
}

@test "a killed template: the next run works, and the numbers tell" {
    bundle b <<<'if box.arg then print("begun") while true do end end return 1'
    serves "$T/b"
    until_holds stats '.bundles[0].warm == 4'
    [ "$(children | wc -w)" -eq 1 ]
    first=$(children)
    kill -KILL $first
    until_holds eval '[ -n "$(children)" ] && [ "$(children)" != "$first" ]'
    until_holds stats '.bundles[0].warm == 4'
    stats '.bundles[0].template_restarts == 1'
    calls <<<'assert Talk().ok() == 1'
    # With a run that has begun: that one is lost, which its caller is told.
    calls "$pid" <<'PY'
import signal, sys
busy, t = Talk(), Talk()
busy.say({"arg": True})
assert busy.hear()[0] == "Stdio"
template, = made_by(sys.argv[1])
os.kill(template, signal.SIGKILL)
events, report, end = busy.ending()
assert report["status"] in ("signal", "setup"), report
assert busy.ok() == 1 and t.ok() == 1
assert of(t.stats(), "b")["template_restarts"] == 2
PY
    stops
}

@test "a killed server leaves no process, and the next one sweeps its groups" {
    waits
    serves "$T/b"
    calls "$pid" <<'PY'
import signal, sys
t = Talk()
t.say({})
t.hear()
assert t.hear()[0] == "Call"
tree = set()
def below(pid):
    for child in children(pid):
        tree.add(child)
        below(child)
below(sys.argv[1])
assert len(tree) >= 2
os.kill(int(sys.argv[1]), signal.SIGKILL)
try:
    t.closed()
except ConnectionResetError:
    pass
until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in tree))
PY
    old=$pid
    wait "$pid" || true
    serves "$T/b"
    until_holds no_groups_of "$old"
    stops
}

@test "limits and grants of the command line, a parent for the groups" {
    bundle b '"limits":{"cpus":0.25}' <<<'return 1'
    own=$(sed -n 's/^[0-9]*:\(.*,\)*cpu\(,.*\)*:\(.*\)$/\3/p' /proc/self/cgroup | head -1)
    ends 125 "$runbox" serve --socket "$SOCKET" --cgroup-parent /runbox-no-such-group "$T/b"
    ends 4 "$runbox" serve --socket "$SOCKET" -l memory=4G "$T/b"
    grep -q -- '--grant limit:memory=4G' "$T/err"
    serves --cgroup-parent "${own:-/}" -l memory=4G -g limit:memory=4G -l wall_time=7s "$T/b"
    calls <<'PY'
held = Talk().run()[1]["enforced"]
assert held["memory"]["effective"] == 4 << 30 and held["wall_time"]["effective"] == 7, held
assert held["cpus"]["effective"] == 0.25, held
PY
    stops
}
