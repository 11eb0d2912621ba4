#!/usr/bin/env bats
# What kernels lack that runbox does without, or by other means: mount_setattr before 5.12, Landlock before 5.13, a name for
# what is executed where TOMOYO wants one (before 6.12). The same holds on a kernel that has all.

load v2

setup() {
    programs_for_all
    mkdir -p "$T/dir/sub dir" "$T/dir/fixed"
    mount -t tmpfs -o mode=777 below "$T/dir/sub dir"
    mount -t tmpfs -o mode=777,nosymfollow nolinks "$T/dir/fixed" 2>/dev/null || mount -t tmpfs -o mode=777 nolinks "$T/dir/fixed"
    echo top >"$T/dir/top"
    echo below >"$T/dir/sub dir/file"
    bundle b <<<'return 1'
    chmod 777 "$T/dir"
    chmod -R a+rX "$T/b"
}

teardown() {
    [ -d "$root/tests" ] || leave_root
    swap_off
    umount -q "$T/dir/sub dir" "$T/dir/sub dir" "$T/dir/fixed" "$T/disk" || true
}

# with_mounts MODE: a bundle that has $T/dir there, and looks at it.
with_mounts() {
    bundle m '"seccomp":{"profile":"files"},"filesystem":{"scratch":"1M","mounts":[{"source":"'"$T"'/dir","target":"/dir","mode":"'"$1"'"},{"source":"data","target":"/data","mode":"ro"}]}' <<'LUA'
assert(io.open("/dir/top"):read() == "top")
assert(io.open("/dir/sub dir/file"):read() == "below")
assert(io.open("/data/x"):read() == "inside")
assert(not io.open("/data/x", "w"))
print(io.open("/dir/sub dir/new", "w") and "written" or "not written")
io.read()
LUA
    mkdir -p "$T/m/data"
    echo inside >"$T/m/data/x"
    chmod -R a+rX "$T/m"
}

# options PATH: of the box's mount there.
options() {
    AT=$1 awk '$5 == ENVIRON["AT"] { print $6 }' "/proc/$box/mountinfo"
}

@test "mounts: each one below, too, is without set-user-ID, devices and programs, and cannot be written" {
    with_mounts ro
    for who in "" "${ordinary[*]}"; do
        as=($who)
        rm -f "$T"/m.*
        ends 0 $who "$runbox" run -g "mount:$T/dir" "$T/m" </dev/null
        grep -qx 'not written' "$T/out"
        sed -i 's/^print.*/&\nprint("ready")/' "$T/m/main.lua"
        live m -g "mount:$T/dir" "$T/m"
        for at in /dir '/dir/sub\040dir' /dir/fixed /data; do
            [[ "$(options "$at")" == ro,nosuid,nodev,noexec,* ]]
        done
        ! grep -q nosymfollow "/proc/self/mountinfo" || [[ "$(options /dir/fixed)" == *nosymfollow* ]]
        refute grep -E ' /(dir|data|tmp).* (shared|master):' "/proc/$box/mountinfo"
        echo >&"$input"
        ended 0
    done
}

@test "mounts: what may be written is; root's box, where the kernel can give it an owner of its own" {
    with_mounts rw
    ends 0 "${ordinary[@]}" "$runbox" run -g "mount:$T/dir:rw" "$T/m" </dev/null
    grep -qx written "$T/out"
    [ -e "$T/dir/sub dir/new" ]
    if version_is_below 5.12; then
        ends 125 "$runbox" run -g "mount:$T/dir:rw" "$T/m" </dev/null
        grep -q 'before Linux 5.12 the box cannot be given an owner of its own there' "$T/err"
    fi
}

@test "mounts: one that covers another is refused where it cannot be made read-only" {
    mount -t tmpfs -o mode=777 over "$T/dir/sub dir"
    echo below >"$T/dir/sub dir/file"
    with_mounts ro
    if version_is_below 5.12; then
        ends 125 "$runbox" run -g "mount:$T/dir" "$T/m" </dev/null
        grep -qF '; below a granted directory a mount covers another, or was moved meanwhile, and before Linux 5.12 the box cannot be kept from writing to it: grant' "$T/err"
    else
        ends 0 "$runbox" run -g "mount:$T/dir" "$T/m" </dev/null
    fi
}

@test "a layer that this kernel has not is in the report, and in doctor and explain" {
    goes 0 "$T/b"
    if version_is_below 5.13; then
        says '.absent == ["landlock"]'
        "$runbox" explain "$T/b" | grep -q 'landlock *not in this kernel'
        run "$runbox" doctor
        [[ "$output" == *"boxes run without this additional layer"* ]]
    else
        says 'has("absent") | not'
    fi
    says '.status == "ok"'
}

@test "TOMOYO, where this kernel has it: run, batch and serve, as root and as a user" {
    echo '{}' >"$T/jobs"
    for who in "" "${ordinary[*]}"; do
        ends 0 $who "$runbox" run bundles/examples/hello
        with_mounts ro
        ends 0 $who "$runbox" run -g "mount:$T/dir" "$T/m" </dev/null
        ends 0 $who "$runbox" batch -f "$T/jobs" bundles/examples/hello
        ends 0 $who "$runbox" batch --fresh -f "$T/jobs" bundles/examples/hello
        ends 0 $who "$runbox" doctor
    done
}

