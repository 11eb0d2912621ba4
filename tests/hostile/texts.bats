#!/usr/bin/env bats
# What the kernel says of itself (files of /proc, of control groups) is another text: none, half of it, other numbers, none
# where one should be, NULs, noise, no end. Whatever it is, the run is well or runbox says in one line that this host cannot:
# it is no error of the bundle's, and no crash. tests/tools/texts.c changes them, sweep.bash judges.

load setup

setup() {
    sweeps texts.table
}

@test "every text of the kernel's is another: run, for a person, with --json, with files and limits" {
    private <<'SH'
. ./sweep.bash
bundle b <<<'print("hello") return 1'
want=(hello 1)
: >in
texts $runbox run --report /mnt/report /mnt/b
form=json
want=('{"Stdio":{"Write":"hello\n"}}' '{"Result":1}')
echo '{}' >in
texts $runbox run --json /mnt/b
form=person
want=(hello 1)
: >in
mkdir data
echo '{"runbox":1,"name":"b","version":"1.0.0","seccomp":{"profile":"files"},"limits":{"memory":"32M","cpus":0.5,"processes":1},
    "filesystem":{"scratch":"1M","mounts":[{"source":"/mnt/data","target":"/data","mode":"ro"}]}}' >b/manifest.json
texts $runbox run -g mount:/mnt/data --report /mnt/report /mnt/b
summary "texts changed in turn: $texts of run"
SH
}

@test "every text of the kernel's is another: check, sandbox; keyring reads none" {
    private <<'SH'
. ./sweep.bash
bundle b <<<'x()'
: >in
form=check
$runbox check /mnt/b >out
mapfile -t want <out
texts $runbox check /mnt/b
export XDG_CONFIG_HOME=/mnt/config
mkdir config
/srv/tests/tools/texts hit 1 0 $runbox keyring add aws:AK <<<one
[[ $(cat hit) == -* ]]
/srv/tests/tools/texts hit 1 0 $runbox keyring list >out
[[ $(cat hit) == -* ]]
form=sandbox
want=('{"Log":{"Info":"\"hi\""}}')
jq -cn '{arg: null, dns_config: {ns: [], tcp: false, timeout: {nanos: 0, secs: 3}}, keyring: [],
    module: {author: "a", description: "d", keyring_access: [], name: "m", source: null, version: "0.1.0",
        script: {code: "function run() info(\"hi\") end"}}, options: {}, proxy: null, verbose: 2}' >in
texts $runbox sandbox m
summary "texts changed in turn: $texts of check, sandbox"
SH
}

@test "every text of the kernel's is another: batch gives each job its result, or says why not" {
    private <<'SH'
. ./sweep.bash
bundle b <<<'print("hello") return {n = 1}'
printf '{"id":"a"}\n{"id":"b"}\n' >in
report=
judge() {
    local line fine=0

    mapfile -t said <out
    mapfile -t err <err
    for line in "${said[@]}"; do
        case $line in
        '{"id":"'[ab]'","status":"ok","result":{"n":1},'*',"log":[{"Stdio":{"Write":"hello\n"}}]}') fine=$((fine + 1)) ;;
        '{"id":"'[ab]'","status":"setup","result":null,"error":"'[!\"]*) ;;
        *) is_wrong "$1" "neither its result nor why not: $line" ;;
        esac
    done
    case $2 in
    0) [ "${#said[@]}$fine" = 22 ] || is_wrong "$1" "exit 0, $fine of 2 jobs" ;;
    1) [ ${#said[@]} -eq 2 ] && [ $fine -lt 2 ] || is_wrong "$1" "exit 1, ${#said[@]} results, $fine well" ;;
    125) [ ${#err[@]} -eq 1 ] && [[ ${err[0]} == 'runbox: '?*': '?* ]] || is_wrong "$1" "exit 125, and not one clear line" ;;
    *) is_wrong "$1" "exit $2" ;;
    esac
    ends["exit $2"]=$((${ends["exit $2"]:-0} + 1))
}
texts $runbox batch -q -j 1 b
summary "texts changed in turn: $texts of batch"
SH
}

@test "every text of the kernel's is another: serve does not begin, or serves" {
    cp "$BATS_TEST_DIRNAME/calls_serve.py" "$T"
    private <<'SH'
bundle b <<<'print("hello") return {n = 1}'
mapfile -t own < <(groups)
/usr/bin/python3 calls_serve.py texts "${own[@]}"
SH
}
