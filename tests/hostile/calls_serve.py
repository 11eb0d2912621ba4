"""The Nth system call of `runbox serve`, of each of its processes (ROLES), fails, for every N and each error that this call plausibly has (of one that it has
made twice on the same thing, one error); or its Nth allocation, alone or with all behind it ("allocations": the hostile
build, programs/malloc.c); or a text of the kernel's that it reads is another ("texts": tools/texts.c). Four callers come, one after the other, then the server is told to end.

What is right: the server does not begin, which one line on its stderr explains; or it serves: of the four callers one at most
is not answered as without a failure, a run that is not "ok" says why; and it ends when it is told to, leaving nothing that
the next run does not sweep. Prints what is wrong; the last line counts. Run by calls_serve.bats, in /mnt, as root.
"""

import collections
import glob
import json
import os
import signal
import socket
import subprocess
import sys
import time

TEXTS = "/srv/tests/tools/texts"
HOSTILE = "/srv/hostile/monitor/runbox"
FAULT, RUNBOX, SOCKET = "/srv/tests/tools/fault", "/srv/runbox", "/mnt/s"
CLEAR = "runbox: "
# The processes of a server: their roles for the tool, their numbers for the hostile build.
ROLES = {"the broker": "monitor", "the front": "second", "a bundle's broker": "third", "a bundle's monitor": "fourth"}
NUMBERS = {"the broker": 0, "the front": 1, "a bundle's broker": 2, "a bundle's monitor": 3}
ends = collections.Counter()
wrong = 0


def left(groups):
    """What is there now that a run might have left."""
    with open("/proc/self/mountinfo") as mounts:
        count = len(mounts.readlines())
    places = ["/tmp", "/run", "/var/tmp", "/dev/shm"]
    return sorted(p for place in places for p in glob.glob(place + "/*")) + [count] + sorted(
        p for group in groups for p in glob.glob(f"/sys/fs/cgroup/{group}/*/"))


def reply(words):
    """The lines that a caller gets who says WORDS, or why it gets none."""
    caller = socket.socket(socket.AF_UNIX)
    caller.settimeout(40)
    try:
        caller.connect(SOCKET)
        caller.sendall(words)
        caller.shutdown(socket.SHUT_WR)
        said = []
        with caller.makefile("rb") as lines:
            for line in lines:
                said.append(json.loads(line))
                if said[-1].keys() & {"Exit", "Stats"}:
                    break  # not its end of the connection: a close(2) that was left out keeps it
        return said
    except TimeoutError:
        return "no answer"
    except OSError as error:
        return error.strerror
    finally:
        caller.close()


def run_as_said(lines):
    """Whether a run was "ok" with all it says, or, where it was not, said so: (that, complaint)."""
    if isinstance(lines, str) or not lines:
        return False, "no answer" if lines == "no answer" else None
    report = next((line["Report"] for line in lines if "Report" in line), None)
    if report is None:
        return False, None if len(lines) == 0 else f"an answer without a report: {lines}"
    if report["status"] == "ok":
        whole = lines[:-2] == [{"Stdio": {"Write": "hello\n"}}, {"Result": {"n": 1}}] and lines[-1] == {"Exit": "Ok"}
        return whole, None if whole else f"ok, and other lines: {lines}"
    told = report["message"] and next(iter(lines[-1])) == "Exit" and lines[-1]["Exit"] != "Ok"
    return False, None if told else f"ends without a word: {lines}"


def stats_as_said(lines):
    good = not isinstance(lines, str) and len(lines) == 1 and "Stats" in lines[0]
    return good, "no answer" if lines == "no answer" else None


def listens():
    try:
        socket.socket(socket.AF_UNIX).connect(SOCKET)
    except OSError:
        return False
    return True


def converse(tracer):
    """Four callers: how many were served as without a failure, and what is wrong."""
    end = time.monotonic() + 30
    while not listens() and tracer.poll() is None and time.monotonic() < end:
        time.sleep(0.001)
    if tracer.poll() is not None:
        return None, []
    looks = [(b'{"arg":1}\n', run_as_said), (b'{"stats":{}}\n', stats_as_said), (b'{"arg":2}\n', run_as_said),
             (b'{"arg":3}\n', run_as_said)]
    replies = [reply(words) for words, _ in looks]
    said = [look(lines) for lines, (_, look) in zip(replies, looks)]
    good = sum(good for good, _ in said)
    return good, [complaint for _, complaint in said if complaint] + [f"answers: {replies}"] * (good < 3)


