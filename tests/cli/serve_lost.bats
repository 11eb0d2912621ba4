#!/usr/bin/env bats
# `runbox serve` whose waiting boxes, or template, are killed: where nothing had begun, no run fails for it.

load serve

# What the tests below need of the process tree: the template, and its boxes by number.
look='
import signal, sys
server = int(sys.argv[1])
def state(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"
def boxes():
    return [p for t in made_by(server) for p in children(t) if state(p) != "Z"]
def hold(pid, wanted="T"):
    os.kill(pid, signal.SIGSTOP)
    until(lambda: state(pid) == wanted)
'

@test "waiting boxes that were killed are no longer warm, and are made anew" {
    bundle b <<<'return box.arg'
    serves --warm 6 "$T/b"
    calls "$pid" <<PY
$look
t = Talk()
until(lambda: of(t.stats(), "b")["warm"] == 6)
for round in range(3):
    until(lambda: len(boxes()) == 6) # one whose run has ended may take a moment to go
    old = boxes()
    for box in old:
        os.kill(box, signal.SIGKILL)
    until(lambda: of(t.stats(), "b")["warm"] == 6 and not set(old) & set(boxes()))
    for i in range(8):
        assert t.ok(arg=i) == i
    until(lambda: of(t.stats(), "b")["warm"] == 6)
now = of(t.stats(), "b")
assert now["boxes_lost"] == 18 and now["runs"] == {"ok": 24} and now["template_restarts"] == 0, now
PY
    stops
}

@test "killed in the moment before their runs: every run has another box" {
    bundle b <<<'return box.arg'
    serves --warm 4 "$T/b"
    calls "$pid" <<PY
$look
t = Talk()
until(lambda: of(t.stats(), "b")["warm"] == 4)
for i in range(20):
    # The server sleeps through this, and finds the deaths together with the start line or after it.
    for pid in children(server): hold(pid)
    # Each asleep in its read: one on its way there would read the line before it sees that it is dead.
    waiting = boxes()
    until(lambda: all(state(box) in "SZ" for box in waiting))
    for box in waiting:
        os.kill(box, signal.SIGKILL)
    t.say({"arg": i})
    for pid in children(server): os.kill(pid, signal.SIGCONT)
    events, report, end = t.ending()
    assert end == "Ok" and events == [("Result", i)], report
assert of(t.stats(), "b")["runs"] == {"ok": 20}
PY
    stops
}

@test "a box that is killed with its start line unread is not its run's end" {
    bundle b '"calls":["m"]' <<<'return #box.arg'
    serves --warm 1 "$T/b"
    calls "$pid" <<PY
$look
t, other = Talk(), Talk()
for size in 1, 900000:  # the second is more than a wire holds: a part of it is not even sent
    until(lambda: of(other.stats(), "b")["warm"] == 1)
    until(lambda: len(boxes()) == 1)
    box, = boxes()
    hold(box)
    t.say({"arg": "x" * size})
    until(lambda: of(other.stats(), "b")["running"] == 1)
    os.kill(box, signal.SIGKILL)
    events, report, end = t.ending()
    assert end == "Ok" and events == [("Result", size)], report
now = of(other.stats(), "b")
assert now["runs"] == {"ok": 2} and now["boxes_lost"] == 2, now
PY
    stops
}

@test "one that is killed after it has begun is: it is not begun twice" {
    bundle b '"calls":["m"]' <<<'while true do end'
    serves --warm 1 -l wall_time=1m "$T/b"
    calls "$pid" <<PY
$look
t, other = Talk(), Talk()
until(lambda: of(other.stats(), "b")["warm"] == 1)
box, = boxes()
t.say({})
until(lambda: int(open(f"/proc/{box}/stat").read().rsplit(")", 1)[1].split()[11]) > 10)  # a tenth of a second of CPU
os.kill(box, signal.SIGKILL)
events, report, end = t.ending()
assert report["status"] == "signal" and end != "Ok", report
assert of(other.stats(), "b")["boxes_lost"] == 0
PY
    stops
}

@test "a template that is killed while runs wait for its boxes: they wait for the next one's" {
    bundle b <<<'return box.arg'
    serves --warm 0 --max 4 "$T/b"
    calls "$pid" <<PY
$look
assert Talk().ok(arg=1) == 1
for round in range(2):
    template, = made_by(server)
    hold(template)
    talks = [Talk() for _ in range(4)]
    for i, t in enumerate(talks):
        t.say({"arg": i})
    until(lambda: Talk().stats()["running"] == 4)
    os.kill(template, signal.SIGKILL)
    for i, t in enumerate(talks):
        events, report, end = t.ending()
        assert end == "Ok" and events == [("Result", i)], report
now = of(Talk().stats(), "b")
assert now["runs"] == {"ok": 9} and now["template_restarts"] == 2, now
PY
    stops
}

@test "where boxes die as soon as they are made, a run is told after a few" {
    bundle b <<<'return 1'
    serves --warm 1 "$T/b"
    calls "$pid" <<PY
$look
import threading
t, other = Talk(), Talk()
stop = threading.Event()
def kill_all():
    while not stop.is_set():
        for template in made_by(server):
            try:
                os.kill(template, signal.SIGKILL)
            except ProcessLookupError:
                pass
killer = threading.Thread(target=kill_all)
killer.start()
ended = [t.run()[1]["status"] for _ in range(20)]
assert other.stats()["connections"] == 2
stop.set()
killer.join()
assert set(ended) <= {"ok", "setup", "signal"}, ended
until(lambda: t.run()[2] == "Ok")
PY
    stops
}

@test "a bundle's monitor, or its broker, that is killed: what had not begun has another, the other bundle does not notice" {
    bundle b <<<'print("begun") return io.read()'
    bundle c <<<'return io.read()'
    serves --warm 1 "$T/b" "$T/c"
    calls "$pid" <<PY
$look
other = Talk()
other.say({"bundle": "c"})
assert other.hear() == ("Stdio", "Readline")
for which in 1, 0: # of the last two children: a broker and its monitor; b's are made anew each time
    first = children(server)[1:3] if which else children(server)[-2:]
    begun, waits = Talk(), Talk()
    begun.say({"bundle": "b"})
    assert begun.hear() == ("Stdio", {"Write": "begun\n"})
    hold(first[0]) # no more boxes are made
    for _ in range(2): # the first has the box that waits
        waits = Talk()
        waits.say({"bundle": "b"})
        time.sleep(0.05)
    os.kill(first[which], signal.SIGKILL)
    os.kill(first[0], signal.SIGCONT) if which else None
    assert begun.ending()[1]["status"] in ("setup", "signal"), which
    event = waits.hear()
    assert event == ("Stdio", {"Write": "begun\n"}), event
    waits.hear()
    waits.say({"Ok": "here\n"})
    assert waits.ending()[0] == [("Result", "here")]
    until(lambda: all(state(p) == "Z" for p in first))
other.say({"Ok": "unharmed\n"})
assert other.ending()[0] == [("Result", "unharmed")]
PY
    stops
}

# Its monitor is busy with others' arguments, one after the other, when the box reads its line, and does not come to say so by itself.
@test "a bundle's monitor that is killed while it checks others' arguments, or results: what had begun is not begun twice" {
    mkdir "$T/data"
    bundle b '"seccomp":{"profile":"files"},"filesystem":{"mounts":[{"source":"'"$T/data"'","target":"/data","mode":"rw"}]},"arg":{"pattern":"^(a|aa|aaa|a+)+$"},"result":{"pattern":"^(a|aa|aaa|a+)+$"}' <<'END'
if box.arg == "aaa" then return ("a"):rep(6000) .. "b" end
local f = assert(io.open("/data/log", "a"))
f:write("begun\n")
f:close()
local t = os.clock()
while os.clock() - t < 2.5 do end
END
    serves --max 12 -g "mount:$T/data:rw" "$T/b"
    calls "$pid" "$T/data/log" <<PY
$look
import os.path, threading
log = sys.argv[2]
def costly():
    try:
        t = Talk()
        while True:
            t.say({"arg": costs})
            t.ending()
    except Exception:
        pass # the server has ended
costs = "aaa" # its result
for i in range(3):
    threading.Thread(target=costly, daemon=True).start()
for i in range(4):
    if i == 2: costs = "a" * 6000 + "b"
    if os.path.exists(log): os.unlink(log)
    time.sleep(0.5)
    t = Talk()
    t.say({"arg": "a"})
    until(lambda: os.path.exists(log) and os.path.getsize(log))
    time.sleep(0.3)
    os.kill(children(server)[-1], signal.SIGKILL)
    end = t.ending()[1]
    assert end["status"] == "setup", end
    assert open(log).read() == "begun\n", open(log).read()
os._exit(0)
PY
    stops
}

@test "a bundle that has changed when its monitor is lost: not served until it is read again, which is said once" {
    bundle b <<<'return 1'
    serves --warm 1 "$T/b"
    echo 'return 2' >"$T/b/main.lua"
    kill -KILL "$monitor"
    until_holds grep -q 'b: has changed since it was read, and its broker has ended' "$T/log"
    calls <<<'assert "has changed since it was read" in Talk().fails("setup")["message"]'
    sleep 2.5 # two more tries
    [ "$(grep -c 'has changed since' "$T/log")" -eq 1 ]
    kill -HUP "$pid"
    until_holds eval 'calls <<<"assert Talk().ok() == 2"'
    stats '.bundles[0].reloads == 1'
    stops
}
