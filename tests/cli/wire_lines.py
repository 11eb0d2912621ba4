"""wire_lines.py RUNBOX DIRECTORY: every line that tests/tools/record.c saw, against the schemas.

What runbox says must be events, always. What a caller says must be a start line and replies, each of the shape
that its request wants; only of a run that ended because its caller was wrong it need not. A last line without a
newline was cut off with its run. Prints what does not fit; exit status 1 then.
"""

import functools
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
REQUESTS = ("Readline", "ToEnd", "Read", "Call", "Artifact", "Ratelimit", "Database", "Blob")


def lines(path):
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


@functools.lru_cache(maxsize=None)
def member(line):
    """The name of an event, or of what it asks for; None of what is no event."""
    try:
        (name, value), = json.loads(line).items()
    except (ValueError, AttributeError):
        return None, None
    if name == "Stdio" and isinstance(value, str):
        return value, value
    return "Read" if name == "Stdio" and isinstance(value, dict) and "Read" in value else name, value


def is_callers_fault(events):
    for name, value in events:
        if name == "Report":
            return value["status"] == "invalid"
        if name == "Exit" and value != "Ok":
            return next(iter(value.values())).startswith(("start line: ", "reply: ", "caller: "))
    return False


def replies(said, events, stdin):
    """(schema, line) of each line after the start line, in turn with the requests."""
    owed, at = [], 0
    turns = [name for name, _ in events if name in REQUESTS or name == "Return"]
    for line in said:
        if at < len(turns):
            if turns[at] != "Return":
                owed.append(turns[at])
            at += 1
        if member(line)[0] == "Invoke":
            yield "reply", line
        elif owed:
            kind = owed.pop()
            yield "reply#" + (stdin if kind in REQUESTS[:2] else kind), line
        else:  # to nobody: of the right shape at least
            yield "reply", line


def collect(directory):
    found = {}
    for path in sorted(directory.glob("*.heard")) + sorted(directory.glob("*.said")):
        number = path.stem
        if path.suffix == ".said" and (directory / f"{number}.heard").exists():
            continue
        said, heard = lines(directory / f"{number}.said"), lines(directory / f"{number}.heard")
        said = [line for line in said if line.strip()]  # blank ones are skipped; runbox says none
        heard = [line if line.strip() else b'"blank"' for line in heard]
        events = [member(line) for line in heard]
        found.setdefault("event", set()).update(heard)
        reports = [json.dumps(value).encode() for name, value in events if name == "Report"]
        found.setdefault("report", set()).update(reports)
        if said and not is_callers_fault(events):
            start = json.loads(said[0])
            kind = "sandbox" if "module" in start else "start"
            stdin = "Stdin" if kind == "sandbox" else "Bytes" if start.get("encoding") == "base64" else "ToEnd"
            found.setdefault(kind, set()).add(said[0])
            for schema, line in replies(said[1:], events, stdin):
                found.setdefault(schema, set()).add(line)
    return found


def schema_file(name, scratch):
    """The schema of one kind of reply is the file's with a reference in place of its own alternatives."""
    file, _, definition = name.partition("#")
    schema = json.loads((ROOT / f"schemas/{file}.schema.json").read_text())
    if definition:
        schema.pop("oneOf", None)
        schema["$ref"] = "#/$defs/" + definition
    path = pathlib.Path(scratch) / name
    path.write_text(json.dumps(schema))
    return path


def main(runbox, directory):
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, instances in collect(pathlib.Path(directory)).items():
            instances = sorted(instances)
            done = subprocess.run([runbox, "validate", "--lines", schema_file(name, scratch), "-"],
                                  input=b"".join(line + b"\n" for line in instances), stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            if done.returncode:
                wrong = 1
                print(f"lines that are no {name}: {done.stdout.decode(errors='replace')[:2000]}")
    return wrong


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
