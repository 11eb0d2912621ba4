/* Switch to the box's user and group: the only ids its namespace maps, never 0 on either side. */
#include "runtime/jail/steps.h"
#include "runtime/jail/sys.h"

long ids_enter(struct jail_child *j)
{
    long uid = j->order.uid, gid = j->order.gid;
    /* An ordinary user's namespace must deny setgroups(2) before it may map a group
     * (CVE-2014-8989), so the user's own supplementary groups stay; inside, they appear as the
     * overflow group. */
    long r = j->order.own_ids ? sys2(SYS_setgroups, 0, NULL) : 0;

    if (r == 0)
        r = sys3(SYS_setresgid, gid, gid, gid);
    return r ? r : sys3(SYS_setresuid, uid, uid, uid);
}
