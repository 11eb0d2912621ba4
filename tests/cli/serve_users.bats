#!/usr/bin/env bats
# `runbox serve` between several users, and between bundles: what one has of connections, slots and the queue is given
# back while another waits, and a turn is an order, not a time.

load serve

uids=(--allow-uid 10001 --allow-uid 10002 --allow-uid 10003)

open_to_all() {
    chmod 711 "$BATS_RUN_TMPDIR"
    chmod 755 "$T"
}

# A connection is its maker's for the kernel, whoever uses it later.
users='
def of_user(uid, **how):
    os.seteuid(uid)
    try:
        return Talk(**how)
    finally:
        os.seteuid(0)
A, B, C = 10001, 10002, 10003
'

@test "idle connections of one user make room for another's, and lose nothing" {
    open_to_all
    bundle b <<<'return box.arg'
    serves --connections 4 "${uids[@]}" "$T/b"
    calls <<PY
$users
first = [of_user(A) for _ in range(4)]
for t in first:
    assert t.ok(arg=1) == 1
for uid in (B, C, B, C):
    assert of_user(uid).ok(arg=2) == 2
one, two = of_user(B), of_user(C)
assert one.ok(arg=3) == 3 and two.ok(arg=4) == 4
for t in first:
    assert t.ok(arg=5) == 5
assert of_user(0).stats()["connections_busy"] == 0
PY
    stops
}

@test "half lines, and what nobody reads, make room: the one that goes is told" {
    open_to_all
    bundle b <<<'return box.arg'
    serves --connections 4 "${uids[@]}" "$T/b"
    calls <<PY
$users
half = [of_user(A) for _ in range(6)]
for t in half:
    t.say(b'{"arg"')
    time.sleep(0.05)
t = of_user(B)
assert t.ok(arg=2) == 2
events, report, end = half[0].ending()
assert report["status"] == "refused" and report["message"].startswith("busy: "), report
assert report["evidence"]["counter"] == "connections", report
half[0].closed()
# The others are as they were, within what is A's: half of what there is.
for t in half[1:3]:
    t.say(b':7}\n')
    assert t.ending()[0] == [("Result", 7)]
PY
    stops
}

@test "one user's callers that wait make room: the last of them is told so" {
    open_to_all
    bundle b '"calls":["m"]' <<<'return box.call("m", {})'
    serves --connections 4 --max 1 "${uids[@]}" "$T/b"
    calls <<PY
$users
a = [of_user(A) for _ in range(4)]
for i, t in enumerate(a):
    t.say({})
    until(lambda: (lambda b: b["running"] + b["queued"] == i + 1)(of(of_user(0).stats(), "b")))
t = of_user(B)
t.say({})
events, report, end = a[3].ending()
assert report["status"] == "refused" and report["evidence"]["counter"] == "connections", report
assert t.hear()[0] == "Call"
t.say({"Ok": 1})
assert t.ending()[2] == "Ok"
for t in a[:3]:
    assert t.hear()[0] == "Call"
    t.say({"Ok": 1})
    assert t.ending()[2] == "Ok"
PY
    stops
}

@test "a user who comes late is the next, whatever another has in the queue" {
    open_to_all
    for name in a b; do
        bundle "$name" <<<'while true do end'
    done
    serves --max 1 --queue 8 -l wall_time=200ms "${uids[@]}" "$T/a" "$T/b"
    calls <<PY
$users
import select
def order(starts):
    """Who is served when: the places of their Exits."""
    talks = []
    for uid, name in starts:
        t = of_user(uid)
        t.say({"bundle": name})
        talks.append(t)
        until(lambda: sum(b["running"] + b["queued"] for b in of_user(0).stats()["bundles"]) == len(talks))
    at, left = {}, list(talks)
    while left:
        for ready in select.select([t.socket for t in left], [], [])[0]:
            t = next(t for t in left if t.socket is ready)
            assert t.ending()[1]["status"] == "wall_time"
            at[talks.index(t)] = len(at)
            left.remove(t)
    return [at[i] for i in range(len(starts))]
# Five of A's for one bundle, then B's.
assert order([(A, "a")] * 5 + [(B, "a")])[5] == 1
# B's one before the rest of A's, and then C's.
got = order([(A, "a")] * 4 + [(B, "a"), (C, "b")])
assert sorted(got[4:]) == [1, 2], got
# One user's bundles take turns as well: b's is the next but one at most.
assert order([(A, "a")] * 5 + [(A, "b")])[5] <= 2
PY
    stops
}

@test "a full queue is shared: who has most of it gives way, and is told" {
    open_to_all
    bundle b '"calls":["m"]' <<<'return box.call("m", {})'
    serves --max 1 --queue 4 "${uids[@]}" "$T/b"
    calls <<PY
$users
state = lambda: of(of_user(0).stats(), "b")
a = [of_user(A) for _ in range(5)]
for i, t in enumerate(a):
    t.say({})
    until(lambda: (state()["running"], state()["queued"]) == (1, i))
late = of_user(A)
assert late.fails("refused")["evidence"]["counter"] == "queue"  # alone, it is simply full
b = [of_user(B) for _ in range(2)]  # the first has no run under way, and A's waits for its caller: it begins
b[0].say({})
assert b[0].hear()[0] == "Call"
until(lambda: state()["queued"] == 4)
b[1].say({})
events, report, end = a[4].ending()
assert report["status"] == "refused" and report["evidence"]["counter"] == "queue", report
assert report["message"].startswith("busy: another user waits"), report
until(lambda: state()["queued"] == 4)
for t in b[:1] + a[:1]:
    t.say({"Ok": 1})
    assert t.ending()[2] == "Ok"
assert b[1].hear()[0] == "Call"
PY
    stops
}

@test "forty calls that nobody answers: another bundle is served, and another user" {
    open_to_all
    for name in a b c; do
        bundle "$name" '"calls":["m"]' <<<'if box.arg then return box.call("m", {}) end return "done"'
    done
    for max in 1 2 4; do
        serves --max "$max" "${uids[@]}" "$T/a" "$T/b" "$T/c"
        calls <<PY
$users
hung = [of_user(A) for _ in range(40)]
for t in hung:
    t.say({"bundle": "a", "arg": 1})
until(lambda: (lambda b: b["running"] + b["queued"] + b["busy"] == 40 and b["running"])(of(of_user(0).stats(), "a")))
quick = of_user(A)
for _ in range(10):  # of the same user, another bundle
    assert quick.ok(bundle="b") == "done" and quick.ok(bundle="c") == "done"
other = of_user(B)
for _ in range(10):  # of another user, the same bundle
    assert other.ok(bundle="a") == "done"
assert of_user(0).stats()["running"] >= $max
PY
        stops
    done
}
