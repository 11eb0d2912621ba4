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
    umount -q "$T/dir/sub dir" "$T/dir/sub dir" "$T/dir/fixed" || true
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
