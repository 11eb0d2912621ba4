/* runbox --version: this release, what it was built with, one a line. The libraries are asked, not
 * their headers: they are part of this program. Lua is part of runbox-lua. */
#include <linux/version.h>
#include <stdio.h>

#include "gen/lua_release.h"
#include "runtime/cmd/cmd.h"
#include "runtime/jail/jail.h"
#include "runtime/json/schema/schema.h"
#include "runtime/json/text.h"
#include "runtime/plan/filter.h"

int cmd_version(void)
{
    char text[512], seccomp[32];

    filter_library(seccomp, sizeof seccomp);
    snprintf(text, sizeof text,
             "runbox " RUNBOX_VERSION "\n" LUA_FOUND "\nlibseccomp %s\njson-c %s\nUnicode %s\n"
             "Linux headers %d.%d.%d\nLandlock ABI 1 to %d\ncgroup v1, v2\n%s\n",
             seccomp, json_library(), schema_unicode(), LINUX_VERSION_MAJOR,
             LINUX_VERSION_PATCHLEVEL, LINUX_VERSION_SUBLEVEL, JAIL_LANDLOCK_ABI,
             RUNBOX_SN0INT ? "sn0int" : "no sn0int");
    cmd_help(text);
    return 0;
}
