# shellcheck shell=sh disable=SC2034
# Run script bundles that nobody has to trust, and serve their calls: runbox-wire(7) for POSIX sh with jq
# and GNU's coreutils and sed. To be sourced. Trusts the program `runbox`; what a script sends is never
# evaluated, and no name that it chooses becomes that of a file or a function.
#
#     . ./runbox.sh
#     runbox_serve add sum_up          # a function or program: params on stdin, the answer on stdout
#     runbox_run '{"arg":[1,2]}' -l wall_time=2s bundle/ || echo "status $?: $runbox_message"
#     echo "$runbox_result"
#
# runbox_run START ARGUMENT... is `runbox run --json ARGUMENT...` with START as the start line; of a bundle that has
# several functions, START's "export" is the one to call. Its status is runbox(1)'s. It sets:
#   runbox_result   what the script returned, as JSON; empty where that was nothing
#   runbox_report   the report, as JSON; empty where runbox ended without one
#   runbox_message  why the run did not end well; one line, control characters made visible
# Set beforehand, if wanted:
#   runbox_input    a file that is the script's standard input (/dev/stdin: one's own)
#   runbox_timeout  seconds, after which runbox is told to stop (status 143, or 137 where it had to be killed)
#   RUNBOX          the program
# A served function may run those of the script's that stand in its params as {"$fn":N}: runbox_invoke N PARAMS
# prints what the script's function returned, as JSON; where it failed, the error, and fails. An object that stays
# here is an answer {"$ref":"CLASS:ID"}; its methods are served as CLASS:METHOD, and $runbox_ref is its id then.
#
# A function that fails answers the script with an error, whose text is what it printed. It runs in a
# subshell. Redefine runbox_write and runbox_log to have what the script prints and logs elsewhere.

runbox_methods=

# runbox_serve METHOD FUNCTION
runbox_serve() {
    runbox_methods="$runbox_methods$1 $2
"
}

# runbox_write TEXT: what the script printed, as it is.
runbox_write() {
    printf '%s' "$1"
}

# runbox_log LEVEL TEXT: control characters are visible already.
runbox_log() {
    printf '%s: %s\n' "$1" "$2" >&2
}

# One jq for the whole run: each event becomes three lines, which are its name; a level, method or kind;
# and a value. A text is written for printf %b, and with U+FFFD for NUL, which a shell cannot hold. The values of
# Result and Report are cut out of the line, since jq 1.6 has no integers beyond 2^53. It also breaks characters of
# raw lines at each 4095 bytes: so sed cuts lines into shorter pieces, between characters, with \1 at the end of all
# but the last.
runbox_short='s/.\{1000\}[\x80-\xbf]*/&\x01\n/g'
# shellcheck disable=SC2016
runbox_events='
    def raw: .[index(":") + 1:] | split("}")[:-1] | join("}");
    def escaped: split("\\") | join("\\\\") | split("\n") | join("\\n") | split("\u0000") | join("\ufffd");
    def visible: escaped | split("\t") | join("\\t") | explode | map(if . < 32 or (. >= 127 and . < 160)
        or (. >= 8232 and . <= 8238) or (. >= 8294 and . <= 8297) then 65533 else . end) | implode;
    def three(a; b; c): a, b, c;
    def joined: foreach inputs as $piece (null; if . == null or .whole then {line: ""} else . end
        | .line += ($piece | rtrimstr("\u0001")) | .whole = ($piece | endswith("\u0001") | not); select(.whole).line);
    joined | . as $line | fromjson | to_entries[0] | .key as $name | .value
    | if $name == "Log" then to_entries[0] | three($name; .key; .value | visible)
      elif $name == "Stdio" and has("Read") then three("Read"; .Read; "")
      elif $name == "Stdio" then three("Write"; ""; .Write | escaped)
      elif $name == "Call" then three($name; if has("ref") then .ref + " " + .method else .method end; .params | tojson)
      elif $name == "Return" then to_entries[0] | three($name; .key; if .key == "Ok" then .value | tojson else .value | escaped end)
      elif $name == "Result" or $name == "Report" then three($name; ""; $line | raw)
      elif $name == "Exit" and type == "object" then to_entries[0] | three($name; ""; .value | visible)
      else three($name; ""; "") end'

