# Shared by the tests of the wire's two hostile ends: a run on JSON lines to talk to, and how it must end.

# spins [ARGUMENT]...: a run of $T/b on JSON lines whose script has begun. Sets $pid, $box; its lines are in
# $T/out, $tell is its stdin.
spins() {
    rm -f "$T/in" "$T/out" "$T/report"
    mkfifo "$T/in"
    exec {tell}<>"$T/in"
    "$runbox" run --json --report "$T/report" "$@" "$T/b" <"$T/in" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    echo '{}' >&"$tell"
    until_holds grep -q ready "$T/out"
    kin "$pid"
}

# over STATUS: the run ends so, and its last lines are Report and Exit, each the only one of its kind.
over() {
    ended "$1"
    exec {tell}>&-
    ends_once "$T/out"
    says ".exit_code == $1"
}

ends_once() {
    jq -r keys[0] "$1" >"$T/names"
    [ "$(tail -n 2 "$T/names" | tr '\n' ' ')" = "Report Exit " ]
    [ "$(grep -cE '^(Report|Exit)$' "$T/names")" -eq 2 ]
    [ -z "$(tail -c 1 "$1" | tr -d '\n')" ]
}

# bound KIB: what its memory may grow by; the sanitizers keep freed memory for a while, and shadows of all.
bound() {
    echo $((${SANITIZED:+32 *} $1))
}

# Most memory the monitor ever had, KiB.
most() {
    sed -n 's/^VmHWM:\s*\([0-9]*\) kB/\1/p' "/proc/$monitor/status"
}
