#!/usr/bin/env bats
# `runbox serve` with all its connections taken: its numbers are told all the same, and who comes is told where he is.

load serve

@test "all connections are taken, hundreds wait: the numbers are told" {
    bundle b '"calls":["m"]' <<<'return box.call("m", {})'
    serves --connections 3 --max 1 "$T/b"
    calls <<'PY'
half, runs, idle = Talk(), Talk(), Talk()
runs.say({})
assert runs.hear()[0] == "Call"
half.say(b'{"arg"')
assert idle.stats()["connections"] == 3
wait = [Talk() for _ in range(300)]
for t in wait[:200]:
    t.say({})
now = Talk()
for _ in range(3):  # on one connection, which has no place before or after
    assert until(now.stats)["connections"] == 304
late = Talk()
late.say({"stats": {}})
assert late.hear()[0] == "Stats"
late.say({})  # a start line waits like the others'
late.socket.settimeout(0.5)
try:
    late.hear()
    assert False, "served"
except TimeoutError:
    pass
idle.close()
half.close()
runs.say({"Ok": 1})
assert runs.ending()[2] == "Ok"
runs.close()
for t in wait[:200]:  # everybody is served in the end
    assert t.hear()[0] == "Call"
    t.say({"Ok": 1})
    assert t.ending()[2] == "Ok"
    t.close()
PY
    ends 0 "$runbox" stats --socket "$SOCKET"
    stops
}

@test "more than may wait: the one that came first is told busy, and the numbers still come" {
    bundle b <<<'return 1'
    serves --connections 2 "$T/b"
    calls <<'PY'
import resource
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
places = [Talk(), Talk()]
for t in places:
    assert t.ok() == 1
crowd = []
while not (busy := Talk().stats()["connections_busy"]):
    crowd.append(Talk())
    assert len(crowd) < 5000
report = crowd[0].ending()[1]
assert report["status"] == "refused" and report["message"].startswith("busy: all connections are taken"), report
assert report["evidence"]["counter"] == "connections" and report["exit_code"] == 4
for t in places:
    assert t.ok() == 1
for t in places + crowd:
    t.close()
assert Talk().ok() == 1
PY
    stops
}

@test "who asks for the numbers and holds on is gone in a moment, others are not kept" {
    bundle b <<<'return 1'
    serves --connections 1 --idle 1s "$T/b"
    calls <<'PY'
place = Talk()
place.say(b'{')
silent = [Talk() for _ in range(20)]
for t in silent:
    t.say({"stats": {}}, {"stats": {}}, {})
for _ in range(20):
    assert Talk().stats()["connections"] > 1
for t in [place] + silent:
    try:
        while t.hear():
            pass
    except OSError:
        pass
assert Talk().ok() == 1
PY
    stops
}
