#!/bin/bash
# Runs inside the virtual machine: every test that is about this kernel and its cgroups, as one TAP stream.
# The console (stderr) is no place for what a test has to say. The others of inner/ are for more kernels than
# this one: kernels.sh.
export B=/mnt/build
exec bats --tap tests/vm/inner/{container,fleet,kernel,limits,parents,rootless}.bats tests/cli/{live,cleanup}.bats tests/vm/last/*.bats 2>&1
