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

@test "a profile that only complains is not named" {
    sed -i 's|flags=(attach_disconnected)|flags=(attach_disconnected,complain)|' "$T/profile"
    apparmor_parser -r -K "$T/profile"
    grep -qx 'runbox (complain)' /sys/kernel/security/apparmor/profiles
    ends 125 strace -f -qq -o "$T/trace" -e trace=pivot_root -e inject=pivot_root:error=EPERM "$runbox" run bundles/examples/hello
    [ "$(grep -c AppArmor "$T/err")" -eq 0 ]
}
