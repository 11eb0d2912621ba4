#!/bin/sh
# Adds up prices from standard input, in euros: example.sh < ../prices/sample.txt
here=$(dirname "$0")
# shellcheck source=contrib/clients/sh/runbox.sh
. "$here/runbox.sh"

rate() {
    factor=$(jq '{"EUR>EUR": 1, "USD>EUR": 0.9}["\(.from)>\(.to)"]')
    if [ "$factor" = null ]; then
        echo "no rate for that"
        return 1
    fi
    echo "$factor"
}

kept=$(mktemp -d) || exit
trap 'rm -rf "$kept"' EXIT
runbox_serve rate rate
runbox_input=/dev/stdin
runbox_timeout=10
runbox_run '{}' -l memory=32M --artifacts "$kept" "$here/../prices" || {
    status=$?
    echo "$runbox_message" >&2
    exit "$status"
}
echo "$runbox_result"
echo "$(wc -c <"$kept/prices.csv") bytes of prices.csv, $(echo "$runbox_report" | jq .calls) calls"
