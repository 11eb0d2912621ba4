#!/bin/bash
# The escape suite, as TAP: each attack of this directory (README.md says what one looks like) on the
# production programs, by root and by an ordinary user, under each profile; after each one the host is
# as it was. It runs in namespaces and groups of its own, so that all that it counts is its own doing.
set -u
here=$(dirname "$(realpath "$0")")
processor=$(uname -m)
longest=${EMULATED:+600} longest=${longest:-60} # an attack takes, in s
. "$here/../cli/lib.bash"

outside() {
    local bin work parent own=() status=0

    bin=$(realpath "${B:-build}")
    work=$(mktemp -d -p /var/tmp runbox-escape.XXXXXX) || exit 1
    chmod 711 "$work"
    mkdir "$work/programs"
    cp "$bin"/runbox{,-lua,-sn0int,-loopback} "$bin/tests/tools/attack" "$work/programs"
    while read -r parent; do
        own+=("$parent/runbox-escape-$BASHPID")
        mkdir "${own[-1]}"
    done < <(group_parents)
    keyctl session - unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
        "$0" inside "$work" "$here" "${own[@]}" 2>"$work/joined" || status=$?
    grep -v '^Joined session keyring' "$work/joined" >&2
    for parent in "${own[@]}"; do
        find "$parent" -mindepth 1 -depth -type d -exec rmdir {} \;
        until_holds rmdir "$parent"
    done
    rm -rf "$work"
    exit "$status"
}

