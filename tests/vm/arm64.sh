#!/bin/bash
# The programs of $B, built for arm64, in a virtual machine with that processor, Debian's kernel for it and cgroup v2
# alone (run.sh), as TAP. Needs root, for the file server.
set -u
cd "$(dirname "$0")/../.." || exit 1

if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null && exec sudo -n env B="${B:-build-arm64}" CI="${CI:-}" "$0"
    echo "1..0 # SKIP needs root"
    exit 0
fi

stage=$(mktemp -d -t runbox-arm64.XXXXXX) || exit 1
trap 'rm -rf "$stage"' EXIT
trap 'exit 143' TERM
chmod 755 "$stage"
mkdir -p "$stage"/build/tests/{tools,unit}
cp "${B:-build-arm64}"/runbox{,-lua,-loopback,-cgroups} "$stage/build/" || exit 1
for room in tools unit; do
    find "${B:-build-arm64}/tests/$room" -maxdepth 1 -type f -perm -100 -exec cp -t "$stage/build/tests/$room" {} + || exit 1
done
cp -r tests bundles schemas runtime man contrib Makefile SECURITY.md "$stage/" || exit 1
tests/vm/run.sh -a arm64 -t 5400 "$stage" bash tests/vm/inside_arm64.sh
