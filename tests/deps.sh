#!/bin/bash
# deps.sh PACKAGE...: install the Debian packages that are missing, as root or with passwordless
# sudo; otherwise list them in one line and fail.
set -u

if ! command -v dpkg-query >/dev/null; then
    echo "deps: this is no Debian; needed are what Debian calls: $*" >&2
    exit 0 # they may well be there, under other names: the compiler will tell
fi

missing=()
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null)
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
# On a fresh machine or container the package lists are empty or old: update them and try again.
"${install[@]}" >/dev/null 2>&1 || { "${get[@]}" update && "${install[@]}"; }
