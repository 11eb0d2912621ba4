#!/usr/bin/env bats
# Two boxes of one user at once, one of them hostile: its process is owned, the other's must not notice.

load ../cli/lib

setup() {
    programs_for_all
    cp "$(realpath "${B:-build}")/tests/tools/attack" "$T/attack"
    as=()
}

# two PROFILE [MEMBERS [OPTION...]]: a victim and a hostile box of one bundle: $victim, $hostile, and the monitors'
# pids $victim_run and $hostile_run.
two() {
    local profile=$1 members=${2:-}

    bundle both "\"seccomp\":{\"profile\":\"$profile\"${ALLOW:+,\"allow\":[$ALLOW]}}${members:+,$members}" <<'LUA'
print("ready")
io.read()
return "untouched"
LUA
    live victim "${@:3}" "$T/both"
    victim=$box victim_run=$pid victim_input=$input
    live hostile --report "$T/report" "${@:3}" "$T/both"
    hostile=$box hostile_run=$pid hostile_input=$input
}

# does PID: the attack file on stdin, by the box of that pid.
does() {
    cat >"$T/calls"
    "$T/attack" network "$T/calls" "$1"
}

# The victim gets its line, and ends as if it had been alone.
victim_is_well() {
    pid=$victim_run
    refute dead "$victim"
    echo >&"$victim_input"
    ended 0
    tail -1 "$T/victim.out" | grep -qx '"untouched"'
}

ends_well() {
    pid=$hostile_run
    echo >&"$hostile_input"
    ended 0
}

