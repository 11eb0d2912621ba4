#!/usr/bin/env bats
# The matrix of hosts (tests/vm/hosts.sh), without its machines: what one does not say, or cannot be made to be, is a failed test.

load lib

setup() {
    programs
    mkdir -p "$T/tree/tests/vm" "$T/tree/bundles" "$T/tmp"
    cp tests/vm/{hosts.sh,stage.bash} "$T/tree/tests/vm"
    cat >"$T/tree/tests/vm/run.sh" <<'END'
#!/bin/bash
# In place of the machine: what one says of its shapes, without what matches $lost.
while getopts k:g:p:t: option; do
    case $option in
    k) kernel=$OPTARG ;;
    g) groups=$OPTARG ;;
    esac
done
shift $((OPTIND - 1))
for shape in "${@:6}"; do
    for user in root user; do
        echo "ok $kernel $groups $user $shape - ran: memory=cgroup2"
    done
done | grep -vE "$lost"
[ "$twice" = no ] || echo "$twice"
exit "$status_of_machine"
END
    chmod +x "$T/tree/tests/vm/run.sh"
    mkdir "$T/programs" # it leaves its table there
    cp "$bin"/runbox{,-lua,-sn0int,-loopback,-cgroups} "$T/programs"
    chmod 755 "$T"
    export lost=^$ twice=no status_of_machine=0
}

# matrix STATUS: that of two hosts ends so.
matrix() {
    ends "$1" env B="$T/programs" HOSTS='bookworm:v2 trixie:v1' "$T/tree/tests/vm/hosts.sh"
    cells=$(grep -c '^ok ' "$T/out") failed=$(grep -c '^not ok ' "$T/out" || true)
    [ "$(tail -n 1 "$T/out")" = "1..$((cells + failed))" ]
}

@test "a cell that a machine says nothing of, or twice, is a failed test; so is a machine that fails" {
    matrix 0
    [ "$cells $failed" = "36 0" ]
    lost='trixie v1 user subset' matrix 1
    [ "$cells $failed" = "35 1" ]
    grep -qE '^not ok [0-9]+ - trixie v1 user subset - said 0 times, not once' "$T/out"
    lost='^ok bookworm' matrix 1
    [ "$cells $failed" = "18 18" ]
    twice='ok trixie v1 root plain - ran: again' matrix 1
    grep -qE '^not ok [0-9]+ - trixie v1 root plain - said 2 times, not once' "$T/out"
    status_of_machine=124 matrix 1
    grep -qE '^not ok [0-9]+ - bookworm v2 - the machine ended with 124' "$T/out"
}

@test "a shape that a machine cannot be given, or does not lose again, is a failed test" {
    mkdir "$T/stubs"
    printf '#!/bin/sh\nexit 0\n' | tee "$T/stubs/mkswap" "$T/stubs/swapoff" >"$T/stubs/swapon"
    chmod +x "$T/stubs/"*
    ln -s "$T/programs" "$T/tree/build"
    cp -r bundles/examples "$T/tree/bundles"
    inside="$PWD/tests/vm/inside_hosts.sh"
    cd "$T/tree"
    of_swap() {
        rm -rf "$T/tmp" && mkdir -m 777 "$T/tmp"
        run env TMPDIR="$T/tmp" PATH="$T/stubs:$PATH" bash "$inside" bookworm v2 swap
    }
    printf '#!/bin/sh\necho "swapon: /dev/vdb: swapon failed" >&2\nexit 255\n' >"$T/stubs/swapon"
    of_swap
    grep -qx 'not ok bookworm v2 root swap - the machine cannot be made so: swapon: /dev/vdb: swapon failed' <<<"$output"
    grep -qx 'not ok bookworm v2 user swap - the machine cannot be made so: swapon: /dev/vdb: swapon failed' <<<"$output"
    printf '#!/bin/sh\nexit 0\n' >"$T/stubs/swapon"
    printf '#!/bin/sh\necho "swapoff: no" >&2\nexit 1\n' >"$T/stubs/swapoff"
    of_swap
    grep -q 'ok bookworm v2 root swap - ran: ' <<<"$output"
    grep -qx 'not ok bookworm v2 - what makes swap cannot be taken back: swapoff: no' <<<"$output"
}
