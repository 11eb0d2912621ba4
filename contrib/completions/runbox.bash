# shellcheck shell=bash
# bash completion of runbox(1), without the package bash-completion. Verbs, options and what they take are read
# from `runbox --help` and `runbox VERB --help`, so that there is no second list of them. Runs the command
# that is being completed with --help, and `runbox schema`; nothing else.

# _runbox_verbs PROGRAM: in $verbs.
_runbox_verbs() {
    local line listing=

    verbs=()
    while IFS= read -r line; do
        [[ $listing && $line =~ ^'  '([a-z]+)' ' ]] && verbs+=("${BASH_REMATCH[1]}")
        [[ $line == commands: ]] && listing=yes
        [[ $line ]] || listing=
    done < <("$1" --help 2>/dev/null)
}

# _runbox_options PROGRAM VERB: in $options, each short and long one; ${takes[:OPTION]} names its argument.
_runbox_options() {
    local line option short='^  (-[A-Za-z]), ' long='^  (-[A-Za-z], )?(--[a-z][a-z-]*)( ([A-Z=]+))?( |$)'

    options=() takes=()
    while IFS= read -r line; do
        [[ $line =~ $long ]] || continue
        option=${BASH_REMATCH[2]}
        options+=("$option")
        takes[:$option]=${BASH_REMATCH[4]}
        [[ $line =~ $short ]] || continue
        options+=("${BASH_REMATCH[1]}")
        takes[:${BASH_REMATCH[1]}]=${takes[:$option]}
    done < <("$1" "$2" --help 2>/dev/null)
}

# _runbox_value OPTION TAKES: the argument of an option.
_runbox_value() {
    case $1:$2 in
    -l:* | --limit:*)
        compopt -o nospace 2>/dev/null
        words="memory= swap= cpu_time= wall_time= cpus= instructions= processes= open_files= output= artifacts= io_read= io_write="
        ;;
    -g:* | --grant:*)
        compopt -o nospace 2>/dev/null
        words="keyring: network:host mount:/ capability:CAP_ syscall: limit:"
        ;;
    --store:*) words="file kernel credentials" ;;
    --socket:*) files=-f ;;
    *:FILE) files=-f ;;
    *:DIR | *:PATH) files=-d ;;
    esac
}

# _runbox_operand PROGRAM VERB N: the Nth operand.
_runbox_operand() {
    case $2:$3 in
    run:* | batch:* | explain:* | describe:* | new:* | serve:*) files=-d ;;
    keyring:1) words="add list get delete grant revoke" ;;
    schema:1) words=$("$1" schema 2>/dev/null) ;;
    validate:1) words=$("$1" schema 2>/dev/null) files=-f ;;
    keyring:* | schema:* | doctor:* | stats:*) ;;
    *) files=-f ;;
    esac
}

_runbox() {
    local program=${1/#\~/$HOME} cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local verb=run first=1 operand=1 i words='' files=''
    local -a verbs options
    local -A takes

    COMPREPLY=()
    _runbox_verbs "$program"
    if [[ " ${verbs[*]} " == *" ${COMP_WORDS[1]} "* && $COMP_CWORD -gt 1 ]]; then
        verb=${COMP_WORDS[1]} first=2
    fi
    _runbox_options "$program" "$verb"

    # COMP_WORDS is cut at "=" and ":" too: --limit=mem is three words, mount:/srv as well.
    if [[ $cur == = || $cur == : ]]; then
        prev=$cur cur=
    fi
    if [[ $prev == : ]]; then
        [[ ${COMP_WORDS[*]:first} == *" mount :"* ]] && files=-d
    elif [[ $prev == = && ${COMP_WORDS[COMP_CWORD - 2]} == --* ]]; then
        _runbox_value "${COMP_WORDS[COMP_CWORD - 2]}" "${takes[:${COMP_WORDS[COMP_CWORD - 2]}]}"
    elif [[ $prev != = && ${takes[:$prev]} ]]; then
        _runbox_value "$prev" "${takes[:$prev]}"
    elif [[ $prev != = && $cur == -* ]]; then
        words=${options[*]}
        ((COMP_CWORD > 1)) || words+=" -V --version"
    elif [[ $prev != = ]]; then
        for ((i = first; i < COMP_CWORD; i++)); do
            [[ ${COMP_WORDS[i]} == -* || ${takes[:${COMP_WORDS[i - 1]}]} ]] || operand=$((operand + 1))
        done
        _runbox_operand "$program" "$verb" "$operand"
        ((COMP_CWORD > 1)) || words=${verbs[*]}
    fi
    [[ ! $files ]] || compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen ${files:+"$files"} -W "$words" -- "$cur")
}

complete -F _runbox runbox
