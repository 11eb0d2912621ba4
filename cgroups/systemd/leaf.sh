#!/bin/sh
# leaf.sh COMMAND...: runs COMMAND in a group of its own below this one. A cgroup v2 group that holds a
# process can hand no controller down, so a service with Delegate= needs its own processes in a leaf
# before runbox can make groups beside it. systemd 254 and newer do the same by
# DelegateSubgroup=runbox-leaf. Nothing is moved but this process.
set -eu
top=/sys/fs/cgroup
[ -e "$top/cgroup.controllers" ] || top=$top/unified
leaf=$top$(sed -n 's/^0:://p' /proc/self/cgroup)
leaf=${leaf%/}/runbox-leaf
[ -d "$leaf" ] || mkdir "$leaf"
echo $$ >"$leaf/cgroup.procs"
exec "$@"
