#!/bin/bash
# The programs of $B, built for arm64, in a virtual machine with that processor, Debian's kernel for it and cgroup v2
# alone (run.sh), as TAP. Needs root, for the file server.
set -u
. "$(dirname "$0")/stage.bash" build-arm64
mkdir -p "$stage"/build/tests/{tools,unit}
cp "$B"/runbox{,-lua,-sn0int,-loopback,-cgroups} "$stage/build/" || exit 1
for room in tools unit; do
    find "$B/tests/$room" -maxdepth 1 -type f -perm -100 -exec cp -t "$stage/build/tests/$room" {} + || exit 1
done
cp -r tests bundles schemas runtime man contrib Makefile SECURITY.md "$stage/" || exit 1
tests/vm/run.sh -a arm64 -t 7200 "$stage" bash tests/vm/inside_arm64.sh
