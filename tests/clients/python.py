"""Driver of contrib/clients/python: see README.md."""

import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "contrib/clients/python"))
import runbox


def fail(_):
    raise runbox.CallError("no such host: \u00e9")


def bug(_):
    raise LookupError("a bug of the caller's")


door = runbox.KeptObject("door", {"open": lambda how: f"open {how}", "slam": lambda f: f("bang")})
kept = []


def keep(function):
    kept.append(function)
    function("now")


def attempt(function):
    try:
        return function()
    except runbox.CallbackError as error:
        return f"caught: {error}"


def main(spec):
    logs = []
    how = {name: spec[name] for name in ("limits", "grants", "artifacts", "timeout") if name in spec}
    if "stdin" in spec:
        how["stdin"] = open(spec["stdin"], "rb")
    try:
        done = runbox.run(spec["bundle"], **spec.get("start", {}), **how, program=os.environ["RUNBOX"],
                          log=lambda level, text: logs.append([level, text]),
                          calls={"add": lambda params: params[0] + params[1], "echo": lambda params: params,
                                 "fail": fail, "bug": bug, "long": lambda _: "x" * 2000000,
                                 "map": lambda params: [params["f"](value) for value in params["list"]],
                                 "try": attempt, "keep": keep, "late": lambda _: kept[0](),
                                 "door": lambda _: door, "same": lambda params: params[0] is door})
    except runbox.Error as error:
        return {"error": str(error), "exit_code": error.exit_code, "timeout": isinstance(error, runbox.Timeout),
                "status": error.status, "output": error.output, "logs": logs, "report": error.report}
    return {"result": done.result, "output": done.output, "logs": logs, "report": done.report,
            "artifacts": {name: len(data) for name, data in done.artifacts.items()}}


print(json.dumps(main(json.load(sys.stdin)), ensure_ascii=False))
