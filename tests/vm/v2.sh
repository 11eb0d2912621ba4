#!/bin/bash
# The tests of confinement, limits and ordinary users on a host with cgroup v2 alone, in a virtual machine
# (run.sh), as TAP. The programs are those of $B. Needs root, for the file server.
set -u
cd "$(dirname "$0")/../.." || exit 1

if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null && exec sudo -n env B="${B:-build}" CI="${CI:-}" "$0"
    echo "1..0 # SKIP needs root"
    exit 0
fi

stage=$(mktemp -d -t runbox-v2.XXXXXX) || exit 1
trap 'rm -rf "$stage"' EXIT
trap 'exit 143' TERM
chmod 755 "$stage"
mkdir -p "$stage/build/tests/tools"
cp "${B:-build}"/runbox{,-lua,-loopback} "$stage/build/" && cp "${B:-build}"/tests/tools/{inject,record} "$stage/build/tests/tools/" &&
    cp -r tests bundles contrib "$stage/" || exit 1
tests/vm/run.sh "$stage" bash tests/vm/inside.sh
