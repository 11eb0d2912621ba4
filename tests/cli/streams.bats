#!/usr/bin/env bats
# Standard streams that are closed or full, names that are empty, "-" or hold a newline.

load lib

setup() {
    programs
    bundle b <<<'print("ran") return 1'
    echo '{"id":1}' >"$T/jobs"
}

# says STATUS COMMAND...: that status, and one clear line on stderr (after it, where help is).
says() {
    local expected=$1 got=0

    shift
    "$@" 2>"$T/err" || got=$?
    [ "$got" -eq "$expected" ] || { echo "exit $got: $*"; cat "$T/err"; return 1; }
    grep -v "^Try 'runbox " "$T/err" >"$T/line" || true
    [ "$(wc -l <"$T/line")" -eq 1 ] && grep -q '^runbox: ' "$T/line" || { cat "$T/err"; return 1; }
}

@test "an answer that nobody gets is no success" {
    local verb verbs=("explain $T/b" "describe $T/b" "describe --json $T/b" "check --json $T/b" "schema manifest" doctor --help
        --version "run --help" "batch --help" "explain --help" "keyring --help" "check --help" "describe --help" "doctor --help"
        "new --help" "schema --help" "serve --help" "stats --help" "validate --help" "sandbox --help")

    for verb in "${verbs[@]}"; do
        says 125 "$runbox" $verb >/dev/full
        [[ $verb == run\ * || $verb == sandbox\ * ]] || says 125 "$runbox" $verb >&-
    done
    export XDG_CONFIG_HOME=$T/config
    "$runbox" keyring add aws:key <<<secret
    says 125 "$runbox" keyring list >/dev/full
    says 125 "$runbox" keyring list >&-
}

@test "a batch whose results go nowhere runs no job; one without jobs to read ends so" {
    for closed in '>&-' '1</dev/null'; do
        eval 'says 125 "$runbox" batch -v -f "$T/jobs" "$T/b" '"$closed"
        grep -q -e --output "$T/err"
    done
    "$runbox" batch -q -f "$T/jobs" --output "$T/results" "$T/b" >&-
    [ "$(jq -r .status "$T/results")" = ok ]
    says 3 "$runbox" batch -q "$T/b" <&-
    grep -q 'reading the jobs' "$T/err"
}

@test "a run may be mute" {
    "$runbox" run "$T/b" >&-
    "$runbox" "$T/b" >&-
}

@test "a name that is empty, or - where no stream can stand" {
    local of

    cd "$T"
    for of in "run --report" "run --artifacts" "batch --html" "batch --resume" "batch --retry-failed"; do
        says 2 "$runbox" $of "" b </dev/null
        says 2 "$runbox" $of - b </dev/null
        grep -q -e " ${of#* }" err
    done
    for of in "run --arg-file" "run --keyring" "batch --input" "batch --output"; do
        says 2 "$runbox" $of "" b </dev/null
        grep -q -e "${of#* }: expected a file name" err
    done
    for of in run explain check describe "serve --socket s" batch "validate schema" "validate"; do
        says 2 "$runbox" $of "" </dev/null
    done
    [ ! -e - ]
    "$runbox" batch -q -f jobs --output - b >out
    [ "$(jq .id out)" = 1 ]
    [ ! -e - ]
}

@test "a grant of no form is a mistake of the command line" {
    local verb

    for verb in run explain batch "serve --socket $T/s"; do
        for grant in foo mount:x limit:x=1 keyring: syscall:reboot; do
            says 2 "$runbox" $verb -g "$grant" "$T/b" </dev/null
            grep -q -e "--grant" "$T/err"
        done
    done
}

@test "a message names the option that was given" {
    for option in --timeout --memory --cpus; do
        says 2 "$runbox" batch $option 0 "$T/b" </dev/null
        grep -q -e "$option 0: must be more than 0" "$T/err"
    done
}

@test "a message is one line, whatever a file is called" {
    local name=$'a\nrunbox: b: all is well'

    cd "$T"
    echo '{}' >schema
    for verb in run explain describe "batch -f" "validate schema"; do
        says 3 "$runbox" $verb "$T/$name"
        grep -q 'a<U+000A>runbox: b: all is well' "$T/err"
    done
    says 2 "$runbox" "$name"
    "$runbox" check "$T/$name" >"$T/out" || true
    [ "$(wc -l <"$T/out")" -eq 1 ]
}
