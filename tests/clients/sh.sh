#!/bin/sh
# Driver of contrib/clients/sh: see README.md.
# shellcheck disable=SC2154
here=$(dirname "$0")
# shellcheck source=contrib/clients/sh/runbox.sh
. "$here/../../contrib/clients/sh/runbox.sh"

spec() {
    printf '%s' "$given" | jq -r "$1"
}

add() {
    jq '.[0] + .[1]'
}

fail() {
    printf 'no such host: é'
    return 1
}

long() {
    head -c 2000000 /dev/zero | tr '\0' x | jq -Rs .
}

map() {
    params=$(cat)
    f=$(printf '%s' "$params" | jq '.f["$fn"]')
    set --
    for value in $(printf '%s' "$params" | jq -c '.list[]'); do
        answer=$(runbox_invoke "$f" "$value") || {
            printf '%s' "$answer"
            return 1
        }
        set -- "$@" "$answer"
    done
    printf '%s\n' "$@" | jq -sc .
}

attempt() {
    answer=$(runbox_invoke "$(jq '.["$fn"]')" null) || answer=$(printf 'caught: %s' "$answer" | jq -Rs .)
    printf '%s\n' "$answer"
}

keep() {
    jq '.["$fn"]' >"$scratch/kept"
    runbox_invoke "$(cat "$scratch/kept")" '"now"'
}

late() {
    runbox_invoke "$(cat "$scratch/kept")" null
}

door() {
    echo '"door:1"' | jq -c '{"$ref": .}'
}

open_door() {
    jq --arg ref "$runbox_ref" 'if $ref == "door:1" then "open \(.)" else error end'
}

slam_door() {
    runbox_invoke "$(jq '.["$fn"]')" '"bang"'
}

same() {
    jq '.[0] == {"$ref": "door:1"}'
}

runbox_write() {
    printf '%s' "$1" >>"$scratch/output"
}

runbox_log() {
    jq -nc '$ARGS.positional' --args "$1" "$2" >>"$scratch/logs"
}

scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT
touch "$scratch/output" "$scratch/logs"
given=$(cat)
runbox_serve add add
runbox_serve echo cat
runbox_serve fail fail
runbox_serve long long
runbox_serve map map
runbox_serve try attempt
runbox_serve keep keep
runbox_serve late late
runbox_serve door door
runbox_serve door:open open_door
runbox_serve door:slam slam_door
runbox_serve same same
runbox_input=$(spec '.stdin // ""')
runbox_timeout=$(spec '.timeout // ""')
start=$(spec '.start // {} | tojson')
eval "set -- $(spec '[((.limits // {}) | to_entries[] | "-l", "\(.key)=\(.value)"),
    ((.grants // [])[] | "-g", .), (.artifacts // empty | "--artifacts", .), .bundle] | @sh')"
runbox_run "$start" "$@"
status=$?
printf '{"result":%s,"report":%s}' "${runbox_result:-null}" "${runbox_report:-null}" >"$scratch/json"
if [ $status -ne 0 ]; then
    jq -c --arg error "$runbox_message" --argjson code $status --slurpfile logs "$scratch/logs" \
        --rawfile output "$scratch/output" '{error: $error, exit_code: $code, status: .report.status,
        timeout: (.report.status == "cancelled"), $output, $logs, report}' "$scratch/json"
else # the result as it came: jq 1.6 would round it
    jq -c --slurpfile logs "$scratch/logs" --rawfile output "$scratch/output" \
        '{$output, $logs, artifacts: {}, report}' "$scratch/json" >"$scratch/rest"
    printf '{"result":%s,%s\n' "${runbox_result:-null}" "$(cut -c 2- "$scratch/rest")"
fi