# The reply with what fits into $most bytes, and in the lines behind it the rest: what is not UTF-8 grows as it becomes
# U+FFFD. A character has at most four bytes. Read as base64, since jq 1.6 breaks characters of raw texts.
# shellcheck disable=SC2016
runbox_piece='@base64d | (if utf8bytelength <= $most then length else $most / 4 | floor end) as $n
    | ({Ok: .[:$n]} | tojson), "\n", .[$n:]'

runbox_run() {
    runbox_result='' runbox_report='' runbox_message='' runbox_status=125
    [ -r "${runbox_input:-/dev/null}" ] || {
        runbox_message="$runbox_input: cannot be read"
        return 125
    }
    runbox_dir=$(mktemp -d) && mkfifo "$runbox_dir/in" "$runbox_dir/out" || return 125
    : >"$runbox_dir/input"
    : >"$runbox_dir/half"
    # "read":true goes to the end of the start line, so that what is said of a wrong one still names the right byte.
    runbox_start=${1%\}*}
    case $runbox_start in *:*) runbox_start=$runbox_start, ;; esac
    runbox_start="$runbox_start\"read\":true}${1##*\}}"
    shift
    set -- "${RUNBOX:-runbox}" run --json "$@"
    [ -z "${runbox_timeout-}" ] ||
        set -- timeout --foreground --preserve-status -k 5 "$runbox_timeout" "$@"
    {
        {
            "$@" <"$runbox_dir/in" 2>"$runbox_dir/err"
            echo $? >"$runbox_dir/status"
        } | LC_ALL=C stdbuf -oL sed "$runbox_short" | jq --unbuffered -Rnr "$runbox_events" >"$runbox_dir/out"
    } &
    # Open until the run has ended: 7 the script's input, 8 what runbox says, 9 what it is told.
    runbox_converse 7<"${runbox_input:-/dev/null}" 9>"$runbox_dir/in" 8<"$runbox_dir/out"
    wait $! || :
    read -r runbox_status <"$runbox_dir/status" || :
    [ "$runbox_status" -eq 0 ] || [ -n "$runbox_message" ] || {
        runbox_message=$(cat "$runbox_dir/err")
        : "${runbox_message:=runbox ended without an Exit (status $runbox_status)}"
    }
    rm -rf "$runbox_dir"
    return "$runbox_status"
}

runbox_converse() {
    runbox_open='' runbox_serving=''
    runbox_say printf '%s\n' "$runbox_start"
    runbox_serve_events 6>&1
    # What came while a function of the script's was waited for, in a subshell.
    [ ! -e "$runbox_dir/report" ] || runbox_report=$(cat "$runbox_dir/report")
    [ ! -e "$runbox_dir/message" ] || runbox_message=$(cat "$runbox_dir/message")
}

# Until a Return, whose kind and value are then in $runbox_what and $runbox_value; at the end it fails.
runbox_serve_events() {
    while IFS= read -r runbox_event && IFS= read -r runbox_what && IFS= read -r runbox_value; do
        case $runbox_event in
        Log) runbox_log "$runbox_what" "$runbox_value" ;;
        Write) # the x keeps the newlines at the end
            runbox_value=$(printf '%bx' "$runbox_value")
            runbox_write "${runbox_value%x}" >&6
            ;;
        Read) runbox_read "$runbox_what" ;;
        Call) runbox_say runbox_answer "$runbox_what" "$runbox_value" ;;
        Artifact) runbox_say runbox_error "this caller takes no artifacts" ;;
        Return) return 0 ;;
        Result) runbox_result=$runbox_value ;;
        Report) printf '%s\n' "$runbox_value" >"$runbox_dir/report" ;;
        Exit) printf '%s\n' "$runbox_value" >"$runbox_dir/message" ;;
        esac
    done <&8
    return 1
}

