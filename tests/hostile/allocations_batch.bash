# Inner half of allocations_batch.bats, after sweep.bash: batches in which an allocation fails, and what is right of their ends.

bundle b <<<'print("hello") return {n = 1}'
printf '{"id":"a"}\n{"id":"b"}\n' >in
err=() report=
complain() { said=("${out[@]:0:2}") && is_wrong "malloc $n$mode of process $of" "exit $status: $1"; }
judge_batch() {
    local line jobs=0 fine=0

    mapfile -t out <out
    mapfile -t err <err
    for line in "${out[@]}"; do
        jobs=$((jobs + 1))
        case $line in
        '{"id":"'[ab]'","status":"ok","result":{"n":1},'*',"log":[{"Stdio":{"Write":"hello\n"}}]}') fine=$((fine + 1)) ;;
        '{"id":'*',"status":"setup","result":null,"error":"'[!\"]*) ;;
        *) complain "neither its result nor why not: $line" ;;
        esac
    done
    case $status in
    0) [[ $jobs$fine = 22 && ${out[0]} == *'"a"'* && ${out[1]} == *'"b"'* ]] || complain "$fine of 2 jobs" ;;
    1) [[ $jobs = 2 && $fine -lt 2 ]] || complain "$jobs results of 2 jobs" ;;
    125) [ ${#err[@]} = 1 ] && [[ ${err[0]} == 'runbox: '?*': '?* ]] || complain "not one clear line" ;;
    127 | 139) [[ $of = 0 && $n =~ ^[1-5]$ ]] || complain "a crash" ;; # libc's own, before main
    *) complain "no such end" ;;
    esac
    ends["exit $status"]=$((${ends["exit $status"]:-0} + 1))
}

# batch LEAST PROCESS: each allocation of that process fails, LEAST of them; PROCESS as programs/malloc.c has it.
batch() {
    local n mode of=$2

    for mode in '' +; do
        for ((n = 1; ; n++)); do
            status=0
            echo 0 >hit
            HOSTILE_ALLOCATION=$n$mode HOSTILE_PROCESS=$of HOSTILE_HIT=/mnt/hit timeout -k 1 60 /srv/hostile/monitor/runbox batch -q -j 1 b \
                >out 2>err <in || status=$?
            read -r hit <hit
            [ "$hit" = 1 ] || break
            runs=$((runs + 1))
            judge_batch
            allocations=$((allocations + 1))
            left
            if [ "${left[*]}" != "$nothing" ]; then
                echo "left by $n$mode of process $of: ${left[*]}"
                $runbox run b >/dev/null
                left
                [ "${left[*]}" = "$nothing" ] || complain "left, also by the run after it: ${left[*]}"
                swept=$((swept + 1))
            fi
        done
    done
    [ "$allocations" -gt "$1" ] || is_wrong "$of" "$allocations allocations"
}
