#!/bin/bash
# Prints the directory of an unpacked Debian kernel for virtual machines, and a static busybox, which are
# fetched on first use into $RUNBOX_VM_CACHE. Trusts apt's signatures. Installs nothing: a kernel of the
# host's own, and a busybox that its boot may need, stay as they are.
set -eu -o pipefail

cache=${RUNBOX_VM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/runbox-vm}
mkdir -p "$cache"

# The newest that was unpacked here.
have() {
    find "$cache" -mindepth 1 -maxdepth 1 -name 'linux-image-*' | sort -V | tail -n 1
}

newest() {
    apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p' | head -n 1
}

# Unpacked beside its place and moved there: two that fetch at once do not meet half a kernel.
fetch() { # PACKAGE
    local work status

    work=$(mktemp -d "$cache/new.XXXXXX")
    # Debian 13's packages have all below /usr.
    (cd "$work" && apt-get -q -o APT::Sandbox::User=root download "$1" busybox-static &&
        for package in ./*.deb; do dpkg-deb -x "$package" tree || exit; done &&
        for part in lib bin; do [ -e "tree/$part" ] || ln -s "usr/$part" "tree/$part" || exit; done) >&2 &&
        { mv -T "$work/tree" "$cache/$1" 2>/dev/null || [ -d "$cache/$1" ]; }
    status=$?
    rm -rf "$work"
    return $status
}

if [ -z "$(have)" ]; then
    # The lists of a fresh machine or container are empty or old: then they are fetched, and it is tried again.
    package=$(newest) && [ -n "$package" ] && fetch "$package" ||
        { apt-get -q update >&2 && fetch "$(newest)"; }
fi
kernel=$(have)
[ -n "$kernel" ]
echo "$kernel"
