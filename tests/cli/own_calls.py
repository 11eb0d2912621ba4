"""What a monitor may call, and what not: runtime/plan/stock/monitor.def, and libseccomp's numbers of this processor's calls."""
import os
import re
import subprocess

_attack = os.environ.get("B", "build") + "/tests/tools/attack"


def _number(name):
    said = subprocess.run([_attack, "knows", name], capture_output=True, text=True).stdout
    return int(said) if said else None


_names = set(re.findall(r"^CALL(?:_IF)?\((\w+)", open("runtime/plan/stock/monitor.def").read(), re.M))
_own = {_number(name) for name in _names} - {None}
assert len(_own) > 15
if os.uname().machine == "x86_64":
    _own |= {335, 336}  # uretprobe, uprobe: the kernel lets them pass every filter, and refuses them but from its own trampoline

# Every number but those, up to Linux 6.18's last, 470, and some beyond it: a tenth of them where the processor is emulated.
others = [nr for nr in range(482) if nr not in _own][:: 10 if os.environ.get("EMULATED") else 1]
