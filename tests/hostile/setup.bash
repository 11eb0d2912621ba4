# Shared by the tests in which system calls fail in turn.
load ../cli/lib
load ../cli/private

# sweeps TABLE...: the programs, and what sweep.bash reads, where `private` finds it.
sweeps() {
    programs
    cat "${@/#/$BATS_TEST_DIRNAME/}" >"$T/table"
    cp "$BATS_TEST_DIRNAME/sweep.bash" "$T"
    cp "$BATS_TEST_DIRNAME/../tools/fault/calls.def" "$T"
}
