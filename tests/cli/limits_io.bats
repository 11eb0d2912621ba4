#!/usr/bin/env bats
# io_read on a whole block device: a loop device with a file system of its own, in a mount namespace of its
# own, so that nothing of it stays, however a test ends. What cannot be limited is refused.

load lib

setup() {
    programs
    mkdir "$T/mnt"
    mounts ro
}

# mounts MODE: the bundle $T/b, which has $T/mnt so.
mounts() {
    bundle b "\"seccomp\":{\"profile\":\"files\"},\"filesystem\":{\"mounts\":[{\"source\":\"$T/mnt\",\"target\":\"/data\",\"mode\":\"$1\"}]}" <<'LUA'
local f, n = assert(io.open("/data/data")), 0
for piece in function() return f:read(65536) end do n = n + #piece end
return n
LUA
}

# image: $T/image, a file system with four incompressible MiB in /data.
image() {
    truncate -s 16M "$T/image"
    mkfs.ext4 -q -F -O ^has_journal "$T/image"
    loop=$(losetup --find --show --direct-io=on "$T/image")
    mount "$loop" "$T/mnt"
    head -c 4M /dev/urandom >"$T/mnt/data"
    fresh
}

# fresh: nothing of the file system is cached any more.
fresh() {
    umount "$T/mnt"
    mount -o ro "$loop" "$T/mnt"
}

# alone FUNCTION: in a mount namespace, which ends with it; so does the loop device.
alone() {
    export -f image fresh told goes ends says refute bundle settled until_holds "$1"
    export T runbox loop RECORD_DIR patience
    timeout 120 unshare --mount --propagation private bash -eu -c "
        trap 'umount -l \"\$T/mnt\" 2>/dev/null || true; [ -z \"\${loop:-}\" ] || losetup -d \"\$loop\"' EXIT
        $1"
}

teardown() {
    refute grep -qs "$T" /sys/block/loop*/loop/backing_file
}

slow() {
    image
    goes 0 -g "mount:$T/mnt" "$T/b"
    [ "$(cat "$T/out")" -eq 4194304 ]
    quick=$(jq '.wall_ms | floor' "$T/report")
    fresh
    goes 0 -g "mount:$T/mnt" -l io_read=1M "$T/b"
    [ "$(cat "$T/out")" -eq 4194304 ]
    limited=$(jq '.wall_ms | floor' "$T/report")
    says '.enforced.io_read == {"asked": 1048576, "effective": 1048576, "layer": "cgroup1"}'
    echo "# 4 MiB: $quick ms; with io_read=1M: $limited ms" >&3
    [ "$quick" -le 1000 ]
    [ "$limited" -ge 3000 ]
    [ "$limited" -le 6000 ]
}

@test "io_read: 4 MiB at 1 MiB a second take four seconds, and without the limit an instant" {
    alone slow
}

# The second device of two is as limited as the first.
two() {
    image
    mkdir -p "$T/other"
    cp "$T/image" "$T/image2"
    loop2=$(losetup --find --show "$T/image2")
    trap 'umount -l "$T/mnt" "$T/other" || true; losetup -d "$loop" "$loop2"' EXIT
    mount -o ro "$loop2" "$T/other"
    bundle live "\"seccomp\":{\"profile\":\"files\"},\"filesystem\":{\"mounts\":[{\"source\":\"$T/mnt\",\"target\":\"/a\",\"mode\":\"ro\"},{\"source\":\"$T/other\",\"target\":\"/b\",\"mode\":\"ro\"}]}" \
        <<<'print("ready") io.read()'
    coproc run { exec "$runbox" run -g "mount:$T/mnt" -g "mount:$T/other" -l io_read=2M "$T/live"; }
    read -r line <&"${run[0]}"
    [ "$line" = ready ]
    # Once more, if need be: a directory that changes while it is read may be shown without some that stay.
    until_holds eval 'group=$(find /sys/fs/cgroup/blkio -name "runbox.$run_PID.*") && [ -n "$group" ]'
    sort "$group/blkio.throttle.read_bps_device" >"$T/held"
    for device in "$loop" "$loop2"; do
        echo "$(mountpoint -x "$device") 2097152"
    done | sort >"$T/wanted"
    diff "$T/wanted" "$T/held"
    echo >&"${run[1]}"
    wait "$run_PID"
}

@test "io_read: each device that a mount lies on has its line" {
    alone two
}

# told add|delete: one partition of $loop, told to the kernel as it is (<linux/blkpg.h>): not every kernel reads partition
# tables, and not every release has addpart(8) where it was.
told() {
    python3 - "$loop" "$1" <<'PY'
import ctypes, fcntl, struct, sys
part = ctypes.create_string_buffer(struct.pack("qqi64s64s4x", 2048 * 512, 30720 * 512, 1, b"", b""))
order = {"add": 1, "delete": 2}[sys.argv[2]]
with open(sys.argv[1], "rb") as disk:
    fcntl.ioctl(disk, 0x1269, struct.pack("iiiP", order, 0, len(part) - 1, ctypes.addressof(part)))
PY
}

partition() {
    truncate -s 16M "$T/disk"
    loop=$(losetup --find --show --partscan "$T/disk")
    told add
    trap 'umount -l "$T/mnt" || true; told delete; losetup -d "$loop"' EXIT
    mkfs.ext4 -q -F "${loop}p1"
    mount "${loop}p1" "$T/mnt"
    echo data >"$T/mnt/data"
    goes 125 -g "mount:$T/mnt" -l io_read=1M "$T/b"
    grep -q 'whole devices only; this file system is on a partition' "$T/err"
    goes 0 -g "mount:$T/mnt" "$T/b"
}

@test "io_read: a partition is refused" {
    alone partition
}

memory_only() {
    mount -t tmpfs none "$T/mnt"
    echo data >"$T/mnt/data"
    goes 125 -g "mount:$T/mnt" -l io_read=1M "$T/b"
    grep -q 'need a file system on a block device' "$T/err"
    goes 0 -g "mount:$T/mnt" "$T/b"
}

@test "io_read: a file system on no block device is refused" {
    alone memory_only
}

@test "io_write: v1 cannot slow buffered writes down, and says so" {
    echo data >"$T/mnt/data"
    goes 0 -g "mount:$T/mnt" -l io_write=1M "$T/b"
    says '.enforced.io_write == {"asked": 1048576, "effective": 1048576, "layer": "host"}'
    mounts rw
    goes 125 -g "mount:$T/mnt:rw" -l io_write=1M "$T/b"
    grep -q 'io_write needs cgroup v2' "$T/err"
    goes 0 --best-effort -g "mount:$T" -l io_write=1M bundles/examples/hello
    says '.enforced.io_write.layer == "host"'
    goes 0 --best-effort -g "mount:$T/mnt:rw" -l io_write=1M "$T/b"
    says '.enforced.io_write == {"asked": 1048576, "effective": null, "layer": "none"}'
}

@test "io: a box without mounts reads and writes no device, which no group is needed for" {
    bundle b <<<'return 1'
    goes 0 -l io_read=1M -l io_write=1M "$T/b"
    says '.enforced.io_read.layer == "host" and .enforced.io_write.layer == "host"'
}
