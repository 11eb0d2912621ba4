#!/bin/bash
# merge.sh [NAME...]: what `make fuzz` found worth keeping (build-fuzz/corpus/) into the corpora here, each cut
# down to the fewest and smallest inputs that reach every edge that all of them reach (how often does not count:
# that would be five times the bytes).
set -eu
cd "$(dirname "$0")/../.."
programs=${B:-build}-fuzz/tests/fuzz

names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(cd tests/fuzz && printf '%s\n' *.c | sed 's/\.c$//')
for name in "${names[@]}"; do
    least=$(mktemp -d)
    mkdir -p "tests/fuzz/corpus/$name" "${B:-build}-fuzz/corpus/$name"
    "$programs/$name" -merge=1 -use_counters=0 "$least" "tests/fuzz/corpus/$name" "${B:-build}-fuzz/corpus/$name" \
        >"${B:-build}-fuzz/merge.log" 2>&1 </dev/null
    rm -rf "tests/fuzz/corpus/$name"
    mv "$least" "tests/fuzz/corpus/$name"
    chmod 755 "tests/fuzz/corpus/$name"
    echo "$name: $(find "tests/fuzz/corpus/$name" -type f | wc -l) inputs"
done
