/* Gateways: the proxies of the configuration that may tell the address of a client, and
 * the number of clients that each of them has. The address of a gateway is no host: it
 * is exempt from the limits of hosts and from strikes (EXEMPT_GATEWAY). */
#ifndef POLICY_GATEWAY_H
#define POLICY_GATEWAY_H

#include "policy/ban/ban.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;
struct client;
struct config_proxy;
struct mask;
struct server;

/* The first proxy block that matches the address and accepts one of these (ACCEPTS_*
 * bits); NULL: none. Borrowed until the next configuration. */
const struct config_proxy *gateway_find(const struct server *srv,
                                        const struct addr *addr, unsigned accepts);

/* Whether the address is that of a proxy block. */
bool gateway_is(const struct server *srv, const struct addr *addr);

/* The proxy block that c has proven to be: it accepts WEBIRC, c comes from its address,
 * and c has sent its token or has one of its certificates. NULL: there is none. Borrowed
 * until the next configuration. Compares tokens in constant time. */
const struct config_proxy *gateway_proven(const struct server *srv,
                                          const struct client *c, const char *token);

/* True if a ban of this kind is of hosts and its mask covers an address of a proxy
 * block, so it needs FORCE; `why` (of size bytes) then completes a sentence that begins
 * with the mask. Reads only the configuration. */
bool gateway_needs_force(const struct server *srv, enum ban_kind kind,
                         const struct mask *mask, char *why, size_t size);

/* Whether one more client may come. name: the gateway that has told its address, which
 * must have room; NULL: none has. Then one of the gateways with this address must have
 * room, if there are any. False: *most is the limit, in connections. */
bool gateway_has_room(const struct server *srv, const char *name,
                      const struct addr *addr, int *most);

/* The clients of this block of srv->config->proxy. */
unsigned gateway_clients(const struct server *srv, const struct config_proxy *p);

/* Counts c for its gateway, when it enters its host; and takes it back, when it leaves. */
void gateway_enter(struct server *srv, const struct client *c);
void gateway_leave(struct server *srv, const struct client *c);

#endif
