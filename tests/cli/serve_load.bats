#!/usr/bin/env bats
# `runbox serve` with many callers, and with those that flood, dawdle or go away.

load serve

@test "64 connections at once, each with runs of its own" {
    bundle b <<<'return box.arg'
    serves --max 16 "$T/b"
    calls <<'PY'
import threading
wrong = []
def caller(i):
    try:
        t = Talk()
        for j in range(10):
            assert t.ok(arg=[i, j]) == [i, j]
        t.close()
    except BaseException as error:
        wrong.append((i, error))
all_of_them = [threading.Thread(target=caller, args=(i,)) for i in range(64)]
for one in all_of_them: one.start()
for one in all_of_them: one.join()
assert not wrong, wrong[:3]
PY
    stats '.bundles[0].runs == {"ok":640} and .bundles[0].busy == 0 and .running == 0'
    until_holds stats '.connections == 1'
    stops
}

# What the server writes is watched, for results come in the order in which processors were free. Three callers hang up
# meanwhile: whose places in its tables are free is not whose turn it is.
@test "of connections that all want the next box, each gets it in its turn" {
    bundle b <<<'return box.arg'
    serves --warm 0 --max 16 "$T/b"
    strace -qq -s 400 -e trace=write,writev,sendto,sendmsg -o "$T/trace" -p "$monitor" 3>&- &
    lives+=("$!")
    calls "$pid" "$monitor" <<'PY'
import os, signal, sys
(server, monitor), template, other, talks = map(int, sys.argv[1:]), None, Talk(), []
until(lambda: "TracerPid:\t0" not in open(f"/proc/{monitor}/status").read())
other.ok(arg=0)
(template,) = made_by(server)
os.kill(int(template), signal.SIGSTOP)
until(lambda: open(f"/proc/{template}/stat").read().rsplit(")", 1)[1].split()[0] == "T")
other = Talk()
def arrives(n):
    talks.append((n, Talk()))
    talks[-1][1].say({"arg": n})
    until(lambda: other.stats()["running"] == len(talks))
for n in range(1, 9): arrives(n)
for at in 6, 3, 1:
    talks.pop(at)[1].close()
    until(lambda: other.stats()["running"] == len(talks))
for n in range(9, 12): arrives(n)
os.kill(int(template), signal.SIGCONT)
for n, t in talks:
    assert t.ending()[0] == [("Result", n)]
PY
    grep -oE '\\"arg\\":[0-9]+' "$T/trace" | grep -oE '[0-9]+' >"$T/begun"
    diff <(printf '%s\n' 0 1 3 5 6 8 9 10 11) "$T/begun"
    stops
}

@test "hundreds of boxes ordered at once: nobody waits for who waits for it" {
    bundle b <<<'return 1'
    serves --warm 600 "$T/b"
    until_holds stats '.bundles[0].warm == 600'
    stops
}

@test "thousands of runs and hundreds of connections leave the server's memory as it was" {
    bundle b <<<'if box.arg then error(("x"):rep(1000)) end return box.options'
    # A sanitizer's build keeps what was freed, for a while.
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
    serves "$T/b"
    calls "$front" "$monitor" <<'PY'
import sys
def resident():
    return max(int(next(l for l in open(f"/proc/{pid}/status") if l.startswith("RssAnon")).split()[1]) for pid in sys.argv[1:])
def many(n):
    t = Talk()
    for i in range(n):
        t.ok()
        if i % 10 == 0:
            t.run(arg=["x" * 1000] * 100)
            t.run(no=1)
        if i % 10 == 5:
            Talk().close()
            t = Talk()
many(500)
before = resident()
many(5000)
assert resident() < before + 512, (before, resident())  # KiB: a hundred bytes a run would show
descriptors = lambda: max(len(os.listdir(f"/proc/{pid}/fd")) for pid in sys.argv[1:])
until(lambda: Talk().stats()["connections"] == 1)
assert descriptors() < 100, descriptors()
PY
    stops
}

