#!/usr/bin/env bats
# The Nth system call of a run fails, for every N and each error that this call plausibly has: of the broker, which is what
# was started ("monitor" to the tool), and of the monitor, the second that it makes, for a person and with --json; of the child that confines itself; of the box up to its filter and behind it.
# What each end has to be like: sweep.bash; the ends that differ, with reasons: calls.table.

load setup

setup() {
    sweeps calls.table
}

@test "every system call of the broker fails, for a person" {
    private <<'SH'
. ./sweep.bash
bundle b <<<'print("hello") return 1'
want=(hello 1)
: >in
sweep 150 monitor $runbox run --report /mnt/report /mnt/b
summary "system calls failed in turn: $calls calls of the broker × their errors"
SH
}

@test "every system call of the monitor fails, for a person" {
    private <<'SH'
. ./sweep.bash
bundle b <<<'print("hello") return 1'
want=(hello 1)
: >in
sweep 30 second $runbox run --report /mnt/report /mnt/b
summary "system calls failed in turn: $calls calls of the monitor × their errors"
SH
}

@test "every system call of the monitor fails, with --json" {
    private <<'SH'
. ./sweep.bash
bundle b <<<'print("hello") return 1'
want=('{"Stdio":{"Write":"hello\n"}}' '{"Result":1}')
form=json
echo '{}' >in
sweep 30 second $runbox run --json /mnt/b
summary "system calls failed in turn: $calls calls of the monitor with --json × their errors"
SH
}

@test "every system call of the child fails" {
    private <<'SH'
. ./sweep.bash
bundle b <<<'print("hello") return 1'
want=(hello 1)
: >in
sweep 60 child $runbox run --report /mnt/report /mnt/b
summary "system calls failed in turn: $calls calls of the child × their errors"
SH
}

@test "every system call of the child fails, where it makes mounts" {
    private <<'SH'
. ./sweep.bash
bundle b <<<'print("hello") return 1'
mkdir /mnt/data
echo '{"runbox":1,"name":"b","version":"1.0.0","seccomp":{"profile":"files"},
    "filesystem":{"scratch":"1M","mounts":[{"source":"/mnt/data","target":"/data","mode":"ro"}]}}' >b/manifest.json
want=(hello 1)
: >in
sweep 80 child $runbox run -g mount:/mnt/data --report /mnt/report /mnt/b
summary "system calls failed in turn: $calls calls of the child with files × their errors"
SH
}

@test "every system call of the box fails" {
    private <<'SH'
. ./sweep.bash
bundle b <<<'print("hello") return 1'
want=(hello 1)
: >in
sweep 15 box $runbox run --report /mnt/report /mnt/b
summary "system calls failed in turn: $calls calls of the box × their errors"
SH
}

@test "a system call always fails, as under an old kernel or a strict filter" {
    private <<'SH'
. ./sweep.bash
bundle b <<<'print("hello") return 1'
want=(hello 1)
: >in
# No kernel is without futexes, and a lost wake-up is a wait of ten seconds.
always 40 $(sed -n '/(futex,/d; s/^CALL(\([a-z0-9_]*\),.*/\1/p' calls.def)
summary "system calls failed always: $calls calls × ENOSYS, EPERM, of the monitor or the child"
SH
}