as_both() {
    "$@"
    lives=()
    rm -f "$T"/*.in "$T/report"
    as=("${ordinary[@]}")
    "$@"
}

namespaces() {
    local ns

    two compute
    for ns in user mnt pid net ipc uts cgroup time; do
        [ "$(readlink "/proc/$victim/ns/$ns")" != "$(readlink "/proc/$hostile/ns/$ns")" ]
    done
    # Each is pid 1 of a namespace in which there is nobody else.
    [ "$(awk '/^NSpid/ { print $NF }' "/proc/$hostile/status")" = 1 ]
    ends_well
    victim_is_well
}

@test "no namespace in common, so no pid, no IPC, no network, no host name" {
    as_both namespaces
}

# Which calls reach another process: each of them, by the other's pid outside, inside and by guess.
signals() {
    local call

    for call in "kill $victim_pid 9" "kill -1 9" "tkill $victim_pid 9" "tgkill 1 1 9" "rt_sigqueueinfo 1 9 0" \
        "pidfd_open $victim_pid 0" "ptrace 16 $victim_pid 0 0" "process_vm_readv $victim_pid 0 0 0 0 0" \
        "process_vm_writev $victim_pid 0 0 0 0 0" "kcmp 1 $victim_pid 0 0 0" "prlimit64 $victim_pid 0 0 0" \
        "setpriority 0 $victim_pid 19" "sched_setaffinity $victim_pid 8 0" "migrate_pages $victim_pid 0 0 0"; do
        live one --report "$T/report" "$T/both"
        does "$box" <<<"$call = killed"
        ended 159
        says ".syscall == \"${call%% *}\""
        rm -f "$T"/one.*
    done
}

one_after_another() {
    two compute
    ends_well
    victim_pid=$victim
    signals
    victim_is_well
}

@test "no signal and no memory: every call that reaches a process kills the hostile one alone" {
    as_both one_after_another
}

files_apart() {
    ALLOW='"getdents64"' two files '"filesystem":{"scratch":"1M"}' -g syscall:getdents64
    does "$hostile" <<'CALLS'
fd := openat -100 "/tmp/mine" 0x42 0666 = ok
pwrite64 $fd "hostile" 7 0 = 7
openat -100 "/bundle/main.lua" 1 = fails
CALLS
    does "$victim" <<'CALLS'
openat -100 "/tmp/mine" 0 = ENOENT
data text zero:64
fd := openat -100 "/bundle/main.lua" 0 = ok
pread64 $fd $text 64 0 = ok
holds text "print(\"ready\")"
CALLS
    [ -z "$(ls -A "/proc/$victim/root/tmp")" ]
    [ "$(ls -A "/proc/$hostile/root/tmp")" = mine ]
    [ "$(stat -c %d "/proc/$victim/root/tmp")" != "$(stat -c %d "/proc/$hostile/root/tmp")" ]
    [ "$(stat -c %d "/proc/$victim/root/bundle")" != "$(stat -c %d "/proc/$hostile/root/bundle")" ]
    ends_well
    victim_is_well
}

@test "no file: scratch and bundle are each box's own" {
    as_both files_apart
}

sockets_apart() {
    two network '"namespaces":{"network":"loopback"}'
    does "$victim" <<'CALLS'
s := socket 2 1 0 = ok
data here u16:2 be16:4242 "\x7f\0\0\x01" zero:8
bind $s $here 16 = 0
listen $s 5 = 0
u := socket 2 2 0 = ok
bind $u $here 16 = 0
CALLS
    does "$hostile" <<'CALLS'
s := socket 2 1 0 = ok
data there u16:2 be16:4242 "\x7f\0\0\x01" zero:8
connect $s $there 16 = ECONNREFUSED
data all u16:2 be16:4242 "\xff\xff\xff\xff" zero:8
connect $s $all 16 = fails
t := socket 2 1 0 = ok
bind $t $there 16 = 0
CALLS
    ends_well
    live hostile2 --report "$T/report" "$T/both"
    does "$box" <<<'socket 1 1 0 = killed'
    ended 159
    victim_is_well
}

@test "no socket: a port is each box's own, and Unix sockets, abstract ones too, are forbidden" {
    as_both sockets_apart
}

names_apart() {
    ALLOW='"mq_open","mq_unlink","uname"' two compute '"namespaces":{"hostname":"victim"}' \
        -g syscall:mq_open -g syscall:mq_unlink -g syscall:uname
    # A queue of the victim's, made from outside: its own limit allows it none, and Landlock lets it open none.
    nsenter --user --ipc -t "$victim" -S "$(awk '{ print $1 }' "/proc/$victim/uid_map")" \
        -G "$(awk '{ print $1 }' "/proc/$victim/gid_map")" python3 -c 'import ctypes,os
if ctypes.CDLL("librt.so.1", use_errno=True).mq_open(b"/shared", os.O_CREAT | os.O_RDWR, 0o666, None) < 0:
    raise OSError(ctypes.get_errno(), "mq_open")'
    does "$victim" <<'CALLS'
mq_open "shared" 2 0 0 = EACCES|ok
mq_open "more" 0x42 0666 0 = EMFILE
data name zero:390
uname $name = 0
holds name "victim\0"
CALLS
    does "$hostile" <<'CALLS'
mq_open "shared" 0 0 0 = ENOENT
mq_unlink "shared" = ENOENT
mq_open "shared" 0x42 0666 0 = EMFILE
CALLS
    ends_well
    victim_is_well
}

@test "no name: message queues are each box's own; System V's, shared memory, host names and keys are forbidden" {
    as_both names_apart
    as=()
    for call in "shmget 1 4096 0x3b6" "semget 1 1 0x3b6" "msgget 1 0x3b6" "sethostname @x 1" "memfd_create @x 0" \
        "add_key 0 0 0 0 -3" "keyctl 0 -3 0" "request_key 0 0 0 -3"; do
        live name --report "$T/report" -g syscall:mq_open -g syscall:mq_unlink -g syscall:uname "$T/both"
        does "$box" <<<"${call//@x/\"x\"} = killed"
        ended 159
        rm -f "$T"/name.*
    done
}

# A mount that both were granted is theirs in common by the caller's own word, and nothing else is.
@test "a mount granted read-only to both carries nothing from one to the other" {
    mkdir "$T/shared"
    chmod 777 "$T/shared"
    echo before >"$T/shared/file"
    chmod 666 "$T/shared/file"
    two files "\"filesystem\":{\"mounts\":[{\"source\":\"$T/shared\",\"target\":\"/data\",\"mode\":\"ro\"}]}" -g "mount:$T/shared"
    does "$hostile" <<'CALLS'
openat -100 "/data/file" 2 = fails
openat -100 "/data/new" 0x42 0666 = fails
openat -100 "/data/file" 0 = ok
CALLS
    [ "$(cat "$T/shared/file")" = before ]
    [ "$(ls "$T/shared")" = file ]
    ends_well
    victim_is_well
}
