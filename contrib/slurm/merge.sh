#!/bin/bash
# merge.sh JOBS RESULTS... > MERGED: the results of all shards as one file. Of each id the last result counts; what a
# killed task left of a line is left out. Says on stderr how many jobs have a result; exit status 1 where some have
# none. Of the lines of RESULTS it believes only that "id" comes first, as runbox batch writes it.
set -eu -o pipefail

[ $# -ge 2 ] || {
    echo "usage: merge.sh JOBS RESULTS... > MERGED" >&2
    exit 2
}
jobs=$(grep -c '[^[:space:]]' "$1") || true
shift

# Twice over all files: the first time finds where the last result of each id stands, the second prints it.
awk -v jobs="$jobs" '
    !match($0, /^\{"id":("([^"\\]|\\.)*"|-?[0-9]+|null,"line":[0-9]+),/) || !/\}$/ {
        broken += pass == 1
        next
    }
    {
        id = substr($0, 1, RLENGTH)
        place = FILENAME ":" FNR
    }
    pass == 1 {
        results += !(id in last)
        last[id] = place
        next
    }
    last[id] == place
    END {
        printf "merge: %d of %d jobs have a result", results, jobs >"/dev/stderr"
        if (broken)
            printf "; %d broken lines left out", broken >"/dev/stderr"
        print "" >"/dev/stderr"
        exit results != jobs
    }' pass=1 "$@" pass=2 "$@"
