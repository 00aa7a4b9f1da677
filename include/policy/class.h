/* Classes: what the configuration says of an address (class, exemptions, limits). */
#ifndef POLICY_CLASS_H
#define POLICY_CLASS_H

#include "base/addr.h"
#include "base/duration.h"
#include "base/msec.h"
#include "config/config.h"
#include "policy/client_policy.h"
#include "policy/privs.h"
#include "state/session.h"

#include <stdbool.h>

struct server;

/* Compiles the prefixes of srv->config for look-ups and frees the result of the
 * previous call. A configuration of 20,000 prefixes takes some milliseconds. */
void class_compile(struct server *srv);
void class_forget(struct server *srv);

/* The class of a connection from this address: that of its listener if the listener has
 * one, else the first class that matches (NULL: none). And the exemptions of the address
 * (EXEMPT_* of all blocks that match). Both in the configuration compiled last. facts:
 * NULL for an address alone, as for a plain connection. */
const struct config_class *class_find(const struct server *srv, const struct addr *addr,
                                      const struct connection_facts *facts);
const struct config_class *class_of_client(const struct server *srv,
                                           const struct client *c);
/* The class of this name in the configuration compiled last; NULL: there is none. For
 * what must outlive a client and a configuration. */
const struct config_class *class_named(const struct server *srv, const char *name);
/* Writes the name of the class of c; "": it has none. */
void class_write_name(const struct client *c, char out[static CONFIG_NAME]);
/* Whether the listener of this name (as configured; NULL: not known) has a class. */
bool class_is_of_listener(const struct server *srv, const char *listener);
unsigned class_exempt(const struct server *srv, const struct addr *addr);

/* The limits that hold for addresses of this class (NULL: no class). */
struct class_limits {
    int per_host, per_network, unregistered_per_host;
    struct rate connect;
    msec each; /* the time until one more connection is allowed */
};
void class_limits(const struct server *srv, const struct config_class *class,
                  struct class_limits *out);

/* True if this class (NULL: none) has strikes = "disconnect". */
bool class_only_disconnects(const struct config_class *class);

/* True if c has no flood control, by its address or by its privileges. */
static inline bool
class_is_flood_exempt(const struct client *c)
{
    return policy_of(c)->exempt & EXEMPT_FLOOD ||
           c->user.privileges & PRIV_flood_exempt;
}

#endif
