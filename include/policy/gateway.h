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

/* The gateway that c is, because it comes from the address of a proxy block that accepts
 * WEBIRC and has sent the token of the block or has one of its certificates; NULL: it
 * is none. Compares tokens in constant time. */
const struct config_proxy *gateway_proven(const struct server *srv,
                                          const struct client *c, const char *token);

/* True if a ban of this kind is of hosts and its mask covers an address of a proxy
 * block, so it needs FORCE; why completes a sentence that begins with the mask. Reads
 * only the configuration. */
bool gateway_needs_force(const struct server *srv, enum ban_kind kind,
                         const struct mask *mask, char *why, size_t size);

/* May one more client come from this gateway? name: of the gateway that has told its
 * address; NULL: none has, and if gateways have this address, one of them must have
 * room. False: *most is the limit. */
bool gateway_has_room(const struct server *srv, const char *name,
                      const struct addr *addr, int *most);

/* Counts c, which enters its host, for its gateway; and takes it back. */
void gateway_enter(struct server *srv, const struct client *c);
void gateway_leave(struct server *srv, const struct client *c);

#endif