# What an attack must leave as it was. Two groups, since the kernel ends processes in its own time.
files() {
    find /mnt/canary /mnt/programs /tmp /run /var/tmp /dev/shm -printf '%p %y %m %U %G %n %s %T@ %l\n'
    sha256sum /mnt/canary/* /mnt/programs/*
    cat /proc/sys/kernel/{hostname,domainname,core_pattern,core_uses_pid,modprobe,randomize_va_space,ostype} \
        /proc/sys/kernel/{pid_max,threads-max,panic,printk,dmesg_restrict,kptr_restrict,sysrq} \
        /proc/sys/kernel/{perf_event_paranoid,unprivileged_bpf_disabled,shmmax,msgmax,sem} /proc/sys/user/* \
        /proc/sys/vm/{overcommit_memory,swappiness,mmap_min_addr,panic_on_oom} /proc/sys/fs/{suid_dumpable,protected_*} \
        /proc/swaps /proc/modules /proc/self/personality /proc/self/oom_score_adj 2>/dev/null
    keyctl show @s
    keyctl print "$key"
    umask
    ulimit -a
    clock
}

# clock: the milliseconds of the epoch at which the machine was booted, as both clocks say, are within a second of $booted.
# In $low and $high: however long it takes to look at one behind the other.
clock() {
    local before after now _

    read -r before _ </proc/uptime
    now=${EPOCHREALTIME/[^0-9]/}
    read -r after _ </proc/uptime
    low=$((now / 1000 - ${after/./} * 10)) high=$((now / 1000 - ${before/./} * 10))
    if [ $((low - booted)) -lt 1000 ] && [ $((high - booted)) -gt -1000 ]; then
        echo "clock: as it was"
    else
        echo "clock: moved by $((low - booted)) ms"
    fi
}

# In $things. No program is started for it: it is looked at after every attack, and again where something is left.
count_things() {
    local processes=0 stat line lines file all=0 own=()

    for file in /proc/[0-9]*/stat; do
        { read -r stat <"$file"; } 2>/dev/null && [[ $stat =~ \(runbox[^\)]*\)\ [^Z] ]] && processes=$((processes + 1))
    done
    for file in "${groups[@]}"; do
        own+=("$file"/**/)
    done
    mapfile -t lines </proc/self/mountinfo
    things="$processes processes, $((${#own[@]} - ${#groups[@]})) groups, ${#lines[@]} mounts"
    own=(/proc/sysvipc/*)
    for file in /proc/sysvipc/{shm,msg,sem}; do
        mapfile -t lines <"$file"
        all=$((all + ${#lines[@]}))
    done
    things+=", ${#own[@]} kinds of IPC, $all lines of it"
}

is_untouched() {
    count_things
    [ "$things" = "$things_before" ]
}

untouched() {
    files >"$T/files.now" 2>&1
    diff "$T/files" "$T/files.now" || return 1
    until_holds is_untouched && return
    echo "left: $things, not $things_before"
    return 1
}

# What the comments at the head of an attack say, "NAME: VALUE", in $said: a line each where a name comes again.
declare -A said
read_head() {
    local line name

    said=([expect]="" [allow]="" [manifest]="" [run]="" [setup]="" [profile]="" [as]="" [processor]="")
    while read -r line && [[ $line =~ ^(#|--)(.*) ]]; do
        [[ ${BASH_REMATCH[2]} =~ ^\ ([a-z]+):\ *(.*)$ ]] || continue
        name=${BASH_REMATCH[1]}
        said[$name]+=${said[$name]:+$'\n'}${BASH_REMATCH[2]}
    done <"$1"
}

# expect FILE PROFILE: in $expected, the verdicts that will do.
expect() {
    local word all=() own=()

    for word in ${said[expect]}; do
        case $word in
        "$2":*) own+=("${word#*:}") ;;
        *:*) ;;
        *) all+=("$word") ;;
        esac
    done
    # Where int 0x80 is no system call it is a fault.
    [ "$processor" != x86_64 ] || [[ " ${all[*]} ${own[*]} " != *" syscall "* ]] || ! grep -q '^i386:' "$1" || /mnt/programs/attack int80 || all+=(signal) own+=(${own:+signal})
    [ ${#own[@]} -eq 0 ] || all=("${own[@]}")
    expected="${all[*]}"
}

# prepare FILE PROFILE: the bundle, and in $command the run.
prepare() {
    local name allow grants=() slow=()

    for name in ${said[allow]}; do
        /mnt/programs/attack knows "$name" >/dev/null || continue # of other processors
        allow+=${allow:+,}\"$name\"
        grants+=(-g "syscall:$name")
    done
    rm -rf /mnt/bundle /mnt/shared
    mkdir /mnt/bundle /mnt/shared
    chown 12345:12345 /mnt/shared
    printf '{"runbox":1,"name":"attack","version":"1.0.0","seccomp":{"profile":"%s","allow":[%s]}%s}\n' "$2" "${allow:-}" \
        "${said[manifest]:+,${said[manifest]}}" >/mnt/bundle/manifest.json
    case $1 in
    *.lua) cp "$1" /mnt/bundle/main.lua ;;
    *) echo 'print("ready") print(io.read())' >/mnt/bundle/main.lua ;;
    esac
    [ -z "${said[setup]}" ] || (cd /mnt && eval "${said[setup]}") || return 1
    # An emulated processor is slow, unless the time is what the attack is about.
    [ -z "${EMULATED:-}" ] || [[ ${said[manifest]} == *_time* ]] || slow=(-l cpu_time=5m -l wall_time=10m)
    # shellcheck disable=SC2206 # options of an attack file, cut at blanks
    command=("${as[@]}" /mnt/programs/runbox run --report /mnt/report/json "${slow[@]}" ${said[run]} "${grants[@]}" /mnt/bundle)
}

# try FILE PROFILE: one attack, once.
try() {
    local verdict report

    read_head "$1"
    prepare "$1" "$2" || return 1
    rm -f /mnt/report/json
    case $1 in
    *.lua) timeout -k 5 "$longest" "${command[@]}" </dev/null >"$T/out" 2>"$T/err" ;;
    *)
        timeout -k 5 "$longest" /mnt/programs/attack "$2" "$1" /mnt/report/json "${command[@]}" >"$T/out" 2>"$T/err" || {
            cat "$T/out" "$T/err"
            return 1
        }
        ;;
    esac
    { report=$(</mnt/report/json); } 2>/dev/null
    [[ $report =~ ^\{\"status\":\"([a-z_]+)\" ]] && verdict=${BASH_REMATCH[1]} || verdict=none
    expect "$1" "$2"
    case " $expected " in
    *" $verdict "*) ;;
    *)
        echo "the verdict is $verdict, not $expected"
        tail -c 2000 "$T/out" "$T/err"
        return 1
        ;;
    esac
    untouched
}

# The suite itself: a change of each kind must be seen, and an attack file that says what is not so must fail.
sees() { # WHAT CHANGE UNDO
    eval "$2"
    n=$((n + 1))
    if files | diff -q - "$T/files" >/dev/null && is_untouched; then
        echo "not ok $n - the suite sees $1"
        failed=1
    else
        echo "ok $n - the suite sees $1"
    fi
    eval "$3"
    untouched || failed=1
}

denies() { # WHAT, the attack file on stdin
    cat >/mnt/denied.calls
    as=()
    n=$((n + 1))
    if try /mnt/denied.calls compute >"$T/said" 2>&1; then
        echo "not ok $n - the suite denies $1"
        failed=1
    else
        echo "ok $n - the suite denies $1"
        sed -n '1s/^/# /p' "$T/said"
    fi
    # What it left in the middle of a failed attack.
    /mnt/programs/runbox run /mnt/bundle </dev/null >"$T/out" 2>&1
    untouched || failed=1
}

itself() {
    local typed='import fcntl,os,termios; fcntl.ioctl(open("/proc/" + os.environ["MONITOR"] + "/fd/0"), termios.TIOCSTI, b"x")'

    denies "that a key was typed" <<<"# expect: ok"$'\n'"read 0 0 0 = 0"$'\n'"shell python3 -c '$typed'"
    denies "that read is killed" <<<$'# expect: syscall\nread 0 0 0 = killed'
    denies "that ptrace returns" <<<$'# expect: ok\nptrace 0 0 0 0 = fails'
    denies "another verdict" <<<$'# expect: ok\nptrace 0 0 0 0 = killed'
    denies "a secret that was not read" <<<$'# expect: ok\ndata text "public"\nholds text "secret"'
    sees "a file's new mode" 'chmod 755 /mnt/canary/program' 'chmod 4755 /mnt/canary/program'
    sees "another file" 'touch /dev/shm/evil' 'rm /dev/shm/evil; touch -r /mnt/own/shm /dev/shm'
    sees "a key" 'keyctl update "$key" tampered' 'keyctl update "$key" untouched'
    sees "a clock that was set" 'real=$booted booted=0' 'booted=$real'
    sees "a process" 'cp "$(command -v sleep)" $T/runbox-evil; $T/runbox-evil 100 & evil=$!; until_holds grep -q runbox-evil /proc/$evil/stat' \
        'kill $evil; wait $evil 2>/dev/null; rm $T/runbox-evil'
    sees "a group" 'mkdir "${groups[0]}/evil"' 'rmdir "${groups[0]}/evil"'
    sees "a mount" 'mount -t tmpfs none /dev/shm' 'umount /dev/shm'
}

# Each file under each profile and user that it is for.
attack() {
    local file=$1 profile user profiles users made bad=0

    read_head "$file"
    profiles=${said[profile]} users=${said[as]}
    case $file in
    *.lua) : "${profiles:=compute files}" "${users:=root}" ;; # the language is the same for all
    *) : "${profiles:=compute files network}" "${users:=root ordinary}" ;;
    esac
    for user in $users; do
        as=()
        [ "$user" = root ] || as=("$(command -v setpriv)" "${ordinary[@]:1}")
        for profile in $profiles; do
            tried=$((tried + 1))
            if try "$file" "$profile" >"$T/said" 2>&1; then
                held=$((held + 1))
                made=$(sed -n 's/^# \([0-9]*\) calls.*/\1/p' "$T/out")
                calls=$((calls + ${made:-0})) left=$((left + $(grep -c '^# left out' "$T/out")))
            else
                bad=1
                echo "# as $user, profile $profile:"
                sed 's/^/# /' "$T/said"
            fi
        done
    done
    return $bad
}

