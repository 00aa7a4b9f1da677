/* Classes and exemptions of addresses, and the limits that a class changes.
 *
 * The prefixes of a configuration are compiled into two maps, so the cost of a look-up
 * does not depend on their number. This file counts nothing. */
#include "policy/class.h"

#include "base/mem.h"
#include "base/prefix_map.h"
#include "config/config.h"
#include "policy/client_policy.h"
#include "policy/privs.h"
#include "state/census.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

/* The compiled configuration. */
struct class_state {
    struct prefix_map classes; /* maps to the index of the first matching class */
    struct prefix_map exempts; /* maps to the EXEMPT_* bits of all matching blocks */
};

static struct class_state *
class_state(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_class);
}

static uint32_t
merge_first_class(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t
merge_exempt_bits(uint32_t a, uint32_t b)
{
    return a | b;
}

void
class_compile(struct server *srv)
{
    struct class_state *p = class_state(srv);
    class_forget(srv);
    for (size_t i = 0; i < srv->config->n_class; i++)
        for (size_t m = 0; m < srv->config->class[i].n_match; m++)
            prefix_map_add(&p->classes, &srv->config->class[i].match[m], (uint32_t)i);
    for (size_t i = 0; i < srv->config->n_exempt; i++)
        prefix_map_add(&p->exempts, &srv->config->exempt[i].prefix,
                       srv->config->exempt[i].from);
    prefix_map_build(&p->classes, merge_first_class);
    prefix_map_build(&p->exempts, merge_exempt_bits);
}

void
class_forget(struct server *srv)
{
    prefix_map_clear(&class_state(srv)->classes);
    prefix_map_clear(&class_state(srv)->exempts);
}

const struct config_class *
class_find(const struct server *srv, const struct addr *addr)
{
    uint32_t i;
    return prefix_map_find(&class_state(srv)->classes, addr, &i)
               ? &srv->config->class[i]
               : NULL;
}

unsigned
class_exempt(const struct server *srv, const struct addr *addr)
{
    uint32_t from;
    return prefix_map_find(&class_state(srv)->exempts, addr, &from) ? from : 0;
}

static int
choose_limit(int of_class, int of_limits)
{
    return of_class >= 0 ? of_class : of_limits;
}

void
class_limits(const struct server *srv, const struct config_class *class,
             struct class_limits *out)
{
    const struct config *config = srv->config;
    out->per_host = choose_limit(class ? class->per_host : -1, config->limits.per_host);
    out->per_network =
        choose_limit(class ? class->per_network : -1, config->limits.per_network);
    out->unregistered_per_host = choose_limit(class ? class->unregistered_per_host : -1,
                                              config->limits.unregistered_per_host);
    out->connect = class && class->connect_rate.count > 0 ? class->connect_rate
                                                          : config->limits.connect_rate;
    out->each = rate_interval(&out->connect);
}

bool
class_only_disconnects(const struct config_class *class)
{
    return class && class->strikes == STRIKES_DISCONNECT;
}

static void
compile_classes(struct server *srv, const struct server_start *start)
{
    (void)start;
    class_compile(srv);
}

static void
add_class_memory(const struct server *srv, struct census *out)
{
    const struct class_state *p = class_state(srv);
    census_add_self(out, mem_block(p->classes.room * sizeof *p->classes.at) +
                             mem_block(p->exempts.room * sizeof *p->exempts.at));
}

const struct subsystem class_subsystem = {
    .id = SUBSYSTEM_class,
    .state = sizeof(struct class_state),
    .memory = add_class_memory,
    .init = compile_classes,
    .free = class_forget,
};
