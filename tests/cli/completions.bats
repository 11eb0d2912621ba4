#!/usr/bin/env bats
# The completions: bash's is sourced and called; what it offers is what --help says, and nothing else.

load lib

setup() {
    programs
    export XDG_CONFIG_HOME=$T
    source contrib/completions/runbox.bash
}

# completes WORD...: the last one is being typed; what is offered is in $COMPREPLY.
completes() {
    COMP_WORDS=(runbox "$@")
    COMP_CWORD=$#
    _runbox "$runbox" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" || true # its status means nothing
}

offers() {
    [ "${COMPREPLY[*]}" = "$*" ] || {
        echo "offered: ${COMPREPLY[*]}"
        return 1
    }
}

# Each word of the table of options that begins with "-", by another way than the completion's.
options_of() {
    "$runbox" "$1" --help | sed -n '/^  -/{s/^  //;s/  .*//;p}' | tr -d , | tr ' ' '\n' | grep ^- | sort
}

verbs_of_help() {
    "$runbox" --help | sed -n '/^commands:/,/^$/s/^  *\([a-z]*\) .*/\1/p' | sort
}

@test "bash: the verbs are those of --help" {
    mkdir "$T/empty"
    cd "$T/empty"
    completes ""
    [ "$(printf '%s\n' "${COMPREPLY[@]}" | sort)" = "$(verbs_of_help)" ]
    [ "$(verbs_of_help | wc -l)" -ge 3 ]
    completes expl
    offers explain
}

@test "bash: the options of each verb are those of its --help" {
    for verb in $(verbs_of_help); do
        completes "$verb" -
        diff <(printf '%s\n' "${COMPREPLY[@]}" | sort) <(options_of "$verb")
        "$runbox" "$verb" --help | grep -q -- '--help'
        [[ " ${COMPREPLY[*]} " == *" --help "* ]]
    done
    completes run --art
    offers --artifacts
}

@test "bash: every option that is offered is known to the verb" {
    for verb in $(verbs_of_help); do
        completes "$verb" --
        for option in "${COMPREPLY[@]}"; do
            "$runbox" "$verb" "$option" </dev/null >"$T/out" 2>&1 || true
            refute grep -qE "unrecognized option|invalid option" "$T/out"
        done
    done
}

@test "--version is offered in place of a verb, by each shell's" {
    completes --vers
    offers --version
    completes -V
    offers -V
    completes run --vers
    offers
    grep -q -- '{-V,--version}' contrib/completions/_runbox
    grep -q -- '-s V -l version' contrib/completions/runbox.fish
    ends 0 "$runbox" --version
}

@test "bash: what options take" {
    mkdir -p "$T/here/kept.d"
    touch "$T/here/keys.json"
    cd "$T/here"
    completes run -l wall
    offers wall_time=
    completes run --limit = mem
    offers memory=
    completes run -l memory = ""
    offers
    completes run -g net
    offers network:host
    completes run -g mount : "$T/here/k"
    offers "$T/here/kept.d"
    completes run --artifacts k
    offers kept.d
    completes run --keyring keys
    offers keys.json
    completes -l mem
    offers memory=
    completes keyring --store k
    offers kernel
}

@test "bash: operands" {
    mkdir -p "$T/here/kept.d"
    touch "$T/here/keys.json"
    cd "$T/here"
    completes run -l memory = 1M ke
    offers kept.d
    completes explain k
    offers kept.d
    completes keyring de
    offers delete
    completes schema man
    offers manifest
    completes validate manifest k
    [ "$(printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' ')" = "kept.d keys.json " ]
    completes doctor ""
    offers
}

@test "the limits, grants and stores that the completions name are those that exist" {
    jq -r '.properties.limits.properties | keys[]' schemas/manifest.schema.json | sort >"$T/limits"
    sed -n 's/.*words="\(memory=.*\)"/\1/p' contrib/completions/runbox.bash | tr -d = | tr ' ' '\n' | sort | diff "$T/limits" -
    sed -n 's/.*compadd -S = //p' contrib/completions/_runbox | tr ' ' '\n' | sort | diff "$T/limits" -
    sed -n "s/.*'%s=.n' //p" contrib/completions/runbox.fish | tr ' ' '\n' | sort | diff "$T/limits" -
    for store in file kernel credentials; do
        "$runbox" keyring --help | grep -q "^  .*$store"
    done
    for kind in keyring network mount capability syscall limit; do
        "$runbox" run --help | grep -q "$kind:"
    done
}
