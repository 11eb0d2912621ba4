#!/usr/bin/env bats
# A report takes the place of an older one whole, or not at all (runtime/base/replace.c; a batch's page, which is
# written by the same code: batch_files.bats).

load lib
load private

setup() {
    programs
    bundle b <<<'print("ran")'
}

# alone: $T holds no file but the report and those that are named.
alone() {
    diff <(ls -A "$T" | grep -vxE 'b|out|err|jq' | sort) <(printf '%s\n' "$@" | sort)
}

@test "the old report stays what it was where the new one finds no room" {
    private <<'SH'
mkdir d
mount -t tmpfs -o size=64k none d
echo '{"old":true}' >d/report
! dd if=/dev/zero of=d/fill bs=4096 2>/dev/null
got=0
$runbox run --report d/report /mnt/b >out 2>err || got=$?
[ "$got" -eq 125 ]
grep -q '^runbox: d/report: writing the report: No space left on device$' err
[ "$(cat d/report)" = '{"old":true}' ]
[ "$(ls -A d)" = $'fill\nreport' ]
SH
}

@test "a new file with the old one's mode, else 0644 less the umask; nothing is left beside it" {
    (umask 027 && goes 0 "$T/b")
    [ "$(stat -c %a "$T/report")" = 640 ]
    chmod 600 "$T/report"
    was=$(stat -c %i "$T/report")
    ln "$T/report" "$T/kept"
    goes 0 "$T/b"
    [ "$(stat -c %a "$T/report")" = 600 ]
    [ "$(stat -c %i "$T/report")" != "$was" ]
    [ "$(stat -c %i "$T/kept")" = "$was" ]
    alone report kept
}

@test "a link is followed, wherever it leads, and stays a link" {
    mkdir "$T/far"
    ln -s far/middle "$T/report"
    ln -s "$T/far/end" "$T/far/middle"
    goes 0 "$T/b"
    [ "$(readlink "$T/report")" = far/middle ]
    [ -f "$T/far/end" ] && [ ! -L "$T/far/end" ]
    ln -s round "$T/round"
    ends 125 "$runbox" run --report "$T/round" "$T/b"
    grep -q "round: writing the report: Too many levels of symbolic links" "$T/err"
}

@test "a FIFO is written to, with or without a reader; a device too" {
    mkfifo "$T/report"
    ends 125 "$runbox" run --report "$T/report" "$T/b"
    grep -q 'report: writing the report: No such device or address' "$T/err"
    exec {reader}<>"$T/report"
    ends 0 "$runbox" run --report "$T/report" "$T/b"
    read -r line <&$reader
    jq -e '.status == "ok"' <<<"$line"
    exec {reader}<&-
    [ -p "$T/report" ]
    ends 0 "$runbox" run --report /dev/null "$T/b"
    [ -c /dev/null ]
}

@test "/dev/stdout is where the output goes: the report follows it, in a pipe and in a file" {
    "$runbox" run --report /dev/stdout "$T/b" | cat >"$T/both"
    [ "$(head -1 "$T/both")" = ran ]
    tail -n +2 "$T/both" | jq -e '.status == "ok"'
    for name in /dev/stdout /proc/self/fd/1 /dev/fd/1; do
        echo before >"$T/both"
        "$runbox" run --report "$name" "$T/b" >>"$T/both"
        [ "$(head -2 "$T/both")" = $'before\nran' ]
        tail -n +3 "$T/both" | jq -e '.status == "ok"'
        "$runbox" run --report "$name" "$T/b" >"$T/both"
        [ "$(head -1 "$T/both")" = ran ]
        tail -n +2 "$T/both" | jq -e '.status == "ok"'
    done
}

@test "in a directory that takes no other file, and over a mount, it is written in place" {
    programs_for_all
    chmod -R a+rX "$T/b"
    install -d -m 755 "$T/theirs"
    install -o 12345 -m 600 /dev/null "$T/theirs/report"
    was=$(stat -c %i "$T/theirs/report")
    ends 0 "${ordinary[@]}" "$runbox" run --best-effort --report "$T/theirs/report" "$T/b"
    jq -e '.status == "ok"' "$T/theirs/report"
    [ "$(stat -c %i "$T/theirs/report")" = "$was" ]
    ends 125 "${ordinary[@]}" "$runbox" run --best-effort --report "$T/theirs/none" "$T/b"
    grep -q 'theirs/none: writing the report: Permission denied' "$T/err"
    private <<'SH'
echo outside >a
echo long enough that something of it would be left behind the report: $(seq 2000) >report
mount --bind a report
$runbox run --report report /mnt/b >out
jq -e '.status == "ok"' a
[ "$(ls -A | grep -c runbox-)" -eq 0 ]
SH
}
