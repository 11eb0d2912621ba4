# Inner half of calls_batch.bats, after sweep.bash: batches in which a system call fails, and what is right of their ends.
# Status 0 means that each job has its very result and its log; 1, that each has one, of which some say why not, as setup or
# in the words that run would have; else one line that says what is wrong, and --resume does what is missing.

bundle b <<<'print("hello") return {n = 1}'
printf '{"id":"a"}\n{"id":"b"}\n' >jobs
shopt -s extglob
err=() report='' said=() resumed=0
bad() { is_wrong "$what" "exit $status: $1"; }

# results FILE: each line is a whole result; sets $jobs, $fine and $other, the statuses that are neither ok nor setup.
results() {
    local line

    jobs=0 fine=0 other=
    mapfile -t said <"$1"
    for line in "${said[@]}"; do
        jobs=$((jobs + 1))
        case $line in
        '{"id":"'[ab]'","status":"ok","result":{"n":1},'*',"log":[{"Stdio":{"Write":"hello\n"}}]}') fine=$((fine + 1)) ;;
        # What it had returned before stays told: {"n":1} or nothing.
        '{"id":"'[ab]'","status":"setup","result":'@(null|'{"n":1}')',"error":"'[!\"]*) ;;
        '{"id":"'[ab]'","status":"protocol","result":null,"error":"'[!\"]*) other+=" protocol" ;;
        '{"id":"'[ab]'","status":"signal","result":null,"error":"'[!\"]*) other+=" signal" ;;
        *) bad "neither its result nor why not: $line" ;;
        esac
    done
}

# libc itself ends the monitor, for json-c 0.18, whose hashes want a seed.
seedless='Fatal glibc error: cannot get entropy for arc4random
runbox: monitor: was killed by signal 6 (Aborted)'

one_clear_line() {
    { [ ${#err[@]} = 1 ] && [[ ${err[0]} == 'runbox: '?*': '?* ]]; } || [[ $call = getrandom && $(<err) == "$seedless" ]]
}

# once N K: one batch in which that call fails. Sets $errors.
once() {
    local role n call object error end line

    rm -f results
    $fault /mnt/hit "$of" "$1" "$2" $runbox batch -q -j 1 -f jobs --output results b >out 2>err </dev/null || status=$?
    IFS=$'\t' read -r role n call object error errors end </mnt/hit
    [ "$call" != - ] || none=$((none + 1))
    [ "$errors" -gt 0 ] || return 0
    [ "$2" -gt 0 ] || ! often || errors=1
    runs=$((runs + 1)) what="$call $object $error (call $n)"
    mapfile -t err <err
    [[ $end == exit\ * ]] || { [[ $call = getrandom ]] && return 0; bad "$end"; return 0; }
    for line in "${err[@]}"; do
        [[ $line == 'runbox: '?*': '?* || $call = getrandom || $status = 127 ]] || bad "noise"
    done
    : >>results
    results results
    case $status in
    0) [ $jobs$fine = 22 ] || bad "$fine of 2 jobs" ;;
    1) [[ $jobs = 2 && $fine -lt 2 ]] || bad "$jobs results of 2 jobs" ;;
    141) [[ $error = EPIPE && ${err[*]} == "runbox: results: the reader of the results has gone" ]] || bad "no such reader" ;;
    3 | 125) one_clear_line || bad "not one clear line" ;;
    127) [[ $of = monitor && $n -le 30 ]] || bad "libc's own end, so late" ;;
    *) bad "no such end" ;;
    esac
    ends["exit $status"]=$((${ends["exit $status"]:-0} + 1))
    [[ -z $other || $error =~ ^(EPIPE|ECONNRESET|EPERM|ENOSYS|EIO|ESRCH|EINVAL|EACCES)$ ]] || bad "told as the box's doing:$other"
    if [ "$jobs" -lt 2 ]; then
        resumed=$((resumed + 1)) status=0
        $runbox batch -q -j 1 -f jobs --resume results b >out 2>err </dev/null || status=$?
        results results
        [ "$jobs" = 2 ] || bad "resumed, $jobs results of 2 jobs"
    fi
    left
    [ "${left[*]}" = "$nothing" ] && return
    swept=$((swept + 1))
    $runbox run sweeper >out
    left
    [ "${left[*]}" = "$nothing" ] || bad "left, also by the run after it: ${left[*]}"
}

# batch LEAST ROLE: every call of ROLE with each of its errors, or one (often); LEAST of them. Sets $calls.
batch() {
    local n k none=0 of=$2

    met=()
    for ((n = 1; none < 3; n++)); do
        errors=1
        for ((k = 0; k < errors; k++)); do
            status=0
            once $n $k
        done
    done
    calls=$((n - 1 - none))
    [ "$calls" -ge "$1" ] || is_wrong "$of" "$calls calls"
}
