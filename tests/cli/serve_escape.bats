#!/usr/bin/env bats
# Boxes of one template share a user and namespaces: what an owned one of them tries at its sister, its template
# and those that wait is a call that its filter does not have.

load serve

@test "an owned warm box: each call at its like ends it alone, named" {
    bundle b <<'LUA'
local mark = box.arg and ("x"):rep(1 << 12):rep(1 << 10) or "" -- by its memory the test knows which process it is
return io.read() .. mark:sub(1, 0)
LUA
    serves --max 4 --warm 3 "$T/b"
    timeout 600 /usr/bin/python3 - "$pid" "$(realpath "${B:-build}")/tests/tools/inject" >"$T/count" <<'PY'
import os, subprocess, sys
sys.path.insert(0, os.environ["PYTHONPATH"])
from serve_client import *

server, inject = sys.argv[1:]
(template,) = made_by(server)
inside = lambda pid: next(line for line in open(f"/proc/{pid}/status") if line.startswith("NSpid:")).split()[-1]

text = lambda pid: next(int(line.split("-")[0], 16) for line in open(f"/proc/{pid}/maps") if " r-xp " in line and "runbox-lua" in line)

def waits(run, **start):
    run.say(start)
    assert run.hear() == ("Stdio", "Readline")

victim = Talk()
waits(victim, arg=True)
until(lambda: len(children(template)) >= 3)
its = max(children(template), key=memory_of)
sister = inside(its)
tried = [
    ("kill", sister, 9), ("kill", 1, 9), ("kill", -1, 9), ("tkill", sister, 9),
    ("tgkill", sister, sister, 9), ("rt_sigqueueinfo", sister, 9, 0), ("pidfd_open", sister, 0),
    ("pidfd_send_signal", 0, 9, 0, 0), ("pidfd_getfd", 0, 0, 0), ("ptrace", 16, sister, 0, 0),
    ("process_vm_readv", sister, 0, 0, 0, 0, 0), ("process_vm_writev", sister, 0, 0, 0, 0, 0),
    ("process_madvise", 0, 0, 0, 0, 0), ("kcmp", sister, sister, 0, 0, 0), ("prlimit64", sister, 0, 0, 0),
    ("setpriority", 0, sister, 19), ("sched_setaffinity", sister, 8, 0), ("get_robust_list", sister, 0, 0),
    ("shmget", 1, 4096, 0o1666), ("semget", 1, 1, 0o1666), ("msgget", 1, 0o1666), ("mq_open", 0, 66, 0, 0),
    ("add_key", 0, 0, 0, 0, 0), ("keyctl", 0, 0, 0, 0, 0), ("socket", 1, 1, 0), ("sendmsg", 0, 0, 0),
    ("recvmsg", 0, 0, 0), ("sendto", 0, 0, 0, 0, 0, 0), ("openat", -100, 0, 0, 0), ("openat2", 0, 0, 0, 0),
    ("memfd_create", 0, 0), ("setns", 0, 0), ("unshare", 0x10000000), ("clone3", 0, 0), ("clone", 17, 0, 0, 0, 0),
    ("execve", 0, 0, 0), ("setuid", 0), ("sethostname", 0, 0), ("ioctl", 3, 0xc0502100, 0),
    ("futex", 0, 0, 0, 0, 0, 0), ("mmap", 0, 4096, 7, 34, -1, 0), ("io_uring_setup", 1, 0),
    # With those above, all that its template's filter allows.
    ("wait4", -1, 0, 0, 0), ("dup3", 0, 7, 0), ("close_range", 3, 9, 0), ("close", 3), ("seccomp", 1, 8, 0),
    ("seccomp", 0, 0, 0), ("munmap", 0x400000, 4096), ("mprotect", text(template), 4096, 7),
    ("mremap", text(template), 4096, 8192, 1), ("madvise", text(template), 4096, 4), ("prctl", 22, 2, 0),
    ("restart_syscall",), ("brk", 0),
]
held = 0
for name, *call in tried:
    run = Talk()
    waits(run, arg=True)
    mine = max((pid for pid in children(template) if pid != its), key=memory_of)
    done = subprocess.run([inject, str(mine), name, *map(str, call)], capture_output=True, timeout=60)
    events, report, end = run.ending()
    assert done.returncode == 3, (name, done)
    assert report["status"] == "syscall" and report["syscall"] == name, (name, report)
    held += 1
assert made_by(server) == [template], "the template is another"
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
(template,) = made_by(server)
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
assert made_by(server) == [template], "the template is another"
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
groups = lambda pid: {line for line in open(f"/proc/{pid}/cgroup") if "/runbox." in line}
(template,) = made_by(server)

def told(run):
    if select.select([run.socket], [], [], 0.05)[0]:
        return b'{"Exit":"Ok"}' in run.socket.recv(65536, socket.MSG_PEEK)

early = tried = 0
while early < 5 and tried < 40:  # one that takes 4 ms, on a busy machine, is waited for
    tried += 1
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
assert early or os.environ.get("EMULATED"), "no run was over before its box had ended" # all take longer there
assert made_by(server) == [template], "the template is another"
PY
    stops
}

@test "a warm box has a filter of its own behind its template's; one that has not loaded it serves nobody" {
    bundle b <<'LUA'
if box.arg then io.read() end
LUA
    serves --max 4 --warm 1 "$T/b"
    calls "$pid" "$(realpath "${B:-build}")" <<'PY'
import errno, signal, subprocess, sys

server, build = sys.argv[1:]
def filters(pid):
    try:
        return next(int(line.split()[1]) for line in open(f"/proc/{pid}/status") if line.startswith("Seccomp_filters:"))
    except (OSError, StopIteration):  # it has just ended
        return None

outside = filters("self")
(template,) = made_by(server)
assert filters(template) == outside + 2  # its own, and the one that its broker has
run = Talk()
run.say({"arg": True})
assert run.hear() == ("Stdio", "Readline")
until(lambda: {filters(pid) for pid in children(template)} == {outside + 3})  # one that is just forked has its template's alone
run.say({"Ok": "\n"})
assert run.ending()[2] == "Ok"

# What neither of them makes is refused to the template: its filter has no listener.
for call in ("openat -100 0 0 0", "execve 0 0 0", "socket 1 1 0", "mmap 0 4096 7 34 -1 0", "kill 1 9", "prctl 22 2 0", "unshare 0x10000000"):
    done = subprocess.run([f"{build}/tests/tools/inject", str(template), *call.split()], capture_output=True, text=True, timeout=20)
    assert done.stdout == f"-{errno.ENOSYS}\n" and done.returncode == 0, (call, done)

# Of a template whose boxes do not load theirs, where they do "*listener = 0 (their wire), or -1; return 0": what a box says
# does not count.
wire, none = {"x86_64": ("c7060000000031c0c3", "c706ffffffff31c0c3"),
              "aarch64": ("3f0000b900008052c0035fd6", "02008012220000b900008052c0035fd6")}[os.uname().machine]
for code, said in (wire, "no filter of its own"), (none, "taking the box's listener"):
    (template,) = made_by(server)
    until(lambda: outside + 3 in map(filters, children(template)))
    time.sleep(0.3)
    overwrite(template, f"{build}/runbox-lua", "filter_load", code)
    reports = [Talk().run()[1] for tried in range(4)]  # the first by those that waited, which were made before
    report = reports.pop()
    assert reports[0]["status"] == "ok" and report["status"] == "setup" and said in report["message"], report
    os.kill(template, signal.SIGKILL)
    until(lambda: template not in made_by(server))
    assert Talk().ok() is None
PY
    stops
}
