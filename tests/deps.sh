#!/bin/bash
# deps.sh PACKAGE...: install the Debian packages that are missing, as root or with passwordless
# sudo; otherwise list them in one line and fail. PACKAGE:ARCHITECTURE is one of another architecture, which dpkg is
# told of first.
set -u

if ! command -v dpkg-query >/dev/null; then
    echo "deps: this is no Debian; needed are what Debian calls: $*" >&2
    exit 0 # they may well be there, under other names: the compiler will tell
fi

missing=()
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Architecture}\n' "$@" 2>/dev/null |
    awk -v own="$(dpkg --print-architecture)" '{ print $1, $2 ":" $3 } $3 == own || $3 == "all" { print $1, $2 }')
for package; do
    grep -qx "installed $package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=(env)
elif sudo -n true 2>/dev/null; then
    as_root=(sudo -n env)
else
    echo "deps: missing packages; as root: apt-get install ${missing[*]}" >&2
    exit 1
fi

get=("${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -y)
install=("${get[@]}" install --no-install-recommends "${missing[@]}")
echo "deps: installing ${missing[*]}"
for package in "${missing[@]}"; do
    [[ $package != *:* ]] || dpkg --print-foreign-architectures | grep -qx "${package#*:}" ||
        "${as_root[@]}" dpkg --add-architecture "${package#*:}" || exit
done
# On a fresh machine or container the package lists are empty or old: update them and try again.
"${install[@]}" >/dev/null 2>&1 || { "${get[@]}" update && "${install[@]}"; }
