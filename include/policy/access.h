/* May they? One function a question, each a verdict and nothing else. */
#ifndef POLICY_ACCESS_H
#define POLICY_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel;
struct client;
struct config_oper;
struct server;

enum access_join { JOIN_OK, JOIN_INVITE_ONLY, JOIN_BANNED, JOIN_BAD_KEY, JOIN_FULL };

/* May c (not on it) join chan with this key (NULL: none)? An invitation opens
 * everything. */
enum access_join access_join(struct channel *chan, const struct client *c,
                             const char *key);

/* May c speak on chan? NULL, or the reason in words for 404. */
const char *access_speak(struct channel *chan, const struct client *c);

/* May c's nick change while on all its channels? NULL, or the channel that forbids it
 * (banned without status). */
const struct channel *access_nick(const struct client *c);

/* Has c these member modes at least (operator, or more), or the override privilege? */
bool access_is_op(const struct channel *chan, const struct client *c);

/* May c see that chan exists and who is on it (+s: members and see_address only)? */
bool access_sees_channel(const struct channel *chan, const struct client *c);

/* May c see `other` (+i: who shares a channel, and see_address)? */
bool access_sees_client(const struct client *c, const struct client *other);

/* Has the operator this privilege (PRIV_* of privs.h)? */
bool access_has(const struct client *c, uint64_t priv);

/* The oper block of this name that admits c's user and address; *known says whether the
 * name exists at all. */
const struct config_oper *access_oper(const struct server *srv, const struct client *c,
                                      const char *name, bool *known);

/* For the configuration: is this an oper host mask, "user@host", "user@address" or
 * "user@cidr"? */
bool access_host_mask(const char *text, char *err, size_t errlen);

#endif
