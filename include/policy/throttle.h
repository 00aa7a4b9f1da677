/* Admission: may this address have one more connection (policy.md 2 and 6). */
#ifndef POLICY_THROTTLE_H
#define POLICY_THROTTLE_H

#include "base/duration.h"
#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>

struct addr;
struct client;
struct config_class;
struct server;

/* Checks in the order of policy.md 2.1, cheapest first. False: `why` (in words, for the
 * ERROR line) and nothing counted, but a strike where the rate was abused. */
bool throttle_admit(struct server *srv, const struct addr *addr, char *why,
                    size_t size);

/* Counts an admitted client on its host and network; sets c->host, network, class,
 * exempt. */
void throttle_enter(struct server *srv, struct client *c);
/* It has registered: no longer one of the unregistered of its host. */
void throttle_registered(struct server *srv, struct client *c);
/* It is gone: gives everything back. Idempotent. */
void throttle_leave(struct server *srv, struct client *c);

/* May a server password of c be looked at? False: its host gave too many wrong ones;
 * the wait is in *wait. */
bool throttle_password(struct server *srv, const struct client *c, msec *wait);
/* It was a wrong one: counted on its host, with a strike. */
void throttle_wrong_password(struct server *srv, struct client *c);

/* One operator more (1) or less (-1) on c's host. */
void throttle_oper(struct client *c, int change);

/* Makes the prefixes of srv->config ready to be looked up; frees what that takes. Of a
 * configuration of 20,000 prefixes it takes some milliseconds. */
void throttle_compile(struct server *srv);
void throttle_forget(struct server *srv);

/* The class (the first that matches) and exemptions (of all that match) of an address
 * in the configuration that was compiled last. */
const struct config_class *throttle_class(const struct server *srv,
                                          const struct addr *addr);
unsigned throttle_exempt(const struct server *srv, const struct addr *addr);

/* What holds for addresses of this class (NULL: none). */
struct throttle_limits {
    int per_host, per_network, unregistered_per_host;
    struct rate connect;
    msec each; /* one connection comes back */
};
void throttle_limits(const struct server *srv, const struct config_class *class,
                     struct throttle_limits *out);

/* After a new configuration: looks up class and exemptions of every client again. */
void throttle_reconfigure(struct server *srv);

#endif
