#!/bin/bash
# run.sh [-a arm64] [-g CGROUPS] [-k SUITE] [-p PARAMETERS] [-t SECONDS] DIRECTORY COMMAND...: runs COMMAND as root in a
# virtual machine, with this host's files below it, read-only, and DIRECTORY at /mnt, where it starts; with -a, on that
# processor, and with its own files (arm64_root.sh). -g: v2 (alone, the default), v1 or hybrid; -k: the kernel of that
# Debian (kernel.sh); -p: more of the kernel's command line. Its stdout is ours, its stderr goes to the console, which is
# shown where things go wrong. Exit status: the command's; 124 out of time; 125 no machine. Emulated (no KVM): some 20
# times slower than the host. Needs root. Changes nothing on this host.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 125
seconds=840 processor=x86_64 groups=v2 suite='' parameters=''
while getopts a:g:k:p:t: option; do
    case $option in
    a) processor=$OPTARG ;;
    g) groups=$OPTARG ;;
    k) suite=$OPTARG ;;
    p) parameters=$OPTARG ;;
    t) seconds=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || { sed -n '2,8s/^# //p' "$0" >&2 && exit 2; }
directory=$(realpath "$1") || exit 2
shift

work=$(mktemp -d -t runbox-vm.XXXXXX) || exit 125
files='' machine='' clock=''

# Ends what this script has started, by pid, and nothing else. The file server ends with the machine; one
# that never saw a machine has to be told.
finish() {
    local pid

    for pid in $clock $machine $files; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

broken() {
    echo "vm: $*" >&2
    tail -n 40 "$work"/{console,files.log} >&2 2>/dev/null
    exit 125
}

# COMMAND...: in the background, and not longer there than this script, whatever ends it.
tied() {
    setpriv --pdeathsig KILL -- "$@" &
}

# The initial RAM disk: busybox, the modules without which no file is seen, and in which order they go in. Which of them
# a kernel has inside, or in another one, differs: where one is missed, the machine says at which step.
modules=(virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk fuse virtiofs overlay)
make_ram_disk() { # COMMAND...
    local module at

    mkdir -p "$work"/ram/{bin,modules} || return
    cp "$kernel"/{,usr/}bin/busybox "$work/ram/bin/" 2>/dev/null # one of them
    [ -x "$work/ram/bin/busybox" ] && cp "$here"/{init,first} "$work/ram/" || return
    chmod 755 "$work/ram/init" || return
    printf '%q ' "$@" >"$work/ram/command"
    for module in "${modules[@]}"; do
        at=$(find "$kernel/lib/modules/" -name "$module.ko*" -print -quit)
        [ -n "$at" ] || continue
        case $at in
        *.xz) xz -dc "$at" >"$work/ram/modules/$module.ko" || return ;;
        *) cp "$at" "$work/ram/modules/" || return ;;
        esac
        echo "$module" >>"$work/ram/modules/order"
    done
    (cd "$work/ram" && find . | cpio -o -H newc --quiet) >"$work/ram.cpio"
}

# What the machine sees: $files_root without what is mounted below it, and DIRECTORY, all read-only.
# The mounts are this process's own, and go with it.
serve_files() {
    mkdir "$work/root" || return
    tied unshare --mount --propagation private bash -c '
        mount --bind "$3" "$1/root" && mount --bind "$2" "$1/root/mnt" &&
            mount -o remount,bind,ro "$1/root" && mount -o remount,bind,ro "$1/root/mnt" &&
            exec /usr/lib/qemu/virtiofsd --socket-path="$1/files" -o source="$1/root" -o cache=always' \
        - "$work" "$directory" "$files_root" >"$work/files.log" 2>&1
    files=$!
    for _ in {1..100}; do
        [ ! -S "$work/files" ] || return 0
        sleep 0.05
    done
    return 1
}

# The first serial line is the command's output, the second the console; arm64's machine has one, which is its console.
# Without the emulation of pointer signatures that is slower than all else together.
machine_of() {
    case $processor in
    x86_64)
        emulator=(qemu-system-x86_64 -cpu max -machine "pc,memory-backend=memory")
        lines=(-serial chardev:out -serial "file:$work/console")
        console=ttyS1
        ;;
    arm64)
        emulator=(qemu-system-aarch64 -cpu "max,pauth-impdef=on,sve=off" -machine "virt,memory-backend=memory")
        lines=(-serial "file:$work/console" -device "pci-serial,chardev=out")
        console=ttyAMA0
        ;;
    *) return 1 ;;
    esac
}

# One processor: emulating two costs more than the second one gives. Two disks: vda for tests of block devices, and
# arm64's temporary files; vdb to swap on.
start_machine() {
    truncate -s 1G "$work/vda" && truncate -s 256M "$work/vdb" && : >"$work/console" || return
    tied "${emulator[@]}" -accel tcg -m 1024 \
        -object memory-backend-memfd,id=memory,size=1024M,share=on \
        -nodefaults -no-user-config -display none -no-reboot \
        -chardev "socket,id=files,path=$work/files" -device vhost-user-fs-pci,chardev=files,tag=host \
        -drive "file=$work/vda,format=raw,if=virtio,cache=unsafe" \
        -drive "file=$work/vdb,format=raw,if=virtio,cache=unsafe" \
        -chardev stdio,id=out,signal=off "${lines[@]}" \
        -kernel "$kernel"/boot/vmlinuz-* -initrd "$work/ram.cpio" \
        -append "console=$console VM_CONSOLE=$console VM_CGROUPS=$groups VM_KERNEL=$kernel quiet panic=-1 mitigations=off random.trust_cpu=on \
            psi=1 $parameters" </dev/null
    machine=$!
}

machine_of || broken "no such machine: $processor"
case $processor in
x86_64)
    files_root=/
    kernel=$("$here/kernel.sh" "$suite") ||
        broken "no kernel: apt cannot fetch ${suite:+$suite/}linux-image-cloud-amd64 and busybox-static"
    ;;
*)
    kernel=$("$here/${processor}_root.sh") || broken "apt cannot fetch a Debian for $processor"
    files_root=$kernel
    ;;
esac
make_ram_disk "$@" || broken "no initial RAM disk"
serve_files || broken "virtiofsd does not serve"
start_machine || broken "no disks"
tied sleep "$seconds" >/dev/null
clock=$!
wait -n "$machine" "$clock"

status=$(sed -n 's/^VM_STATUS=\([0-9]*\).*/\1/p' "$work/console" | tail -n 1)
[ -z "${RUNBOX_VM_CONSOLE:-}" ] || cp "$work/console" "$RUNBOX_VM_CONSOLE"
[ -n "$status" ] || { kill -0 "$machine" 2>/dev/null && echo "vm: out of time" >&2 && exit 124; }
[ -n "$status" ] || broken "it ended without a word"
exit "$status"
