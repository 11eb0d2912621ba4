#!/usr/bin/env bats
# The AppArmor profile, as AppArmor's own parser reads it for a kernel that has all of 3.0; none is asked.

load lib

setup() {
    programs
    profile=contrib/apparmor/runbox
    parser=(apparmor_parser --skip-kernel-load --skip-cache --kernel-features /etc/apparmor.d/abi/3.0)
}

@test "the parser takes it, without a warning" {
    "${parser[@]}" --warn=all "$profile" >"$T/out" 2>"$T/err"
    cat "$T/err"
    [ ! -s "$T/err" ]
}

@test "a profile with a mistake is refused: what the parser's word is measured by" {
    sed 's/pivot_root,/pivotroot,/' "$profile" >"$T/wrong"
    refute cmp -s "$profile" "$T/wrong"
    refute "${parser[@]}" "$T/wrong"
}

@test "one profile, named runbox, for every program that is installed" {
    [ "$("${parser[@]}" --names "$profile" 2>/dev/null)" = runbox ]
    make -s DESTDIR="$T/root" PREFIX=/usr/local B="$bin" install
    "${parser[@]}" --debug "$profile" >"$T/rules" 2>/dev/null
    find "$T/root/usr/local/bin" "$T/root/usr/local/libexec" -type f -perm /111 -print | sed "s|^$T/root||" | sort >"$T/programs"
    [ "$(wc -l <"$T/programs")" -eq 5 ]
    grep -q '^/usr/local/bin/runbox$' "$T/programs"
    # The others: named in the one rule that lets them be executed.
    rule=$(grep -o 'libexec/runbox/runbox-{[a-z0-9,]*}' "$profile")
    while read -r program; do
        [[ "$rule" == *[{,]"${program##*/runbox-}"[,}]* ]]
    done < <(grep libexec "$T/programs")
    cmp "$profile" "$T/root/usr/local/share/runbox/apparmor/runbox"
}
