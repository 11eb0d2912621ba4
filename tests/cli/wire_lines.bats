#!/usr/bin/env bats
# The check of every line that the tests of the wire see: that it sees them, and that it can fail.

load lib

setup() {
    programs
    records
    bundle b '"calls":["m"]' <<<'print(box.call("m", 1)) print(io.read())'
}

# Lines as recorded of one run, as jq's output of their objects.
said() {
    printf '%s\n' "$@" >"$RECORD_DIR/1.said"
}

heard() {
    printf '%s\n' "$@" >"$RECORD_DIR/1.heard"
}

checked() {
    python3 tests/cli/wire_lines.py "$RECORD_PROGRAM" "$RECORD_DIR" >"$T/checked"
}

# fails NAME: the check does, for a line that is none of these.
fails() {
    refute checked
    grep -q "^lines that are no $1: " "$T/checked"
    rm "$RECORD_DIR"/*
}

@test "a run's lines are seen, every byte, both ways" {
    ends 0 "$runbox" run --json "$T/b" < <(
        echo '{"seed":1}'
        until_holds grep -q '^{"Call"' "$T/out"
        echo '{"Ok":"é"}'
        until_holds grep -q Readline "$T/out"
        echo '{"Ok":null}'
    )
    cmp "$RECORD_DIR"/*.heard "$T/out"
    [ "$(cat "$RECORD_DIR"/*.said)" = $'{"seed":1}\n{"Ok":"é"}\n{"Ok":null}' ]
    checked
}

@test "lines that fit, of runbox's own kind and of sn0int's" {
    said '{"encoding":"base64"}' '{"Ok":{}}' '{"Ok":"AA=="}' '{"Err":"no"}' '{"Ok":null}'
    heard '{"Call":{"method":"m","params":1}}' '{"Stdio":"ToEnd"}' '{"Artifact":{"name":"a","data":""}}' \
        '{"Stdio":"Readline"}' '{"Exit":"Ok"}'
    checked
    said '{"read":true}' '{"Ok":"é"}' '{"Ok":null}'
    heard '{"Stdio":{"Read":4}}' '{"Stdio":{"Write":"é"}}' '{"Stdio":{"Read":65536}}' '{"Exit":"Ok"}'
    checked
    # A last line that was cut off is not one.
    printf '{"Rep' >>"$RECORD_DIR/1.heard"
    checked
}

@test "what runbox says: an event of no kind, a member too many, what is not JSON" {
    for line in '{"Forged":1}' '{"Log":{"Info":1}}' '{"Stdio":{"Write":"a","b":1}}' 'x' '' '{"Ready":3}' '{"Limit":{"name":"memory","text":""}}'; do
        said '{}'
        heard "$line" '{"Exit":"Ok"}'
        fails event
    done
    heard '{"Report":{"status":"ok"}}' '{"Exit":"Ok"}'
    fails report
}

@test "what a caller says: its start line, and the reply that each request wants" {
    said '{"nosuch":1}'
    heard '{"Exit":"Ok"}'
    fails start
    said '{"module":{}}'
    heard '{"Exit":"Ok"}'
    fails sandbox
    said '{}' '{"Ok":1}' '{"Ok":1}'
    heard '{"Call":{"method":"m","params":1}}' '{"Stdio":"Readline"}' '{"Exit":"Ok"}'
    fails 'reply#ToEnd'
    said '{"encoding":"base64"}' '{"Ok":"text."}'
    heard '{"Stdio":"ToEnd"}' '{"Exit":"Ok"}'
    fails 'reply#Bytes'
    said '{"read":true}' '{"Ok":""}'
    heard '{"Stdio":{"Read":4}}' '{"Exit":"Ok"}'
    fails 'reply#Read'
    said '{}' '{"Ok":"Maybe"}'
    heard '{"Ratelimit":{"key":"k","passes":1,"time":1}}' '{"Exit":"Ok"}'
    fails 'reply#Ratelimit'
    said '{}' '{"Maybe":1}'
    heard '{"Call":{"method":"m","params":1}}' '{"Exit":"Ok"}'
    fails 'reply#Call'
}

@test "a caller may be wrong only where that ended the run" {
    said '{}' '{"Ok":1}'
    heard '{"Stdio":"Readline"}' '{"Exit":{"Err":"reply: byte 7: expected a string"}}'
    checked
    heard '{"Stdio":"Readline"}' '{"Exit":{"Err":"main.lua:1: my own"}}'
    fails 'reply#ToEnd'
}

@test "every file of tests that speaks the wire records it" {
    grep -lE -- '"\$runbox" (run .*--json|sandbox )|export RUNBOX\b' tests/cli/*.bats | sort >"$T/speak"
    [ "$(wc -l <"$T/speak")" -ge 8 ]
    # status.bats: options that do not go together, so that nothing is ever said. batch_slurm.bats: a batch's. broker.bats: monitors
    # that were taken over, and ended in the midst of it.
    grep -vE '/(status|batch_slurm|broker).bats$' "$T/speak" | xargs grep -LE '^ +records$' >"$T/silent" || true
    [ ! -s "$T/silent" ] || { cat "$T/silent"; false; }
}
