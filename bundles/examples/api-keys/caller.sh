#!/bin/bash
# A caller of api-keys: offers the key, answers http.get with a fixed response, prints all other lines.
dir=$(dirname "$0")
coproc BOX { exec "${RUNBOX:-runbox}" run --json --grant keyring:example-api "$dir"; }
exec 3<&"${BOX[0]}" 4>&"${BOX[1]}"
pid=$BOX_PID

printf '{"arg":{"path":"/v1/items"},"keyring":%s}\n' "$(tr -d '\n' < "$dir/keyring.json")" >&4
while read -r line <&3; do
    case $line in
    '{"Call":'*)
        printf 'asked for: %s\n' "$line" >&2
        printf '{"Ok":{"status":200,"items":[1,2,3]}}\n' >&4
        ;;
    *) printf '%s\n' "$line" ;;
    esac
done
wait "$pid"
