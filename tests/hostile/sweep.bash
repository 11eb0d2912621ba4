# Inner half of the hostile tests, after leftovers.bash: one run for each thing that can fail, and what is
# right of its end. The end that needs no reason: exit status 125, one clear line, nothing of the script's
# output, a report that says the same, nothing left. /mnt/table lists the others, each with its reason:
#
# ok      status 0, the very output of a run without failures
# told    the same, and a clear line on stderr beside it
# noise   the same, and a line on stderr that is not runbox's own
# exit N  one clear line (with --json: in the report), and output up to there; or libc's own, before main
# unclear what went wrong cannot be said in one clear line
# left    something is left, and the next run takes it away
#
# signal N libc has ended the process itself
#
# Anything else is wrong, whatever the table says: a hang, a process that outlives the run, two
# lines, a report that tells another story, a second or missing Report or Exit line.

shopt -s nullglob
documented=" 1 2 3 4 76 124 125 137 141 153 159 "
mapfile -t own < <(groups | sed 's,^,/sys/fs/cgroup/,')
mapfile -t table < <(sed -E '/^#/d; s/  +/\t/g' /mnt/table)
declare -A ends met
runs=0 wrong=0 swept=0 form=person turns= want=()
fault=/srv/tests/tools/fault

# left: what a run has left, in $left; without a process of its own, since it is asked after each run.
left() {
    local group mounts

    mapfile -t mounts </proc/self/mountinfo
    left=(/tmp/* /run/* /var/tmp/* /dev/shm/* "${#mounts[@]} mounts")
    for group in "${own[@]}"; do
        left+=("$group"/*/)
    done
}
bundle sweeper <<<'return 1'
left
nothing=${left[*]}

is_wrong() { # WHAT WHY
    wrong=$((wrong + 1))
    echo "wrong: $1: $2; said: ${said[*]@Q}; stderr: ${err[*]@Q}; report: ${report:0:80}"
}

# allowed WHAT END: a row of the table says so. WHAT is role, call, object, error; a row has patterns of them.
allowed() {
    local row

    for row in "${table[@]}"; do
        # shellcheck disable=SC2053
        [[ $1$'\t'$2 != ${row%$'\t'*} ]] || return 0
    done
    return 1
}

# hear: what the run has said: $said, its lines; $report; $err, its stderr.
hear() {
    local out line end='' tail=

    report='' said=()
    mapfile -t out </mnt/out
    mapfile -t err </mnt/err
    if [[ $form != @(json|sandbox) ]]; then
        said=("${out[@]}")
        [ ! -f /mnt/report ] || read -r report </mnt/report || true
        return
    fi
    for line in "${out[@]}"; do
        case $line in
        '{"Report":'*) report=$line tail+=report ;;
        '{"Exit":'*) end=$line tail+=exit ;;
        *) said+=("$line") && tail+=. ;;
        esac
    done
    # sn0int's wire has no report: what went wrong is in its Exit.
    [ "$form" = json ] || report=$end tail=${tail/exit/reportexit}
    [[ $tail =~ ^\.*reportexit$ ]]
}

