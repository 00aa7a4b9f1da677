/* The privileges of root on a system without capabilities: the parts of
 * sandbox_system.h that do not restrict. */
#include "net/os.h"
#include "sandbox_system.h"

#include <unistd.h>

/* RLIMIT_CORE is all there is. */
void
sandbox_system_allow_dumps(bool allowed)
{
    (void)allowed;
}

/* Changes real, effective and saved ids, because root calls it. */
bool
sandbox_system_become(uid_t user, gid_t group)
{
    return os_set_groups(1, &group) && setgid(group) == 0 && setuid(user) == 0;
}

bool
sandbox_system_binds_all_ports(void)
{
    return geteuid() == 0;
}

/* Root reads and writes all files, in the sandbox too, unless the sandbox hides them. */
void *
sandbox_system_drop_files(void)
{
    return NULL;
}

bool
sandbox_system_regain_files(void *before)
{
    (void)before;
    return true;
}
