/* Whom an operator means: a nick that is or was on, or a host. */
#ifndef SRC_CMD_MODERATION_HOST_TARGET_H
#define SRC_CMD_MODERATION_HOST_TARGET_H

#include "base/addr.h"
#include "proto/name.h"

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;
struct whowas_entry;

struct host_target {
    struct client *client;           /* it is on; NULL: not, or an address was given */
    const struct whowas_entry *gone; /* it has left; NULL: not */
    struct addr addr;
    /* As answers to this operator call it: "192.0.2.7", "192.0.2.7 (bob)"; a nick is
     * never put beside its address for who may not see_address: "the host of bob". */
    char shown[PREFIX_TEXT + NAME_NICK_MAX + 16];
};

/* A nick (also one that left, through WHOWAS), an address, a CIDR that is one host or
 * lies in one, or any of these behind "*@". False: err names the value and what was
 * expected; *is_mask: it may be a mask of several hosts. */
bool host_target_find(const struct server *srv, const struct client *c,
                      const char *text, struct host_target *out, bool *is_mask,
                      char *err, size_t errlen);

/* An address as it was typed: one that begins with a colon loses it as the last
 * parameter ("::1" arrives as ":1"). Anything else comes back as it is. */
const char *host_target_typed(const char *text, char room[ADDR_TEXT + 8]);

/* What to add to a refusal of such a text, which may have swallowed the rest of its
 * line: how to write it. "": nothing. */
const char *host_target_hint(const char *text);

/* Its nick, or NULL where an address was given. */
const char *host_target_nick(const struct host_target *t);

#endif
