#!/usr/bin/env bats
# Below the default profiles of Docker and podman (tests/profiles), with the capabilities that their containers have by
# default, and with all: runbox runs, or says in one line what stands in the way, the same by every verb. The cure cures.

load serve

setup() {
    for_all
    cp "$(realpath "${B:-build}")"/tests/tools/profile "${B:-build}"/runbox-cgroups "$bin"
    cp tests/profiles/*.json "$T"
    export SOCKET="$T/s" PYTHONDONTWRITEBYTECODE=1 PYTHONPATH
    bundle b <<<'return 1'
    bundle named '"namespaces":{"hostname":"jar"}' <<<'return 1'
    bundle files '"seccomp":{"profile":"files"},"filesystem":{"scratch":"1M"}' <<<'local f = assert(io.open("/tmp/x", "w")) f:write("y") f:close() return 1'
    bundle net '"seccomp":{"profile":"network"},"namespaces":{"network":"loopback"}' <<<'return 1'
    bundle mounts '"seccomp":{"profile":"files"},"filesystem":{"mounts":[{"source":"/usr/share","target":"/in"}]}' <<<'return 1'
    chmod -R a+rX "$T"
}

# The capabilities of a container that was given none: docker-run(1), podman-run(1).
podman=chown,dac_override,fowner,fsetid,kill,net_bind_service,setfcap,setgid,setpcap,setuid,sys_chroot
docker=$podman,audit_write,mknod,net_raw

# inside PROFILE CAPABILITIES WHO: `as` starts a process in such a container: CAPABILITIES are "default", "all" or those added.
inside() {
    local caps=${1%%-*}

    as=()
    case $2 in
    all) ;;
    default) as+=(setpriv --bounding-set "-all,+${!caps//,/,+}") ;;
    *) as+=(setpriv --bounding-set "-all,+${!caps//,/,+},+$2") ;;
    esac
    as+=("$bin/profile" "$T/$1.json")
    [ "$3" = root ] || as+=("${ordinary[@]}")
}

# runs: every verb, and every profile of runbox's own.
runs() {
    chmod 777 "$T"
    for bundle in b files net; do
        ends 0 "${as[@]}" "$runbox" run --report "$T/report" "$T/$bundle"
        printf '{}\n{}\n' | ends 0 "${as[@]}" "$runbox" batch "$T/$bundle"
    done
    ends 0 "${as[@]}" "$runbox" run --grant mount:/usr/share "$T/mounts"
    serves "$T/b"
    calls <<<'assert Talk().ok() == 1'
    stops
    ends 0 "${as[@]}" "$runbox" doctor --json
    [ "$(jq -r .verdict "$T/out")" = "all default limits can be enforced here" ]
}

# refused TEXT: run ends as setup, in one line that has TEXT, and the other verbs say that line.
refused() {
    local line

    ends 125 "${as[@]}" "$runbox" run "$T/b"
    [ "$(wc -l <"$T/err")" -eq 1 ]
    grep -qF "$1" "$T/err" || {
        cat "$T/err"
        return 1
    }
    line=$(sed 's/^runbox: //' "$T/err")
    printf '{}\n' | "${as[@]}" "$runbox" batch "$T/b" >"$T/out" 2>"$T/err" || true
    [ "$(jq -r .error "$T/out")" = "$line" ] || [ "$(<"$T/err")" = "runbox: $line" ]
    ends 1 "${as[@]}" "$runbox" doctor --json
    [ "$(jq -r .verdict "$T/out")" = "$line" ]
    "${as[@]}" "$runbox" serve --socket "$SOCKET" "$T/b" >"$T/log" 2>&1 3>&- &
    pid=$!
    until_holds eval '"$runbox" stats --socket "$SOCKET" || dead "$pid"'
    if dead "$pid"; then
        ended 125
        grep -qxF "runbox: $line" "$T/log"
    else
        lives+=("$pid")
        LINE=$line calls <<<'assert Talk().fails("setup")["message"] == os.environ["LINE"]'
        stops
    fi
}

@test "podman's: an ordinary user runs, and root who was given CAP_SYS_ADMIN; root who was not is told to be a user" {
    for caps in default all; do
        inside podman $caps user
        runs
    done
    for caps in sys_admin all; do
        inside podman $caps root
        runs
    done
    inside podman default root
    refused "CAP_SYS_ADMIN and a user namespace that maps the ids from"
    [[ $(<"$T/log") == *": run it as an ordinary user instead" ]]
}

@test "podman's: a user's host name is not set; one that was asked for is refused by name" {
    inside podman default user
    ends 125 "${as[@]}" "$runbox" run "$T/named"
    grep -qF "jail: host name: Operation not permitted; a seccomp filter around runbox, such as a container's, may refuse it: give the container a profile that allows sethostname, or the manifest no hostname" "$T/err"
    inside podman sys_admin user
    ends 0 "${as[@]}" "$runbox" run "$T/named"
}

@test "Docker's: no box without a call that it refuses, whose name is said" {
    inside docker default root
    refused "run it as an ordinary user instead, in a container with a seccomp profile (--security-opt seccomp=FILE) that allows clone3, unshare, mount, umount2 and pivot_root, which this one's does not"
    inside docker default user
    refused "give the container a profile that allows clone3, unshare, mount, umount2 and pivot_root (--security-opt seccomp=FILE)"
    for caps in sys_admin all; do
        for who in root user; do
            inside docker $caps $who
            refused "jail: root: Operation not permitted; a seccomp filter around runbox, such as a container's, may refuse it: give the container a profile that allows mount, umount2 and pivot_root (--security-opt seccomp=FILE)"
        done
    done
}

# cured CALL...: $T/docker-cured.json, Docker's profile with these.
cured() {
    jq '.syscalls |= map(select(.names != ["clone3"])) + [{"names": $ARGS.positional, "action": "SCMP_ACT_ALLOW"}]' --args "$@" \
        <"$T/docker.json" >"$T/docker-cured.json"
    chmod a+r "$T/docker-cured.json"
}

# lacks BUNDLE TEXT: it is refused in one line that has TEXT.
lacks() {
    ends 125 "${as[@]}" "$runbox" run --grant mount:/usr/share "$T/$1"
    [ "$(wc -l <"$T/err")" -eq 1 ]
    grep -qF "a seccomp filter around runbox, such as a container's, may refuse it: $2" "$T/err" || {
        cat "$T/err"
        return 1
    }
}

@test "Docker's, with the calls that are named: an ordinary user runs, and root with CAP_SYS_ADMIN; a forbidden call has no name" {
    calls=(clone3 unshare mount umount2 pivot_root)
    cured "${calls[@]}"
    inside docker-cured default root
    refused "run it as an ordinary user instead"
    [[ $(<"$T/log") != *--security-opt* ]]
    inside docker-cured default user
    ends 0 "${as[@]}" "$runbox" run "$T/b"
    lacks net "give the container a profile that allows setns (--security-opt seccomp=FILE), or the manifest another network"
    lacks mounts "give the container a profile that allows open_tree, mount_setattr and move_mount (--security-opt seccomp=FILE)"
    cured "${calls[@]}" open_tree mount_setattr
    lacks mounts "give the container a profile that allows mount, mount_setattr and move_mount (--security-opt seccomp=FILE)"
    cured "${calls[@]}" open_tree mount_setattr move_mount setns
    for who in user root; do
        inside docker-cured sys_admin $who
        runs
        says '.unnamed == "filter"'
    done
    inside docker-cured default user
    runs
    says '.unnamed == "filter"'
    inside docker-cured sys_admin,+sys_ptrace root
    runs
    says 'has("unnamed") | not'
}

@test "keys in the kernel, which both refuse: that is said, and where else to keep them" {
    cause="a seccomp filter around runbox, such as a container's, may refuse it: keep keys in a file (--store file), or give the container a profile that allows keyctl and add_key (seccomp(2))"
    inside podman default user
    echo secret | ends 125 "${as[@]}" "$runbox" keyring add --store kernel a:b
    grep -qxF "runbox: kernel keyring: adding a key: Function not implemented; $cause" "$T/err"
    inside docker default user
    echo secret | ends 125 "${as[@]}" "$runbox" keyring add --store kernel a:b
    grep -qxF "runbox: kernel keyring: adding a key: Operation not permitted; $cause" "$T/err"
    cured clone3 unshare mount umount2 pivot_root
    inside docker-cured default user
    bundle keys '"keyring_access":["a"]' <<<'return 1'
    chmod -R a+rX "$T/keys"
    ends 125 "${as[@]}" "$runbox" run --store kernel --grant keyring:a "$T/keys"
    grep -qE "^runbox: kernel keyring: .*: Operation not permitted; a seccomp filter around runbox" "$T/err"
    grep -qF "$cause" "$T/err"
}