inside() {
    local group file n=0 failed=0

    groups=("${@:3}")
    for group in "${groups[@]}"; do
        echo $BASHPID >"$group/cgroup.procs"
    done
    mount --bind "$1" /mnt
    mount --bind "$2" /srv
    mount -o remount,bind,ro /srv
    for file in /tmp /run /var/tmp /dev/shm; do
        mount -t tmpfs none "$file"
    done
    cd /srv || exit 1
    T=/mnt/own
    mkdir /mnt/canary /mnt/report $T
    chmod 700 $T
    chmod 1777 /mnt/report
    for file in open secret program; do
        echo "$file" >/mnt/canary/$file
    done
    chmod 666 /mnt/canary/open
    chmod 600 /mnt/canary/secret
    chmod 4755 /mnt/canary/program
    key=$(keyctl add user runbox-canary untouched @s)
    booted=0
    clock >"$T/clock"
    booted=$low
    files >"$T/files" 2>&1
    shopt -s globstar
    count_things
    things_before=$things
    tried=0 held=0 calls=0 left=0
    touch -r /dev/shm /mnt/own/shm
    itself
    for file in "${only[@]}"; do
        read_head "/srv/$file"
        if [[ " ${said[processor]:-$processor} " != *" $processor "* ]]; then
            echo "# $file is about ${said[processor]} alone, and this is $processor"
            continue
        fi
        n=$((n + 1))
        if attack "/srv/$file" >"$T/failures"; then
            echo "ok $n - $(basename "$file")"
        else
            echo "not ok $n - $(basename "$file")"
            failed=1
        fi
        cat "$T/failures"
    done
    echo "# attacks tried $tried, held $held: ${#only[@]} files, $calls system calls of owned processes; $left left out," \
        "which $processor, or its libseccomp, does not have"
    echo "1..$n"
    exit $failed
}

if [ "${1:-}" = inside ]; then
    shift
    mapfile -t only < <(cd "$2" && ls ${ONLY:-*.lua *.calls})
    inside "$@"
else
    outside
fi
