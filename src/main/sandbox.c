/* The sandbox: what a hole in this server must not become a hole in the machine by.
 *
 * Four walls, each without the others' help: the user, no capabilities, files by
 * Landlock, system calls by seccomp. They are tables of what is allowed and are never
 * opened again. Nothing here may fail silently: what could not be built is said. */
#include "sandbox.h"

#include "base/str.h"
#include "dump.h"
#include "landlock.h"
#include "syscalls.h"
#include "user.h"

#include <cap-ng.h>
#include <sys/prctl.h>
#include <unistd.h>

bool
sandbox_enter(struct sandbox_plan *plan, char *what, char *err, size_t errlen)
{
    struct str s;
    str_init(&s, what, SANDBOX_TEXT);
    if (!user_become(plan, err, errlen))
        return false;
    dump_allow(plan->core_dumps);
    if (!plan->locked) {
        str_addf(&s, "off, uid %u", (unsigned)getuid());
        return true;
    }
    capng_clear(CAPNG_SELECT_BOTH);
    bool no_caps = capng_apply(CAPNG_SELECT_BOTH) == 0 || getuid() != 0;
    bool no_new = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    int landlock = no_new ? landlock_lock(plan) : 0;
    bool seccomp = no_new && syscalls_lock();
    if (landlock)
        str_addf(&s, "landlock %d", landlock);
    else
        str_add(&s, "no landlock");
    str_addf(&s, ", %sseccomp, %scapabilities, uid %u", seccomp ? "" : "no ",
             no_caps ? "no " : "", (unsigned)getuid());
    return true;
}
