# shellcheck shell=sh disable=SC2034
# Run script bundles that nobody has to trust, and serve their calls: runbox-wire(7) for POSIX sh with jq
# and coreutils' timeout. To be sourced. Trusts the program `runbox`; what a script sends is never
# evaluated, and no name that it chooses becomes that of a file or a function.
#
#     . ./runbox.sh
#     runbox_serve add sum_up          # a function or program: params on stdin, the answer on stdout
#     runbox_run '{"arg":[1,2]}' -l wall_time=2s bundle/ || echo "status $?: $runbox_message"
#     echo "$runbox_result"
#
# runbox_run START ARGUMENT... is `runbox run --json ARGUMENT...` with START as the start line. Its status is
# runbox(1)'s. It sets:
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
# and a value. A text is written for printf %b, and with U+FFFD for NUL, which a shell cannot hold. The
# values of Result and Report are cut out of the line, since jq 1.6 has no integers beyond 2^53.
# shellcheck disable=SC2016
runbox_events='
    def raw: .[index(":") + 1:] | split("}")[:-1] | join("}");
    def escaped: split("\\") | join("\\\\") | split("\n") | join("\\n") | split("\u0000") | join("\ufffd");
    def visible: escaped | split("\t") | join("\\t") | explode | map(if . < 32 or (. >= 127 and . < 160)
        or (. >= 8232 and . <= 8238) or (. >= 8294 and . <= 8297) then 65533 else . end) | implode;
    def three(a; b; c): a, b, c;
    . as $line | fromjson | to_entries[0] | .key as $name | .value
    | if $name == "Log" then to_entries[0] | three($name; .key; .value | visible)
      elif $name == "Stdio" and type == "object" then three("Write"; ""; .Write | escaped)
      elif $name == "Stdio" then three(.; ""; "")
      elif $name == "Call" then three($name; if has("ref") then .ref + " " + .method else .method end; .params | tojson)
      elif $name == "Return" then to_entries[0] | three($name; .key; if .key == "Ok" then .value | tojson else .value | escaped end)
      elif $name == "Result" or $name == "Report" then three($name; ""; $line | raw)
      elif $name == "Exit" and type == "object" then to_entries[0] | three($name; ""; .value | visible)
      else three($name; ""; "") end'

# Pieces of a text that fit a line, as replies.
# shellcheck disable=SC2016
runbox_pieces='range(0; length; 65536) as $at | {Ok: .[$at:$at + 65536]}'

runbox_run() {
    runbox_result='' runbox_report='' runbox_message='' runbox_status=125
    [ -r "${runbox_input:-/dev/null}" ] || {
        runbox_message="$runbox_input: cannot be read"
        return 125
    }
    runbox_dir=$(mktemp -d) && mkfifo "$runbox_dir/in" "$runbox_dir/out" || return 125
    runbox_start=$1
    shift
    set -- "${RUNBOX:-runbox}" run --json "$@"
    [ -z "${runbox_timeout-}" ] ||
        set -- timeout --foreground --preserve-status -k 5 "$runbox_timeout" "$@"
    {
        {
            "$@" <"$runbox_dir/in" 2>"$runbox_dir/err"
            echo $? >"$runbox_dir/status"
        } | jq --unbuffered -Rr "$runbox_events" >"$runbox_dir/out"
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
        Readline) runbox_piece runbox_line ;;
        ToEnd) runbox_piece cat ;;
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

# runbox_piece COMMAND: the reply to a request for input. What COMMAND reads is cut into files of one reply
# each; these are sent one by one before any more is read.
runbox_piece() {
    set -- "$1" "$runbox_dir"/piece.*
    [ -e "$2" ] || {
        "$1" <&7 | jq -Rsc "$runbox_pieces" | split -a 5 -l 1 - "$runbox_dir/piece."
        set -- "$1" "$runbox_dir"/piece.*
    }
    if [ -e "$2" ]; then
        runbox_say cat "$2"
        rm "$2"
    else
        runbox_say echo '{"Ok":null}'
    fi
}

# One line, with its newline where it has one; read loses NULs.
runbox_line() {
    if IFS= read -r runbox_text; then
        printf '%s\n' "$runbox_text"
    else
        printf '%s' "$runbox_text"
    fi
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
