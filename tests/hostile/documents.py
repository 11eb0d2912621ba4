"""documents.py RUNBOX: bundles, start lines, jobs, stores and policies from the grammar of the fuzzers, whose lines
(tests/tools/generated) are on stdin, through each verb that reads them. Whatever they are, an end is documented, says in
clear lines what is wrong, and costs no more than the budget."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time

RUNBOX = sys.argv[1]
CPU = 20  # seconds: room for a machine that is slow or a program that is looked at; without a budget it was minutes
KIB = 64 * 1024 * (10 if os.environ.get("SANITIZED") else 1)
CLEAR = re.compile(r"(runbox: [^\n]+: [^\n]+\n)+") # one for each fault of the document
REMARK = re.compile(r"[^\n]+:\d+:\d+: (error|warning): [^\n]+|and \d+ more")
wrong = runs = 0
ends = {}


def complain(what, why):
    global wrong
    wrong += 1
    print(f"wrong: {what}: {why}"[:1500])


def does(what, *words, given="", allowed=(0, 3), env=None):
    """One run of a verb: (status, stdout, stderr)."""
    global runs
    runs += 1
    with open("in", "w") as file:
        file.write(given)
    with open("in") as stdin, open("out", "w+") as out, open("err", "w+") as err:
        limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (2 * CPU, 2 * CPU))
        child = subprocess.Popen([RUNBOX, *words], stdin=stdin, stdout=out, stderr=err, preexec_fn=limit,
                                 env={**os.environ, **(env or {})})
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = status = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        said, told = out.read(), err.read()
    ends[words[0], status] = ends.get((words[0], status), 0) + 1
    if status not in allowed:
        complain(what, f"{words}: exit {status}: {told}")
    if used.ru_utime + used.ru_stime > CPU or used.ru_maxrss > KIB:
        complain(what, f"{words}: {used.ru_utime + used.ru_stime} s, {used.ru_maxrss} KiB")
    return status, said, told


def clear(what, status, told, asked=(3, 125)):
    if (status in asked) != bool(CLEAR.fullmatch(told)) or (status not in asked and told):
        complain(what, f"exit {status}, and on stderr: {told}")


def report_of(what, said):
    """The report of a run on the wire, whose last two lines are Report and Exit."""
    lines = [json.loads(line) for line in said.splitlines()]
    if len(lines) < 2 or "Report" not in lines[-2] or "Exit" not in lines[-1]:
        return complain(what, f"the wire ends otherwise: {said[-300:]}") or {"status": ""}
    return lines[-2]["Report"]


def bundle(name, **members):
    os.makedirs(name)
    with open(f"{name}/manifest.json", "w") as file:
        json.dump({"runbox": 1, "name": name.rpartition("/")[2], "version": "1.0.0", **members}, file)
    with open(f"{name}/main.lua", "w") as file:
        file.write("return 1\n")
    return name


def reads_a_manifest(what, b):
    status, said, told = does(what, "check", b)
    lines = said.splitlines()
    other = [line for line in lines if not REMARK.fullmatch(line)]
    if told or (status == 3) != any(": error: " in line for line in lines) or other:
        complain(what, f"check: exit {status}: {other}{told}")
    for verb in "run", "explain", "describe":
        ended, _, told = does(what, verb, b)
        clear(what, ended, told)


def reads_a_value(what, b, instance):
    status, said, told = does(what, "run", "--json", b, given=json.dumps({"arg": instance}) + "\n")
    report = report_of(what, said)
    if told or (status, report["status"]) not in ((0, "ok"), (3, "invalid")) or (status == 3) != bool(report["message"]):
        complain(what, f"run --json: exit {status}: {report}{told}")
    return report["status"]


MODULE = {"author": "a", "description": "d", "keyring_access": [], "name": "m", "source": None, "version": "0.1.0",
          "script": {"code": "function run(arg) info('hi') end"}}


def reads_a_module(what, instance):
    start = {"arg": instance, "dns_config": {"ns": [], "tcp": False, "timeout": {"nanos": 0, "secs": 3}}, "keyring": [],
             "module": MODULE, "options": {}, "proxy": None, "verbose": 2}
    for line in start, {**start, "options": instance}, {**start, "module": {**MODULE, "keyring_access": instance}}:
        status, said, told = does(what, "sandbox", "m", given=json.dumps(line) + "\n", allowed=(0, 1, 3, 76))
        last = said.splitlines()[-1:] or [""]
        if told or not last[0].startswith('{"Exit":') or (status == 0) != (last[0] == '{"Exit":"Ok"}'):
            complain(what, f"sandbox: exit {status}: {said[:300]}{told}")


def reads_a_store(what, instance, text):
    """As what the keyring's file holds, and the policy's."""
    for file, words in ("keyring.json", ("keyring", "list", "--store", "file")), ("policy.json", ("run", "plain")):
        home = f"home/{file}{len(os.listdir('home')) if os.path.isdir('home') else 0}"
        os.makedirs(f"{home}/runbox", mode=0o700)
        with open(f"{home}/runbox/{file}", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
            out.write(text if file == "policy.json" else json.dumps([instance]))
        status, _, told = does(what, *words, allowed=(0, 3, 125), env={"XDG_CONFIG_HOME": os.path.abspath(home)})
        clear(what, status, told)


def serves(served, jobs, want):
    """Those bundles that can be, each with its job: a server says of them what run says."""
    with open("err", "w+") as err:
        server = subprocess.Popen([RUNBOX, "serve", "--socket", "s", "--max", "2", *served], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=err)
        try:
            caller = socket.socket(socket.AF_UNIX)
            end = time.monotonic() + 60
            while caller.connect_ex("s") and server.poll() is None and time.monotonic() < end:
                time.sleep(0.01)
            caller.settimeout(60)
            lines = caller.makefile("rb")
            for job in jobs:
                start = {"bundle": os.path.basename(job["bundle"]), "arg": job["arg"]}
                caller.sendall(json.dumps(start).encode() + b"\n")
                said = b""
                while not said.endswith(b"}\n") or not said.splitlines()[-1].startswith(b'{"Exit":'):
                    line = lines.readline()
                    if not line:
                        complain("serve", f"{job['id']}: it has closed: {said[-300:]}")
                        break
                    said += line
                report = report_of("serve", said)
                if report["status"] != want[job["id"]]:
                    complain("serve", f"{job['id']}: {report['message']}, run said {want[job['id']]}")
            server.send_signal(signal.SIGTERM)
            status = server.wait(60)
        finally:
            server.kill()
        err.seek(0)
        told = err.read()
    ends["serve", status] = len(jobs)
    if status or told.count("\n") > 2:
        complain("serve", f"exit {status}: {told}")


def main():
    jobs = []
    want = {}
    bundle("plain")
    for n, line in enumerate(sys.stdin):
        pair = json.loads(line)
        what = f"seed {n + 1}"
        reads_a_manifest(what, bundle(f"m{n}", options=pair["schema"]))
        b = bundle(f"a{n}", arg=pair["schema"])
        want[str(n)] = reads_a_value(what, b, pair["instance"])
        jobs.append({"id": str(n), "bundle": os.path.abspath(b), "arg": pair["instance"]})
        reads_a_module(what, pair["instance"])
        reads_a_store(what, pair["instance"], json.dumps(pair["schema"] if n % 2 else pair["instance"]))
    with open("jobs", "w") as file:
        for job in jobs:
            print(json.dumps(job), file=file)
    _, said, told = does("all", "batch", "-q", "-j", "2", "-f", "jobs", allowed=(1,))
    got = {result["id"]: result["status"] for result in map(json.loads, said.splitlines())}
    if got != want or told:
        complain("batch", f"{ {n: (got.get(n), want[n]) for n in want if got.get(n) != want[n]} }{told}")
    served = [job for job in jobs if does("all", "describe", job["bundle"])[0] == 0]
    serves([job["bundle"] for job in served], served, want)
    both = sorted(set(want.values()))
    print(f"# {len(want)} generated documents through nine verbs: {runs} runs:",
          ", ".join(f"{verb} {status}: {count}" for (verb, status), count in sorted(ends.items())))
    assert both == ["invalid", "ok"], both
    assert wrong == 0


main()
