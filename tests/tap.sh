#!/bin/bash
# Runs one test for prove: a .bats file by bats, anything else as it is. Where CI is set, a test that
# is skipped or marked TODO has failed. One that hangs is ended after a quarter of an hour, however busy the machine.
# Prove runs several at a time, for most of them wait most of the time; those that measure time or count what the
# machine has run alone: they hold the lock that the others share.
# Where CI is set, one that fails beside others has a second try alone: CI's machine is as busy as it happens to be. What
# failed at first is told as "unsteady", in comments that prove prints, and is to be mended: a test that fails twice is red.
set -o pipefail

# What tools print and read is the same in every locale, and where none is set.
export LC_ALL=C.UTF-8
unset LANGUAGE

run=(timeout -k 5 900)
[[ $1 != *.bats ]] || run+=(bats --tap)
run+=("$1")
case $1 in
*/limits*.bats | */leftovers.bats | */serve_load.bats) share=-x ;;
*) share=-s ;;
esac
# One behind the other through the door, so that a test that wants to be alone is not overtaken for ever. No
# test gets the locks' descriptors: what it leaves behind must not hold them.
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

# The test's words with what CI forbids as failures. It fails by a word of its own or by its status.
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
