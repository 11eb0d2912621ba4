#!/usr/bin/env bats
# What callers make a server hold is bounded in all: it lives on in a small group, and others are served.

load serve

# small_server SIZE ARGUMENT...: a server in a memory group of that many bytes, as `serves`. Sets $group.
small_server() {
    local name path file=memory.limit_in_bytes

    path=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
    group=/sys/fs/cgroup/memory$path/hold.$$
    mkdir "$group"
    echo "$1" >"$group/$file"
    as=(bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group")
    serves "${@:2}"
}

left_group() {
    until_holds rmdir "$group"
}

@test "a hundred half lines of a mebibyte, in a group of 64M: it lives, and others are served" {
    bundle b <<<'return box.arg and #box.arg'
    small_server 64M --warm 2 --max 2 --idle 1m "$T/b"
    calls "$front" <<'PY'
import sys, threading
def fill(t):
    try:
        t.socket.sendall(b'{"arg":"' + b"x" * 1000000)
    except OSError:
        pass
half = [Talk(timeout=120) for _ in range(100)]
threads = [threading.Thread(target=fill, args=(t,), daemon=True) for t in half]
for one in threads: one.start()
t = Talk()
for _ in range(30):
    assert t.ok(arg="short") == 5
until(lambda: t.stats()["connections_busy"] > 0)
assert t.ok(arg="short") == 5
rss = int(next(l for l in open(f"/proc/{sys.argv[1]}/status") if l.startswith("VmHWM")).split()[1])
print("# peak", rss, "KiB", file=sys.stderr)
assert rss < 32768, rss
# One that was refused is told why.
import select
ready = select.select([t.socket for t in half], [], [], 20)[0]
told = next(t for t in half if t.socket is ready[0])
events, report, end = told.ending()
assert report["status"] == "invalid" and "holds as much memory as it may" in report["message"], report
for t in half:
    t.socket.shutdown(socket.SHUT_RDWR)
big = Talk()
assert big.ok(arg="x" * 1000000) == 1000000
PY
    [ "$(sed -n 's/^oom_kill //p' "$group/memory.oom_control")" -eq 0 ]
    stops
    left_group
}

@test "start lines that wait, and answers that nobody reads, are in the sum" {
    bundle b '"calls":["m"]' <<'LUA'
if box.arg == "print" then for i = 1, 4000 do print(("x"):rep(1000)) end return 1 end
if box.arg == "call" then return box.call("m", {}) end
return 1
LUA
    small_server 64M --warm 2 --max 4 --queue 1000 -l wall_time=1m "$T/b"
    calls "$front" <<'PY'
import sys, threading
deaf = [Talk() for _ in range(3)]
for t in deaf: t.say({"arg": "print"})
holds = Talk()
holds.say({"arg": "call"})
assert holds.hear()[0] == "Call"
# Each waits with a mebibyte, until no more may.
def fill(t):
    try:
        t.say({"arg": "x" * 900000})
    except OSError:
        pass
wait = [Talk(timeout=120) for _ in range(60)]
threads = [threading.Thread(target=fill, args=(t,), daemon=True) for t in wait]
for one in threads: one.start()
t = Talk()
until(lambda: of(t.stats(), "b")["busy"] > 0)
rss = int(next(l for l in open(f"/proc/{sys.argv[1]}/status") if l.startswith("VmHWM")).split()[1])
print("# peak", rss, "KiB", file=sys.stderr)
assert rss < 40960, rss
for t in deaf + wait: t.socket.shutdown(socket.SHUT_RDWR)
holds.say({"Ok": 1})
assert holds.ending()[2] == "Ok"
assert Talk().ok() == 1
PY
    [ "$(sed -n 's/^oom_kill //p' "$group/memory.oom_control")" -eq 0 ]
    stops
    left_group
}