# runbox_invoke N PARAMS
runbox_invoke() {
    case "$runbox_serving $runbox_open " in
    "1 "*" $1 "*) ;;
    *)
        echo "the call that lent this function has been answered"
        return 1
        ;;
    esac
    runbox_say printf '{"Invoke":{"fn":%s,"params":%s}}\n' "$1" "${2:-null}"
    runbox_serve_events || exit 1 # of the subshell of a served function: runbox has ended
    if [ "$runbox_what" = Ok ]; then
        printf '%s\n' "$runbox_value"
    else
        printf '%b' "$runbox_value"
        return 1
    fi
}

# runbox_say COMMAND...: what it prints goes to runbox. Where that has ended meanwhile, what it says of why
# is on its way: a broken pipe must not end the shell.
runbox_say() {
    "$@" | (
        trap '' PIPE
        cat >&9 2>/dev/null
    ) || :
}

# runbox_read MOST: reply with up to so many bytes of input, as soon as there are any.
runbox_read() {
    [ -s "$runbox_dir/input" ] || runbox_fill "$1"
    if [ -s "$runbox_dir/input" ]; then
        base64 -w 0 "$runbox_dir/input" | jq -Rj --argjson most "$1" "$runbox_piece" >"$runbox_dir/piece"
        tail -n +2 "$runbox_dir/piece" >"$runbox_dir/input"
        runbox_say head -n 1 "$runbox_dir/piece"
    else
        runbox_say echo '{"Ok":null}'
    fi
}

# runbox_fill MOST: so many bytes of whole characters, fewer if there are not as many yet; none at the end.
runbox_fill() {
    while [ ! -s "$runbox_dir/input" ]; do
        dd bs=$(($1 - 3)) count=1 status=none <&7 >"$runbox_dir/block" || :
        cat "$runbox_dir/half" "$runbox_dir/block" >"$runbox_dir/input"
        [ -s "$runbox_dir/block" ] || {
            : >"$runbox_dir/half"
            return 0
        }
        case $(tail -c 3 "$runbox_dir/input" | od -An -tx1) in # does it end in the first bytes of a character?
        *c[2-9a-f] | *" "[de]? | *f[0-4]) runbox_half=1 ;;
        *" "e?" "[89ab]? | *f[0-4]" "[89ab]?) runbox_half=2 ;;
        *f[0-4]" "[89ab]?" "[89ab]?) runbox_half=3 ;;
        *) runbox_half=0 ;;
        esac
        tail -c $runbox_half "$runbox_dir/input" >"$runbox_dir/half"
        head -c -$runbox_half "$runbox_dir/input" >"$runbox_dir/block"
        mv "$runbox_dir/block" "$runbox_dir/input"
    done
}

# runbox_answer METHOD PARAMS, or runbox_answer "ID METHOD" PARAMS: the reply to a call.
runbox_answer() {
    runbox_name=$1 runbox_ref=''
    case $1 in
    *' '*)
        runbox_ref=${1%% *}
        runbox_name=${runbox_ref%%:*}:${1#* }
        ;;
    esac
    runbox_function=$(printf '%s' "$runbox_methods" | while read -r runbox_method runbox_program; do
        [ "$runbox_method" != "$runbox_name" ] || printf '%s\n' "$runbox_program"
    done)
    case $2 in
    *"\"\$fn\":"*) runbox_open="$runbox_open $(printf '%s' "$2" |
        jq -r '[.. | objects | select(length == 1) | .["$fn"] | numbers] | join(" ")')" ;;
    esac
    runbox_serving=1
    if [ -z "$runbox_function" ]; then
        runbox_error "$runbox_name: the caller has no such method"
    elif ! runbox_text=$(printf '%s\n' "$2" | "$runbox_function"); then
        runbox_error "$runbox_text"
    elif [ "$(printf '%s' "$runbox_text" | wc -c)" -gt 1048568 ]; then # a line's length but for {"Ok":} and its end
        runbox_error "$runbox_name: the answer is longer than a line"
    else # a line end of JSON's, where it has one, is white space
        printf '{"Ok":%s}' "${runbox_text:-null}" | tr '\n' ' '
        echo
    fi
}

runbox_error() {
    printf '%s' "$1" | jq -Rsc '{Err: .[:1000]}'
}