@test "no slot and no place in the queue: busy, at once, and later served" {
    bundle b '"calls":["wait"]' <<<'box.call("wait", {}) return "done"'
    serves --max 2 --queue 3 "$T/b"
    calls <<'PY'
running, waiting = [Talk() for _ in range(2)], [Talk() for _ in range(3)]
for t in running:
    t.say({})
    assert t.hear()[0] == "Call"
for t in waiting:
    t.say({})
late = Talk()
until(lambda: of(late.stats(), "b")["queued"] == 3)
report = late.fails("refused")
assert report["message"].startswith("busy: 2 runs are under way, and 3 of b wait already"), report
assert report["evidence"] == {"counter": "queue", "value": 3} and report["exit_code"] == 4
now = of(late.stats(), "b")
assert (now["busy"], now["queued"], now["running"]) == (1, 3, 2), now
assert "refused" not in now["runs"]
order = []
while running:
    t = running.pop(0)
    t.say({"Ok": None})
    assert t.ending()[2] == "Ok"
    if waiting:  # the one that came first is the next
        running.append(waiting.pop(0))
        assert running[-1].hear()[0] == "Call"
late.say({})
assert late.hear()[0] == "Call"
late.say({"Ok": None})
assert late.ending()[2] == "Ok"
PY
    stops
}

@test "a slow reader stops its own box, and nobody else's" {
    bundle b <<<'for i = 1, box.arg do print(("x"):rep(1000)) end return "done"'
    serves --max 4 "$T/b"
    calls <<'PY'
slow = Talk()
slow.say({"arg": 4000})  # 4 MB: more than any buffer on the way
quick = Talk()
for _ in range(50):
    assert quick.ok(arg=1) == "done"
assert of(quick.stats(), "b")["running"] == 1
text = 0
for _ in range(4000):
    name, value = slow.hear()
    text += len(value["Write"])
assert text == 4000 * 1001
assert slow.hear() == ("Result", "done") and slow.ending()[2] == "Ok"
PY
    peak=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
    [ "$peak" -lt 30000 ]
    stops
}

@test "one that reads nothing at all is given up after --idle, its run with it" {
    bundle b <<<'for i = 1, 4000 do print(("x"):rep(1000)) end'
    serves --max 1 --idle 3s -l wall_time=1m "$T/b"
    calls <<'PY'
slow = Talk()
slow.say({})
quick = Talk()
quick.say({})  # the slot is the slow one's until then
while quick.hear()[0] == "Stdio":
    pass
assert quick.hear() == ("Exit", "Ok")
PY
    stats '.bundles[0].runs == {"ok":1,"cancelled":1}'
    stops
}

@test "an idle connection is closed after --idle, one with a run is not" {
    bundle b '"calls":["wait"]' <<<'return box.call("wait", {})'
    serves --idle 2s "$T/b"
    calls <<'PY'
idle, part, busy = Talk(), Talk(), Talk()
part.say(b'{"arg"')
busy.say({})
assert busy.hear()[0] == "Call"
idle.closed()
try:
    part.closed()
except ConnectionResetError:
    pass
time.sleep(3)
busy.say({"Ok": 5})
assert busy.ending()[0] == [("Result", 5)]
PY
    stops
}

@test "callers that are killed or hang up: their runs are cancelled, waiting ones too" {
    bundle b <<<'print("ready") while true do end'
    serves --max 2 -l wall_time=1m "$T/b"
    calls <<'PY'
import signal, subprocess, sys
runs = [subprocess.Popen([sys.executable, "-c", """
from serve_client import *
t = Talk()
t.say({})
t.hear()
print("ready", flush=True)
time.sleep(60)
"""], stdout=subprocess.PIPE) for _ in range(2)]
for one in runs:
    assert one.stdout.readline() == b"ready\n"
waits = Talk()
waits.say({})
t = Talk()
until(lambda: of(t.stats(), "b")["queued"] == 1)
waits.close()
until(lambda: of(t.stats(), "b")["queued"] == 0)
for one in runs:
    one.kill()
    one.wait()
until(lambda: t.stats()["running"] == 0)
assert of(t.stats(), "b")["runs"] == {"cancelled": 3}
until(lambda: t.stats()["connections"] == 1)
PY
    stops
}

