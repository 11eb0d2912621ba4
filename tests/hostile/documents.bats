#!/usr/bin/env bats
# Manifests, schemas, arguments, jobs, stores and policies from the grammar of the fuzzers through every verb that reads them.

load ../cli/lib

setup() {
    programs
}

@test "generated documents: each verb ends well, or says in clear lines what is wrong, within the budget" {
    cd "$T"
    "$bin/tests/tools/generated" 1 "$(fewer 60)" |
        timeout 600 /usr/bin/python3 "$BATS_TEST_DIRNAME/documents.py" "$runbox" >"$T/said" 2>&1 3>&- || {
        cat "$T/said"
        return 1
    }
    sed -n '/^#/p' "$T/said" >&3
}
