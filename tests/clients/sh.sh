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
