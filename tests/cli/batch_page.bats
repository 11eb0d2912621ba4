#!/usr/bin/env bats
# `runbox batch --html`: the page in a real browser: its numbers are those of the results, it can be seen, in light and
# in dark, and what jobs call themselves cannot become part of it.

load lib

setup() {
    programs
    bundle endings '"limits":{"cpu_time":"500ms","memory":"8M"}' <<'END'
function run(how)
    if how == "error" then error("no luck") end
    if how == "memory" then local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end end
    if how == "cpu_time" then while true do end end
    return how
end
END
}

# browser ARGUMENT... URL: chromium, without a sandbox of its own since this is root, and without a network.
browser() {
    HOME=$T XDG_RUNTIME_DIR=$T timeout 120 unshare -n chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --user-data-dir="$T/profile" --hide-scrollbars "$@" 2>"$T/browser.err" 3>&-
}

# colours PNG RRGGBB...: how many pixels of the picture have each of these colours.
colours() {
    python3 - "$@" <<'END'
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
size = {2: 3, 6: 4}[kind]
assert depth == 8
packed, at = b"", 8
while at < len(data):
    n, name = struct.unpack(">I4s", data[at:at + 8])
    packed += data[at + 8:at + 8 + n] if name == b"IDAT" else b""
    at += n + 12
raw, row, count = zlib.decompress(packed), bytearray(width * size), {}
def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c
for y in range(height):
    start = y * (width * size + 1)
    how, line = raw[start], bytearray(raw[start + 1:start + 1 + width * size])
    for i in range(width * size if how else 0):
        a = line[i - size] if i >= size else 0
        b, c = row[i], row[i - size] if i >= size else 0
        line[i] = (line[i] + [0, a, b, (a + b) // 2, paeth(a, b, c)][how]) & 255
    row = line
    for x in range(0, width * size, size):
        pixel = bytes(line[x:x + 3]).hex()
        count[pixel] = count.get(pixel, 0) + 1
print(*(count.get(colour, 0) for colour in sys.argv[2:]))
END
}

@test "its numbers are those of the results" {
    seq 1 6000 | jq -c '{id: ., arg: (if . % 40 == 0 then "error" elif . % 500 == 1 then "memory" elif . % 1000 == 7 then "cpu_time" else "x" end)}' >"$T/jobs"
    ends 1 "$runbox" batch -f "$T/jobs" --html "$T/page.html" "$T/endings"
    browser --dump-dom "file://$T/page.html" >"$T/dom"
    for status in ok error memory cpu_time; do
        want=$(grep -c "\"status\":\"$status\",\"result\"" "$T/out")
        [ "$want" -gt 0 ]
        grep -q "<tr data-status=\"$status\" data-count=\"$want\">" "$T/dom"
    done
    [ "$(grep -c '<tr data-status=' "$T/dom")" -eq 4 ]
    grep -q '<dd id="done">6000</dd>' "$T/dom"
    # the newest 5000 runs, and the twenty slowest
    [ "$(grep -cE '<rect class="(ok|error|limit)" x=' "$T/dom")" -eq 5000 ]
    [ "$(grep -c '<td class="id">' "$T/dom")" -eq 20 ]
    grep -q 'The newest 5000 of 6000 runs' "$T/dom"
    for histogram in memory cpu wall; do
        sum=$(sed -n "/<svg[^>]*id=\"$histogram\"/,/<\/svg>/s/.*<title>\([0-9]*\) runs.*/\1/p" "$T/dom" | awk '{n += $1} END {print n}')
        [ "$sum" -eq 6000 ]
    done
    [ "$(stat -c %s "$T/page.html")" -lt 1000000 ]
}

@test "it can be seen, in light and in dark" {
    printf '{"arg":"%s"}\n' x error cpu_time x memory x x error >"$T/jobs"
    ends 1 "$runbox" batch -f "$T/jobs" --html "$T/page.html" "$T/endings"
    browser --window-size=1100,1200 --screenshot="$T/light.png" "file://$T/page.html"
    browser --window-size=1100,1200 --blink-settings=preferredColorScheme=0 --screenshot="$T/dark.png" "file://$T/page.html"
    # ground, ok, error, a limit, the histograms' bars
    read -r -a light <<<"$(colours "$T/light.png" fbfbf9 2f7d5b c2571a 6a4fb3 3b6ea8)"
    read -r -a dark <<<"$(colours "$T/dark.png" 15181b 5cb88c e8935a a58df0 74a7de)"
    echo "# pixels of each colour: ${light[*]}; ${dark[*]}" >&3
    for n in "${light[@]}" "${dark[@]}"; do
        [ "$n" -gt 100 ]
    done
    [ "${light[0]}" -gt 300000 ]
    [ "${dark[0]}" -gt 300000 ]
}

@test "it refers to nothing else, and an id cannot become part of it" {
    jq -nc '{id: "</title></svg><script>document.title=1</script><img src=http://192.0.2.1/ onerror=x>\u202e", arg: "x"}' >"$T/jobs"
    ends 0 "$runbox" batch -f "$T/jobs" --html "$T/page.html" "$T/endings"
    browser --dump-dom "file://$T/page.html" >"$T/dom"
    refute grep -qiE '<(script|img|link|iframe|object|base)|<[^>]*[ "](src|href|onerror)=|url\(|@import' "$T/dom" "$T/page.html"
    grep -q "default-src 'none'; style-src 'unsafe-inline'" "$T/dom"
    grep -q '&lt;/title&gt;&lt;/svg&gt;&lt;script' "$T/dom"
    grep -qF '<title>runbox batch: ' "$T/dom"
}

@test "a batch of nothing, one that never came to its end, a page that cannot be written" {
    : >"$T/jobs"
    ends 0 "$runbox" batch -f "$T/jobs" --html "$T/page.html" "$T/endings"
    grep -q '<dd id="done">0</dd>' "$T/page.html"
    refute grep -q NaN "$T/page.html"
    ends 125 "$runbox" batch -f "$T/jobs" --html "$T/no/page.html" "$T/endings"
    echo '{"arg":"x"}' >"$T/jobs"
    ends 125 "$runbox" batch -f "$T/jobs" --html /dev/full "$T/endings"
    grep -q 'writing the page' "$T/err"
}
