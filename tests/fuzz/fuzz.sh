#!/bin/bash
# fuzz.sh [NAME...]: fuzz targets (all), as TAP: first the replay of crashes/NAME/, then FUZZ_SECONDS (10)
# of libFuzzer from the corpus, as many targets at once as there are processors. What is found lies in the
# build directory, and its bytes are shown here, so that a log is enough to have it.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
export B=${B:-build} FUZZ_SECONDS=${FUZZ_SECONDS:-10}

here=tests/fuzz programs=$B-fuzz/tests/fuzz found=$B-fuzz/found packed=$B-fuzz/packed

# NAME: its output in $found/NAME.log, which ends with "all is well" where it is.
run() {
    local name=$1 dict=() old=("$here/crashes/$1"/*) limits=(-timeout=60 -rss_limit_mb=2048)
    mkdir -p "$found" "$B-fuzz/corpus/$name" "$packed/$name"
    rm -f "$found/$name"-*
    [ ! -e "$here/dict/$name" ] || dict=(-dict="$here/dict/$name")
    {
        if [ -e "${old[0]}" ]; then
            "$programs/$name" "${limits[@]}" "${old[@]}" || return
        else
            old=()
        fi
        "$programs/$name" "${limits[@]}" "${dict[@]}" -max_total_time="$FUZZ_SECONDS" -seed=1 -max_len=4096 \
            -print_final_stats=1 -artifact_prefix="$found/$name-" "$B-fuzz/corpus/$name" "$here/corpus/$name" "$packed/$name" ||
            return
        echo "replayed: ${#old[@]}"
        echo "all is well"
    } >"$found/$name.log" 2>&1 </dev/null
}

# The result of NAME, whose number is N. A target that did not run its corpus has shown nothing.
tell() {
    local n=$1 name=$2 log=$found/$2.log runs corpus replayed edges
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    replayed=$(sed -n 's/^replayed: //p' "$log")
    corpus=$(find "$here/corpus/$name" "$packed/$name" -type f | wc -l)
    if [ "$(tail -n 1 "$log")" = "all is well" ] && [ "$corpus" -gt 0 ] && [ "${runs:-0}" -ge "$corpus" ]; then
        echo "ok $n - $name"
        echo "# $name: $runs executions, $corpus corpus entries, $replayed replayed, $edges edges"
        return
    fi
    echo "not ok $n - $name"
    tail -n 60 "$log" | sed 's/^/# /'
    for input in "$found/$name"-*; do
        [ ! -e "$input" ] || echo "# $input: $(head -c 3000 "$input" | base64 -w 0)"
    done
    return 1
}

if [ "${1:-}" = --one ]; then
    run "$2"
    exit 0
fi
names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(cd "$here" && printf '%s\n' *.c | sed 's/\.c$//')
rm -rf "$packed" && mkdir -p "$packed" && tar -xzf "$here/corpus.tar.gz" -C "$packed" || exit 1
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I NAME "$here/fuzz.sh" --one NAME
failed=0
for i in "${!names[@]}"; do
    tell $((i + 1)) "${names[i]}" || failed=1
done
echo "1..${#names[@]}"
exit $failed
