#!/usr/bin/env python3
"""order.py BUILD: which functions lie together in the two programs, written for the linker (runtime/order.ld).

Runs examples/hello once, and a few jobs of it, with a breakpoint on every function (tests/tools/touched.c); the linker's maps say
which section of which object each is. `make order` calls it, as root, after the programs have changed much: nothing but speed depends
on these lists. A name that is gone costs nothing, a function that is missing one page fault at most.
"""
import os
import re
import subprocess
import sys
import tempfile

BUILD = sys.argv[1]
HELLO = "bundles/examples/hello"
WIDTH = 120

# What stands in lists of its own: the variants of string functions are the processor's choice.
VARIANTS = re.compile(r"-(evex|avx|sse|erms|ssse|generic)")


def sections(program):
    """Address -> pattern for the linker, of each function; and their addresses, ascending."""
    of, where, pending = {}, [], None
    for line in open(f"{BUILD}/{program}.map", encoding="utf-8"):
        if match := re.match(r" (\.text\S*)\s*$", line):
            pending = match[1]
            continue
        match = re.match(r" (\.text\S*)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S+)$", line)
        if match and (match[1] or pending):
            where.append((int(match[2], 16), int(match[3], 16), match[1] or pending, match[4]))
        pending = None
    where = sorted(w for w in where if w[1])
    at = 0
    names = subprocess.run(["nm", f"{BUILD}/{program}"], check=True, capture_output=True, text=True).stdout
    addresses = sorted({int(f[0], 16) for f in map(str.split, names.splitlines()) if len(f) == 3 and f[1] in "tTwWi"})
    for address in addresses:
        while at + 1 < len(where) and where[at + 1][0] <= address:
            at += 1
        start, size, section, path = where[at]
        if start <= address < start + size:
            of[address] = pattern(section, path)
    return of, [a for a in addresses if of.get(a)]


def pattern(section, path):
    """None: of an object that no list names."""
    if match := re.search(r"([^/]+\.a)\((.+)\)$", path):
        archive = re.sub(r"^libm-[0-9.]+", "libm-*", match[1])
        return None if VARIANTS.search(match[2]) else f"*{archive}:{match[2]}({section})"
    path = path.removeprefix(f"{BUILD}/")
    return f"*/{path}({section})" if not path.startswith("/") else None


def touched(command, functions):
    """(program, "exec" or "fork") -> addresses, in the order of their first call."""
    seen = {}
    with tempfile.TemporaryDirectory() as room:
        for program, addresses in functions.items():
            with open(f"{room}/{program}", "w", encoding="utf-8") as f:
                f.writelines(f"{a:x}\n" for a in addresses)
        lists = [word for p in functions for word in (f"{BUILD}/{p}", f"{room}/{p}")]
        with open(f"{room}/out", "w", encoding="utf-8") as out:
            # Descriptor 3 is where it writes.
            subprocess.run(["sh", "-c", 'exec "$@" 3>"$OUT"', "sh", f"{BUILD}/tests/tools/touched", *lists, "--", *command],
                           check=True, stdout=subprocess.DEVNULL, env={**os.environ, "OUT": f"{room}/out"})
        for line in open(f"{room}/out", encoding="utf-8"):
            program, how, address = line.split()
            seen.setdefault((os.path.basename(program), how), []).append(int(address, 16))
    return seen


def write(path, what, patterns):
    """Neighbours of one object share a line: they are told apart by their sections alone."""
    text, line = f"/* For order.ld, made by `make order`: {what} */\n", "   "
    for p in dict.fromkeys(patterns):
        if len(line) + 1 + len(p) > WIDTH:
            text, line = text + line + "\n", "   "
        line += " " + p
    with open(path, "w", encoding="utf-8") as f:
        f.write(text + line + "\n")
    print(f"{path}: {len(set(patterns))} sections")


def main():
    of, functions = {}, {}
    for program in "runbox", "runbox-lua":
        of[program], functions[program] = sections(program)
    cold = touched([f"{BUILD}/runbox", "run", HELLO], functions)
    with tempfile.NamedTemporaryFile("w") as jobs:
        jobs.write('{"bundle":"%s"}\n' % HELLO * 8)
        jobs.flush()
        warm = touched([f"{BUILD}/runbox", "batch", "-f", jobs.name], functions)

    def patterns(program, addresses):
        return [of[program][a] for a in addresses]

    own, forked = (patterns("runbox", cold["runbox", how]) for how in ("exec", "fork"))
    # What both the broker and its monitor run is between what each runs alone.
    write("runtime/order_run.ld", "what a cold run's broker executes, then its monitor and the box's process before its exec.",
          [p for p in own if p not in forked] + [p for p in own if p in forked] + forked)
    # A fork begins in the middle of these, where no breakpoint is.
    job = ["*libc.a:syscall.o(.text)", "*/runtime/script/core/template.o(.text.template_serve)",
           "*/runtime/script/lib/run.o(.text.run_template)", "*/runtime/script/start/start.o(.text.run)"]
    job += patterns("runbox-lua", warm["runbox-lua", "fork"])
    start = patterns("runbox-lua", cold["runbox-lua", "exec"] + warm["runbox-lua", "exec"])
    write("runtime/script/order_job.ld", "what a box executes that its template has forked.", job)
    write("runtime/script/order_start.ld", "what a box or a template executes before its first job.",
          [p for p in start if p not in job])


main()
