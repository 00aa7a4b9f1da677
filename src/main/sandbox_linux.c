/* The sandbox of Linux: no capabilities, files by Landlock, system calls by seccomp.
 * Each part is in force without the others. */
#include "base/str.h"
#include "landlock.h"
#include "sandbox.h"
#include "sandbox_system.h"
#include "syscalls.h"

#include <cap-ng.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Also stops dumps that a handler takes from a pipe (core_pattern), which RLIMIT_CORE
 * does not. */
void
sandbox_system_allow_dumps(bool allowed)
{
    prctl(PR_SET_DUMPABLE, allowed ? 1 : 0, 0, 0, 0);
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

void
sandbox_system_lock(struct sandbox_plan *plan, struct str *what)
{
    bool no_caps = drop_capabilities();
    bool no_new = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    int landlock = no_new ? landlock_lock(plan) : 0;
    bool seccomp = no_new && syscalls_lock();
    if (landlock)
        str_addf(what, "landlock %d", landlock);
    else
        str_add(what, "no landlock");
    str_addf(what, ", %sseccomp, %scapabilities", seccomp ? "" : "no ",
             no_caps ? "no " : "");
    plan->hides_files = landlock > 0;
}

bool
sandbox_system_lacks(char *out, size_t size)
{
    bool landlock = landlock_version() > 0, seccomp = syscalls_can_lock();
    if (landlock && seccomp)
        return false;
    str_format(out, size, "this kernel has no %s%s%s",
               landlock ? ""
                        : "Landlock, so the server can reach all files of its user",
               landlock || seccomp ? "" : ", and no ",
               seccomp ? "" : "seccomp, so the server can make all system calls");
    return true;
}

bool
sandbox_system_become(uid_t user, gid_t group)
{
    capng_clear(CAPNG_SELECT_BOTH);
    return capng_change_id((int)user, (int)group,
                           CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING) == 0;
}

bool
sandbox_system_binds_all_ports(void)
{
    capng_get_caps_process();
    return capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_BIND_SERVICE) == 1;
}

void *
sandbox_system_drop_files(void)
{
    capng_get_caps_process();
    void *before = capng_save_state();
    capng_updatev(CAPNG_DROP, CAPNG_EFFECTIVE, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH,
                  -1);
    if (capng_apply(CAPNG_SELECT_CAPS) == 0)
        return before;
    capng_restore_state(&before);
    return NULL;
}

bool
sandbox_system_regain_files(void *before)
{
    if (before == NULL)
        return true;
    capng_restore_state(&before);
    return capng_apply(CAPNG_SELECT_CAPS) == 0;
}
