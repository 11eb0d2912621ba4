#!/bin/bash
# Many hosts, as TAP: kernels x cgroups x users x shapes (inside_hosts.sh), each kernel with each kind of cgroups in a
# virtual machine of its own (run.sh), twice: as Debian boots it, with TOMOYO, and with swap that nothing counts, without
# TOMOYO and AppArmor. The table is in $B/hosts.txt: what ran and with which layers, or was refused, and why.
# HOSTS='KERNEL:CGROUPS...' selects. The programs are those of $B. Needs root, for the file server.
set -u
. "$(dirname "$0")/stage.bash" build
hosts=${HOSTS:-$(echo {bullseye,bookworm,trixie}:{v2,hybrid,v1})}
table=$(realpath "$B")/hosts.txt
mkdir -p "$stage/build" && cp "$B"/runbox{,-lua,-sn0int,-loopback,-cgroups} "$stage/build/" && cp -r tests bundles "$stage/" || exit 1
n=0 failed=0
: >"$table"

# numbered: a machine's lines on stdin, as tests of this file; without their numbers to the table.
numbered() {
    while IFS= read -r line; do
        echo "$line" >>"$table"
        case $line in
        "ok "* | "not ok "*)
            n=$((n + 1))
            [[ $line == ok\ * ]] || failed=1
            [[ $line == ok\ * ]] && line="ok $n - ${line#ok }" || line="not ok $n - ${line#not ok }"
            ;;
        "#"*) ;;
        *) line="# $line" ;;
        esac
        echo "$line"
    done
}

# complete KERNEL CGROUPS SHAPE...: of what a machine of these shapes says, on stdin, each cell that is not there, or more
# than once, as a failed test.
complete() {
    local said shape user count

    said=$(cat)
    for shape in "${@:3}"; do
        for user in root user; do
            count=$(grep -cE "^(not )?ok $1 $2 $user $shape - " <<<"$said")
            [ "$count" -eq 1 ] || echo "not ok $1 $2 $user $shape - said $count times, not once"
        done
    done
}

# machine KERNEL CGROUPS PARAMETERS SHAPE...
machine() {
    local status

    tests/vm/run.sh -k "$1" -g "$2" -p "$3" -t 1800 "$stage" bash tests/vm/inside_hosts.sh "$1" "$2" "${@:4}" >"$stage.out"
    status=$?
    numbered <"$stage.out"
    numbered < <(complete "$1" "$2" "${@:4}" <"$stage.out")
    rm -f "$stage.out"
    [ $status -eq 0 ] || numbered <<<"not ok $1 $2 - the machine ended with $status"
}

for host in $hosts; do
    kernel=${host%:*} groups=${host#*:}
    machine "$kernel" "$groups" "" plain cgroupns otherproc subset nonet swap yama3
    machine "$kernel" "$groups" "swapaccount=0 lsm=landlock,lockdown,yama" plain swap
done
echo "1..$n"
exit $failed
