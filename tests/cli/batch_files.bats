#!/usr/bin/env bats
# The files of `runbox batch`: how many may be open, two that are one, a page and results on a disk that is full, and a
# results file that a crash has spoilt.

load lib
load private

setup() {
    programs
    bundle echo <<<'function run(x) return x end'
    echo '{"id":1,"arg":1}' >"$T/jobs"
}

# within N ARGUMENT...: a batch that may have N files open.
within() {
    bash -c 'ulimit -n "$1"; shift; exec "$@"' - "$1" "$runbox" batch -f "$T/jobs" "${@:2}"
}

@test "few open files: as many jobs at once as there are descriptors for, said in one line; none fails for it" {
    seq 1 60 | jq -c '{arg: .}' >"$T/jobs"
    for n in 100 200 256; do
        ends 0 within "$n" -j 50 "$T/echo"
        grep -qE "^runbox: --jobs: 50 at once may need [0-9]+ open files, but only $n are allowed \(ulimit -Hn\): running at most [0-9]+$" "$T/err"
        [ "$(wc -l <"$T/err")" -eq 2 ]
        grep -q ': 60 ok$' "$T/err"
    done
    # two at once are had for less
    ends 0 within 120 -j 2 "$T/echo"
    [ "$(wc -l <"$T/err")" -eq 1 ]
    ends 0 bash -c "ulimit -Sn 64; exec '$runbox' batch -j 50 -f '$T/jobs' '$T/echo'"
    [ "$(wc -l <"$T/err")" -eq 1 ]
}

@test "few open files: bundles of the jobs' own, of which each needs more" {
    for i in $(seq 12); do
        bundle "own$i" <<<"function run() return $i end"
        echo "{\"bundle\":\"$T/own$i\"}"
    done >"$T/jobs"
    cat "$T/jobs" "$T/jobs" "$T/jobs" >"$T/more" && mv "$T/more" "$T/jobs"
    for n in 90 120 200; do
        ends 0 within "$n" -j 20 "$T/echo"
        grep -q ': 36 ok$' "$T/err"
    done
}

@test "too few open files for one job: 125, and how many it takes are enough" {
    ends 125 within 30 "$T/echo"
    least=$(sed -nE 's/^runbox: open files: even one job at a time needs ([0-9]+), but only 30 are allowed: raise ulimit -Hn$/\1/p' "$T/err")
    [ ! -s "$T/out" ]
    ends 125 within $((least - 1)) "$T/echo"
    ends 0 within "$least" -j 1 "$T/echo"
}

# one WHAT WHAT ARGUMENT...: refused, since these are one file; nothing is written or made.
one() {
    local before

    before=$(cd "$T" && find . -not -name out -not -name err -type f -exec md5sum {} + | sort)
    ends 2 "$runbox" batch "${@:3}" "$T/echo"
    grep -qE "^runbox: .*$1 and $2 are the same file; each needs its own$" "$T/err"
    [ "$(wc -l <"$T/err")" -eq 1 ]
    diff <(echo "$before") <(cd "$T" && find . -not -name out -not -name err -type f -exec md5sum {} + | sort)
}

@test "two files that are one, however they are called: refused before a byte is written" {
    jobs="$T/jobs" there="$T/there" none="$T/none"
    ln "$jobs" "$T/hard"
    ln -s jobs "$T/soft"
    echo '{"id":9,"status":"ok"}' >"$there"
    for again in "$jobs" "$T/hard" "$T/soft" "$T/../$(basename "$T")/jobs"; do
        one --input --output -f "$jobs" --output "$again"
        one --input --resume -f "$again" --resume "$jobs"
        one --input --retry-failed -f "$again" --retry-failed "$jobs"
        one --input --html -f "$jobs" --html "$again"
    done
    one --output --html -f "$jobs" --output "$none" --html "$T/./none"
    one --resume --html -f "$jobs" --resume "$none" --html "$none"
    one --resume --html -f "$jobs" --resume "$there" --output "$none" --html "$there"
    ln -s none "$T/dangling"
    one --output --html -f "$jobs" --output "$T/dangling" --html "$none"
    mkfifo "$T/fifo"
    one --input --output -f "$T/fifo" --output "$T/fifo"
}

