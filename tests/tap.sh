#!/bin/bash
# Runs one test for prove: a .bats file by bats, anything else as it is. Where CI is set, a test that
# is skipped or marked TODO has failed. One that hangs is ended after three minutes, eight in a virtual
# machine, ten where it is all fuzz targets.
# Prove runs two at a time, for most of them wait most of the time; those that measure time or count what the
# machine has run alone: they hold the lock that the others share.
set -o pipefail

case $1 in
*.bats) run=(timeout -k 5 180 bats --tap "$1") ;;
tests/fuzz/*) run=(timeout -k 5 600 "$1") ;;
tests/vm/*) run=(timeout -k 5 480 "$1") ;;
*) run=(timeout -k 5 180 "$1") ;;
esac
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
