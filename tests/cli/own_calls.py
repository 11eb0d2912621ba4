"""What a monitor may call, and what not: runtime/plan/stock/monitor.def, and the numbers of this kernel's headers."""
import os
import re
import subprocess

_header = subprocess.run(["cc", "-E", "-dM", "-include", "sys/syscall.h", "-x", "c", "/dev/null"], capture_output=True, text=True, check=True).stdout
_number = {name: int(value) for name, value in re.findall(r"^#define __NR_(\w+) (\d+)$", _header, re.M)}
_own = {_number[name] for name in re.findall(r"^CALL(?:_IF)?\((\w+)", open("runtime/plan/stock/monitor.def").read(), re.M) if name in _number}
assert len(_own) > 15
if os.uname().machine == "x86_64":
    _own |= {335, 336}  # uretprobe, uprobe: the kernel lets them pass every filter, and refuses them but from its own trampoline

# Every number of the table but those, and some beyond it.
others = [nr for nr in range(max(_number.values()) + 12) if nr not in _own]
