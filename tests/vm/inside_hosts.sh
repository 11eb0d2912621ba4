#!/bin/bash
# inside_hosts.sh KERNEL CGROUPS SHAPE...: runs inside the virtual machine. Each SHAPE of a host, for root and for an
# ordinary user: doctor, a run, one that meets its memory limit, one that meets its wall time. One line for each: "ok" or
# "not ok", then what ran, with which layers, or was refused, and why. It is "not ok" where doctor says otherwise than what
# happens, where a limit does not hold, where what should run does not, where a refusal names no cause, or where the machine
# cannot be made so.
# Shapes that last until the machine ends are last: yama3.
kernel=$1 groups=$2
shift 2
programs=${TMPDIR:-/tmp}/programs T=${TMPDIR:-/tmp}/hosts
mkdir -m 755 $programs && cp build/runbox{,-lua,-sn0int,-loopback,-cgroups} $programs/ && cp -r bundles/examples/hello $programs/
mkdir -m 777 $T
mountpoint -q /sys/kernel/security || mount -t securityfs none /sys/kernel/security
[ -e /proc/sys/user/max_net_namespaces ] && most=$(cat /proc/sys/user/max_net_namespaces)

bundle() { # NAME
    mkdir "$programs/$1"
    cat >"$programs/$1/main.lua"
    echo "{\"runbox\":1,\"name\":\"$1\",\"version\":\"1.0.0\"}" >"$programs/$1/manifest.json"
}
bundle memory <<<'local t = {} for i = 1, 400 do t[i] = ("x"):rep(100000) .. i end'
bundle wall <<<'while true do end'

# What a shape needs of the machine, before and after; and how COMMAND is started in it.
before() {
    case $1 in
    nonet) echo 0 >/proc/sys/user/max_net_namespaces ;;
    swap) mkswap /dev/vdb >/dev/null && swapon /dev/vdb ;;
    yama3) echo 3 >/proc/sys/kernel/yama/ptrace_scope ;;
    esac
}
after() {
    case $1 in
    nonet) echo "$most" >/proc/sys/user/max_net_namespaces ;;
    swap) swapoff /dev/vdb ;;
    esac
}
in_shape() { # SHAPE COMMAND...
    case $1 in
    cgroupns) unshare --cgroup "${@:2}" ;;
    otherproc) unshare --pid --fork "${@:2}" ;; # /proc stays the host's
    subset) unshare --mount sh -c 'mount -t proc -o subset=pid proc /proc && exec "$@"' sh "${@:2}" ;;
    *) "${@:2}" ;;
    esac
}

# The shape that no box can be made in.
is_refused() {
    [ "$1" = nonet ]
}

runs() { # SHAPE FILE BUNDLE OPTION...
    in_shape "$1" "${as[@]}" $programs/runbox run --report "$T/$2" "${@:4}" "$programs/$3" >"$T/$2.out" 2>"$T/$2.err" </dev/null
    echo $?
}

# The layers that a run had, and the kernel's that it had not.
layers() {
    jq -r '"memory=\(.enforced.memory.layer) processes=\(.enforced.processes.layer) swap=\(.enforced.swap.layer)" +
        (if .absent then " without \(.absent | join(", "))" else "" end) +
        (if .unnamed then " unnamed (\(.unnamed))" else "" end)' "$T/hello"
}

cell() { # SHAPE USER
    local doctor hello memory wall wrong='' what

    rm -rf "${T:?}"/*
    in_shape "$1" "${as[@]}" $programs/runbox doctor >"$T/doctor" 2>&1 </dev/null
    doctor=$?
    hello=$(runs "$1" hello hello) memory=$(runs "$1" memory memory -l memory=16M) wall=$(runs "$1" wall wall -l wall_time=1s)
    case $hello in
    0)
        what="ran: $(layers)"
        # Doctor's 1 is that a default limit is held by nothing: so the run's report says, too.
        [ "$doctor" -eq "$(jq '[.enforced[] | select(.asked != null and .layer == "none")] | length | if . > 0 then 1 else 0 end' "$T/hello")" ] ||
            wrong+="; doctor says $doctor"
        [ "$memory" -eq 137 ] && jq -e '.status == "memory"' "$T/memory" >"$T/jq" || wrong+="; memory ended with $memory"
        [ "$wall" -eq 124 ] || wrong+="; wall_time ended with $wall"
        ! is_refused "$1" || wrong+="; it was expected to be refused"
        [ "$1" != yama3 ] || [[ $what == *"unnamed (yama)" ]] || wrong+="; what names no call is not said"
        ;;
    *)
        what="refused ($hello): $(head -c 400 "$T/hello.err")"
        [ "$doctor" -ne 0 ] || wrong+="; doctor says it works"
        [ "$hello $memory $wall" = "125 125 125" ] || wrong+="; $hello, $memory, $wall"
        is_refused "$1" || wrong+="; it was expected to run"
        [[ $what == *"; "*": "*\(*\)* ]] || wrong+="; no cause, no cure"
        ;;
    esac
    echo "${wrong:+not }ok $kernel $groups $2 $1 - ${what//$'\n'/ }${wrong:+ ### $wrong}"
    [ -z "$wrong" ] || {
        sed 's/^/#   /' "$T"/{hello,memory,wall}.err
        tail -n 25 "$T/doctor" | sed 's/^/#   /'
    }
}

echo "# $kernel $groups: $(uname -r), $(cat /sys/kernel/security/lsm), $(cat /proc/cmdline)"
for shape; do
    said=$(before "$shape" 2>&1) || {
        for user in root user; do
            echo "not ok $kernel $groups $user $shape - the machine cannot be made so: ${said//$'\n'/ }"
        done
        continue
    }
    as=()
    cell "$shape" root
    as=(setpriv --reuid 12345 --regid 12345 --clear-groups)
    cell "$shape" user
    said=$(after "$shape" 2>&1) ||
        echo "not ok $kernel $groups - what makes $shape cannot be taken back: ${said//$'\n'/ }"
done 2>&1
