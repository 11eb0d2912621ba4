#!/bin/bash
# What kernels lack, or have besides, as TAP: Debian's 5.10, 6.1 and 6.12, one virtual machine each.
# KERNELS='KERNEL...' selects. All are told not to account swap, which they heed before 6.1. The programs are those of
# $B. Needs root, for the file server.
set -u
. "$(dirname "$0")/stage.bash" build
mkdir -p "$stage/build/tests/tools"
cp "$B"/runbox{,-lua,-sn0int,-loopback} "$stage/build/" && cp "$B"/tests/tools/{inject,record,refusing} "$stage/build/tests/tools/" &&
    cp -r tests bundles contrib "$stage/" || exit 1
n=0 failed=0
for kernel in ${KERNELS:-bullseye bookworm trixie}; do
    tests/vm/run.sh -k "$kernel" -p swapaccount=0 "$stage" bash -c \
        'export B=/mnt/build && exec bats --tap tests/vm/inner/{lacks,kernel,nsdelegate,apparmor}.bats 2>&1' >"$stage.out"
    status=$?
    while IFS= read -r line; do
        case $line in
        "ok "* | "not ok "*)
            n=$((n + 1))
            [[ $line == ok\ * ]] || failed=1
            echo "$(sed -E "s/^(not )?ok [0-9]+ /\1ok $n - $kernel: /" <<<"$line")"
            ;;
        1..*) ;;
        *) echo "# ${line#\# }" ;;
        esac
    done <"$stage.out"
    rm -f "$stage.out"
    [ $status -eq 0 ] || { n=$((n + 1)) failed=1 && echo "not ok $n - $kernel: the machine ended with $status"; }
done
echo "1..$n"
exit $failed
