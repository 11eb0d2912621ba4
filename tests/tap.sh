#!/bin/bash
# Runs one test for prove: a .bats file by bats, anything else as it is. Where CI is set, a test that
# is skipped or marked TODO has failed. One that hangs is ended after three minutes, five in a virtual
# machine, ten where it is all fuzz targets.
set -o pipefail

case $1 in
*.bats) run=(timeout -k 5 180 bats --tap "$1") ;;
tests/fuzz/*) run=(timeout -k 5 600 "$1") ;;
tests/vm/*) run=(timeout -k 5 300 "$1") ;;
*) run=(timeout -k 5 180 "$1") ;;
esac
case ${CI:-} in
'' | 0 | false) exec "${run[@]}" ;;
esac
"${run[@]}" | sed -u -E 's/^((not )?ok\b.*#[[:space:]]*(skip|todo))/not ok - \1/I
                         s/^1\.\.0\b.*/1..1\nnot ok 1 - the whole file was skipped/'