def started(words):
    """A server of the one bundle, whose program and what runs it are WORDS."""
    with open("out", "wb") as out, open("err", "wb") as err:
        return subprocess.Popen([*words, "serve", "--socket", SOCKET, "--max", "1", "--warm", "1", "b"],
                                stdin=subprocess.DEVNULL, stdout=out, stderr=err)


def said():
    with open("err", errors="replace") as err:
        return err.read().splitlines()


def starve(of, which):
    """One server in which that allocation of OF fails, or all from it on: whether it was reached, how it ended, what is wrong."""
    with open("hit", "w") as hit:
        hit.write("0")
    os.environ.update(HOSTILE_ALLOCATION=which, HOSTILE_PROCESS=str(NUMBERS[of]), HOSTILE_HIT="/mnt/hit")
    server = started([HOSTILE])
    good, complaints = converse(server)
    if good is not None:
        server.send_signal(signal.SIGTERM)
    try:
        status = server.wait(60)
    except subprocess.TimeoutExpired:
        complaints.append("hang")
        server.kill()
        status = server.wait()
    lines = said()
    with open("hit") as hit:
        reached = hit.read().startswith("1")
    alone = not which.endswith("+")
    clear = lines and all(line.startswith(CLEAR) for line in lines) and (not alone or len(lines) == 1)
    hung = [one for one in complaints if one in ("hang", "no answer")]
    if of == "the broker" and status in (127, -11):  # libc's own, before main
        complaints = [] if int(which.rstrip("+")) < 8 else complaints + ["a crash"]
    elif status == 125 and clear and (not alone or not good):  # it does not begin; without any memory it ends
        complaints = hung
    elif good is None or status != 0:
        complaints.append("it does not begin, or ends, and not one clear line says why")
    elif alone and good < 3:
        complaints.append(f"{good} of 4 callers were served")
    elif not alone:  # whom it could not serve it may have told nothing
        complaints = hung
    return reached, status, lines, complaints


def traced(words):
    """A server below a program that looks on: how many callers were served, what is wrong, how it ended."""
    tracer = started(words)
    good, complaints = converse(tracer)
    if good is not None:
        try:
            with open(f"/proc/{tracer.pid}/task/{tracer.pid}/children") as children:
                for server in children.read().split():
                    os.kill(int(server), signal.SIGTERM)
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended by itself
    return good, complaints, tracer.wait()


def told_otherwise(n, k):
    """One server to which that text of the kernel's is another: which, how many ways there are, how it ended, what is wrong."""
    good, complaints, status = traced([TEXTS, "/mnt/hit", str(n), str(k), RUNBOX])
    with open("hit") as hit:
        file, way, ways, end = hit.read().rstrip("\n").split("\t")
    lines = said()
    if not end.startswith("exit"):
        complaints.append(end)
    elif good is None:
        if status != 125 or len(lines) != 1 or not lines[0].startswith(CLEAR):
            complaints.append("it does not begin, and not one clear line says why")
    elif status != 0 or [line for line in lines if not line.startswith(CLEAR)]:
        complaints.append("it ends otherwise than told, or makes noise")
    return f"{file} {way}", int(ways), status, lines, complaints


