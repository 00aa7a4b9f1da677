/* The sandbox: limits what an attacker can do to the machine through a hole in this
 * server.
 *
 * Its parts do not depend on each other: the user, and what the system offers
 * (sandbox_system.h). They are tables of allowed accesses and are never widened. No part
 * may fail silently: a part that is missing is named. */
#include "sandbox.h"

#include "base/str.h"
#include "sandbox_system.h"
#include "user.h"

#include <sys/resource.h>
#include <unistd.h>

/* The memory holds passwords for moments, and hashes and the key of the cloaks all the
 * time, so no crash may leave it in a core file. Only the soft limit changes, so it can
 * be raised again. */
void
sandbox_allow_dumps(bool allowed)
{
    struct rlimit limit;
    sandbox_system_allow_dumps(allowed);
    if (getrlimit(RLIMIT_CORE, &limit) != 0)
        return;
    limit.rlim_cur = allowed ? limit.rlim_max : 0;
    setrlimit(RLIMIT_CORE, &limit);
}

bool
sandbox_enter(struct sandbox_plan *plan, char *what, char *err, size_t errlen)
{
    struct str s;
    str_init(&s, what, SANDBOX_TEXT);
    if (!user_become(plan, err, errlen))
        return false;
    sandbox_allow_dumps(plan->core_dumps);
    if (plan->locked)
        sandbox_system_lock(plan, &s);
    else
        str_add(&s, "off");
    str_addf(&s, ", uid %u", (unsigned)getuid());
    return true;
}
