/* The end of clients: between two commands, and only there, the doomed are taken out of
 * everything, so that no handler and no walk loses a client that it looks at.
 *
 * What is left of a client then waits on srv->dirty for the shell, which frees it. Must
 * never run inside a handler. */
#include "reap.h"

#include "state/client.h"
#include "state/out.h"
#include "state/server.h"
#include "state/subsystem.h"

static void
bury_client(struct server *srv, struct client *c)
{
    subsystems_client_leaves(srv, c);
    client_leave(srv, c);
    if (c->session)
        out_error(srv, c, c->quit);
    else
        client_free(srv, c); /* the shell knows nothing of it */
}

void
session_reap(struct server *srv)
{
    while (srv->doomed) {
        struct client *c = srv->doomed;
        srv->doomed = c->doomed_next;
        if (srv->doomed == NULL)
            srv->doomed_tail = NULL;
        bury_client(srv, c);
    }
}
