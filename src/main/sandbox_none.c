/* The sandbox of a system for which there is none here: process.user is all that
 * limits the server. */
#include "base/str.h"
#include "sandbox.h"
#include "sandbox_system.h"

void
sandbox_system_lock(struct sandbox_plan *plan, struct str *what)
{
    plan->locked = plan->hides_files = false;
    str_add(what, "none on this system");
}

bool
sandbox_system_lacks(char *out, size_t size)
{
    str_format(out, size,
               "ircd has no sandbox for this system, so the server can do all that its "
               "user can");
    return true;
}
