#!/usr/bin/env bats
# The Nth system call, or allocation, of a server fails: calls_serve.py says what is right.

load ../cli/lib
load ../cli/private

setup() {
    programs
    cp "$BATS_TEST_DIRNAME/calls_serve.py" "$T"
}

@test "every system call of serve fails: it does not begin, or one caller at most has less than its due" {
    private <<'SH'
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py calls "${own[@]}"
SH
}

@test "every allocation of serve fails: it does not begin, or one caller at most has less than its due" {
    private <<'SH'
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py allocations "${own[@]}"
SH
}
