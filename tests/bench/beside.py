#!/usr/bin/env python3
"""beside.py [RUNBOX [SECONDS [KIND]...]]: one server, a good bundle and a hostile one. How long a run of the good one takes (a connection, one
run after the other), alone and while CALLERS connections ask for the hostile one without a pause: medians and 99th percentiles,
alone and beside in turns, a line of JSON for each kind of hostile bundle. "ratio" is p99 beside by p99 alone: the goal is 2."""
import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

CALLERS, TURNS = 8, 4

LIMITS = {"cpu_time": "200ms", "wall_time": "400ms"}

# What the manifest says beside its name; the script; what each caller's start line says.
HOSTILE = {
    "computes": ({"limits": LIMITS}, "while true do end", {}),
    "allocates": ({"limits": LIMITS}, "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end", {}),
    "prints": ({}, "for i = 1, 200 do print(('x'):rep(10000)) end", {}),
    "says a line a time": ({}, "for i = 1, 20000 do box.log.info(i) end", {}),
    "ends at once": ({}, "", {}),
    "fails at once": ({}, "error('x')", {}),
    "a result that is long to check": (
        {"result": {"type": "array", "uniqueItems": True}},
        "local t = {} for i = 1, 20000 do t[i] = i end return t", {}),
    "an argument that is long to check": (
        {"arg": {"type": "array", "uniqueItems": True, "items": {"pattern": "^(a+)+$|x$"}}},
        "return 1", {"arg": [f"{'a' * 20}{i}x" for i in range(3000)]}),
    "a cold box each": ({"seccomp": {"profile": "files"}}, "return 1", {}),
    "slow to make": (
        {"seccomp": {"profile": "files"}, "limits": {"cpus": 0.01},
         "filesystem": {"mounts": [{"source": "d", "target": "/m" + "/d" * 10 + str(i), "mode": "ro"} for i in range(16)]}},
        "return 1", {}),
    "sleeps": ({"limits": LIMITS}, "box.sleep(10)", {}),
}


def bundle(directory, name, members, script):
    path = os.path.join(directory, name)
    os.makedirs(os.path.join(path, "d"))
    open(os.path.join(path, "d", "file"), "w").close()
    with open(os.path.join(path, "manifest.json"), "w") as out:
        json.dump({"runbox": 1, "name": name, "version": "1.0.0", **members}, out)
    with open(os.path.join(path, "main.lua"), "w") as out:
        out.write(script)
    return path


def connect(path):
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)
    return one, one.makefile("rb")


def run(one, lines, line):
    one.sendall(line)
    for said in lines:
        if said.startswith(b'{"Exit"'):
            return
    raise EOFError


def attack(path, line, stop):
    while not stop.is_set():
        try:
            one, lines = connect(path)
            while not stop.is_set():
                run(one, lines, line)
        except (OSError, EOFError):
            time.sleep(0.01)


def measure(path, seconds):
    one, lines = connect(path)
    taken, end = [], time.monotonic() + seconds
    while (begun := time.monotonic()) < end:
        run(one, lines, b'{"bundle":"good"}\n')
        taken.append(time.monotonic() - begun)
    return taken


def percentile(taken, p):
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * p))] * 1e6


def beside(runbox, kind, seconds):
    members, script, start = HOSTILE[kind]
    directory = tempfile.mkdtemp()
    path = os.path.join(directory, "socket")
    good, bad = bundle(directory, "good", {}, "return 1"), bundle(directory, "bad", members, script)
    server = subprocess.Popen([runbox, "serve", "--socket", path, "--max", "8", "--warm", "2", good, bad])
    line = json.dumps({"bundle": "bad", **start}).encode() + b"\n"
    alone, crowded = [], []
    try:
        while not os.path.exists(path) and server.poll() is None:
            time.sleep(0.01)
        measure(path, 0.5)
        for _ in range(TURNS):
            alone += measure(path, seconds)
            stop = multiprocessing.Event()
            callers = [multiprocessing.Process(target=attack, args=(path, line, stop)) for _ in range(CALLERS)]
            for caller in callers:
                caller.start()
            time.sleep(0.5)
            crowded += measure(path, seconds)
            stop.set()
            for caller in callers:
                caller.join(5)
                caller.kill()
            time.sleep(0.5)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(directory)
    return {"kind": kind, "runs_alone": len(alone), "runs_beside": len(crowded), "p50_us": round(percentile(alone, 0.5)),
            "p99_us": round(percentile(alone, 0.99)), "p50_beside_us": round(percentile(crowded, 0.5)),
            "p99_beside_us": round(percentile(crowded, 0.99)),
            "ratio": round(percentile(crowded, 0.99) / percentile(alone, 0.99), 2)}


def main():
    runbox = sys.argv[1] if len(sys.argv) > 1 else "build/runbox"
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 2
    for kind in sys.argv[3:] or HOSTILE:
        print(json.dumps(beside(runbox, kind, seconds)), flush=True)


main()
