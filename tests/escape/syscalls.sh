#!/bin/bash
# Every system call in live boxes of every profile (tests/tools/sweep), then: the names in the reports
# against the kernel's headers, and every call that no grant gives, asked for and granted. TAP; needs root.
set -u
cd "$(dirname "$0")/../.." || exit 1
B=$(realpath "${B:-build}")
work=$(mktemp -d /tmp/runbox-sweep.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
n=0 failed=0

ok() { # STATUS TEXT
    n=$((n + 1))
    [ "$1" -eq 0 ] && echo "ok $n - $2" || { echo "not ok $n - $2" && failed=1; }
}

# The ways to number calls, each with its header. Every profile, and a box with all grants, is swept by each of them, and
# by arguments.
declare -A header=([64]=asm/unistd.h)
[ "$(uname -m)" != x86_64 ] || header=([64]=asm/unistd_64.h [x32]=asm/unistd_x32.h [32]=asm/unistd_32.h)

# "ABI NUMBER NAME" of all that the kernel's headers know. x32's numbers have a bit of their own.
headers() {
    local abi

    for abi in "${!header[@]}"; do
        echo "#include <${header[$abi]}>" | ${CC:-gcc} -E -dM - |
            sed -n -E "s/^#define __NR_([a-z0-9_]+) \(?(__X32_SYSCALL_BIT \+ )?([0-9]+)\)?$/$abi \3 \1/p" |
            awk '{ print $1, $1 == "x32" ? $2 + 1073741824 : $2, $3 }'
    done
}

"$B/tests/tools/sweep" "$B/runbox" "$work" tests/golden/grantable.txt >"$work/tap" 2>"$work/err"
status=$?
while read -r line; do
    case $line in
    'ok - '*) ok 0 "${line#ok - }" ;;
    'not ok - '*) ok 1 "${line#not ok - }" ;;
    *) echo "$line" ;;
    esac
done <"$work/tap"
[ "$status" -eq 0 ] && [ "$n" -eq $((4 * (${#header[@]} + 1))) ]
ok $? "the sweep went to its end"
[ "$status" -eq 0 ] || grep -v 'forbidden system call' "$work/err" | sed 's/^/# /' | head -20

# Those of i386 are in reports only where int 0x80 is a system call.
abis=${#header[@]}
[ "$abis" -eq 1 ] || "$B/tests/tools/attack" int80 || abis=2
# Where both have a name it is the same one; libseccomp may know what is newer than the headers, or have none.
sort -u "$work/names" | awk 'NR == FNR { name[$1 " " $2] = $3; next }
    $3 !~ /^#/ && ($1 " " $2) in name { compared++; if (name[$1 " " $2] != $3) print $0 " is " name[$1 " " $2] }
    END { print compared + 0 >"/dev/stderr" }' <(headers) - >"$work/differ" 2>"$work/compared"
[ "$(cat "$work/compared")" -gt $((abis * 250)) ] && ! [ -s "$work/differ" ]
ok $? "the names in the reports are the kernel's"
echo "# $(cat "$work/compared") names compared with ${header[*]}"
sed 's/^/# /' "$work/differ"

# Granted, which is a mistake of the command line; and asked for without a grant, one of the bundle.
mkdir "$work/never"
echo 'print("ran")' >"$work/never/main.lua"
tried=0 refused=0
for name in $(sed -n 's/^NEVER(\([a-z0-9_]*\),.*/\1/p' runtime/plan/never.def); do
    echo "{\"runbox\":1,\"name\":\"n\",\"version\":\"1.0.0\",\"seccomp\":{\"allow\":[\"$name\"]}}" >"$work/never/manifest.json"
    granted=$("$B/runbox" run -g "syscall:$name" "$work/never" 2>&1)
    granted="$? $granted"
    asked=$("$B/runbox" run "$work/never" 2>&1)
    asked="$? $asked"
    tried=$((tried + 1))
    if [[ $granted == "2 "*"$name cannot be granted: "* && $asked == "3 "*"\"$name\" cannot be allowed: "* ]]; then
        refused=$((refused + 1))
    else
        echo "# $name: $granted, $asked"
    fi
done
[ "$tried" -gt 100 ] && [ "$refused" -eq "$tried" ]
ok $? "what would undo the confinement is refused by the call's name, granted or only asked for"
echo "# calls that no grant gives: $refused of $tried refused by name"
echo "1..$n"
exit $failed
