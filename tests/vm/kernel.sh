#!/bin/bash
# kernel.sh [SUITE]: prints the directory of an unpacked Debian kernel for virtual machines, with a static busybox,
# which are fetched on first use into $RUNBOX_VM_CACHE: this host's Debian's, or that of SUITE (bullseye: 5.10,
# bookworm: 6.1, trixie: 6.12), with that Debian's AppArmor, which writes what its kernel mediates. Trusts apt's signatures. Installs nothing: a kernel of the host's own, its lists of
# packages, and a busybox that its boot may need, stay as they are.
set -eu -o pipefail

suite=${1:-}
cache=${RUNBOX_VM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/runbox-vm}${suite:+/$suite}
with=(busybox-static ${suite:+apparmor libapparmor1 libc6 libgcc-s1 libstdc++6})
options=() update=(apt-get -q update)
mkdir -p "$cache"

# The newest that was unpacked here.
have() {
    find "$cache" -mindepth 1 -maxdepth 1 -name 'linux-image-*' | sort -V | tail -n 1
}

# From where this host's apt has its Debian.
mirror() {
    apt-get --print-uris update 2>/dev/null | sed -n "s|^'\(.*/debian\)/dists/.*|\1|p" | head -n 1
}

# Lists of SUITE alone. A suite that has left the mirrors is in the archive.
use_suite() { # WORK
    local keys=/usr/share/keyrings/debian-archive-keyring.gpg from

    mkdir -p "$1"/{lists,archives}/partial && : >"$1/status"
    options=(-o "Dir::Etc::sourcelist=$1/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$1/lists"
        -o "Dir::State::status=$1/status" -o "Dir::Cache=$1" -o "APT::Architectures=$(dpkg --print-architecture)" -o APT::Sandbox::User=root)
    update=(apt-get -q "${options[@]}" -o APT::Update::Error-Mode=any update)
    for from in "$(mirror)" http://deb.debian.org/debian http://archive.debian.org/debian; do
        echo "deb [signed-by=$keys] $from $suite main" >"$1/sources.list"
        [ -z "$from" ] || ! "${update[@]}" >&2 || return 0
    done
    return 1
}

newest() {
    apt-cache "${options[@]}" depends linux-image-cloud-amd64 2>/dev/null |
        sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p' | head -n 1
}

# Unpacked beside its place and moved there: two that fetch at once do not meet half a kernel.
fetch() { # PACKAGE
    local at status

    at=$(mktemp -d "$cache/new.XXXXXX")
    mkdir "$at/tree"
    # Debian 13's packages have all below /usr.
    (cd "$at" && apt-get -q "${options[@]}" -o APT::Sandbox::User=root download "$1" "${with[@]}" &&
        for package in ./*.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x -C tree --keep-directory-symlink || exit; done &&
        for part in lib bin sbin; do [ -e "tree/$part" ] || ln -s "usr/$part" "tree/$part" || exit; done) >&2 &&
        chmod 755 "$at/tree" &&
        { mv -T "$at/tree" "$cache/$1" 2>/dev/null || [ -d "$cache/$1" ]; }
    status=$?
    rm -rf "$at"
    return $status
}

if [ -z "$(have)" ] && [ -n "$suite" ]; then
    work=$(mktemp -d -t runbox-kernel.XXXXXX)
    trap 'rm -rf "$work"' EXIT
    use_suite "$work" && fetch "$(newest)"
elif [ -z "$(have)" ]; then
    # The lists of a fresh machine or container are empty or old: then they are fetched, and it is tried again.
    package=$(newest) && [ -n "$package" ] && fetch "$package" ||
        { "${update[@]}" >&2 && fetch "$(newest)"; }
fi
kernel=$(have)
[ -n "$kernel" ]
echo "$kernel"
