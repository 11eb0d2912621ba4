#!/usr/bin/env bats
# Boxes of one template share a user and namespaces: what an owned one of them tries at its sister, its template
# and those that wait is a call that its filter does not have.

load serve

@test "an owned warm box: each call at its like ends it alone, named" {
    bundle b <<'LUA'
if box.arg then
    local begin = os.clock()
    while os.clock() - begin < 0.05 do end -- by its CPU time the test knows which process it is
end
return io.read()
LUA
    serves --max 4 --warm 3 "$T/b"
    timeout 120 /usr/bin/python3 - "$pid" "$(realpath "${B:-build}")/tests/tools/inject" >"$T/count" <<'PY'
import os, subprocess, sys
sys.path.insert(0, os.environ["PYTHONPATH"])
from serve_client import *

server, inject = sys.argv[1:]
children = lambda pid: [int(c) for c in open(f"/proc/{pid}/task/{pid}/children").read().split()]
(template,) = children(server)
used = lambda pid: sum(map(int, open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))
inside = lambda pid: next(line for line in open(f"/proc/{pid}/status") if line.startswith("NSpid:")).split()[-1]

def waits(run, **start):
    run.say(start)
    assert run.hear() == ("Stdio", "Readline")

victim = Talk()
waits(victim, arg=True)
until(lambda: len(children(template)) >= 3)
its = max(children(template), key=used)
sister = inside(its)
tried = [
    ("kill", 62, sister, 9), ("kill", 62, 1, 9), ("kill", 62, -1, 9), ("tkill", 200, sister, 9),
    ("tgkill", 234, sister, sister, 9), ("rt_sigqueueinfo", 129, sister, 9, 0), ("pidfd_open", 434, sister, 0),
    ("pidfd_send_signal", 424, 0, 9, 0, 0), ("pidfd_getfd", 438, 0, 0, 0), ("ptrace", 101, 16, sister, 0, 0),
    ("process_vm_readv", 310, sister, 0, 0, 0, 0, 0), ("process_vm_writev", 311, sister, 0, 0, 0, 0, 0),
    ("process_madvise", 440, 0, 0, 0, 0, 0), ("kcmp", 312, sister, sister, 0, 0, 0), ("prlimit64", 302, sister, 0, 0, 0),
    ("setpriority", 141, 0, sister, 19), ("sched_setaffinity", 203, sister, 8, 0), ("get_robust_list", 274, sister, 0, 0),
    ("shmget", 29, 1, 4096, 0o1666), ("semget", 64, 1, 1, 0o1666), ("msgget", 68, 1, 0o1666), ("mq_open", 240, 0, 66, 0, 0),
    ("add_key", 248, 0, 0, 0, 0, 0), ("keyctl", 250, 0, 0, 0, 0, 0), ("socket", 41, 1, 1, 0), ("sendmsg", 46, 0, 0, 0),
    ("recvmsg", 47, 0, 0, 0), ("sendto", 44, 0, 0, 0, 0, 0, 0), ("openat", 257, -100, 0, 0, 0), ("open", 2, 0, 0, 0),
    ("memfd_create", 319, 0, 0), ("setns", 308, 0, 0), ("unshare", 272, 0x10000000), ("clone3", 435, 0, 0), ("fork", 57),
    ("execve", 59, 0, 0, 0), ("setuid", 105, 0), ("sethostname", 170, 0, 0), ("ioctl", 16, 3, 0xc0502100, 0),
    ("futex", 202, 0, 0, 0, 0, 0, 0), ("mmap", 9, 0, 4096, 7, 34, -1, 0), ("io_uring_setup", 425, 1, 0),
]
held = 0
for name, *call in tried:
    run = Talk()
    waits(run, arg=True)
    mine = max((pid for pid in children(template) if pid != its), key=used)
    done = subprocess.run([inject, str(mine), *map(str, call)], capture_output=True, timeout=20)
    events, report, end = run.ending()
    assert done.returncode == 3, (name, done)
    assert report["status"] == "syscall" and report["syscall"] == name, (name, report)
    held += 1
assert children(server) == [template], "the template is another"
assert its in children(template)
victim.say({"Ok": "untouched\n"})
events, report, end = victim.ending()
assert ("Result", "untouched") in events and report["status"] == "ok", (events, report)
print(f"# warm boxes: calls tried at a sister or the template {len(tried)}, held {held}")
PY
    cat "$T/count" >&3
    stops
}

@test "a warm box that says Exit and stays is ended, and its run is what it said" {
    bundle b <<'LUA'
io.read()
while true do end
LUA
    serves --max 2 --warm 1 "$T/b"
    calls "$pid" "$(realpath "${B:-build}")/tests/tools/inject" <<'PY'
import subprocess, sys

server, inject = sys.argv[1:]
children = lambda pid: [int(c) for c in open(f"/proc/{pid}/task/{pid}/children").read().split()]
(template,) = children(server)
run = Talk()
run.say({})
assert run.hear() == ("Stdio", "Readline")
until(lambda: len(children(template)) == 2)
its = min(children(template))
run.say({"Ok": "go\n"})
until(lambda: int(open(f"/proc/{its}/stat").read().split()[13]) > 1)  # it turns
done = subprocess.run([inject, str(its), "write", "0", r'@{"Exit":"Ok"}\n', "14"], timeout=20)
assert done.returncode in (0, 3), done # 3: it was killed before the tool had let go of it
events, report, end = run.ending()
assert end == "Ok" and report["status"] == "ok" and report["wall_ms"] < 10000, report
until(lambda: its not in children(template) or open(f"/proc/{its}/stat").read().split()[2] == "Z")
assert children(server) == [template], "the template is another"
PY
    stops
}

@test "a run is over when its box has said Exit; the group is nobody else's until it has ended" {
    bundle b <<'LUA'
print("short")
LUA
    serves --max 2 --warm 1 "$T/b"
    calls "$pid" <<'PY'
import ctypes, select, sys

SEIZE, DETACH, TRACEEXIT, WALL = 0x4206, 17, 0x40, 0x40000000
trace = ctypes.CDLL(None, use_errno=True).ptrace
server = int(sys.argv[1])
children = lambda pid: [int(c) for c in open(f"/proc/{pid}/task/{pid}/children").read().split()]
groups = lambda pid: {line for line in open(f"/proc/{pid}/cgroup") if "/runbox." in line}
(template,) = children(server)

def told(run):
    if select.select([run.socket], [], [], 0.05)[0]:
        return b'{"Exit":"Ok"}' in run.socket.recv(65536, socket.MSG_PEEK)

early = 0
while early < 5:  # one that takes 4 ms, on a busy machine, is waited for
    until(lambda: len(children(template)) == 1)
    (its,) = children(template)
    held = groups(its)
    assert held and trace(SEIZE, its, None, TRACEEXIT) == 0
    run = Talk()
    run.say({})
    os.waitpid(its, WALL)  # it stands still on its way out
    if any(told(run) for look in range(20)):
        early += 1
        until(lambda: len(children(template)) == 2)
        (other,) = set(children(template)) - {its}
        assert groups(its) == held and not groups(other) & held, (held, groups(other))
        assert Talk().ok() is None  # nobody waits for it
    assert trace(DETACH, its, None, None) == 0
    events, report, end = run.ending()
    assert end == "Ok" and events == [("Stdio", {"Write": "short\n"})], (events, report)
    until(lambda: its not in children(template))
assert children(server) == [template], "the template is another"
PY
    stops
}