@test "the shell's redirections count" {
    for refused in "<jobs >>jobs" "-f jobs >>jobs" "--output jobs <jobs" "-f jobs --html page >>page" \
        "-f jobs --html /dev/stdout >>page" "--resume jobs <jobs" "--html jobs <jobs"; do
        ends 2 bash -c "cd '$T' && '$runbox' batch $refused echo"
        grep -q 'are the same file' "$T/err"
        [ "$(cat "$T/jobs")" = '{"id":1,"arg":1}' ]
        [ ! -s "$T/page" ]
    done
    # what is no file of its own may be named twice
    ends 0 "$runbox" batch -f "$T/jobs" --output /dev/null --html /dev/null "$T/echo"
    ends 0 bash -c "'$runbox' batch -f '$T/jobs' --output '$T/results' --html /dev/stdout '$T/echo' >'$T/page'"
    grep -q '<dd id="done">1</dd>' "$T/page"
}

@test "--resume and --output of one file are one, by whatever name" {
    for name in results ./results link hard; do
        ends 0 bash -c "cd '$T' && touch results && ln -sf results link && ln -f results hard && '$runbox' batch -f jobs --resume results --output $name echo"
    done
    [ "$(wc -l <"$T/results")" -eq 1 ]
}

@test "run: a report in the place of what is read or written" {
    bundle told <<<'print(io.read("a"))'
    echo '5' >"$T/five"
    ends 2 "$runbox" run --report "$T/five" --arg-file "$T/five" "$T/echo"
    grep -q 'five: --arg-file and --report are the same file' "$T/err"
    ends 2 bash -c "'$runbox' run --report '$T/five' '$T/told' <'$T/five'"
    ends 2 bash -c "'$runbox' run --report '$T/five' '$T/told' >>'$T/five'"
    [ "$(cat "$T/five")" = 5 ]
}

@test "the page: an older one stays until the new one is whole" {
    private <<'SH'
mkdir d
mount -t tmpfs -o size=64k none d
echo old >d/page
! dd if=/dev/zero of=d/fill bs=4096 2>/dev/null
got=0
$runbox batch -q -f jobs --html d/page echo >out 2>err || got=$?
[ "$got" -eq 125 ]
grep -q '^runbox: d/page: writing the page: No space left on device$' err
[ "$(cat d/page)" = old ]
[ "$(ls -A d)" = $'fill\npage' ]
SH
    echo old >"$T/page"
    mkfifo "$T/pipe"
    "$runbox" batch --html "$T/page" "$T/echo" <"$T/pipe" >"$T/out" 2>"$T/err" 3>&- &
    pid=$!
    lives+=("$pid")
    exec {feed}>"$T/pipe"
    cat "$T/jobs" >&$feed
    until_holds test -s "$T/out"
    [ "$(cat "$T/page")" = old ]
    kill -KILL "$pid"
    ended 137
    exec {feed}>&-
    [ "$(cat "$T/page")" = old ]
    [ -z "$(find "$T" -name '.runbox-*')" ]
    ends 0 "$runbox" batch -f "$T/jobs" --html "$T/page" "$T/echo"
    grep -q '<dd id="done">1</dd>' "$T/page"
}

@test "results on a disk that is full: 125, said; resumed with room, each job has one result" {
    private <<'SH'
mkdir d
mount -t tmpfs -o size=64k none d
seq 1 300 | jq -c '{id: ., arg: .}' >jobs
got=0
$runbox batch -q -f jobs --resume d/results echo 2>err || got=$?
[ "$got" -eq 125 ]
grep -q '^runbox: d/results: writing the results: No space left on device$' err
mount -o remount,size=4m d
$runbox batch -f jobs --resume d/results echo 2>err
diff <(jq .id d/results | sort -n) <(seq 300)
SH
}
