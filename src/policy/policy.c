/* The subsystem row of struct policy, the memory of this layer. */
#include "policy/policy.h"

#include "base/mem.h"
#include "policy/counts.h"
#include "state/census.h"
#include "state/server.h"
#include "state/subsystem.h"

static void
make_policy(struct server *srv, const struct server_start *start)
{
    (void)start;
    srv->policy = xcalloc(1, sizeof *srv->policy);
    srv->policy->counts = xcalloc(1, sizeof *srv->policy->counts);
}

static void
free_policy(struct server *srv)
{
    free(srv->policy->counts);
    free(srv->policy);
    srv->policy = NULL;
}

static void
add_policy(const struct server *srv, struct census *out)
{
    census_add_self(out, mem_block(sizeof *srv->policy) +
                             mem_block(sizeof *srv->policy->counts));
}

const struct subsystem policy_subsystem = {
    .id = SUBSYSTEM_policy,
    .memory = add_policy,
    .init = make_policy,
    .free = free_policy,
};
