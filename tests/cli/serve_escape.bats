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
(template,) = made_by(server)
inside = lambda pid: next(line for line in open(f"/proc/{pid}/status") if line.startswith("NSpid:")).split()[-1]

page = lambda pid: next(int(line.split("-")[0], 16) for line in open(f"/proc/{pid}/maps") if " r-xp " in line and "runbox-lua" in line)

def waits(run, **start):
    run.say(start)
    assert run.hear() == ("Stdio", "Readline")

victim = Talk()
waits(victim, arg=True)
until(lambda: len(children(template)) >= 3)
its = max(children(template), key=ticks_of)
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
    # What its template may do, by the same filter, from a page that no box has.
    ("wait4", 61, -1, 0, 0, 0), ("dup3", 292, 0, 7, 0), ("close_range", 436, 3, 9, 0), ("munmap", 11, 0x400000, 4096),
    ("munmap", 11, page(template), 8192), ("munmap", 11, page(template) + 4096, 4096), ("mprotect", 10, page(template), 4096, 5),
    ("mremap", 25, page(template) + 4096, 4096, 4096, 3, page(template)), ("madvise", 28, page(template) + 4096, 4096, 4),
    ("seccomp", 317, 1, 0, 0), ("prctl", 157, 22, 2, 0), ("restart_syscall", 219), ("brk", 12, 0),
]
held = 0
for name, *call in tried:
    run = Talk()
    waits(run, arg=True)
    mine = max((pid for pid in children(template) if pid != its), key=ticks_of)
    done = subprocess.run([inject, str(mine), *map(str, call)], capture_output=True, timeout=20)
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
assert made_by(server) == [template], "the template is another"
PY
    stops
}

@test "the page of a template's calls is in no box: nothing can run there, and a box that kept it serves nobody" {
    bundle b <<'LUA'
if box.arg then io.read() end
LUA
    serves --max 4 --warm 1 "$T/b"
    calls "$pid" "$(realpath "${B:-build}")/runbox-lua" <<'PY'
import ctypes, signal, sys

ATTACH, DETACH, GETREGS, SETREGS, RAX, RIP, WALL = 16, 17, 12, 13, 10, 16, 0x40000000
trace = ctypes.CDLL(None, use_errno=True).ptrace
trace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
server = int(sys.argv[1])
page = lambda pid: next(int(line.split("-")[0], 16) for line in open(f"/proc/{pid}/maps") if " r-xp " in line and "runbox-lua" in line)
(template,) = made_by(server)
status = {line.split(":")[0]: line.split(":")[1].strip() for line in open(f"/proc/{template}/status")}
assert status["Seccomp"] == "2" and status["Seccomp_filters"] == "1", status
run = Talk()
run.say({"arg": True})
assert run.hear() == ("Stdio", "Readline")
its = min(children(template))
assert page(its) == page(template) + 4096
assert trace(ATTACH, its, None, None) == 0
os.waitpid(its, WALL)
registers = (ctypes.c_ulonglong * 27)()
assert trace(GETREGS, its, None, registers) == 0
registers[RIP], registers[RAX], registers[15] = page(template), 57, 2**64 - 1  # fork(2), and nothing to restart
assert trace(SETREGS, its, None, registers) == 0 and trace(DETACH, its, None, None) == 0
events, report, end = run.ending()
assert report["status"] == "signal" and report["signal"] == signal.SIGSEGV, report

# Of a template whose boxes keep the page, "xor eax, eax; ret" where they give it up: what a box says does not count.
where, = [int(line.split()[0], 16) for line in os.popen(f"nm {sys.argv[2]}") if line.split()[-1] == "call_page_unmap"]
where += int(open(f"/proc/{template}/maps").read().split("runbox-lua")[0].splitlines()[-1].split("-")[0], 16)
with open(f"/proc/{template}/mem", "r+b", buffering=0) as memory:
    memory.seek(where)
    memory.write(b"\x31\xc0\xc3")
Talk().ok()  # by the one that waited, which was made before
report = Talk().run()[1]
assert report["status"] == "setup" and "page" in report["message"], report
os.kill(template, signal.SIGKILL)
until(lambda: template not in made_by(server))
assert Talk().ok() is None
PY
    stops
}