# The root of v2, with every process of this machine in it and without groups, as an initial RAM disk leaves it.
enter_root() {
    until rmdir "$root/tests" 2>/dev/null; do
        for one in $(<"$root/tests/cgroup.procs"); do
            echo "$one" >"$root/cgroup.procs" || true # it may have ended
        done
    done
    sed 's/[a-z]*/-&/g' "$root/cgroup.controllers" >"$root/cgroup.subtree_control"
}

leave_root() {
    sed 's/[a-z]*/+&/g' "$root/cgroup.controllers" >"$root/cgroup.subtree_control"
    mkdir "$root/tests"
    for one in $(<"$root/cgroup.procs"); do
        [ -z "$(tr -d '\0' <"/proc/$one/cmdline")" ] || echo "$one" >"$root/tests/cgroup.procs" || true
    done 2>/dev/null
}

# swap_is LAYER EFFECTIVE: in the report; and the groups are there.
swap_is() {
    says ".enforced.swap == {\"asked\": 0, \"effective\": $2, \"layer\": \"$1\"} and .enforced.memory.layer == \"cgroup2\""
}

# Before 6.1, where the machine is started so (kernels.sh), none.
@test "swap that nobody accounts (swapaccount=0), in v2's root without groups: the default is let go, and reported; what is asked for is refused" {
    bundle asks '"limits":{"swap":0}' <<<'return 1'
    swap_on
    layer=cgroup2 effective=0 refused=0 shown='cgroup2'
    [ -e "$root/tests/memory.swap.max" ] || layer=none effective=null refused=125 shown='none +-'
    grep -qw swapaccount=0 /proc/cmdline
    ! version_is_below 6.0 || [ $layer = none ]
    enter_root
    goes 0 "$T/b"
    swap_is $layer $effective
    ends "$refused" "$runbox" run "$T/asks"
    ends "$refused" "$runbox" run -l swap=0 "$T/b"
    [ $refused -eq 0 ] || grep -qF 'swap=0 needs the cgroup file "memory.swap.max", which this host does not have: boot with swapaccount=1' "$T/err"
    ends 0 "$runbox" explain "$T/b" # now that memory is handed down
    grep -qE "^ *swap .* $shown\$" "$T/out"
    echo '{}' | ends 0 "$runbox" batch -q "$T/b"
    jq -e ".report.enforced.swap.layer == \"$layer\"" "$T/out"
    ends 0 "$runbox" check "$T/b"
    ends $((refused / 125)) "$runbox" doctor --json
    jq -e ".limits.swap.layer == \"$layer\" and .defaults[\"a box\"].state == \"works\"" "$T/out"
    [ -z "$(find "$root" -mindepth 1 -type d)" ]
    # explain hands nothing down, and makes no group.
    sed 's/[a-z]*/-&/g' "$root/cgroup.controllers" >"$root/cgroup.subtree_control"
    strace -f -qq -o "$T/trace" -e trace=mkdir,mkdirat "$runbox" explain "$T/b"
    refute grep -q runbox "$T/trace"
    [ -z "$(cat "$root/cgroup.subtree_control")" ]
}

@test "no quota for processors, in v2's root without groups: likewise, by what the kernel has in /proc/sys" {
    bundle many '"limits":{"processes":4}' <<<'return 1'
    without=(strace -f -qq -o /dev/null -P /proc/sys/kernel/sched_cfs_bandwidth_slice_us -e trace=/faccessat -e inject=/faccessat:error=ENOENT)
    enter_root
    ends 0 "${without[@]}" "$runbox" run --report "$T/report" "$T/b"
    ends 125 "${without[@]}" "$runbox" run -l cpus=0.5 "$T/b"
    grep -qF 'cpus=0.5 needs the cgroup file "cpu.max", which this host does not have: a kernel with CONFIG_CFS_BANDWIDTH' "$T/err"
    goes 0 -l cpus=0.5 "$T/b"
    says '.enforced.cpus.layer == "cgroup2"'
}

@test "quotas and throttling that only the group itself shows to be lacking are named, with the kernel that has them" {
    hidden=(strace -f -qq -o /dev/null -P cpu.max -P io.max -e trace=openat -e inject=openat:error=ENOENT)
    ends 125 "${hidden[@]}" "$runbox" run -l cpus=0.5 "$T/b"
    grep -qF '; this kernel has no quotas for processors: a kernel with CONFIG_CFS_BANDWIDTH (cgroups(7))' "$T/err"
    mkdir "$T/disk"
    mkfs.ext4 -q /dev/vda
    mount /dev/vda "$T/disk"
    bundle d '"seccomp":{"profile":"files"},"filesystem":{"mounts":[{"source":"'"$T"'/disk","target":"/disk","mode":"ro"}]}' <<<'return 1'
    ends 125 "${hidden[@]}" "$runbox" run -g "mount:$T/disk" -l io_read=1M "$T/d"
    grep -qF '; this kernel does not throttle block devices: a kernel with CONFIG_BLK_DEV_THROTTLING (cgroups(7))' "$T/err"
    ends 0 "$runbox" run -g "mount:$T/disk" -l io_read=1M "$T/d"
}
