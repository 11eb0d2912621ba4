#!/bin/bash
# inside_arm64.sh kernel|monitor: runs inside a virtual machine with arm64: the unit tests, each as one test, and what of
# the others is about the processor and the kernel, as one TAP stream. The machine is emulated: not here is what measures
# time or precision (schema_hostile), ends otherwise where a second of processor time does little (batch.bats), or runs
# runbox hundreds of times (hostile/, syscalls.sh, fuzz/; of monitor.bats a tenth of those); nor what needs a compiler, a
# browser or systemd. The filters are run over every number of a system call by plan_filter, plan_monitor, plan_broker and
# script_filter.
n=0 failed=0

# stream NAME: TAP on stdin, renumbered; each line says which file it is of. How long it took is at the end.
stream() {
    local line begin=$SECONDS

    while IFS= read -r line; do
        case $line in
        ok\ * | not\ ok\ *)
            n=$((n + 1))
            [[ $line == ok\ * ]] || failed=1
            echo "${line%%[0-9]*}$n - $1: ${line#*[0-9] }"
            ;;
        1..*) ;;
        *) echo "$line" ;;
        esac
    done
    echo "# $1: $((SECONDS - begin)) s"
}

# The suite of escapes mounts its own over /mnt.
mkdir -p /opt/stage && mount --bind /mnt /opt/stage && cd /opt/stage || exit
export B=/opt/stage/build CI=1 EMULATED=1

units() {
    local unit name begin said

    for unit in "$B"/tests/unit/*; do
        name=${unit##*/}
        [ "$name" != schema_hostile ] || continue # it measures time
        n=$((n + 1)) begin=$SECONDS
        if said=$("$unit" 2>&1); then
            echo "ok $n - $name: $(grep -c '^ok' <<<"$said") checks"
        else
            echo "not ok $n - $name"
            failed=1
            grep -v '^ok' <<<"$said" | sed 's/^/# /'
        fi
        [ $((SECONDS - begin)) -lt 20 ] || echo "# $name: $((SECONDS - begin)) s"
    done
}

# A box has files of its own on idmapped mounts, of which this kernel's tmpfs knows nothing.
on_ext4() {
    depmod && modprobe ext4 && mkfs.ext4 -q /dev/vda && mount /dev/vda /var/tmp && chmod 1777 /var/tmp || exit
    export TMPDIR=/var/tmp
}

case $1 in
kernel)
    for file in tests/vm/inner/*.bats tests/cli/{live,cleanup}.bats; do # as on x86-64: batch and serve are in fleet
        stream "$(basename "$file" .bats)" < <(bats --tap "$file" 2>&1)
    done
    ;;
monitor)
    units
    on_ext4
    for file in status security network files syscalls broker monitor serve_escape; do
        stream "$file" < <(bats --tap "tests/cli/$file.bats" 2>&1)
    done
    stream escape < <(tests/escape/escape.sh 2>&1)
    ;;
esac
echo "1..$n"
exit $failed
