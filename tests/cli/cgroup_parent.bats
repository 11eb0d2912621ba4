#!/usr/bin/env bats
# --cgroup-parent: one that cannot hold groups is the host's fault, with its path, for every verb that takes it.
# Groups are made below our own only, and removed.

load lib

setup() {
    programs
    bundle b <<<'return 1'
    name="runbox-parent.$$"
    made=()
    start='{"arg":null,"dns_config":{"ns":["1.1.1.1:53"],"tcp":false,"timeout":{"nanos":0,"secs":3}},"keyring":[],"module":{"author":"a","description":"d","keyring_access":[],"name":"n","script":{"code":"function run() end"},"source":null,"version":"0.1.0"},"options":{},"proxy":null,"verbose":2}'
}

teardown() {
    local group

    for group in "${made[@]}"; do
        until_holds rmdir "$group"
    done
}

# The path of our own group below CONTROLLER, "" for its root.
own() {
    local path

    path=$(sed -n "s/^[0-9]*:\([^:]*,\)*$1\(,[^:]*\)*:\(.*\)/\3/p" /proc/self/cgroup)
    echo "${path%/}"
}

# below CONTROLLER: make a group there, $path as --cgroup-parent names it, $group its directory.
below() {
    path="$(own "$1")/$name"
    group="/sys/fs/cgroup/$1$path"
    mkdir "$group"
    made+=("$group")
}

# every_verb PARENT PATTERN: exit status 125, one line that matches, and nothing of the bundle ran. A sandbox says it
# on its wire.
every_verb() {
    local verb

    echo '{}' >"$T/jobs"
    ends 125 "$runbox" sandbox --cgroup-parent "$1" name <<<"$start"
    jq -r .Exit.SetupFailed "$T/out" | grep -qE -- "$2"
    for verb in "run $T/b" "explain $T/b" "serve --socket $T/socket $T/b" "batch -f $T/jobs" "batch $T/b"; do
        ends 125 "$runbox" ${verb%% *} --cgroup-parent "$1" ${verb#* }
        grep -qE -- "$2" "$T/err"
        [ "$(wc -l <"$T/err")" -eq 1 ]
        [ ! -s "$T/out" ]
    done
}

@test "parent: one that does not exist is exit 125, and every place that was looked at is named" {
    records
    every_verb /runbox-no-such-group '/sys/fs/cgroup/[a-z/]*runbox-no-such-group does not exist'
}

@test "parent: a path with .. names no group, one without a / at its front is a usage error" {
    local verb

    every_verb "/x/../y" '/x/../y: a path with ".."'
    for verb in run explain serve batch sandbox; do
        ends 2 "$runbox" $verb --cgroup-parent x "$T/b"
        grep -q "absolute path" "$T/err"
    done
}

@test "parent: a file is no parent" {
    below memory
    every_verb "$path/cgroup.procs" "$path/cgroup.procs: .*Not a directory"
}

@test "parent: one that runbox may not write in is named" {
    programs_for_all
    below memory
    ends 125 "${ordinary[@]}" "$runbox" run --cgroup-parent "$path" "$T/b"
    grep -q "$path: .*make groups in it: Permission denied" "$T/err"
}

@test "parent: in one hierarchy its groups are made there, and a limit that needs another says where it is missing" {
    below memory
    goes 0 --cgroup-parent "$path" "$T/b"
    says '.enforced.memory.layer == "cgroup1"'
    ends 125 "$runbox" run --cgroup-parent "$path" -l cpus=0.5 "$T/b"
    grep -q "controller \"cpu\".*/sys/fs/cgroup/cpu$path does not exist" "$T/err"
    refute grep -qE 'as root|Delegate' "$T/err"
    ends 125 "$runbox" explain --cgroup-parent "$path" -l cpus=0.5 "$T/b"
}

@test "a parent that a policy names and that cannot hold groups: its file and member are named, no option" {
    export XDG_CONFIG_HOME="$T/config"
    mkdir -p "$T/config/runbox"
    echo '{"cgroup_parent":"/no/such/group"}' >"$T/config/runbox/policy.json"
    for verb in run explain batch; do
        ends 125 "$runbox" "$verb" "$T/b" </dev/null
        grep -qE "^runbox: $T/config/runbox/policy.json: /cgroup_parent: /no/such/group: cannot make groups below it: " "$T/err"
        refute grep -q -- --cgroup-parent "$T/err"
    done
}
