#!/bin/bash
# Prints the directory of an unpacked Debian for arm64, fetched on first use into $RUNBOX_VM_CACHE: the programs that
# tests need, a kernel for virtual machines, a static busybox. Trusts apt's signatures, and the sources of this host.
# Installs nothing, and runs none of it: apt gets lists and a state of its own, for that architecture alone.
set -eu -o pipefail

programs=(apparmor base-files base-passwd bash bats binutils bsdextrautils busybox-static coreutils dash debianutils diffutils
    e2fsprogs findutils gawk grep gzip hostname iproute2 jq libtest-json-schema-acceptance-perl keyutils kmod libc-bin libcap2-bin libcgroup2
    linux-image-cloud-arm64 lua5.4 mount perl-base procps python3 python3-minimal sed strace tar util-linux xxd)
cache=${RUNBOX_VM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/runbox-vm}
root=$cache/arm64.$(cksum <<<"${programs[*]}" | cut -d ' ' -f 1) # another list is another root
mkdir -p "$cache"

fetch() { # DIRECTORY
    local get=(apt-get -q -y -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root
        -o "Dir::State::status=$1/status" -o "Dir::State::lists=$1/lists" -o "Dir::Cache=$1")

    mkdir -p "$1"/{lists,archives}/partial && : >"$1/status" && "${get[@]}" update &&
        "${get[@]}" --download-only --no-install-recommends install "${programs[@]}"
}

# What the packages' scripts would have made, as far as tests look at it. A kernel's initial RAM disk is not ours.
unpack() { # DIRECTORY
    local tree=$1/tree package

    mkdir -p "$tree"/{mnt,srv,usr/{bin,sbin,lib}}
    for package in bin sbin lib; do ln -s "usr/$package" "$tree/$package" || return; done
    for package in "$1"/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$tree" --keep-directory-symlink || return
    done
    cp "$tree/usr/share/base-passwd/passwd.master" "$tree/etc/passwd" &&
        cp "$tree/usr/share/base-passwd/group.master" "$tree/etc/group" &&
        ln -sf dash "$tree/usr/bin/sh" && ln -sf gawk "$tree/usr/bin/awk" && ln -sf /proc/self/mounts "$tree/etc/mtab" &&
        echo 127.0.0.1 localhost >"$tree/etc/hosts"
}

# Unpacked beside its place and moved there: two that fetch at once do not meet half of it.
if ! [ -d "$root" ]; then
    work=$(mktemp -d "$cache/new.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    (fetch "$work" && unpack "$work") >&2
    mv -T "$work/tree" "$root" 2>/dev/null || [ -d "$root" ]
fi
echo "$root"