# clear_line: what the run says went wrong is one line, where a reader looks for it.
clear_line() { # STATUS
    if [ "$form" = check ] && [ "$1" -eq 3 ]; then
        [[ ${#err[@]} -eq 0 && ${#said[@]} -eq 1 && ${said[0]} == /mnt/b*": error: "?* ]]
    elif [ "$form" = sandbox ]; then
        [[ $report == '{"Exit":{"'*'":"'[!\"]*'"}}' && ${#err[@]} -eq 0 ]] ||
            [[ -z $report && ($1 -eq 141 || (${#err[@]} -eq 1 && ${err[0]} == "runbox: "?*": "?*)) ]]
    elif [ "$form" != json ]; then # whose reader has gone, as head does, is told by the status alone
        [[ $1 -eq 141 && ${#err[@]} -eq 0 ]] || { [ ${#err[@]} -eq 1 ] && [[ ${err[0]} == "runbox: "?*": "?* ]]; }
    else
        # Where the report cannot be written, stderr has the line; or nobody, if the reader is gone.
        [ -n "$report" ] && [[ $report == *'"message":"'[!\"]* && ${#err[@]} -eq 0 ]] ||
            { [ -z "$report" ] && [[ $1 -eq 141 || (${#err[@]} -eq 1 && ${err[0]} == "runbox: "?*": "?*) ]]; }
    fi
}

# told_so STATUS: the report, where there is one, says the same.
told_so() {
    if [ "$form" = sandbox ]; then
        [ -z "$report" ] || { [ "$1" -eq 0 ] && [ "$report" = '{"Exit":"Ok"}' ]; } || { [ "$1" -ne 0 ] && [ "$report" != '{"Exit":"Ok"}' ]; }
    else
        [ -z "$report" ] || [[ $report == *"\"exit_code\":$1,"*"}" ]]
    fi
}

# judge WHAT STATUS: the run has ended with STATUS.
judge() {
    local what=$1 status=$2 end="exit $2"

    hear || [[ $what == *$'\twrite\t/mnt/out\t'* || $documented != *" $status "* ]] ||
        allowed "$what" unclear || is_wrong "$what" "$end, but no Report and Exit at the end"
    if [ "$status" -eq 0 ]; then
        end=ok
        [ ${#err[@]} -eq 0 ] || { end=noise && form=person clear_line 0 && end=told; }
        [ "${said[*]}" = "${want[*]}" ] || is_wrong "$what" "status 0, but other output"
    elif [[ $documented == *" $status "* ]]; then
        clear_line "$status" || allowed "$what" unclear || is_wrong "$what" "$end, but not one clear line"
    fi
    told_so "$status" || is_wrong "$what" "$end, and another report"
    { [ "$status" -eq 125 ] && [ ${#said[@]} -eq 0 ] && [[ $what != arena* ]]; } || allowed "$what" "$end" || is_wrong "$what" "$end: not in the table"
    ends[$end]=$((${ends[$end]:-0} + 1))
}

# clean WHAT: nothing is left, or the table says so and one more run takes it away.
clean() {
    left
    [ "${left[*]}" != "$nothing" ] || return 0
    local had=${left[*]}

    allowed "$1" left || is_wrong "$1" "left: $had"
    "$runbox" run /mnt/sweeper >/mnt/out
    left
    [ "${left[*]}" = "$nothing" ] || is_wrong "$1" "left, also by the run after it: ${left[*]}"
    swept=$((swept + 1))
}

# What a test may have done around each run: before; after WHAT STATUS.
before() { :; }
after() { :; }

# often: $call was met twice before on the same $object: one of its errors is enough from here on.
often() {
    local key="$call ${object//[^a-z0-9#\/._-]/}"

    met[$key]=$((${met[$key]:-0} + 1))
    [ "${met[$key]}" -gt 2 ]
}

# fails ROLE N K COMMAND...: one run in which that call fails. Sets $errors, how many the call has, $call and $object.
fails() {
    local status=0 what role n error end

    rm -f /mnt/report
    before
    "$fault" /mnt/hit "$1" "$2" "$3" "${@:4}" >/mnt/out 2>/mnt/err </mnt/in || status=$?
    IFS=$'\t' read -r role n call object error errors end </mnt/hit
    [ "$errors" -gt 0 ] || return 0
    runs=$((runs + 1))
    what="$role"$'\t'"$call"$'\t'"$object"$'\t'"$error"
    case $end in
    exit\ *) judge "$what" "$status" ;;
    *)
        hear || true
        allowed "$what" "$end" || is_wrong "$what (call $n)" "$end"
        ;;
    esac
    after "$what" "$status"
    clean "$what"
}

# sweep LEAST ROLE COMMAND...: every call of ROLE with each of its errors, or one (often). Sets $calls, at least LEAST.
# With $turns, one error a call, another at each: for a command that shares most of its calls with run, which had every
# error of them.
sweep() {
    local least=$1 role=$2 n none=0 k errors call object
    shift 2
    met=()

    # The number of calls differs by a few from run to run: who waits for whom is chance.
    for ((n = 1; none < 3; n++)); do
        errors=1
        for ((k = 0; k < errors; k++)); do
            fails "$role" "$n" $((turns ? n : k)) "$@" # fault counts K round the errors that the call has
            if ((turns)) || { [ "$k" -eq 0 ] && often; }; then
                break
            fi
        done
        [ "$call" != - ] || none=$((none + 1))
    done
    calls=$((n - 1 - none))
    [ "$calls" -ge "$least" ]
}

# always LEAST CALL...: each call that is made at all fails whenever it is, for the monitor or for the child. Sets $calls.
always() {
    local least=$1 name role k errors call object
    calls=0
    shift

    for name; do
        for role in monitor child; do
            for k in 0 1; do
                fails "$role" "$name" "$k" "$runbox" run /mnt/b
                [ "$errors" -gt 0 ] || break
                calls=$((calls + 1 - k))
            done
        done
    done
    [ "$calls" -ge "$least" ]
}

# starve MODE COMMAND...: a run for each allocation that fails: the Nth ("") or all from it on ("+"). Adds to
# $allocations.
starve() {
    local mode=$1 n=0 status hit
    shift

    while true; do
        n=$((n + 1)) status=0
        rm -f /mnt/report
        before
        echo 0 >/mnt/hit
        HOSTILE_ALLOCATION=$n$mode HOSTILE_HIT=/mnt/hit timeout -k 1 60 "$@" >/mnt/out 2>/mnt/err </mnt/in || status=$?
        read -r hit </mnt/hit
        [ "$hit" = 1 ] || break
        runs=$((runs + 1))
        judge "malloc"$'\t'"$n$mode"$'\t'"${*:2:2}"$'\t'ENOMEM "$status"
        after "malloc $n$mode" "$status"
        clean "malloc $n$mode"
    done
    allocations=$((allocations + n - 1))
    [ "$n" -gt 5 ] # the C library alone has five
}
allocations=0

# texts COMMAND...: a run for each text of the kernel's that COMMAND reads and each way to change it. Adds to $texts.
texts() {
    local n=0 k ways file way end status what

    while [ "${file:-}" != - ]; do
        n=$((n + 1)) ways=1
        for ((k = 0; k < ways; k++)); do
            status=0
            rm -f /mnt/report
            before
            /srv/tests/tools/texts /mnt/hit $n $k "$@" >/mnt/out 2>/mnt/err </mnt/in || status=$?
            IFS=$'\t' read -r file way ways end </mnt/hit
            [ "$file" != - ] || break
            file=${file//[0-9]/} runs=$((runs + 1))
            what=kernel$'\t'$file$'\t'$way$'\t'-
            if [[ $end == exit\ * ]]; then
                judge "$what" "$status"
            else
                hear || true
                is_wrong "$what" "$end"
            fi
            after "$what" "$status"
            clean "$what"
        done
    done
    texts=$((texts + n - 1))
    [ "$n" -gt 3 ] || is_wrong "$*" "$n texts: $(cat /mnt/err)"
}
texts=0

# summary TEXT: the log's line, and the verdict.
summary() {
    local end text=

    for end in "${!ends[@]}"; do
        text+=", ${ends[$end]} $end"
    done
    echo "# $1 = $runs runs: ${text#, }; left to the next run: $swept"
    [ "$wrong" -eq 0 ]
}
