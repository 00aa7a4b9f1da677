/* The memory holds passwords for moments, and hashes and the key of the cloaks for
 * good, so it must not end in a core file that a crash leaves somewhere.
 *
 * PR_SET_DUMPABLE also stops the dumps that a handler takes from a pipe
 * (core_pattern), which RLIMIT_CORE does not. Only the soft limit changes, so that it
 * can be given back. */
#include "dump.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void
dump_allow(bool allowed)
{
    struct rlimit limit;
    prctl(PR_SET_DUMPABLE, allowed ? 1 : 0, 0, 0, 0);
    if (getrlimit(RLIMIT_CORE, &limit) != 0)
        return;
    limit.rlim_cur = allowed ? limit.rlim_max : 0;
    setrlimit(RLIMIT_CORE, &limit);
}
