#!/usr/bin/env python3
"""figures.py [REVISION]...: what a reader of the programs has before him, counted, a column a revision of this repository and one
for the files as they are: lines and files of each room, the longest file and function, how deep headers include headers, and by
how many files a header is included, directly or not."""
import io
import os
import re
import subprocess
import sys
import tarfile

ROOMS = ("schemas", "bundles", "cgroups", "runtime")


def read_now():
    names = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split()
    return {n: open(n, encoding="utf-8").read() for n in names if is_source(n) and os.path.isfile(n)}, len(names)


def read_revision(revision):
    packed = subprocess.run(["git", "archive", revision], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        files = [m for m in archive if m.isfile() or m.issym()]
        texts = {m.name: archive.extractfile(m).read().decode() for m in files if is_source(m.name)}
    return texts, len(files)


def is_source(name):
    return name.startswith(tuple(r + "/" for r in ROOMS)) and name.endswith((".c", ".h"))


def longest_function(texts):
    longest = (0, "")
    for name, text in texts.items():
        begin, head = None, ""
        for at, line in enumerate(text.split("\n")):
            if line == "{":
                begin = at
            elif line == "}" and begin is not None:
                longest = max(longest, (at - begin - 1, name))
                begin = None
    return longest


def includes(texts):
    found = {}
    for name, text in texts.items():
        found[name] = [i for i in re.findall(r'^#\s*include "([^"]+)"', text, re.M) if i in texts]
    return found


def depth(graph):
    """The longest chain of headers, and the header with the most files that include it."""
    below = {}

    def down(name):
        if name not in below:
            below[name] = 0
            below[name] = max((1 + down(n) for n in graph[name]), default=0)
        return below[name]

    def reached(name, seen):
        for n in graph[name]:
            if n not in seen:
                seen.add(n)
                reached(n, seen)
        return seen

    by = {}
    for name in graph:
        for header in reached(name, set()):
            by[header] = by.get(header, 0) + 1
    most = max(by, key=by.get)
    return max(map(down, graph)), by[most], most


def room(name):
    return os.path.dirname(name)


def figures(texts, tracked):
    rows = {"tracked files": tracked, "sources": len(texts), "lines": sum(t.count("\n") for t in texts.values())}
    longest = max(texts, key=lambda n: texts[n].count("\n"))
    rows["longest file"] = f"{texts[longest].count(chr(10))} {longest}"
    lines, name = longest_function(texts)
    rows["longest function"] = f"{lines} {name}"
    chain, count, header = depth(includes(texts))
    rows["deepest include"] = chain
    rows["most included header"] = f"{count} {header}"
    for where in sorted({room(n) for n in texts}):
        inside = [t for n, t in texts.items() if room(n) == where]
        rows[where] = f"{sum(t.count(chr(10)) for t in inside)} lines, {len(inside)} files"
    return rows


def main():
    columns = [(r, figures(*read_revision(r))) for r in sys.argv[1:]] + [("now", figures(*read_now()))]
    keys = []
    for _, rows in columns:
        keys += [k for k in rows if k not in keys]
    print("| | " + " | ".join(name for name, _ in columns) + " |")
    print("| --- |" + " --- |" * len(columns))
    for key in keys:
        print(f"| {key} | " + " | ".join(str(rows.get(key, "-")) for _, rows in columns) + " |")


main()
