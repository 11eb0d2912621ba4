#!/bin/bash
# The programs of $B, built for arm64, in virtual machines with that processor, Debian's kernel for it and cgroup v2
# alone (run.sh), as TAP. Each machine emulates one processor: two share the work. Told not to account swap, which
# lacks.bats wants, this kernel does so all the same. Needs root, for the file server.
set -u
. "$(dirname "$0")/stage.bash" build-arm64
mkdir -p "$stage"/build/tests/{tools,unit} "$stage/said"
cp "$B"/runbox{,-lua,-sn0int,-loopback,-cgroups} "$stage/build/" || exit 1
for room in tools unit; do
    find "$B/tests/$room" -maxdepth 1 -type f -perm -100 -exec cp -t "$stage/build/tests/$room" {} + || exit 1
done
cp -r tests bundles schemas runtime man contrib Makefile SECURITY.md "$stage/" || exit 1
n=0 failed=0 machines=()
for part in kernel monitor; do
    tests/vm/run.sh -a arm64 -p swapaccount=0 -t 7200 "$stage" bash tests/vm/inside_arm64.sh $part >"$stage/said/$part" &
    machines+=($!)
done
trap 'kill "${machines[@]}" 2>/dev/null; wait; exit 143' TERM
for part in kernel monitor; do
    wait "${machines[0]}"
    status=$? good=1
    machines=("${machines[@]:1}")
    while IFS= read -r line; do
        case $line in
        "ok "* | "not ok "*)
            n=$((n + 1))
            [[ $line == ok\ * ]] || failed=1 good=0
            sed -E "s/^(not )?ok [0-9]+ /\1ok $n /" <<<"$line"
            ;;
        1..*) ;;
        *) echo "$line" ;;
        esac
    done <"$stage/said/$part"
    [ $status -eq 0 ] || [ $good -eq 0 ] || {
        n=$((n + 1)) failed=1
        echo "not ok $n - $part: the machine ended with $status"
    }
done
echo "1..$n"
exit $failed
