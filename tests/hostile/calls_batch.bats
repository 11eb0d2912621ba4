#!/usr/bin/env bats
# The Nth system call of a batch fails, for every N and each error that this call plausibly has (of one that it has
# made often on the same thing, one error): of the broker, which is what was started; of the front; of the bundle's broker; of its
# monitor.
# What is right of its end: calls_batch.bash.

load setup

setup() {
    sweeps calls.table
    cp "$BATS_TEST_DIRNAME/calls_batch.bash" "$T"
}

@test "every system call of the broker of a batch fails: each job has its result or why not, or --resume gives it" {
    private <<'SH'
. ./sweep.bash
. ./calls_batch.bash
batch 50 monitor
summary "system calls failed in turn: $calls calls of the broker of a batch × their errors, $resumed resumed"
SH
}

@test "every system call of the front of a batch fails: each job has its result or why not, or --resume gives it" {
    private <<'SH'
. ./sweep.bash
. ./calls_batch.bash
batch 40 second
summary "system calls failed in turn: $calls calls of the front of a batch × their errors, $resumed resumed"
SH
}

@test "every system call of a bundle's broker fails: each job has its result or why not, or --resume gives it" {
    private <<'SH'
. ./sweep.bash
. ./calls_batch.bash
batch 200 third
summary "system calls failed in turn: $calls calls of a bundle's broker × their errors, $resumed resumed"
SH
}

@test "every system call of a bundle's monitor fails: each job has its result or why not, or --resume gives it" {
    private <<'SH'
. ./sweep.bash
. ./calls_batch.bash
batch 60 fourth
summary "system calls failed in turn: $calls calls of a bundle's monitor × their errors, $resumed resumed"
SH
}
