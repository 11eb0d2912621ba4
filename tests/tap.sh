#!/bin/bash
# tap.sh TEST: run one test for prove: a .bats file with bats, any other file directly. A test that
# hangs is killed after 15 minutes, enough on any busy machine. prove runs several in parallel, for
# most of them mostly wait; those that measure time or count resources of the machine run alone:
# they hold exclusively the lock that the others share.
# If CI is set, a test that is skipped or marked TODO has failed, and a test that fails next to
# others has a second try alone, for CI's machine may be busy. The first failure is reported as
# "unsteady", in comments that prove prints, and must be fixed; a test that fails twice has failed.
set -o pipefail

# Make the tools' input and output independent of the locale.
export LC_ALL=C.UTF-8
unset LANGUAGE

run=(timeout -k 5 900)
[[ $1 != *.bats ]] || run+=(bats --tap)
run+=("$1")
case $1 in
*/limits*.bats | */leftovers.bats | */serve_load.bats) share=-x ;;
*) share=-s ;;
esac
# enter -s|-x: tests queue at the door, so that one that wants to be alone is not overtaken for
# ever. No test inherits the locks' descriptors: a process that it leaves behind must not hold them.
enter() {
    flock "$door" && flock "$1" "$lock" && flock -u "$door"
}

mkdir -p "${B:-build}" && exec {door}>"${B:-build}/tests.door" {lock}>"${B:-build}/tests.lock" && enter "$share" || exit 1
case ${CI:-} in
'' | 0 | false)
    "${run[@]}" {door}>&- {lock}>&-
    exit
    ;;
esac

# Run the test, its skips and TODOs turned into failures. A "not ok" or its exit status fails it.
try() {
    "${run[@]}" {door}>&- {lock}>&- | sed -u -E 's/^((not )?ok\b.*#[[:space:]]*(skip|todo))/not ok - \1/I
                                      s/^1\.\.0\b.*/1..1\nnot ok 1 - the whole file was skipped/' >"$said"
    status=$?
    ! grep -q '^not ok' "$said" && [ "$status" -eq 0 ]
}

said=$(mktemp) && trap 'rm -f "$said"' EXIT || exit 1
if ! try && [ "$share" = -s ]; then
    { grep -A 8 '^not ok' "$said" || echo "status $status"; } | head -n 40 | sed "s,^,# unsteady: $1: ," >&2
    flock -u "$lock" && enter -x || exit 1
    try
fi
cat "$said"
exit "$status"
