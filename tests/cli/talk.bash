# A caller on the wire, for tests: one line heard, one line told.

# Talk with a run: `hears` gives the next line in $line, `tells` sends one.
talk() {
    coproc RUN { exec "$runbox" run --json --report "$T/report" "${more[@]}" "$T/b" 2>"$T/err" 3>&-; }
    lives+=("$RUN_PID")
    pid=$RUN_PID
    exec {hear}<&"${RUN[0]}" {tell}>&"${RUN[1]}"
    eval "exec ${RUN[0]}<&- ${RUN[1]}>&-"
    tells "${1:-{\}}"
}

hears() {
    IFS= read -r -t 10 line <&"$hear"
    [ -z "$1" ] || [ "$line" = "$1" ] || {
        echo "heard: $line"
        return 1
    }
}

tells() {
    printf '%s\n' "$1" >&"$tell"
}

hangs_up() {
    exec {tell}>&-
}

# The live box's process takes the wire over: it writes LINE, whatever its script does. Nothing of the line may
# reach the caller, and the run ends as a breach for a reason that matches WHY.
breaks() {
    local bytes

    kin "$pid"
    bytes=$(printf '%s\n' "$1" | od -An -v -tx1 | tr -d ' \n')
    "$bin/tests/tools/inject" "$box" write 0 "%$bytes" $((${#bytes} / 2)) >"$T/injected" || true
    ended 76
    says ".status == \"protocol\" and (.message | test(\"$2\"))"
    refute grep -qF -- "$1" <(cat <&"$hear")
}
