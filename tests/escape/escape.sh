#!/bin/bash
# The escape suite, as TAP: each attack of this directory (README.md says what one looks like) on the
# production programs, by root and by an ordinary user, under each profile; after each one the host is
# as it was. It runs in namespaces and groups of its own, so that all that it counts is its own doing.
set -u
here=$(dirname "$(realpath "$0")")
. "$here/../cli/lib.bash"

outside() {
    local bin work parent own=() status=0

    bin=$(realpath "${B:-build}")
    work=$(mktemp -d -p /var/tmp runbox-escape.XXXXXX) || exit 1
    chmod 711 "$work"
    mkdir "$work/programs"
    cp "$bin"/runbox{,-lua,-loopback} "$bin/tests/tools/attack" "$work/programs"
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
    awk -v now="$EPOCHREALTIME" -v was="$booted" '
        { moved = now - $1 - was; print "clock:", (moved * moved < 1 ? "as it was" : moved " s") }' /proc/uptime
}

kernel_things() {
    echo "$(cat /proc/[0-9]*/stat 2>/dev/null | grep -c '(runbox[^)]*) [^Z]') processes," \
        "$(find "${groups[@]}" -mindepth 1 -type d | wc -l) groups, $(wc -l </proc/self/mountinfo) mounts," \
        "$(ls /proc/sysvipc | wc -l) kinds of IPC, $(cat /proc/sysvipc/{shm,msg,sem} | wc -l) lines of it"
}

is_untouched() {
    [ "$(kernel_things)" = "$things" ]
}

untouched() {
    files >"$T/files.now" 2>&1
    diff "$T/files" "$T/files.now" || return 1
    until_holds is_untouched && return
    echo "left: $(kernel_things), not $things"
    return 1
}

# said FILE NAME: what follows "NAME:" in the comments at the head of an attack, a line each.
said() {
    sed -n -E "/^(#|--)/!q; s/^(#|--) $2: *//p" "$1"
}

# expected FILE PROFILE: the verdicts that will do, of the first line.
expected() {
    local word all=() own=()

    for word in $(head -1 "$1" | sed -n -E 's/^(#|--) expect: *//p'); do
        case $word in
        "$2":*) own+=("${word#*:}") ;;
        *:*) ;;
        *) all+=("$word") ;;
        esac
    done
    [ ${#own[@]} -eq 0 ] || all=("${own[@]}")
    echo "${all[@]}"
}

# prepare FILE PROFILE: the bundle, and in $command the run.
prepare() {
    local name allow=() members options

    for name in $(said "$1" allow); do
        allow+=("$name")
    done
    rm -rf /mnt/bundle /mnt/shared
    mkdir /mnt/bundle /mnt/shared
    chown 12345:12345 /mnt/shared
    members=$(said "$1" manifest)
    printf '{"runbox":1,"name":"attack","version":"1.0.0","seccomp":{"profile":"%s","allow":[%s]}%s}\n' "$2" \
        "$(printf '"%s",' "${allow[@]}" | sed 's/,$//; s/^""$//')" "${members:+,$members}" >/mnt/bundle/manifest.json
    case $1 in
    *.lua) cp "$1" /mnt/bundle/main.lua ;;
    *) echo 'print("ready") print(io.read())' >/mnt/bundle/main.lua ;;
    esac
    mapfile -t options < <(said "$1" run)
    (cd /mnt && eval "$(said "$1" setup)") || return 1
    # shellcheck disable=SC2206 # options of an attack file, cut at blanks
    command=("${as[@]}" /mnt/programs/runbox run --report /mnt/report/json ${options[*]} \
        $(printf -- '-g syscall:%s ' "${allow[@]}" | sed 's/-g syscall: $//') /mnt/bundle)
}

# try FILE PROFILE: one attack, once.
try() {
    local verdict

    prepare "$1" "$2" || return 1
    rm -f /mnt/report/json
    case $1 in
    *.lua) timeout -k 5 60 "${command[@]}" </dev/null >"$T/out" 2>"$T/err" ;;
    *)
        timeout -k 5 60 /mnt/programs/attack "$2" "$1" /mnt/report/json "${command[@]}" >"$T/out" 2>"$T/err" || {
            cat "$T/out" "$T/err"
            return 1
        }
        ;;
    esac
    verdict=$(jq -r .status /mnt/report/json)
    case " $(expected "$1" "$2") " in
    *" $verdict "*) ;;
    *)
        echo "the verdict is $verdict, not $(expected "$1" "$2")"
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

    profiles=$(said "$file" profile)
    users=$(said "$file" as)
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
                calls=$((calls + ${made:-0}))
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
    booted=$(awk -v now="$EPOCHREALTIME" '{ printf "%.2f", now - $1 }' /proc/uptime)
    files >"$T/files" 2>&1
    things=$(kernel_things)
    tried=0 held=0 calls=0
    touch -r /dev/shm /mnt/own/shm
    itself
    for file in "${only[@]}"; do
        n=$((n + 1))
        if attack "/srv/$file" >"$T/failures"; then
            echo "ok $n - $(basename "$file")"
        else
            echo "not ok $n - $(basename "$file")"
            failed=1
        fi
        cat "$T/failures"
    done
    echo "# attacks tried $tried, held $held: ${#only[@]} files, $calls system calls of owned processes"
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
