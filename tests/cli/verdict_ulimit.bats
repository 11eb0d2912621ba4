#!/usr/bin/env bats
# Memory that `ulimit -v` and `-d` leave. Not for a sanitized runbox: it has no room under either.

load lib

setup() {
    programs
    bundle full <<<'local t = {} while true do t[#t + 1] = ("x"):rep(4000) .. #t end'
}

# under RESOURCE BYTES LETTER: the verdict is memory, with that hard limit in the receipt.
under() {
    ends 137 prlimit "--$1=$2:$2" "$runbox" run --report "$T/report" "$T/full"
    says ".exit_code == 137 and .status == \"memory\" and .inherited == {\"$1\": $2} and .evidence.value < $2"
    grep -qE "memory limit: [0-9]+[KM]? \(the \"ulimit -$3\" that runbox was started with" "$T/err"
}

@test "ulimit -v: memory that it leaves is what the verdict says" {
    under as 40000000 v
}

@test "ulimit -d: memory that it leaves is what the verdict says" {
    under data 20000000 d
}

@test "ulimit -v: a source that check has no room for then is not the bundle's mistake" {
    bundle b <<<'return 1'
    python3 -c 'print("local t = {" + "{}," * 600000 + "}")' >"$T/b/wide.lua"
    ends 0 "$runbox" check "$T/b"
    ends 125 prlimit --as=24000000:24000000 "$runbox" check "$T/b"
    grep -q 'looking at its sources: memory limit: .*the "ulimit -v" that runbox was started with' "$T/err"
}

# of RLIMIT VALUE SCRIPT VERDICT STATUS: what strikes is the manifest's own, and no option raises it.
of() {
    bundle own "\"rlimits\":{\"$1\":$2}" <<<"$3"
    ends "$5" "$runbox" run --report "$T/report" "$T/own"
    says ".status == \"$4\" and .inherited == null"
    grep -qF "(/rlimits/$1 of manifest.json: -l $4=... cannot raise it)" "$T/err"
}

@test "the manifest's own rlimits: the verdict names what it is that struck" {
    fill='local t = {} while true do t[#t + 1] = ("x"):rep(4000) .. #t end'
    of as 20000000 "$fill" memory 137
    of data 5000000 "$fill" memory 137
    of cpu 1 'while true do end' cpu_time 124
    of cpu '{"soft":1,"hard":5}' 'while true do end' cpu_time 124
    grep -q "CPU time 1s (" "$T/err"
    for how in "" --fresh; do
        # shellcheck disable=SC2086
        echo '{}' | ends 1 "$runbox" batch $how "$T/own"
        jq -e '.status == "cpu_time" and (.error | startswith("time limit: CPU time 1s (/rlimits/cpu of manifest.json:")) and
            .report.enforced.cpu_time.effective == 1 and .report.cpu_user_ms < 3000' "$T/out"
    done
}
