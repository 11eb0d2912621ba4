#!/usr/bin/env bats
# contrib/apparmor/runbox, enforced by a kernel that has AppArmor: every verb, as root and as a user; and what is said where a
# profile denies something.

load v2

setup() {
    programs_for_all
    mountpoint -q /sys/kernel/security || mount -t securityfs none /sys/kernel/security
    here=/tmp/apparmor.$BATS_TEST_NUMBER
    mkdir -m 777 "$here"
    sed "s|/usr/{,local/}bin/runbox|$bin/runbox|; s|/usr/{,local/}libexec/runbox/runbox|$bin/runbox|" contrib/apparmor/runbox >"$T/profile"
}

teardown() {
    apparmor_parser -R "$T/profile" 2>/dev/null || true
    rm -rf "$here"
}

enforced() {
    apparmor_parser -r -K "$T/profile"
    grep -qx 'runbox (enforce)' /sys/kernel/security/apparmor/profiles
}

# every_verb [COMMAND]...: as who it makes one.
every_verb() {
    cd "$here"
    export HOME=$here XDG_CONFIG_HOME=$here/.config XDG_RUNTIME_DIR=$here
    hello=$OLDPWD/bundles/examples/hello
    bundle f '"seccomp":{"profile":"files"},"filesystem":{"scratch":"1M"}' <<<'local f = assert(io.open("/tmp/x", "w")) f:write("y") f:close() return 1'
    bundle l '"seccomp":{"profile":"network"},"namespaces":{"network":"loopback"}' <<<'return 1'
    chmod -R a+rX "$T"
    echo '{}' >jobs
    for words in "run $hello" "run $T/f" "run $T/l" "run --report report --artifacts . $hello" "check $hello" "describe $hello" "explain $hello" \
        doctor "batch -f jobs $hello" "batch --fresh -f jobs $hello" "validate manifest $hello/manifest.json" "schema manifest" "keyring list" "new made"; do
        ends 0 "$@" "$runbox" $words
    done
    "$@" "$runbox" serve --socket "$here/s" "$hello" 2>"$T/serve.err" 3>&- &
    pid=$!
    lives+=("$pid")
    until_holds "$@" "$runbox" stats --socket "$here/s"
    kill -TERM "$pid"
    wait "$pid"
    cd "$OLDPWD"
}

@test "the profile, enforced: every verb as root" {
    enforced
    every_verb
}

@test "the profile, enforced: every verb as an ordinary user" {
    enforced
    every_verb "${ordinary[@]}"
}

# denying RULE: a profile for runbox that allows all but RULE, of the parser that came with this kernel, whose rules it knows.
denying() {
    local lib="$VM_KERNEL/usr/lib/x86_64-linux-gnu" parser=(apparmor_parser)

    # Where all of the machine is of one Debian (arm64), the parser has come with it.
    [ ! -d "$lib" ] || parser=("$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$VM_KERNEL/usr/sbin/apparmor_parser" --base "$VM_KERNEL/etc/apparmor.d")

    cat >"$T/profile" <<EOF
abi <abi/4.0>,
profile denier $bin/runbox flags=(attach_disconnected) {
  $1
  file,
  capability,
  network,
  unix,
  ptrace,
  signal,
  mount,
  umount,
  pivot_root,
  userns,
}
EOF
    "${parser[@]}" -r -K "$T/profile"
    grep -qx 'denier (enforce)' /sys/kernel/security/apparmor/profiles
}

# Ubuntu's stock state is the same for what a program has no profile for.
@test "a kernel that mediates user namespaces: AppArmor is named, and the profile offered" {
    bundle b <<<'return 1'
    chmod -R a+rX "$T"
    # Those before 6.7 do not.
    [ -e /sys/kernel/security/apparmor/features/namespaces/mask ] || [[ "$(uname -r)" != 6.12.* ]]
    [ -e /sys/kernel/security/apparmor/features/namespaces/mask ] || return 0
    grep -q userns_create /sys/kernel/security/apparmor/features/namespaces/mask
    for rule in 'deny userns,' 'audit deny capability sys_admin,' 'audit deny capability,'; do
        denying "$rule"
        for who in "" "${ordinary[*]}"; do
            # Root without them is told which it lacks.
            [[ -n $who || $rule != *capability* ]] || continue
            ends 125 $who "$runbox" run "$T/b"
            echo "$rule $who:" && cat "$T/err"
            [ "$(wc -l <"$T/err")" -eq 1 ]
            grep -q 'AppArmor' "$T/err"
            grep -q 'contrib/apparmor/runbox' "$T/err"
            ends 1 $who "$runbox" doctor
            grep -q 'verdict: NO.*' "$T/out"
            tr -s ' \n' '  ' <"$T/out" | grep -q 'verdict: NO.*AppArmor.*contrib/apparmor/runbox'
        done
    done
}

@test "a profile that denies something is named, with what would help" {
    sed -i 's|cgroup/\*\* rwk|cgroup/** rw|' "$T/profile"
    enforced
    ends 125 "$runbox" run bundles/examples/hello
    grep -qF 'Permission denied; AppArmor confines runbox (profile runbox (enforce)) and denies it: allow it in that profile' "$T/err"
    sed -i 's|cgroup/\*\* rw|cgroup/** rwk|; /capability sys_resource/d' "$T/profile"
    enforced
    ends 125 "$runbox" run bundles/examples/hello
    grep -qF 'AppArmor confines runbox (profile runbox (enforce)) and may deny it' "$T/err"
}

@test "a profile that lets nobody look into another: boxes run, and what kills has no name" {
    bundle b <<<'return 1'
    chmod -R a+rX "$T"
    sed -i 's/ptrace (read, trace, readby, tracedby)/ptrace (read, readby)/' "$T/profile"
    enforced
    for who in "" "${ordinary[*]}"; do
        ends 0 $who "$runbox" run --report "$here/report" "$T/b"
        jq -e '.status == "ok" and .unnamed == "denied"' "$here/report"
        rm "$here/report"
        printf '{}\n{}\n' | ends 0 $who "$runbox" batch "$T/b"
        jq -se 'length == 2 and all(.status == "ok" and .report.unnamed == "denied")' "$T/out"
        $who "$runbox" doctor --json >"$T/out" || true # this machine may lack a controller
        jq -e '.kernel.naming | .state == "missing" and (.found | endswith("a security module lets no process look into another"))' "$T/out"
        jq -e '.defaults["a box"].state == "works"' "$T/out"
    done
}

@test "a profile that only complains is not named" {
    sed -i 's|flags=(attach_disconnected)|flags=(attach_disconnected,complain)|' "$T/profile"
    apparmor_parser -r -K "$T/profile"
    grep -qx 'runbox (complain)' /sys/kernel/security/apparmor/profiles
    ends 125 strace -f -qq -o "$T/trace" -e trace=pivot_root -e inject=pivot_root:error=EPERM "$runbox" run bundles/examples/hello
    [ "$(grep -c AppArmor "$T/err")" -eq 0 ]
}
