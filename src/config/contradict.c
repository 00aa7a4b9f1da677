/* Pairs of limits, of which the first must be within the second. A limit that cannot be
 * reached is no fault, because nothing breaks, but the operator expects another server
 * than the one that starts. */
#include "config/config.h"

#include "base/str.h"

#include <stddef.h>

struct pair {
    const char *inner, *outer;
    size_t inner_at, outer_at; /* int fields of struct config */
    int inner_default, outer_default;
    /* the default of inner is above that of outer: only a written value counts */
    bool only_written;
};

enum {
#define COUNT(block, field, def, min, max, reload, help)                               \
    DEFAULT_##block##_##field = (def),
#include "config/config.def"
};

#define LIMIT_PAIR(inner, outer, only_written)                                         \
    {                                                                                  \
        "limits." #inner, "limits." #outer, offsetof(struct config, limits.inner),     \
            offsetof(struct config, limits.outer), DEFAULT_limits_##inner,             \
            DEFAULT_limits_##outer, only_written                                       \
    }

static const struct pair pairs[] = {
    LIMIT_PAIR(per_host, per_network, false),
    LIMIT_PAIR(unregistered_per_host, per_host, true),
    LIMIT_PAIR(per_network, clients, false),
    LIMIT_PAIR(sendq, sendq_total, false),
    LIMIT_PAIR(sendq_unregistered, sendq, false),
    LIMIT_PAIR(recvq_unregistered, recvq, false),
    LIMIT_PAIR(channels_per_client, channels, false),
};

static int
read_limit_at(const struct config *c, size_t offset)
{
    return *(const int *)(const void *)((const char *)c + offset);
}

static void
judge_pair(const struct config *c, const struct pair *p, config_fault *fn, void *ctx)
{
    char text[300];
    int inner = read_limit_at(c, p->inner_at), outer = read_limit_at(c, p->outer_at);
    bool written = inner != p->inner_default;
    if (!p->only_written)
        written |= outer != p->outer_default;
    if (inner <= outer || outer == 0 || !written) /* limits.clients = 0 is no limit */
        return;
    str_format(text, sizeof text,
               "%s = %d is never reached, because %s = %d: raise the second or lower "
               "the first",
               p->inner, inner, p->outer, outer);
    fn(ctx, text);
}

/* Compares per_host and per_network of a class that sets at least one of them. */
static void
judge_class(const struct config *c, const struct config_class *class, config_fault *fn,
            void *ctx)
{
    char text[300];
    int host = class->per_host >= 0 ? class->per_host : c->limits.per_host;
    int network = class->per_network >= 0 ? class->per_network : c->limits.per_network;
    if (host <= network || (class->per_host < 0 && class->per_network < 0))
        return;
    str_format(text, sizeof text,
               "class \"%s\": per_host = %d is never reached, because per_network = %d "
               "(%s): raise the second or lower the first",
               class->name, host, network,
               class->per_network >= 0 ? "its own" : "as in limits");
    fn(ctx, text);
}

/* Compares the limit of all clients of a class with that of the server, and with the
 * limit of a host that the class sets. */
static void
judge_class_connections(const struct config *c, const struct config_class *class,
                        config_fault *fn, void *ctx)
{
    char text[300];
    int all = class->connections, clients = c->limits.clients;
    if (all == 0)
        return;
    if (clients > 0 && all > clients) {
        str_format(text, sizeof text,
                   "class \"%s\": connections = %d is never reached, because "
                   "limits.clients = %d: raise the second or lower the first",
                   class->name, all, clients);
        fn(ctx, text);
    }
    if (class->per_host > all) {
        str_format(text, sizeof text,
                   "class \"%s\": per_host = %d is never reached, because connections "
                   "= %d: raise the second or lower the first",
                   class->name, class->per_host, all);
        fn(ctx, text);
    }
}

/* Compares the limit of all clients of a class with that of a network, if the class is
 * for one network: as those of tor's circuits, which look like one. */
static void
judge_class_network(const struct config *c, const struct config_class *class,
                    config_fault *fn, void *ctx)
{
    char text[300];
    int all = class->connections;
    int network = class->per_network >= 0 ? class->per_network : c->limits.per_network;
    if (class->n_match != 1 || all <= network)
        return;
    const struct prefix *match = &class->match[0];
    unsigned bits = addr_is_v4(&match->addr) ? NETWORK_V4 : NETWORK_V6;
    if (prefix_length(match) < bits)
        return;
    str_format(text, sizeof text,
               "class \"%s\": connections = %d is never reached, because per_network = "
               "%d (%s) and all its addresses are in one network: raise the second or "
               "lower the first",
               class->name, all, network,
               class->per_network >= 0 ? "its own" : "as in limits");
    fn(ctx, text);
}

/* The class of a host is chosen by its address alone. */
static void
judge_class_prefix(const struct config_class *class, config_fault *fn, void *ctx)
{
    char text[300];
    bool by_address = class->n_match > 0 && !class->tls && class->n_certfp == 0;
    if (class->host_prefix_v6 == 0 || by_address)
        return;
    str_format(text, sizeof text,
               "class \"%s\": host_prefix_v6 has no effect, because a host is found by "
               "its address alone: write it into a class that has match, and neither "
               "tls nor certfp",
               class->name);
    fn(ctx, text);
}

void
config_contradictions(const struct config *c, config_fault *fn, void *ctx)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        judge_pair(c, &pairs[i], fn, ctx);
    for (size_t i = 0; i < c->n_class; i++) {
        judge_class(c, &c->class[i], fn, ctx);
        judge_class_connections(c, &c->class[i], fn, ctx);
        judge_class_network(c, &c->class[i], fn, ctx);
        judge_class_prefix(&c->class[i], fn, ctx);
    }
}
