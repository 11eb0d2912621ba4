#!/usr/bin/env bats
# The last tests of a machine: what they set lasts until it ends.

load ../inner/v2

@test "Yama that lets nobody look into another: it is named, for root, and a user" {
    programs_for_all
    bundle b <<<'return 1'
    chmod -R a+rX "$T/b"
    echo 3 >/proc/sys/kernel/yama/ptrace_scope
    for as in "" "${ordinary[*]}"; do
        ends 125 $as "$runbox" run "$T/b"
        grep -qF 'Yama lets no process look into another (kernel.yama.ptrace_scope=3), and so none take the box'"'"'s listener: boot with a smaller' "$T/err"
    done
}
