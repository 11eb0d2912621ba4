#!/usr/bin/env bats
# contrib/slurm on a real Slurm: one node on the loopback, made and ended here. Nothing of it listens elsewhere.

load lib

# Ports and a node's name must be known before anything runs.
slurm_conf() {
    local host

    host=$(hostname -s)
    cat <<END
ClusterName=runbox
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$1
SlurmdPort=$(($1 + 1))
SrunPortRange=$(($1 + 100))-$(($1 + 199))
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$S/munge.sock
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
StateSaveLocation=$S/state
SlurmdSpoolDir=$S/spool
SlurmctldPidFile=$S/slurmctld.pid
SlurmdPidFile=$S/slurmd.pid
SlurmctldLogFile=$S/slurmctld.log
SlurmdLogFile=$S/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=500
PartitionName=p Nodes=$host Default=YES State=UP
END
}

# daemon COMMAND...: in the background until teardown_file().
daemon() {
    "$@" >>"$S/said" 2>&1 3>&- &
    echo $! >>"$S/pids"
}

setup_file() {
    export S=$BATS_FILE_TMPDIR SLURM_CONF=$BATS_FILE_TMPDIR/slurm.conf

    programs
    chmod 755 "$BATS_RUN_TMPDIR"
    mkdir "$S/state" "$S/spool"
    slurm_conf $((20000 + $$ % 6000)) >"$SLURM_CONF"
    dd if=/dev/urandom of="$S/munge.key" bs=1024 count=1 status=none
    chmod 600 "$S/munge.key"
    daemon munged -F --force --key-file="$S/munge.key" --socket="$S/munge.sock" --pid-file="$S/munge.pid" \
        --log-file="$S/munge.log" --seed-file="$S/munge.seed"
    until_holds test -S "$S/munge.sock"
    daemon slurmctld -D -c
    daemon slurmd -D
    until_holds idle
}

idle() {
    sinfo -h -o %T | grep -qx idle
}

teardown_file() {
    local pid

    tac "$S/pids" | while read -r pid; do
        kill -TERM "$pid" 2>/dev/null || continue
        until_holds dead "$pid" || kill -KILL "$pid"
    done
}

setup() {
    programs
    export RUNBOX=$runbox
    chmod 755 "$BATS_RUN_TMPDIR" "$T"
    bundle square <<'END'
function run(n)
    local t = os.clock()
    while os.clock() < t + 0.005 do end
    return n * n
end
END
    seq 1 400 | jq -c '{id: "job \(.)", arg: .}' >"$T/jobs"
    cd "$T"
}

# array ARGUMENT...: submit and wait for the end: 0 where all tasks were well.
array() {
    timeout 120 sbatch -W --parsable -o "$T/slurm-%a.out" "$@"
}

parts() {
    printf '%s\n' "$T"/results/*.jsonl
}

contrib=$BATS_TEST_DIRNAME/../../contrib/slurm

# Where sockets listen on the ports of slurmctld and slurmd: addresses as /proc/net/tcp writes them.
listens() {
    local port

    for port in $(sed -n 's/^Slurm[a-z]*Port=//p' "$SLURM_CONF"); do
        awk -v port="$(printf %04X "$port")" '$4 == "0A" && $2 ~ ":" port "$" { sub(":.*", "", $2); print $2 }' /proc/net/tcp
    done
}

@test "an array of three tasks: together they have done every job once" {
    [ "$(listens | tr '\n' ' ')" = "0100007F 0100007F " ]
    array --array=1-3 "$contrib/runbox-array.sbatch" "$T/jobs" "$T/results" "$T/square"
    [ "$(parts | wc -l)" -eq 3 ]
    for part in "$T"/results/*.jsonl; do
        [ "$(wc -l <"$part")" -ge 133 ]
    done
    "$contrib/merge.sh" "$T/jobs" "$T"/results/*.jsonl >"$T/merged" 2>"$T/err"
    [ "$(cat "$T/err")" = "merge: 400 of 400 jobs have a result" ]
    "$runbox" validate --lines result "$T/merged"
    diff <(jq -c '[.id, .result]' "$T/merged" | sort) <(jq -c '[.id, .arg * .arg]' "$T/jobs" | sort)
}

@test "a task that was cancelled goes on where it was; merge says what is missing until then" {
    jq -c '.arg = 3' "$T/jobs" >"$T/slow"
    id=$(sbatch --parsable --array=1-2 -o "$T/slurm-%a.out" "$contrib/runbox-array.sbatch" "$T/slow" "$T/results" "$T/square")
    until_holds test -s "$T/results/2.jsonl"
    scancel "${id}_2"
    until_holds gone "$id"
    run "$contrib/merge.sh" "$T/slow" "$T"/results/*.jsonl
    [ "$status" -eq 1 ]
    local before
    before=$(wc -l <"$T/results/2.jsonl")
    [ "$before" -lt 200 ]
    array --array=2 --export=ALL,SHARDS=2 "$contrib/runbox-array.sbatch" "$T/slow" "$T/results" "$T/square"
    grep -q "$before done before" "$T/slurm-2.out"
    "$contrib/merge.sh" "$T/slow" "$T"/results/*.jsonl >"$T/merged"
    diff <(jq -c .id "$T/merged" | sort) <(jq -c .id "$T/slow" | sort)
}

gone() {
    [ -z "$(squeue -h -j "$1")" ]
}

@test "merge: the last result of an id counts, torn and empty files do no harm" {
    printf '%s\n' '{"id":"a\"b","status":"setup","n":1}' '{"id":2,"status":"ok"}' '{"id":null,"line":3,"status":"invalid"}' >"$T/1"
    : >"$T/2"
    printf '%s\n' '{"id":"a\"b","status":"ok","n":2}' '{"id":5,"status":"ok"}' '{"id":6,"sta' >"$T/3"
    printf '{}\n\n{}\n{}\n{}\n' >"$T/five"
    "$contrib/merge.sh" "$T/five" "$T/1" "$T/2" "$T/3" >"$T/merged" 2>"$T/err"
    diff "$T/merged" - <<'END'
{"id":2,"status":"ok"}
{"id":null,"line":3,"status":"invalid"}
{"id":"a\"b","status":"ok","n":2}
{"id":5,"status":"ok"}
END
    [ "$(cat "$T/err")" = "merge: 4 of 4 jobs have a result; 1 broken lines left out" ]
    ends 2 "$contrib/merge.sh" "$T/five"
}
