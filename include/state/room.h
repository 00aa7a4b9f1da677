/* How long a text may be so that every line it stands in holds all of it, whatever
 * nick, host and channel stand before it: the configured limit, or less where a line
 * has no room. In bytes; 005 says the same. A text is cut to it once, when it is set.
 */
#ifndef STATE_ROOM_H
#define STATE_ROOM_H

#include <stddef.h>

struct server;

size_t room_topic(const struct server *srv); /* TOPICLEN: TOPIC, 332, 322 */
size_t room_kick(const struct server *srv);  /* KICKLEN: KICK */
size_t room_away(const struct server *srv);  /* AWAYLEN: AWAY, 301 */

#endif
