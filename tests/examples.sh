#!/bin/bash
# Tests, as TAP, that each example bundle does what its README says. The programs are in $B.
set -u
cd "$(dirname "$0")/../bundles/examples" || exit 1
top=$(realpath ../..)
runbox=$(cd "$top" && realpath "${B:-build}")/runbox
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
n=0 failed=0

# example NAME WANTED COMMAND...: it exits with status 0 within ten seconds, and prints WANTED.
example() {
    local name=$1 wanted=$2 status=0
    shift 2
    timeout -k 1 10 "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
    n=$((n + 1))
    if [ $status -eq 0 ] && grep -qF -- "$wanted" "$scratch/out"; then
        echo "ok $n - $name"
        return
    fi
    failed=1
    echo "not ok $n - $name: exit status $status, wanted: $wanted"
    tail -c 2000 "$scratch/out" "$scratch/err" | sed 's/^/# /'
}

example hello "hello, world" "$runbox" hello/
example "hello, to somebody" "hello, Ada" "$runbox" run --arg '{"name":"Ada"}' hello/
example csv-report '"key":"North","max":899,"mean":458.0,' "$runbox" run -o column=region -o value=amount csv-report/ <csv-report/sample.csv
example template "Dear Ada O'Neil" "$runbox" run -o template="$(cat template/letter.txt)" \
    -o data="$(cat template/letter.json)" template/
example log-triage '"rule":"-A INPUT -i eth0 -s 198.51.100.7 ' "$runbox" log-triage/ <log-triage/sample.log
example api-keys '{"Exit":"Ok"}' env RUNBOX="$runbox" api-keys/caller.sh
example rules '{"cents":1650,"days":5}' "$runbox" run --export shipping --arg '{"country":"AT","grams":2500}' rules/
example hostile '{"blocked":["dofile of a host file",' "$runbox" hostile/
echo "1..$n"
exit $failed
