# What a command costs, for tests of what may be spent on untrusted documents.

# What the sanitizers need for themselves.
slack=$([ -n "${SANITIZED:-}" ] && echo 10 || echo 1)

# costs COMMAND...: its status; $T/cost has its processor time (ms) and its memory (KiB), which are bounded. The time has
# room for a machine that is slow: what this is about took minutes, or for ever.
costs() {
    python3 - "$T/cost" "$@" <<'END'
import os, resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CPU, (200, 201))
code = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as out:
    print(round((used.ru_utime + used.ru_stime) * 1000), used.ru_maxrss, file=out)
sys.exit(code if code >= 0 else 128 - code)
END
}

# spends STATUS COMMAND...
spends() {
    local ms kib

    ends "$1" costs "${@:2}"
    read -r ms kib <"$T/cost"
    echo "$ms ms, $kib KiB"
    [ "$ms" -lt $((20000 * slack)) ] && [ "$kib" -lt $((64 * 1024 * slack)) ]
}
