/* The longest text that fits into a line if all parts before it have their greatest
 * length.
 *
 * A line is 512 bytes with CRLF (Modern IRC "Message format"). Only texts with a limit
 * in 005 are here; other texts are cut where they are sent. */
#include "state/text_limit.h"

#include "config/config.h"
#include "proto/message.h"
#include "proto/name.h"
#include "state/server.h"

#include <string.h>

#define LETTERS(text) (sizeof(text) - 1)
/* ":nick!user@host" */
#define SOURCE (LETTERS(":!@") + NAME_NICK_MAX + NAME_USER_MAX + NAME_HOST_MAX)

/* ":server 332 nick" */
static size_t
numeric_length(const struct server *srv)
{
    return LETTERS(":") + srv->me.name_len + LETTERS(" 332 ") + NAME_NICK_MAX;
}

static size_t
clamp_room(int limit, size_t relayed, size_t answered)
{
    size_t before = relayed > answered ? relayed : answered;
    size_t room = MESSAGE_LINE - LETTERS("\r\n") - before;
    return (size_t)limit < room ? (size_t)limit : room;
}

size_t
text_limit_topic(const struct server *srv)
{
    return clamp_room(srv->config->limits.topic_length,
                      SOURCE + LETTERS(" TOPIC  :") + NAME_CHANNEL_MAX,
                      numeric_length(srv) + LETTERS("  4294967295 :") +
                          NAME_CHANNEL_MAX);
}

size_t
text_limit_kick(const struct server *srv)
{
    return clamp_room(srv->config->limits.kick_length,
                      SOURCE + LETTERS(" KICK   :") + NAME_CHANNEL_MAX + NAME_NICK_MAX,
                      0);
}

size_t
text_limit_away(const struct server *srv)
{
    return clamp_room(srv->config->limits.away_length, SOURCE + LETTERS(" AWAY :"),
                      numeric_length(srv) + LETTERS("  :") + NAME_NICK_MAX);
}
