#!/usr/bin/env bats
# Nothing is left: of a monitor killed at any moment of a run's life, of many runs, of runs that sweep beside
# each other. RUNBOX_RUNS=10000 makes the long count as long as runbox-limits(7) reports it.

load lib
load private

setup() {
    programs
}

@test "killed at 200 random moments of a short run: one more run, and nothing is left" {
    private <<'SH'
bundle b <<<'return 1'
most=0
killed=0
$runbox run /mnt/b
start=$EPOCHREALTIME
$runbox run /mnt/b
us=$((${EPOCHREALTIME/./} - ${start/./})) # as long as a run takes here: later there is nothing to kill
for round in {1..300}; do # each run sweeps what those before it left, so look often
    said=$($storm 5 1 -k $us $runbox run /mnt/b) || true
    echo "$said"
    read -r _ _ now _ <<<"$said"
    killed=$((killed + now))
    left=$(count_groups)
    most=$((left > most ? left : most))
    [ "$killed" -lt 200 ] || [ "$most" -eq 0 ] || break
done >/mnt/rounds
[ "$killed" -ge 200 ]
echo "# short runs: $(awk '{ well += $1; killed += $3; badly += $5 } END {
    printf "%d well, %d killed, %d badly", well, killed, badly }' /mnt/rounds); groups of the killed: up to $most"
grep -vq ' 0 badly' /mnt/rounds && exit 1
[ "$most" -gt 0 ] # else nothing was killed while it had any
$runbox run /mnt/b
nothing_left
SH
}

@test "killed at 100 random moments of a long run: one more run, and nothing is left" {
    private <<'SH'
bundle b <<<'while true do print(("x"):rep(100)) end'
bundle last <<<'return 1'
for round in {1..50}; do # each run sweeps what those before it left: until the last ones left something
    said=$($storm 20 1 -k 30000 $runbox run /mnt/b)
    left=$(count_groups)
    [ "$round" -lt 5 ] || [ "$left" -eq 0 ] || break
done
echo "# long runs: $round times $said; groups that they left: $left"
[ "$left" -gt 0 ]
$runbox run /mnt/last
nothing_left
SH
}

@test "killed four at once, while others run: nothing is left" {
    private <<'SH'
bundle b <<<'return 1'
for i in 1 2 3; do
    $storm 50 1 -k 4000 $runbox run /mnt/b >/dev/null &
done
said=$($storm 100 1 $runbox run /mnt/b) || true
wait
echo "beside the killed: $said"
[ "$said" = '100 well, 0 killed, 0 badly' ]
$runbox run /mnt/b
nothing_left
SH
}

@test "a long run is not swept by fifty short ones, two at once" {
    private <<'SH'
bundle long <<<'print("ready") io.read() return 1'
bundle b <<<'return 1'
mkfifo /mnt/in
exec 5<>/mnt/in
$runbox run /mnt/long <&5 >/mnt/out &
until grep -q ready /mnt/out; do sleep 0.01; done
had=$(count_groups)
[ "$had" -ge 2 ]
said=$($storm 50 2 $runbox run /mnt/b) || true
echo "beside the long one: $said, groups $had"
[ "$said" = '50 well, 0 killed, 0 badly' ]
[ "$(count_groups)" -eq "$had" ]
echo >&5
wait $!
rm /mnt/in
nothing_left
SH
}

@test "many runs: as many cgroups, mounts, processes and descriptors afterwards as before" {
    private <<'SH'
runs=${RUNBOX_RUNS:-${ASAN_OPTIONS:+600}} # fewer of a slower build
runs=${runs:-2000}
bundle b <<<'print("hello") return 1'
$storm 50 2 $runbox run /mnt/b >/dev/null
read -r groups mounts processes files <<<"$(host_counts)"
start=$EPOCHREALTIME
said=$($storm $runs 2 $runbox run /mnt/b) || true
ms=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
[ "$said" = "$runs well, 0 killed, 0 badly" ]
nothing_left
sleep 0.5 # the kernel frees dead groups in the background
read -r groups_after mounts_after processes_after files_after <<<"$(host_counts)"
echo "# $runs runs in $ms ms; before and after: cgroups $groups $groups_after, mounts $mounts $mounts_after," \
    "processes $processes $processes_after, open files $files $files_after"
# Others work on this machine too: a leak of one a run would be twice as much as is allowed here.
[ $((groups_after - groups)) -lt $((runs / 2)) ]
[ "$mounts_after" -eq "$mounts" ]
[ $((processes_after - processes)) -lt $((runs / 2)) ]
[ $((files_after - files)) -lt $((runs / 2)) ]
SH
}
