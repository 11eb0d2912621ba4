#!/usr/bin/env bats
# The CPU time of runs so short that no tick of the kernel met them: measured, in warm boxes as in fresh ones. Sums of many
# are compared, and CPU times with CPU times, so that a busy machine makes no difference.

load lib

setup() {
    programs
}

# batch_of NAME [OPTION]...: 60 runs of the bundle, one after the other, all ended well; $T/reports has {result, wall, cpu}.
batch_of() {
    ends 0 "$runbox" batch -j 1 "${@:2}" "$T/$1" < <(yes '{}' | head -60)
    jq -c '{result, wall: .report.wall_ms, cpu: (.report.cpu_user_ms + .report.cpu_system_ms)}' "$T/out" >"$T/reports"
    [ "$(wc -l <"$T/reports")" -eq 60 ]
}

holds() {
    jq -se "$1" "$T/reports" >/dev/null || {
        echo "does not hold: $1"
        head -5 "$T/reports"
        return 1
    }
}

@test "warm: the CPU time of a run under 4 ms is not its wall time" {
    local i

    bundle b <<<'return 1'
    for i in {1..20}; do
        batch_of b
        holds 'all(.cpu > 0)'
        cat "$T/reports" >>"$T/all"
        [ "$(jq -s 'map(select(.wall < 4)) | length' "$T/all")" -lt 60 ] || break
    done
    mv "$T/all" "$T/reports"
    echo "# $(jq -sc 'map(select(.wall < 4)) | sort_by(.wall) | .[length / 2 | floor]' "$T/reports")" >&3
    holds 'map(select(.wall < 4)) | length >= 60'
    # Where the box was still on its way to its first word, what it used before may have come with it.
    holds 'map(select(.wall < 4)) | (map(select(.cpu < .wall)) | length) > length * 0.8'
}

@test "warm: twenty times the work is more CPU time, to the last word" {
    local sum

    for i in 20000 400000; do
        bundle b <<<"local n = 0 for i = 1, $i do n = n + i % 7 end return n"
        batch_of b
        [ "$i" = 20000 ] || holds "(map(.cpu) | add) > $sum * 1.3"
        sum=$(jq -s 'map(.cpu) | add' "$T/reports")
    done
}
