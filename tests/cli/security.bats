#!/usr/bin/env bats
# SECURITY.md: each promise names a test that there is.

load lib

setup() {
    T=$BATS_TEST_TMPDIR
}

# named FILE: "PATH<TAB>TITLE" for each test that it names, TITLE empty where only the file is.
named() {
    grep -oE '`tests/[^`]+`( "[^"]*")?' "$1" | sed -E 's/^`([^`]+)`( "([^"]*)")?$/\1\t\3/'
}

# absent FILE: what it names and there is not.
absent() {
    local path title

    named "$1" | while IFS=$'\t' read -r path title; do
        if [ ! -f "$path" ]; then
            echo "$path"
        elif [[ "$path" == *.bats && -n "$title" ]]; then
            grep -qxF "@test \"$title\" {" "$path" || echo "$path: $title"
        elif [ -n "$title" ]; then
            grep -qF "\"$title\"" "$path" || echo "$path: $title"
        fi
    done
}

@test "every test that SECURITY.md names exists" {
    [ "$(named SECURITY.md | wc -l)" -ge 30 ]
    absent SECURITY.md >"$T/absent"
    cat "$T/absent"
    [ ! -s "$T/absent" ]
}

@test "every promise names a test" {
    grep '^| ' SECURITY.md | grep -vE '^\| (promise|---) \|' >"$T/promises"
    [ "$(wc -l <"$T/promises")" -ge 20 ]
    refute grep -v '`tests/' "$T/promises"
}

@test "a test that is not there would be found" {
    echo '| p | `tests/cli/nowhere.bats` "x", `tests/cli/live.bats` "no such title", `tests/unit/plan_filter.c` "nor this" |' \
        >"$T/wrong"
    [ "$(absent "$T/wrong" | wc -l)" -eq 3 ]
}
