#!/bin/bash
# Runs one test for prove: a .bats file by bats, anything else as it is. Where CI is set, a test that
# is skipped or marked TODO has failed. One that hangs is ended after a quarter of an hour, however busy the machine.
# Prove runs two at a time, for most of them wait most of the time; those that measure time or count what the
# machine has run alone: they hold the lock that the others share.
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
mkdir -p "${B:-build}" && exec {door}>"${B:-build}/tests.door" {lock}>"${B:-build}/tests.lock" &&
    flock "$door" && flock "$share" "$lock" && exec {door}>&- || exit 1
case ${CI:-} in
'' | 0 | false)
    "${run[@]}" {lock}>&-
    exit
    ;;
esac
"${run[@]}" {lock}>&- | sed -u -E 's/^((not )?ok\b.*#[[:space:]]*(skip|todo))/not ok - \1/I
                                  s/^1\.\.0\b.*/1..1\nnot ok 1 - the whole file was skipped/'
