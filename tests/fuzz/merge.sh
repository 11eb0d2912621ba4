#!/bin/bash
# merge.sh [NAME...]: what `make fuzz` found worth keeping (build-fuzz/corpus/) into the corpora here, each cut
# down to the fewest and smallest inputs that reach every edge that all of them reach (how often does not count:
# that would be five times the bytes). The SEEDS smallest of each stand as files, all others in one archive.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
programs=${B:-build}-fuzz/tests/fuzz here=tests/fuzz SEEDS=20
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
all=$work/all seeds=$work/seeds
mkdir "$all"

names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(cd "$here" && printf '%s\n' *.c | sed 's/\.c$//')
tar -xzf "$here/corpus.tar.gz" -C "$all"
cp -r "$here/corpus/." "$all"
for name in "${names[@]}"; do
    mkdir -p "$all/$name" "$all/least" "${B:-build}-fuzz/corpus/$name"
    "$programs/$name" -merge=1 -use_counters=0 "$all/least" "$all/$name" "${B:-build}-fuzz/corpus/$name" \
        >"${B:-build}-fuzz/merge.log" 2>&1 </dev/null
    rm -rf "${all:?}/$name"
    mv "$all/least" "$all/$name"
    echo "$name: $(find "$all/$name" -type f | wc -l) inputs"
done

# All of it is ready before anything here changes.
for name in $(cd "$all" && echo *); do
    mkdir -p "$seeds/$name"
    find "$all/$name" -type f -printf '%s %p\n' | sort -n | sed -n "1,${SEEDS}s/^[0-9]* //p" |
        xargs -r -d '\n' mv -t "$seeds/$name"
done
# Of the same inputs, the same bytes.
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$all" -cf - . | gzip -9n >"$seeds.tar.gz"
rm -rf "$here/corpus"
cp -r "$seeds" "$here/corpus"
cp "$seeds.tar.gz" "$here/corpus.tar.gz"
