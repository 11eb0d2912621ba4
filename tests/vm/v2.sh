#!/bin/bash
# The tests of confinement, limits and ordinary users on a host with cgroup v2 alone, in a virtual machine
# (run.sh), as TAP. The programs are those of $B. Needs root, for the file server.
set -u
. "$(dirname "$0")/stage.bash" build
mkdir -p "$stage/build/tests/tools"
cp "$B"/runbox{,-lua,-sn0int,-loopback} "$stage/build/" && cp "$B"/tests/tools/{inject,record} "$stage/build/tests/tools/" &&
    cp -r tests bundles contrib "$stage/" || exit 1
tests/vm/run.sh "$stage" bash tests/vm/inside.sh
