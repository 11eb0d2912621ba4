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
