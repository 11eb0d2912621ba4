#!/usr/bin/env bats
# The Nth allocation of a batch fails, for every N, alone or with all behind it (programs/malloc.c): of the broker, which is
# what was started; of the front; of the bundle's broker; of its monitor. Status 0 means that each
# job has its very result and its log; 1, that each has one, of which some say "setup" and why; else one line.

load ../cli/lib
load ../cli/private

setup() {
    programs
    cp "$BATS_TEST_DIRNAME/allocations.table" "$T/table"
    cp "$BATS_TEST_DIRNAME/sweep.bash" "$BATS_TEST_DIRNAME/allocations_batch.bash" "$T"
}

@test "every allocation of the broker of a batch fails: no job is lost, none is ok without its result" {
    private <<'SH'
. ./sweep.bash
. ./allocations_batch.bash
batch 10 0
summary "allocations failed in turn: $allocations of the broker of a batch"
SH
}

@test "every allocation of the front of a batch fails: no job is lost, none is ok without its result" {
    private <<'SH'
. ./sweep.bash
. ./allocations_batch.bash
batch 20 1
summary "allocations failed in turn: $allocations of the front of a batch"
SH
}

@test "every allocation of a bundle's broker fails: no job is lost, none is ok without its result" {
    private <<'SH'
. ./sweep.bash
. ./allocations_batch.bash
batch 20 2
summary "allocations failed in turn: $allocations of a bundle's broker"
SH
}

@test "every allocation of a bundle's monitor fails: no job is lost, none is ok without its result" {
    private <<'SH'
. ./sweep.bash
. ./allocations_batch.bash
batch 50 3
summary "allocations failed in turn: $allocations of a bundle's monitor"
SH
}