def once(of, n, k):
    """One server in which that call of OF, a role of the tool's, fails: its fields, how it ended, what is wrong with that."""
    good, complaints, status = traced([FAULT, "/mnt/hit", of, str(n), str(k), RUNBOX])
    with open("hit") as hit:
        role, _, call, what, error, errors, end = hit.read().rstrip("\n").split("\t")
    lines = said()
    if end in ("hang", "left"):
        complaints.append(end)
    if call in ("sendto", "write", "writev"):
        # Whose send(2) fails is cut off, whatever the error: that its next words arrive could not be known.
        complaints = [one for one in complaints if not one.startswith("an answer without a report")]
    if call in ("ppoll", "poll") and status == 125 and len(lines) == 1 and lines[0].startswith(CLEAR):
        complaints = []  # without it there is nothing that a server could do
    elif of == "second" and call in ("sendto", "recvmsg") and status == 125 and len(lines) == 1 and lines[0].startswith(CLEAR + "broker: "):
        complaints = []  # the same: its broker has gone, as far as it can see, be it that some caller has come already
    elif call == "getrandom" and status == 125 and lines == [
            "Fatal glibc error: cannot get entropy for arc4random", "runbox: monitor: was killed by signal 6 (Aborted)"]:
        complaints = []  # libc ends the process itself, for json-c 0.18, whose hashes want a seed
    elif good is None:
        if status not in (3, 125, 127) or len(lines) != 1 or (status != 127 and not lines[0].startswith(CLEAR)):
            complaints.append("it does not begin, and not one clear line says why")
    elif good < 3:
        complaints.append(f"{good} of 4 callers were served")
    elif status == 0 and call != "getrandom" and [line for line in lines if not line.startswith(CLEAR)]:
        complaints.append("noise on its stderr")
    return f"{call} {what} {error} (call {n})", call, what, int(errors), status, lines, complaints


def swept_away(groups, nothing, complaints):
    """Whether something was left; where the next run does not take it away, that is wrong."""
    if left(groups) == nothing:
        return False
    subprocess.run([RUNBOX, "run", "b"], check=True, stdout=subprocess.DEVNULL)
    for path in glob.glob(SOCKET) + glob.glob(SOCKET + ".lock"):
        os.unlink(path)
    if left(groups) != nothing:
        complaints.append(f"left, also by the run after it: {left(groups)}")
    return True


def tell(name, status, lines, complaints):
    global wrong
    ends[status] += 1
    if complaints:
        wrong += 1
        print(f"wrong: {name}: exit {status}: {'; '.join(complaints)}; stderr: {lines}", flush=True)


def summary(text, swept):
    counts = ", ".join(f"{count} exit {status}" for status, count in sorted(ends.items()))
    print(f"# {text} = {sum(ends.values())} servers: {counts}; left to the next run: {swept}")


def allocations(of, groups):
    nothing, swept = left(groups), 0
    for mode in "", "+":
        n, reached = 0, True
        while reached:
            n += 1
            reached, status, lines, complaints = starve(of, f"{n}{mode}")
            if reached or complaints:
                swept += swept_away(groups, nothing, complaints)
                tell(f"malloc {n}{mode}", status, lines, complaints)
        assert n > 5
    summary(f"allocations of {of} of serve failed in turn", swept)
    assert wrong == 0


def texts(groups):
    nothing, swept, n, name = left(groups), 0, 0, ""
    while not name.startswith("- "):
        n, k, ways = n + 1, 0, 1
        while k < ways:
            name, ways, status, lines, complaints = told_otherwise(n, k)
            if name.startswith("- "):
                break
            k += 1
            swept += swept_away(groups, nothing, complaints)
            tell(f"{name} (text {n})", status, lines, complaints)
    summary(f"texts changed in turn: {n - 1} of serve", swept)
    assert n > 5 and wrong == 0


def calls(of, groups):
    nothing, met, swept, n, none = left(groups), collections.Counter(), 0, 0, 0
    while none < 3:
        n += 1
        k, errors = 0, 1
        while k < errors:
            name, call, what, errors, status, lines, complaints = once(ROLES[of], n, k)
            if errors == 0:
                none += call == "-"
                break
            if k == 0:
                met[call, what] += 1
            if met[call, what] > 2:
                errors = 1
            k += 1
            swept += swept_away(groups, nothing, complaints)
            tell(name, status, lines, complaints)
    summary(f"system calls failed in turn: {n - none} calls of {of} of serve × their errors", swept)
    assert n > 50 and wrong == 0


if sys.argv[1] == "texts":
    texts(sys.argv[2:])
else:
    {"calls": calls, "allocations": allocations}[sys.argv[1]](sys.argv[2], sys.argv[3:])
