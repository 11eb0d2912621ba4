#!/usr/bin/env bats
# The Nth system call, or allocation, of a server fails: of the broker, which is what was started; of the front; of its
# bundle's broker; of that one's monitor. calls_serve.py says what is right.

load ../cli/lib
load ../cli/private

setup() {
    programs
    cp "$BATS_TEST_DIRNAME/calls_serve.py" "$T"
}

# fails calls|allocations PROCESS: each of that process's.
fails() {
    private <<SH
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py "$1" "$2" "\${own[@]}"
SH
}

@test "every system call of the broker of serve fails: it does not begin, or one caller at most has less than its due" {
    fails calls "the broker"
}

@test "every system call of the front of serve fails: it does not begin, or one caller at most has less than its due" {
    fails calls "the front"
}

@test "every system call of a bundle's broker of serve fails: it does not begin, or one caller at most has less than its due" {
    fails calls "a bundle's broker"
}

@test "every allocation of the broker of serve fails: it does not begin, or one caller at most has less than its due" {
    fails allocations "the broker"
}

@test "every allocation of the front of serve fails: it does not begin, or one caller at most has less than its due" {
    fails allocations "the front"
}

@test "every allocation of a bundle's broker of serve fails: it does not begin, or one caller at most has less than its due" {
    fails allocations "a bundle's broker"
}

@test "every system call of a bundle's monitor of serve fails: it does not begin, or one caller at most has less than its due" {
    fails calls "a bundle's monitor"
}

@test "every allocation of a bundle's monitor of serve fails: it does not begin, or one caller at most has less than its due" {
    fails allocations "a bundle's monitor"
}
