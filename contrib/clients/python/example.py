#!/usr/bin/env python3
"""Adds up prices from standard input, in euros: example.py < ../prices/sample.txt"""

import json
import logging
import os
import pathlib
import sys

import runbox

RATES = {("EUR", "EUR"): 1, ("USD", "EUR"): 0.9}


def rate(params):
    try:
        return RATES[params["from"], params["to"]]
    except (KeyError, TypeError):
        raise runbox.CallError("no rate for that") from None


logging.basicConfig(format="%(levelname)s %(message)s")
bundle = pathlib.Path(__file__).parent.parent / "prices"
try:
    done = runbox.run(bundle, calls={"rate": rate}, stdin=sys.stdin, limits={"memory": "32M"}, timeout=10,
                      program=os.environ.get("RUNBOX", "runbox"))
except runbox.Error as error:
    sys.exit(f"{error.status}: {runbox.visible(str(error))}")
print(done.output, end="")
print(json.dumps(done.result, sort_keys=True))
print(f"{len(done.artifacts['prices.csv'])} bytes of prices.csv, {done.report['calls']} calls")
