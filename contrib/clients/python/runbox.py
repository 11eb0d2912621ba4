"""Run script bundles that nobody has to trust, and serve their calls: runbox-wire(7) for Python.

    import runbox

    done = runbox.run("bundle/", arg={"n": 3}, calls={"add": sum}, limits={"wall_time": "2s"})
    print(done.result, done.output, done.report["wall_ms"])

Trusts the program `runbox`; takes what a script sends as data and nothing else.
"""

import base64
import codecs
import contextlib
import dataclasses
import io
import json
import logging
import os
import re
import socket as sockets
import subprocess
import tempfile
import threading

LINE_MAX = 1 << 20  # bytes of a line, its newline included
GRACE = 5  # seconds between asking runbox to stop and killing it


class Error(Exception):
    """A run that did not end well. Its text is the report's message, which may hold a script's text."""

    def __init__(self, message, status=None, exit_code=None, report=None, output=""):
        super().__init__(message)
        self.status = status  # as in the report: "error", "refused", "wall_time", ...; None without one
        self.exit_code = exit_code  # of runbox(1); -N where signal N killed it
        self.report = report or {}
        self.output = output


class Timeout(Error, TimeoutError):
    """The caller's own `timeout` stopped the run."""


class CallError(Exception):
    """Raised by a served method: its text goes to the script, as an error that it may catch."""


class CallbackError(CallError):
    """A function of the script's raised this error. Where a served method lets it pass, the script gets it back."""


class KeptObject:
    """An object that stays here; the script gets a reference, whose methods are calls.

    Goes where a value goes: in arg, in answers, in what a function of the script's is given. A script hands it back
    as itself. kind: its class, as in "kind:method" of the manifest's calls; methods: name -> function of the
    params, as in start().
    """

    def __init__(self, kind, methods):
        self.kind, self.methods = kind, methods


class Function:
    """A function of the script's, among the params of a call: call it, with one value, until that call is answered."""

    def __init__(self, run, number):
        self._run, self._number = run, number

    def __call__(self, params=None):
        return self._run._invoke(self._number, params)


@dataclasses.dataclass
class Outcome:
    """A run that ended well."""

    result: object  # what the script returned; None also where that was nothing
    output: str  # what it printed, unless `write` took that
    artifacts: dict  # name -> bytes, unless runbox wrote them to a directory
    report: dict


def run(bundle, **how):
    """Run a bundle to its end: start() and wait()."""
    with start(bundle, **how) as started:
        return started.wait()


def start(bundle, *, export=None, arg=None, options=None, keyring=(), verbose=0, seed=None, calls=None, stdin=None,
          write=None, log=None, artifacts=None, limits=None, grants=(), arguments=(), timeout=None,
          program="runbox", socket=None):
    """Start a bundle. The script goes on as long as wait() answers its requests.

    export: the function to call, of a bundle that has several.
    arg, options, keyring, verbose, seed: the rest of the start line.
    calls: method name -> function of the params. What it returns is the answer; CallError is one too.
        Any other exception stops the run and comes out of wait(). Functions among the params are Function, to
        be called until the answer; KeptObject in what is returned stays here.
    stdin: str, bytes or a file; read as the script reads, in blocks of what there is, so a pipe streams.
    write, log: functions of (text) and of (level, text). Where absent, Outcome.output and the logger
        "runbox", with control characters made visible.
    artifacts: a directory for runbox to write to; where absent, Outcome.artifacts.
    limits, grants, arguments: `-l NAME=VALUE`, `-g WHAT`, and further arguments of `runbox run`.
    timeout: seconds; then runbox is told to stop. A function in `calls` or a read of `stdin` that is
        under way is not interrupted.
    socket: of `runbox serve`, which then runs the bundle, and `bundle` is its name there. Limits, grants and
        a directory of artifacts are the server's to set. A run that is stopped has no report.
    """
    objects = _Objects()
    line = {"arg": arg, "options": options or {}, "keyring": list(keyring), "verbose": verbose, "read": True}
    if export is not None:
        line["export"] = export
    if seed is not None:
        line["seed"] = seed
    if socket is not None:
        if limits or grants or arguments or artifacts is not None:
            raise TypeError("a server has limits, grants, arguments and artifacts of its own")
        line["bundle"] = bundle
        return Run(lambda _: _Connection(socket), objects.encode(line), calls or {}, objects, _Input(stdin), write,
                   log or _log, timeout)
    command = [program, "run", "--json", *arguments]
    for name, value in (limits or {}).items():
        command += ["-l", f"{name}={value}"]
    for grant in grants:
        command += ["-g", grant]
    if artifacts is not None:
        command += ["--artifacts", os.fspath(artifacts)]
    command += ["--", os.fspath(bundle)]
    return Run(lambda errors: subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors),
               objects.encode(line), calls or {}, objects, _Input(stdin), write, log or _log, timeout)


