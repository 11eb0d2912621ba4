#!/bin/bash
# fresh.sh SUITE [TARGET...]: run the commands of README.md on a bare Debian (bookworm, trixie):
# debootstrap's smallest root plus git and make, with a clone of what is committed here. TARGET is a
# target of make (default: run and check) or a test file; their output is printed, and the exit
# status is that of the first that fails. As root. The host's mounts do not change, and everything
# created is removed, even after an interrupt. FRESH_CACHE=DIR keeps packages for the next time; the
# root is created in FRESH_DIR (/var/tmp); packages come from FRESH_MIRROR (the mirror in this
# machine's sources.list). CI is passed on.
set -eu -o pipefail

die() {
    echo "fresh.sh: $1" >&2
    exit "${2:-1}"
}

# config NAME: its value in this machine's apt configuration.
config() {
    local value
    eval "$(apt-config shell value "$1" 2>/dev/null)"
    echo "${value:-}"
}

# uri LABEL DEFAULT: where this machine gets Debian's packages with that label from.
uri() {
    local at
    # shellcheck disable=SC2016
    at=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        sed -n "s,^Debian|$1|\(.*[^/]\)/*\$,\1,p" | head -n 1)
    echo "${at:-$2}"
}

# Create groups of its own in each v1 hierarchy: what a test leaves in them is removed with them.
own_groups() {
    local lines line controllers path group file

    mapfile -t lines </proc/self/cgroup # all of it, before anything moves
    for line in "${lines[@]}"; do
        IFS=: read -r _ controllers path <<<"$line"
        group=/sys/fs/cgroup/$controllers${path%/}
        [[ -n $controllers && $controllers != name=* && -w $group/cgroup.procs ]] || continue
        mkdir "$group/$name"
        groups+=("$group/$name")
        for file in cpuset.cpus cpuset.mems; do
            [ ! -f "$group/$file" ] || cat "$group/$file" >"$group/$name/$file"
        done
        echo "$BASHPID" >"$group/$name/cgroup.procs"
    done
}

# Kill the inner half by its init process, with which the kernel kills all others, and clean up.
remove() {
    local group

    if [ -n "$child" ] && kill -0 "$child" 2>/dev/null; then
        # shellcheck disable=SC2046
        kill -KILL $(cat "/proc/$child/task/$child/children") "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
    for group in "${groups[@]}"; do
        echo "$BASHPID" >"${group%/*}/cgroup.procs"
        find "$group" -depth -type d -exec rmdir {} +
    done
    rm -rf --one-file-system "$place"
}

# The outer half: it creates a directory and removes it, whatever happens to the inner half.
outside() {
    local status=0 cache=${FRESH_CACHE:-} tool suite

    case ${1:-} in
    bookworm | trixie) ;;
    *) die "usage: fresh.sh bookworm|trixie [TARGET...]" 2 ;;
    esac
    [ "$(id -u)" -eq 0 ] || die "needs root: it makes device nodes and mounts"
    for tool in debootstrap unshare pivot_root git; do
        command -v "$tool" >/dev/null || die "needs $tool: apt-get install debootstrap util-linux git"
    done
    [ -z "$cache" ] || { mkdir -p "$cache/$1" && cache=$(realpath "$cache/$1"); }
    place=$(mktemp -d "${FRESH_DIR:-/var/tmp}/runbox-fresh.XXXXXX")
    name=${place##*/} groups=() child=
    trap remove EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    mkdir -m 755 "$place/root"
    cd "$(dirname "$0")/.."
    git bundle create -q "$place/bundle" HEAD
    own_groups
    FRESH_CACHE=$cache setsid unshare --mount --propagation private --pid --fork --kill-child --ipc \
        tests/fresh.sh --inside "$place" "$@" </dev/null &
    child=$!
    wait "$child" || status=$?
    [ "$status" -le 128 ] || echo "fresh.sh: ended by signal $((status - 128))" >&2
    return "$status"
}

# make_root SUITE: create the bare Debian in $root.
make_root() {
    local proxy mirror security cache=()

    proxy=$(config Acquire::http::Proxy)
    mirror=${FRESH_MIRROR:-$(uri Debian http://deb.debian.org/debian)}
    security=$(uri Debian-Security http://deb.debian.org/debian-security)
    [ -z "$FRESH_CACHE" ] || cache=(--cache-dir="$FRESH_CACHE")
    ${proxy:+env http_proxy="$proxy"} debootstrap --variant=minbase --include=git,make "${cache[@]}" "$1" "$root" \
        "$mirror" >"$place/log" 2>&1 || {
        tail -n 20 "$place/log" >&2
        die "debootstrap failed"
    }
    printf 'deb %s main\n' "$mirror $1" "$mirror $1-updates" "$security $1-security" >"$root/etc/apt/sources.list"
    # How this machine reaches its mirror; and no fsync for a root that is thrown away.
    apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries|Languages)' >"$root/etc/apt/apt.conf.d/90fresh" || true
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/fresh"
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
    mv "$place/bundle" "$root/bundle"
    [ ! -d "$place/shared" ] || mv "$place/shared" "$root/root/shared"
}

# enter_root: make $root this process's root, with the kernel's file systems and the host's groups.
# By pivot_root(2): in a chroot(2) the kernel allows no user namespaces.
enter_root() {
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --bind /dev "$root/dev"
    mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    if [ -n "$FRESH_CACHE" ]; then
        mount --bind "$FRESH_CACHE" "$root/var/cache/apt/archives"
    fi
    mkdir "$root/host"
    cd "$root"
    pivot_root . host
    cd /
    umount --lazy /host
    rmdir /host
}

# bare COMMAND...: run it without this machine's environment, and without a locale.
bare() {
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb ${CI:+CI="$CI"} \
        MAKEFLAGS="-j$(nproc)" "$@"
}

# version PROGRAM ARGUMENT...: print the first number with a dot in its output.
version() {
    "$@" 2>&1 | grep -oE '[0-9]+\.[0-9.]+' | head -n 1 || echo none
}

# does WORD...: run make with these words, unless an earlier one has failed.
does() {
    local began=$SECONDS

    [ "$status" -eq 0 ] || return 0
    bare make "$@" || status=$?
    seen+="; make $1: status $status in $((SECONDS - began)) s"
}

inside() {
    local place=$1 root=$1/root suite=$2 tests=() targets=() seen='' status=0 before word

    shift 2
    make_root "$suite"
    enter_root
    before=$(dpkg-query -W | wc -l)
    bare git clone -q /bundle /root/runbox
    cd /root/runbox
    [ $# -gt 0 ] || set -- run check
    for word; do
        [[ $word == tests/* ]] && tests+=("$word") || targets+=("$word")
    done
    for word in "${targets[@]}"; do
        does "$word"
    done
    [ ${#tests[@]} -eq 0 ] || does check TESTS="${tests[*]}"
    echo "fresh.sh: Debian $(cat /etc/debian_version) ($suite), gcc $(version gcc --version), glibc $(version ldd --version)," \
        "Lua $(version strings -n 8 /usr/lib/x86_64-linux-gnu/liblua5.4.a), $before packages, then $(dpkg-query -W | wc -l)$seen"
    return "$status"
}

if [ "${1:-}" = --inside ]; then
    shift
    inside "$@"
else
    outside "$@"
fi
