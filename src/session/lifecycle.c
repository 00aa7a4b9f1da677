/* The tables of all subsystems and observers, and the removal of ended clients.
 *
 * A client that has ended is doomed at first. It is removed between two commands, so
 * that no handler and no walk loses a client that it looks at. The removed client then
 * waits on srv->dirty for the shell, which frees it. */
#include "lifecycle.h"

#include "cmd/relay.h"
#include "policy/client_policy.h"
#include "state/client.h"
#include "state/out.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/watch.h"

static void
watch_exit(struct server *srv, struct client *c)
{
    if (policy_of(c)->host) /* NULL: it has left already (session_rehome) */
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

static void
remove_doomed(struct server *srv, struct client *c)
{
    subsystems_client_leaves(srv, c);
    client_leave(srv, c);
    if (c->session)
        out_error(srv, c, c->quit);
    else
        client_free(srv, c); /* the shell does not know it */
}

void
lifecycle_reap(struct server *srv)
{
    while (srv->doomed) {
        struct client *c = srv->doomed;
        srv->doomed = c->doomed_next;
        if (srv->doomed == NULL)
            srv->doomed_tail = NULL;
        remove_doomed(srv, c);
    }
}