@test "a flood of failing jobs for one bundle: another is served as before" {
    bundle bad <<<'if box.arg then while true do end end error("no")'
    bundle good <<<'return 1'
    serves --max 4 --queue 8 -l wall_time=10s "$T/bad" "$T/good"
    calls <<'PY'
import threading
stop, counts = threading.Event(), {}
def flood(i):
    t = Talk()
    while not stop.is_set():
        # some fail at once, some hold their slot as long as they may, and the queue is full
        _, report, _ = t.run(bundle="bad", arg=True if i % 2 else None)
        counts[report["status"]] = counts.get(report["status"], 0) + 1
flooding = [threading.Thread(target=flood, args=(i,)) for i in range(24)]
for one in flooding: one.start()
t = Talk()
until(lambda: of(t.stats(), "bad")["busy"] > 0)
worst = 0
for _ in range(100):
    began = time.monotonic()
    assert t.ok(bundle="good") == 1
    worst = max(worst, time.monotonic() - began)
stop.set()
now = of(t.stats(), "good")
assert now["runs"] == {"ok": 100} and now["busy"] == 0
# A slot is kept for it: never has it to wait for one of the other's to end, which takes ten seconds.
assert worst < 9, worst
for one in flooding: one.join()
assert counts["refused"] > 0 and counts["wall_time"] > 0, counts
PY
    stops
}

@test "more callers than --connections wait until one leaves" {
    bundle b <<<'return 1'
    serves --connections 2 "$T/b"
    calls <<'PY'
a, b, c = Talk(), Talk(), Talk(timeout=0.5)
assert a.ok() == 1 and b.ok() == 1
c.say({})
try:
    c.hear()
    assert False, "served"
except TimeoutError:
    pass
a.close()
c = Talk()
b.close()
assert c.ok() == 1
PY
    stops
}

@test "with no descriptor left for a connection the others go on, and it comes later" {
    bundle b <<<'return 1'
    serves --warm 0 "$T/b"
    prlimit --pid "$front" --nofile=64:64
    calls "$front" <<'PY'
import sys
t = Talk()
many = [Talk() for _ in range(100)]
time.sleep(0.3)
before = ticks_of(sys.argv[1])
time.sleep(1)
assert ticks_of(sys.argv[1]) - before < 30, "it spins"
for one in many: one.close()
until(lambda: Talk().run()[2] == "Ok")
assert t.ok() == 1
PY
    stops
}

@test "too few descriptors for what was asked: said before anybody connects" {
    bundle b <<<'return 1'
    ends 125 prlimit --nofile=300:300 "$runbox" serve --socket "$SOCKET" "$T/b"
    grep -qE 'descriptors: [0-9]+ are needed .* only 300 are allowed' "$T/err"
    [ ! -e "$SOCKET" ]
    ends 125 prlimit --nofile=300:300 "$runbox" serve --connections 8 --max 100 --socket "$SOCKET" "$T/b"
}

@test "a box that computes for long gives way: its nice value is greater by 10; others' are the server's" {
    bundle b <<<'if box.arg then while true do end end return io.read()'
    as=(nice -n 3)
    serves --max 2 --warm 2 "$T/b"
    calls "$pid" <<'PY'
import sys
def nice(pid): # proc_pid_stat(5), field 19
    return int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[16])
long, short = Talk(), Talk()
long.say({"arg": 1})
short.say({})
assert short.hear() == ("Stdio", "Readline")
boxes = lambda: [pid for template in made_by(sys.argv[1]) for pid in children(template)]
own = nice(sys.argv[1])
until(lambda: sorted(map(nice, boxes()))[-1:] == [min(own + 10, 19)])
assert sorted(map(nice, boxes()))[:-1] == [own] * (len(boxes()) - 1), list(map(nice, boxes()))
assert {nice(pid) for pid in children(sys.argv[1])} == {own}
long.close()
short.say({"Ok": "x\n"})
assert short.ending()[2] == "Ok"
PY
    stops
}
