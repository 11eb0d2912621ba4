#!/usr/bin/env bats
# `runbox explain`: what it prints, and the exit status of each way it can end.

load lib

setup() {
    runbox="${B:-build}/runbox"
    bundle="$BATS_TEST_TMPDIR/bundle"
    mkdir "$bundle"
    echo 'return 1' >"$bundle/main.lua"
    manifest '"keyring_access":["aws"]'
}

manifest() {
    echo "{\"runbox\":1,\"name\":\"t\",\"version\":\"1.0.0\"${1:+,$1}}" >"$bundle/manifest.json"
}

@test "all that is asked is granted: exit 0, nothing on stderr" {
    "$runbox" explain -g keyring:aws "$bundle" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
    [ ! -s "$BATS_TEST_TMPDIR/err" ]
    grep -q '^  granted        keyring:aws (option)$' "$BATS_TEST_TMPDIR/out"
    grep -q "sha256 [0-9a-f]\{64\}$" "$BATS_TEST_TMPDIR/out"
}

@test "a grant is missing: the plan all the same, the option, exit 4" {
    run "$runbox" explain "$bundle"
    [ "$status" -eq 4 ]
    [[ "$output" == *"LIMITS"* ]]
    [[ "$output" == *"MISSING        keyring:aws"* ]]
    [[ "$output" == *"--grant keyring:aws"* ]]
}

@test "the option that it names is the one that helps" {
    manifest '"seccomp":{"profile":"files"},"filesystem":{"mounts":[{"source":"/tmp/it'"'"'s here","target":"/in","mode":"ro"}]}'
    options=$("$runbox" explain "$bundle" | sed -n 's/^  to grant it: *//p')
    [ -n "$options" ]
    eval "$runbox explain $options $bundle"
}

@test "--json: one JSON object on stdout, the refusal on stderr" {
    run bash -c "'$runbox' explain --json '$bundle' 2>/dev/null"
    [ "$status" -eq 4 ]
    jq -e '.grants.missing == ["keyring:aws"] and .limits.memory.asked == 67108864' <<<"$output"
    run bash -c "'$runbox' explain --json '$bundle' 2>&1 >/dev/null"
    [ "$output" = "runbox: t: asks for more than is granted; to grant it: --grant keyring:aws" ]
}

@test "-l changes the limit, and says who asked" {
    run "$runbox" explain -g keyring:aws -l memory=32M "$bundle"
    [ "$status" -eq 0 ]
    [[ "$output" == *"32M (option)"* ]]
}

@test "every error of a manifest, exit 3" {
    manifest '"limits":{"memory":"64X","cpus":"many"}'
    run "$runbox" explain "$bundle"
    [ "$status" -eq 3 ]
    [ "${#lines[@]}" -eq 2 ]
    [[ "${lines[0]}" == "runbox: $bundle/manifest.json:1:"*"/limits/memory: "* ]]
}

@test "a call that is never granted: exit 3 and the reason" {
    manifest '"seccomp":{"profile":"compute","allow":["ptrace"]}'
    run "$runbox" explain -g keyring:aws "$bundle"
    [ "$status" -eq 3 ]
    [[ "$output" == *"it reads and controls other processes"* ]]
}

@test "a grant that means nothing: exit 2" {
    run "$runbox" explain -g keyrin:aws "$bundle"
    [ "$status" -eq 2 ]
    [[ "$output" == *'did you mean "keyring:..."?'* ]]
}

@test "a limit that no layer holds: exit 125" {
    # An ordinary user without a delegated group: nothing could hold a part of a CPU.
    programs_for_all
    bundle b '"limits":{"cpus":0.25}' <<<'return 1'
    run "${ordinary[@]}" "$runbox" explain "$T/b"
    [ "$status" -eq 125 ]
    [[ "$output" == *'"cpu"'* ]]
}

@test "usage: exit 2" {
    for words in "" "--no-such $bundle" "-l memory $bundle" "-l memory=1X $bundle" "$bundle $bundle"; do
        run "$runbox" explain $words
        [ "$status" -eq 2 ]
    done
}

@test "--help: exit 0, on stdout" {
    run bash -c "'$runbox' explain --help 2>/dev/null"
    [ "$status" -eq 0 ]
    [[ "$output" == "usage: runbox explain"* ]]
}

@test "a full disk is noticed: exit 125" {
    run bash -c "'$runbox' explain -g keyring:aws '$bundle' >/dev/full"
    [ "$status" -eq 125 ]
}

@test "nothing in a manifest forges a line or moves the cursor" {
    manifest '"env":{"A":"x\nGRANTS\u001b[2J"}'
    run "$runbox" explain "$bundle"
    [ "$status" -eq 0 ]
    [[ "$output" == *"A=x<U+000A>GRANTS<U+001B>[2J"* ]]
    [[ "$output" != *$'\nGRANTS'* ]]
}

@test "a grant of the keyring names one namespace: no pattern, and nothing that a manifest cannot ask for" {
    bundle b <<<'return 1'
    for bad in 'keyring:*' 'keyring:a b' 'keyring:' "keyring:$(printf 'a%.0s' {1..129})" $'keyring:a\nb'; do
        for verb in run explain batch; do
            ends 2 "$runbox" "$verb" -g "$bad" "$T/b" </dev/null
            grep -q -- '--grant: .*namespace' "$T/err"
        done
    done
    ends 0 "$runbox" run -g keyring:aws.eu-x-1_Y "$T/b"
}
