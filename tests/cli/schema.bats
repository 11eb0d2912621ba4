#!/usr/bin/env bats
# `runbox schema`: each of runbox's own schemas, byte for byte.

load lib

setup() {
    programs
}

@test "every schema of schemas/ is printed as it stands there, and is listed" {
    for file in schemas/*.schema.json; do
        name=$(basename "$file" .schema.json)
        ends 0 "$runbox" schema "$name"
        cmp "$T/out" "$file"
        ends 0 "$runbox" schema
        grep -qx "$name" "$T/out"
    done
    [ "$(wc -l <"$T/out")" -eq "$(ls schemas/*.schema.json | wc -l)" ]
}

@test "a misspelt name: exit 2, and the one that was meant" {
    ends 2 "$runbox" schema manifset
    grep -q 'did you mean "manifest"' "$T/err"
    ends 2 "$runbox" schema zzzzzzzzzz
    grep -q 'event, job, manifest, policy, reply' "$T/err"
    ends 2 "$runbox" schema start event
    ends 2 "$runbox" schema --no-such
}

@test "--help: exit 0; a full disk: exit 125" {
    ends 0 "$runbox" schema --help
    grep -q '^usage: runbox schema' "$T/out"
    run bash -c "'$runbox' schema manifest >/dev/full"
    [ "$status" -eq 125 ]
}
