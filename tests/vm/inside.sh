#!/bin/bash
# Runs inside the virtual machine: every test that is about this kernel and its cgroups, as one TAP stream.
# The console (stderr) is no place for what a test has to say.
export B=/mnt/build
exec bats --tap tests/vm/inner/*.bats tests/cli/{live,cleanup}.bats tests/vm/last/*.bats 2>&1
