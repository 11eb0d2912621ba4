#!/usr/bin/env bats
# What a bundle or a document says is printed without C1 controls and what reorders text, to a terminal or not; in
# JSON as escapes of the same value.

load lib

setup() {
    programs
    # CSI of C1, RLO, isolates, ALM, line separator, a tag: each has moved or hidden text.
    evil=$'\xc2\x9b31m\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x80\xa8\xf3\xa0\x81\x81'
}

# clean FILE...: none of these characters is there.
clean() {
    LC_ALL=C refute grep -Pa '\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c|\xf3\xa0\x81' "$@"
}

@test "run --json: Exit and Report escape them, and mean the same" {
    records
    bundle b <<<"error('$evil', 0)"
    got=0
    echo '{}' | "$runbox" run --json "$T/b" >"$T/out" 2>"$T/err" || got=$?
    [ "$got" -eq 1 ]
    clean "$T/out" "$T/err"
    [[ "$(jq -r 'select(.Exit).Exit.Err' "$T/out")" = *"$evil"* ]]
    [[ "$(jq -r 'select(.Report).Report.message' "$T/out")" = *"$evil"* ]]
    ends 1 "$runbox" run --report "$T/report" "$T/b"
    clean "$T/report" "$T/err"
}

@test "batch, check, explain, describe, validate: the same" {
    bundle b '"description":"'"$evil"'","env":{"A":"'"$evil"'"}' <<<"print('$evil') box.log.warn('$evil') error('$evil' .. undefined_$((1)))"
    echo '{"id":1}' >"$T/jobs"
    "$runbox" batch -f "$T/jobs" "$T/b" >"$T/batch" 2>"$T/batch.err" || true
    [ "$(jq -r '.log[1].Log.Warn' "$T/batch")" = "$evil" ]
    [ "$(jq -r '.log[0].Stdio.Write' "$T/batch")" = "$evil" ]
    "$runbox" check "$T/b" >"$T/check" 2>&1 || true
    "$runbox" check --json "$T/b" >"$T/check.json" 2>&1 || true
    "$runbox" describe "$T/b" >"$T/describe"
    "$runbox" describe --json "$T/b" >"$T/describe.json"
    "$runbox" explain "$T/b" >"$T/explain"
    "$runbox" explain --json "$T/b" >"$T/explain.json"
    [ "$(jq -r .env.A "$T/explain.json")" = "$evil" ]
    jq -n --arg e "$evil" '{runbox: 1, name: $e, ($e): $e, version: "1"}' >"$T/manifest.json"
    "$runbox" validate manifest "$T/manifest.json" >"$T/validate" 2>&1 || true
    "$runbox" validate --json manifest "$T/manifest.json" >"$T/validate.json" 2>&1 || true
    [ -s "$T/validate.json" ]
    bundle "evil" "\"$evil\":1" <<<'return 1'
    "$runbox" run "$T/evil" >"$T/run" 2>&1 || true
    grep -q 'U+202E\|u202e' "$T/run"
    clean "$T"/{batch,batch.err,check,check.json,describe,describe.json,explain,explain.json,validate,validate.json,run}
}
