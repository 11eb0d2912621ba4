# Of each file of C that is named: NAME=ROOM, the first of ROOMS that it includes a header of, itself or by headers of tests/.
function look(file, depth,    line, name, i) {
    while ((getline line <file) > 0) {
        if (line !~ /^#include "/)
            continue
        name = substr(line, 11, length(line) - 11)
        if (name ~ /^tests\//)
            look(name, depth + 1)
        sub(/\/[^\/]*$/, "", name)
        for (i = 1; i < first; i++)
            if (room[i] == name)
                first = i
    }
    close(file)
}
BEGIN {
    count = split(rooms, room, " ")
    for (n = 1; n < ARGC; n++) {
        first = count
        look(ARGV[n], 0)
        unit = ARGV[n]
        gsub(/.*\/|\.c$/, "", unit)
        print unit "=" room[first]
    }
}
