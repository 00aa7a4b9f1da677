/* The policy layer's memory as a whole. */
#include "policy/policy.h"

#include "base/mem.h"
#include "state/server.h"
#include "state/subsystem.h"

static void
make_policy(struct server *srv, const struct server_start *start)
{
    (void)start;
    srv->policy = xcalloc(1, sizeof *srv->policy);
}

static void
free_policy(struct server *srv)
{
    free(srv->policy);
    srv->policy = NULL;
}

const struct subsystem policy_subsystem = {
    .name = "policy",
    .init = make_policy,
    .free = free_policy,
};
