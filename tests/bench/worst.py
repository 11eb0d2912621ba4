#!/usr/bin/env python3
"""What the worst manifests cost the monitor before any box: each is one kind of work, as much of it as a megabyte holds.
worst.py RUNBOX prints one JSON object; its exit status is 1 where one took over a second of processor time or 64 MiB."""

import json
import os
import sys
import tempfile

LONG = "\u00e9" * 400000


def below(leaf, default, levels=24):
    """LEAF is held against DEFAULT 2^LEVELS times: no caller gives anything."""
    nodes = {str(i): {"allOf": [{"$ref": f"#/$defs/{i + 1}"}] * 2} for i in range(levels)}
    nodes[str(levels)] = leaf
    return {"options": {"$defs": nodes, "properties": {"a": {"$ref": "#/$defs/0", "default": default}}}}


def patterns(form, count):
    return {"options": {"patternProperties": {form % i: True for i in range(count)}}}


def numbered(count, value, form="k%d"):
    return {form % i: value for i in range(count)}


def long_ids():
    inner = {str(i): {"$id": f"b{i}"} for i in range(3000)}
    for _ in range(50):
        inner = {"x": {"$id": "y" * 2000 + "/", "$defs": inner}}
    return {"options": {"$id": "http://x/", "$defs": inner}}


MANIFESTS = {
    "references": lambda: below({}, 1),
    "lengths": lambda: below({"minLength": 399999}, LONG),
    "patterns that go back": lambda: below({"pattern": "^(a+)+$"}, "a" * 200 + "b"),
    "patterns that look far": lambda: below({"pattern": "[^x]*+[yz]"}, LONG),
    "patterns that look ahead": lambda: below({"pattern": "^" + "(?=[^x]*+)" * 8 + "[^x]*+$"}, "\u00e9" * 128),
    "patterns that repeat": lambda: below({"pattern": "[^x]{60000}y"}, LONG),
    "patterns that refer back": lambda: below({"pattern": "(?i)(\u00e9*)b\\1c"}, "\u00e9" * 200000 + "b" + "\u00c9" * 199999),
    "patterns that look behind": lambda: below({"pattern": "(?:(?<=a{100})a)*z"}, "a" * 800000),
    "enum": lambda: below({"enum": [f"x{i}" for i in range(20000)]}, "y"),
    "const": lambda: below({"const": {f"k{i}": [i] for i in range(20000)}}, {f"k{i}": [i] for i in range(20000)}),
    "uniqueItems of numbers": lambda: below({"uniqueItems": True}, list(range(100000))),
    "uniqueItems of objects": lambda: below({"uniqueItems": True}, [{"a": i, "b": [i]} for i in range(30000)]),
    "properties": lambda: below({"properties": numbered(3900, True)}, {}),
    "additionalProperties": lambda: below({"additionalProperties": {"type": "integer"}}, numbered(40000, 1)),
    "propertyNames": lambda: below({"propertyNames": {"maxLength": 3}}, numbered(40000, 1)),
    "required": lambda: below({"required": list(numbered(35000, 1))}, numbered(25000, 1)),
    "dependentRequired": lambda: below(
        {"dependentRequired": {f"k{i}": [f"k{i + 1}"] for i in range(20000)}}, numbered(20000, 1)),
    "multipleOf": lambda: below({"items": {"multipleOf": 1e-7}}, [1.234567e5 + i for i in range(40000)]),
    "items": lambda: below({"items": {"type": ["string", "null"], "minimum": 1, "maxLength": 3}}, ["\u00e9"] * 200000),
    "anyOf": lambda: below({"items": {"anyOf": [{"type": "string"}, {"type": "object"}, {"const": 5}]}}, [1] * 300000),
    "unevaluatedProperties": lambda: below(
        {"allOf": [{"properties": {f"k{i}": True}} for i in range(300)], "unevaluatedProperties": False},
        numbered(300, 1)),
    "unevaluatedItems": lambda: below({"contains": {"type": "integer"}, "unevaluatedItems": False}, [1] * 100000),
    "names that were meant": lambda: below(
        {"properties": numbered(3900, True, "a-member-of-this-%04d"), "additionalProperties": False},
        numbered(100, 1, "a-member-like-this-%03d")),
    "patterns that grow": lambda: patterns("(?:(?:ab?c?){1,90}x%d){30}", 4000),
    "patterns that are long": lambda: patterns("%d" + "(?:a|b)?" * 500, 250),
    "patterns that nest": lambda: patterns("%d" + "(" * 90 + "a" + "){1,2}" * 4 + ")" * 86, 4000),
    "identifiers": lambda: {"options": {"$id": "urn:x:" + "a" * 2000 + "/", "$defs": {
        str(i): {"$id": f"b{i}", "$ref": "b0"} for i in range(4000)}}},
    "long identifiers": lambda: long_ids(),
    "lists of names": lambda: {"options": {"$defs": {
        str(i): {"required": [f"{j + 256 * i:x}" for j in range(256)]} for i in range(500)}}},
    "unknown members": lambda: numbered(80000, 1),
    "empty objects": lambda: {"annotations": {"x": [{}] * 349000}},
    "empty lists": lambda: {"annotations": {"x": [[]] * 349000}},
    "members": lambda: {"annotations": {"x": numbered(85000, 0)}},
}
FILES = {f"d{i % 50}/f{i}.txt": "x" * 15900 for i in range(1000)}


def write(path, members, files):
    os.mkdir(path)
    for name, text in {"main.lua": "function run() end\n", **files}.items():
        os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
        with open(os.path.join(path, name), "w") as out:
            out.write(text)
    text = json.dumps({"runbox": 1, "name": "worst", "version": "1.0.0", **members},
                      separators=(",", ":"), ensure_ascii=False)
    assert len(text.encode()) <= 1 << 20, path
    with open(os.path.join(path, "manifest.json"), "w", encoding="utf-8") as out:
        out.write(text)


def cost(runbox, path):
    """Seconds of processor time and MiB, of a run that ends before its box, or of one whose box is included."""
    pid = os.fork()
    if pid == 0:
        null = os.open("/dev/null", os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execv(runbox, [runbox, "run", path])
    _, status, used = os.wait4(pid, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def main():
    rows = []
    with tempfile.TemporaryDirectory() as top:
        for number, (name, members) in enumerate(MANIFESTS.items()):
            path = os.path.join(top, str(number))
            pid = os.fork()  # what this process holds would count as its child's, and its child's
            if pid == 0:
                write(path, members(), FILES if name == "patterns that grow" else {})
                os._exit(0)
            if os.wait4(pid, 0)[1]:
                sys.exit(f"worst.py: {name}: not written")
            seconds, mib, status = cost(sys.argv[1], path)
            rows.append({"manifest": name, "seconds": round(seconds, 3), "mib": round(mib, 1), "status": status})
    slowest, largest = max(rows, key=lambda r: r["seconds"]), max(rows, key=lambda r: r["mib"])
    good = slowest["seconds"] <= 1 and largest["mib"] <= 64
    print(json.dumps({"slowest": slowest, "largest": largest, "within": good, "manifests": rows}))
    return 0 if good else 1


sys.exit(main())
