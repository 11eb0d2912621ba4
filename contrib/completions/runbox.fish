# fish completion of runbox(1). Verbs, options and what they take are read from `runbox --help` and
# `runbox VERB --help`, so that there is no second list of them. Runs the command that is being completed
# with --help, and `runbox schema`; nothing else.

# The lines "VERB<TAB>text".
function __runbox_verbs
    runbox --help 2>/dev/null | sed -n '/^commands:/,/^$/s/^  \([a-z][a-z]*\)  *\(.*\)/\1\t\2/p'
end

# The verb on the command line; run, where none is said.
function __runbox_verb
    set -l said (commandline -opc)[2]
    contains -- "$said" (__runbox_verbs | string split -f 1 \t); and echo $said; or echo run
end

# The lines "OPTION<TAB>text" of the verb. Its argument, where it takes one, is a word of its own.
function __runbox_options
    runbox (__runbox_verb) --help 2>/dev/null | sed -n -E '
        s/^  (-[A-Za-z]), (--[a-z-]+)( [A-Z=]+)?( +(.*))?$/\1\t\5\n\2\t\5/p; t
        s/^  (--[a-z-]+)( [A-Z=]+)?( +(.*))?$/\1\t\4/p'
end

# What the option before the cursor takes: FILE, DIR, NAME=VALUE...; nothing where it takes nothing.
function __runbox_takes
    set -l option (commandline -opc)[-1]
    string match -q -- '-*' $option; or return
    runbox (__runbox_verb) --help 2>/dev/null |
        string match -r -g -- '^  (?:-[A-Za-z], )?'(string escape --style=regex -- $option)'(?:, --[a-z-]+)? ([A-Z=]+)'
end

function __runbox_values
    switch (commandline -opc)[-1]
        case -l --limit
            printf '%s=\n' memory swap cpu_time wall_time cpus instructions processes open_files output artifacts io_read io_write
        case -g --grant
            printf '%s\n' keyring: network:host mount:/ capability:CAP_ syscall: limit:
        case --store
            printf '%s\n' file kernel credentials
        case --socket
            __fish_complete_path (commandline -ct)
        case '*'
            switch (__runbox_takes)
                case FILE
                    __fish_complete_path (commandline -ct)
                case DIR PATH
                    __fish_complete_directories (commandline -ct)
            end
    end
end

function __runbox_operands
    set -l words (commandline -opc)
    switch (__runbox_verb)
        case run batch explain describe new serve
            __fish_complete_directories (commandline -ct)
        case keyring
            test (count $words) -gt 2; or printf '%s\n' add list get delete grant revoke
        case schema
            runbox schema 2>/dev/null
        case validate
            runbox schema 2>/dev/null
            __fish_complete_path (commandline -ct)
        case doctor stats
        case '*'
            __fish_complete_path (commandline -ct)
    end
end

complete -c runbox -f
complete -c runbox -n 'test (count (commandline -opc)) -eq 1' -a '(__runbox_verbs)'
complete -c runbox -n 'test -n "$(__runbox_takes)"' -a '(__runbox_values)'
complete -c runbox -n 'test -z "$(__runbox_takes)"; and not string match -q -- "-*" (commandline -ct)' -a '(__runbox_operands)'
complete -c runbox -n 'test -z "$(__runbox_takes)"; and string match -q -- "-*" (commandline -ct)' -a '(__runbox_options)'
complete -c runbox -n 'test (count (commandline -opc)) -eq 1' -s V -l version -d 'what it was built with'
