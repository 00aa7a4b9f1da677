/* The sandbox: limits what an attacker can do to the machine through a hole in this
 * server.
 *
 * Its four parts do not depend on each other: the user, no capabilities, files by
 * Landlock, system calls by seccomp. They are tables of allowed accesses and are never
 * widened. No part may fail silently: a part that is missing is named. */
#include "sandbox.h"

#include "base/str.h"
#include "landlock.h"
#include "syscalls.h"
#include "user.h"

#include <cap-ng.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* The memory holds passwords for moments, and hashes and the key of the cloaks all the
 * time, so no crash may leave it in a core file. PR_SET_DUMPABLE also stops dumps that
 * a handler takes from a pipe (core_pattern), which RLIMIT_CORE does not. Only the soft
 * limit changes, so it can be raised again. */
void
sandbox_allow_dumps(bool allowed)
{
    struct rlimit limit;
    prctl(PR_SET_DUMPABLE, allowed ? 1 : 0, 0, 0, 0);
    if (getrlimit(RLIMIT_CORE, &limit) != 0)
        return;
    limit.rlim_cur = allowed ? limit.rlim_max : 0;
    setrlimit(RLIMIT_CORE, &limit);
}

/* Without CAP_SETPCAP the bounding set stays, which gives nothing to a process that
 * cannot execute a program with new privileges. libcap-ng would complain about it in the
 * system's log. */
static bool
drop_capabilities(void)
{
    capng_get_caps_process();
    bool bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
    capng_select_t which = bounds ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS;
    capng_clear(which);
    return capng_apply(which) == 0 || getuid() != 0;
}

bool
sandbox_enter(struct sandbox_plan *plan, char *what, char *err, size_t errlen)
{
    struct str s;
    str_init(&s, what, SANDBOX_TEXT);
    if (!user_become(plan, err, errlen))
        return false;
    sandbox_allow_dumps(plan->core_dumps);
    if (!plan->locked) {
        str_addf(&s, "off, uid %u", (unsigned)getuid());
        return true;
    }
    bool no_caps = drop_capabilities();
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
