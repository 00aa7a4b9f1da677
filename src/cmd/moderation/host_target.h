/* The host that an operator names, by its address or by a nick that is or was on. */
#ifndef SRC_CMD_MODERATION_HOST_TARGET_H
#define SRC_CMD_MODERATION_HOST_TARGET_H

#include "base/addr.h"
#include "proto/name.h"

#include <stdbool.h>
#include <stddef.h>

#define HOST_TARGET_TYPED (ADDR_TEXT + 8) /* room for host_target_typed */

struct client;
struct config_class;
struct server;
struct whowas_entry;

struct host_target {
    struct client *client; /* of the nick, if it is on; NULL: it is not, or no nick */
    const struct whowas_entry *gone; /* of the nick, if it has left; NULL: it has not */
    struct addr addr;
    /* The name of the host in answers to this operator: "192.0.2.7" or "192.0.2.7
     * (bob)"; without see_address a nick does not stand beside its address: "the host
     * of bob". */
    char shown[PREFIX_TEXT + NAME_NICK_MAX + 16];
};

/* Finds the target of a text: a nick (of a client that is on, or of an entry of
 * WHOWAS), an address, a CIDR that is one host or a part of one, or an address or CIDR
 * behind "*@". False: err names the value and the expected forms; *is_mask tells
 * whether the text may be a mask of several hosts. */
bool host_target_find(const struct server *srv, const struct client *c,
                      const char *text, struct host_target *out, bool *is_mask,
                      char *err, size_t errlen);

/* The address that was typed. An address that begins with a colon loses one colon as
 * the last parameter ("::1" arrives as ":1"); it is written into room with a leading 0.
 * Returns room, or text if it is anything else. */
const char *host_target_typed(const char *text, char room[HOST_TARGET_TYPED]);

/* Advice for the refusal of a text: how to write an address that begins with a colon,
 * which may have taken the rest of its line with it. "": the text does not begin so. */
const char *host_target_hint(const char *text);

/* The class of the client, or of the address; NULL: none. */
const struct config_class *host_target_class(const struct server *srv,
                                             const struct host_target *t);

/* The nick of the target; NULL: an address was given. */
const char *host_target_nick(const struct host_target *t);

#endif