class Run:
    """A run under way; a context manager that ends it where it has not ended by itself."""

    def __init__(self, begin, line, calls, objects, stdin, write, log, timeout):
        self._calls, self._objects, self._stdin, self._log = calls, objects, stdin, log
        self._alive = set()  # numbers of functions that may be invoked
        self._serving = False  # a served method runs, and it is not waiting for one of the script's functions
        self._printed = []
        self._write = write or self._printed.append
        self._result, self._report = None, {}
        self._artifacts, self._pieces = {}, {}
        self._stopped = threading.Event()
        self._timer = None
        self._errors = tempfile.TemporaryFile()  # what runbox says before it knows of --json
        try:
            self._process = begin(self._errors)
        except BaseException:
            self._errors.close()
            raise
        if timeout is not None:
            self._timer = _later(timeout, self._time_is_up)
        self._say(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def wait(self):
        """Answer the script until it ends; an Outcome, or Error."""
        try:
            self._converse()
        except _Over as over:
            return self._end(over.value)
        finally:
            self.close()

    def stop(self):
        """Tell runbox to stop, from any thread: wait() then raises Error of status "cancelled"."""
        self._process.terminate()
        _later(GRACE, self._process.kill)

    def close(self):
        """Free all; stops what still runs."""
        if self._timer:
            self._timer.cancel()
        process = self._process
        for stream in process.stdin, process.stdout:
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        if process.returncode is None:
            process.terminate()
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._errors.close()

    def _converse(self):
        """Serve until a Return, whose value it returns; _Over at the end."""
        while (line := self._process.stdout.readline()).endswith(b"\n"):
            lent = []
            (name, value), = json.loads(line, parse_int=_integer,
                                        object_hook=lambda found: self._receive(found, lent)).items()
            if name == "Return":
                return value
            if name == "Exit":
                raise _Over(value)
            if name == "Call":
                self._on_call(value, lent)
            else:
                self._events[name](self, value)
        raise _Over(None)

    def _receive(self, found, lent):
        """An object of JSON as what it stands for."""
        if len(found) == 1:
            if isinstance(number := found.get("$fn"), int):
                lent.append(number)
                return Function(self, number)
            if isinstance(name := found.get("$ref"), str) and name in self._objects.named:
                return self._objects.named[name]
        return found

    def _invoke(self, number, params):
        if number not in self._alive:
            raise RuntimeError("the call that lent this function has been answered")
        if not self._serving:
            raise RuntimeError("a function of the script's is invoked by a served method alone, one at a time")
        line = self._objects.encode({"Invoke": {"fn": number, "params": params}})
        if len(line) > LINE_MAX:
            raise CallError("what a function is given is longer than a line")
        self._serving = False
        self._say(line)
        (name, value), = self._converse().items()
        self._serving = True
        if name == "Err":
            raise CallbackError(value)
        return value

    def _time_is_up(self):
        self._stopped.set()
        self.stop()

    def _end(self, value):
        """VALUE is that of Exit; None: runbox ended without one."""
        code = self._process.wait()
        code = self._report.get("exit_code") if code is None else code
        output = "".join(self._printed)
        if value == "Ok":
            return Outcome(self._result, output, self._artifacts, self._report)
        if value is None:
            self._errors.seek(0)
            said = self._errors.read().decode("utf-8", "replace").strip()
            message = said or f"runbox ended without an Exit (status {code})"
        else:
            message, = value.values()
        status = self._report.get("status")
        kind = Timeout if self._stopped.is_set() and status in (None, "cancelled") else Error
        raise kind(message, status, code, self._report, output)

    def _say(self, line):
        # Where runbox has ended meanwhile, what it says of why is on its way.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _on_log(self, value):
        (level, text), = value.items()
        self._log(level, text)

    def _on_stdio(self, value):
        if "Write" in value:
            self._write(value["Write"])
        else:
            self._say(_encode({"Ok": self._stdin.read(value["Read"])}))

    def _on_call(self, value, lent):
        method, name = value["method"], value.get("ref")
        serve = self._calls if name is None else self._objects.named[name].methods
        self._alive.update(lent)
        self._serving = True
        try:
            if method not in serve:
                raise CallError(f"{method}: the caller has no such method")
            reply = self._objects.encode({"Ok": serve[method](value["params"])})
            if len(reply) > LINE_MAX:
                raise CallError(f"{method}: the answer is longer than a line")
        except CallError as error:
            text = str(error)[:1000].encode("utf-8", "replace").decode()
            reply = _encode({"Err": text})
        self._serving = False
        self._alive.difference_update(lent)
        self._say(reply)

    def _on_artifact(self, value):
        name = value["name"]
        if name in self._artifacts:
            self._say(_encode({"Err": f"{name}: handed over already"}))
            return
        pieces = self._pieces.setdefault(name, bytearray())
        pieces += base64.b64decode(value["data"])
        if not value.get("more"):
            self._artifacts[name] = bytes(self._pieces.pop(name))
        self._say(_encode({"Ok": None}))

    def _on_result(self, value):
        self._result = value

    def _on_report(self, value):
        self._report = value

    _events = {"Log": _on_log, "Stdio": _on_stdio, "Artifact": _on_artifact,
               "Result": _on_result, "Report": _on_report}


class _Connection:
    """A run at a server, with what Run wants of a process. Who hangs up ends it."""

    returncode = None

    def __init__(self, path):
        self._socket = sockets.socket(sockets.AF_UNIX)
        try:
            self._socket.connect(os.fspath(path))
        except BaseException:
            self._socket.close()
            raise
        self.stdin, self.stdout = self._socket.makefile("wb"), self._socket.makefile("rb")

    def terminate(self):
        with contextlib.suppress(OSError):
            self._socket.shutdown(sockets.SHUT_RDWR)

    kill = terminate

    def wait(self, timeout=None):
        self._socket.close()


class _Over(BaseException):
    """runbox has ended: on its way through a served method that waits for a function of the script's."""

    def __init__(self, value):
        super().__init__()
        self.value = value


class _Objects:
    """What stays here, by the id that the script's side knows it by."""

    def __init__(self):
        self.named, self._ids = {}, {}

    def encode(self, value):
        return _encode(value, self._give)

    def _give(self, value):
        if not isinstance(value, KeptObject):
            raise TypeError(f"{type(value).__name__} has no JSON form")
        if value not in self._ids:
            self._ids[value] = f"{value.kind}:{len(self._ids) + 1}"
            self.named[self._ids[value]] = value
        return {"$ref": self._ids[value]}


class _Input:
    """Standard input as the wire wants it: texts of whole characters, None at the end."""

    def __init__(self, source):
        if isinstance(source, str):
            source = source.encode("utf-8", "replace")
        if source is None or isinstance(source, (bytes, bytearray)):
            source = io.BytesIO(source or b"")
        file = getattr(source, "buffer", source)
        self._read_some = getattr(file, "read1", file.read)  # a buffered file's read() waits for all that it is to read
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = b""  # of the text: what is not UTF-8 grows as it becomes U+FFFD

    def read(self, most):
        """As soon as there are any, up to MOST bytes of UTF-8."""
        while not self._rest:  # half a character stays with the decoder: the rest of it comes next
            data = self._read_some(most)
            if isinstance(data, str):
                data = data.encode("utf-8", "replace")
            self._rest = self._decoder.decode(data, final=not data).encode()
            if not data:
                break
        end = min(most, len(self._rest))
        while end < len(self._rest) and self._rest[end] & 0xC0 == 0x80:
            end -= 1
        text, self._rest = self._rest[:end].decode(), self._rest[end:]
        return text or None


def _encode(value, default=None):
    """A line. ValueError: NaN, infinities and halves of surrogate pairs have no JSON form."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=default).encode() + b"\n"


def _integer(text):
    return int(text) if len(text) <= 20 else float(text)  # more digits than 64 bits have: no integer of Lua's


def _later(seconds, function):
    timer = threading.Timer(seconds, function)
    timer.daemon = True
    timer.start()
    return timer


_LEVELS = {"Debug": logging.DEBUG, "Info": logging.INFO, "Success": logging.INFO, "Warn": logging.WARNING,
           "WarnOnce": logging.WARNING, "Error": logging.ERROR, "Status": logging.INFO}


def visible(text):
    """TEXT with control characters, and those that turn the direction of a line, as escapes."""
    return re.sub("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]",
                  lambda found: found[0].encode("unicode_escape").decode(), text)


def _log(level, text):
    logging.getLogger("runbox").log(_LEVELS[level], "%s", visible(text))
