/* The table of all subsystems, in the order of state/subsystems.def, and the rows of
 * what has no module of its own. */
#include "lifecycle.h"

#include "cmd/relay.h"
#include "policy/client_policy.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/watch.h"

static void
watch_exit(struct server *srv, struct client *c)
{
    if (policy_of(c)->host) /* else it has left already (session_rehome) */
        WATCH(srv, leave, c);
}

const struct subsystem watch_subsystem = {
    .id = SUBSYSTEM_watch,
    .of_sessions = true,
    .client_leaves = watch_exit,
};

const struct observer *const lifecycle_observers[] = {
    &relay_observer,
    NULL,
};

const struct subsystem *const lifecycle_subsystems[] = {
#define SUBSYSTEM(name) &name##_subsystem,
#include "state/subsystems.def"
#undef SUBSYSTEM
    NULL,
};
