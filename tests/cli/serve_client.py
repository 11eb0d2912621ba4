"""A caller of `runbox serve` for the tests: one connection, lines in and out, nothing guessed."""

import json
import os
import socket
import time

PATH = os.environ.get("SOCKET", "")


def children(pid):
    """The children of a process, the oldest first. Not what /proc/PID/task/TID/children says: it skips some where one that
    it has shown is reaped meanwhile (proc_pid_children(5))."""
    found = []
    for other in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{other}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == int(pid):
            found.append(int(other))
    return sorted(found)

def made_by(server):
    """What the brokers of a server have made: its children are a broker for each bundle, and theirs are templates, and boxes
    that have none."""
    return sorted(pid for broker in children(server) for pid in children(broker))


class Talk:
    def __init__(self, path=PATH, timeout=60):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")

    def say(self, *values):
        self.socket.sendall(b"".join(v if isinstance(v, bytes) else json.dumps(v).encode() + b"\n" for v in values))

    def hear(self):
        """The next event as (name, value); None at the end of the connection."""
        line = self.lines.readline()
        if not line:
            return None
        (event, value), = json.loads(line).items()
        return event, value

    def ending(self):
        """The events up to Exit, as a list; the report, apart."""
        events, report = [], None
        while (event := self.hear()) is not None:
            if event[0] == "Report":
                assert report is None, "two reports"
                report = event[1]
            elif report is not None:
                assert event[0] == "Exit", f"{event} after the report"
                return events, report, event[1]
            else:
                events.append(event)
        raise EOFError(f"closed after {events} {report}")

    def run(self, **start):
        self.say(start)
        return self.ending()

    def ok(self, **start):
        """A run that must end well: what it returned."""
        events, report, end = self.run(**start)
        assert end == "Ok" and report["status"] == "ok", (events, report["message"], end)
        return next((value for name, value in events if name == "Result"), None)

    def fails(self, status, **start):
        _, report, end = self.run(**start)
        assert report["status"] == status, report
        assert end != "Ok"
        return report

    def closed(self):
        assert self.hear() is None

    def stats(self):
        self.say({"stats": {}})
        name, value = self.hear()
        assert name == "Stats"
        return value

    def close(self):
        self.lines.close()
        self.socket.close()


def ticks_of(pid):
    """The processor time of PID so far, user and system, in clock ticks (proc(5))."""
    return sum(map(int, open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))


def memory_of(pid):
    """The anonymous memory of PID, in KiB; 0 of one that has ended."""
    try:
        with open(f"/proc/{pid}/status") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("RssAnon:")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def answers(server, seconds):
    """For so many SECONDS the server, a pid, is asked for its numbers: the longest wait, in s, and the ticks of CPU that it, its
    monitor and its brokers have used."""
    mine = [server, *children(server)]
    before, begin, longest = sum(map(ticks_of, mine)), time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        asked = time.monotonic()
        Talk().stats()
        longest = max(longest, time.monotonic() - asked)
        time.sleep(0.1)
    return longest, sum(map(ticks_of, mine)) - before


def of(stats, name):
    return next(b for b in stats["bundles"] if b["name"] == name)


def until(holds, seconds=60):
    end = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < end, "did not come to hold"
        time.sleep(0.01)
    return value


def heard(pid):
    """No signal waits for this process."""
    with open(f"/proc/{pid}/status") as status:
        return all(int(line.split()[1], 16) == 0 for line in status if line.startswith(("SigPnd", "ShdPnd")))


def overwrite(pid, program, function, code):
    """This function of process PID, which runs PROGRAM (a runbox-lua), is CODE from now on: hexadecimal."""
    place, = [int(line.split()[0], 16) for line in os.popen(f"nm {program}") if line.split()[-1] == function]
    base = int(open(f"/proc/{pid}/maps").read().split("runbox-lua")[0].splitlines()[-1].split("-")[0], 16)
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        memory.seek(base + place)
        memory.write(bytes.fromhex(code))
