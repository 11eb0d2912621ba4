#!/usr/bin/env bats
# The Nth system call, or allocation, of a server fails: of the broker, which is what was started; of the front; of its
# bundle's broker; of that one's monitor. calls_serve.py says what is right.

load ../cli/lib
load ../cli/private

setup() {
    programs
    cp "$BATS_TEST_DIRNAME/calls_serve.py" "$T"
}

@test "every system call of the broker of serve fails: it does not begin, or one caller at most has less than its due" {
    private <<'SH'
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py calls "the broker" "${own[@]}"
SH
}

@test "every system call of the front of serve fails: it does not begin, or one caller at most has less than its due" {
    private <<'SH'
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py calls "the front" "${own[@]}"
SH
}

@test "every system call of a bundle's broker of serve fails: it does not begin, or one caller at most has less than its due" {
    private <<'SH'
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py calls "a bundle's broker" "${own[@]}"
SH
}

@test "every allocation of the broker of serve fails: it does not begin, or one caller at most has less than its due" {
    private <<'SH'
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py allocations "the broker" "${own[@]}"
SH
}

@test "every allocation of the front of serve fails: it does not begin, or one caller at most has less than its due" {
    private <<'SH'
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py allocations "the front" "${own[@]}"
SH
}

@test "every allocation of a bundle's broker of serve fails: it does not begin, or one caller at most has less than its due" {
    private <<'SH'
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py allocations "a bundle's broker" "${own[@]}"
SH
}

@test "every system call of a bundle's monitor of serve fails: it does not begin, or one caller at most has less than its due" {
    private <<'SH'
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py calls "a bundle's monitor" "${own[@]}"
SH
}

@test "every allocation of a bundle's monitor of serve fails: it does not begin, or one caller at most has less than its due" {
    private <<'SH'
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py allocations "a bundle's monitor" "${own[@]}"
SH
}
