/* The longest topic, kick reason and away text, in bytes, that 005 announces: the
 * configured limit, or less if a line with the longest nick, host and channel in front
 * of the text has no room for it. A text is cut to it once, when it is set. */
#ifndef STATE_TEXT_LIMIT_H
#define STATE_TEXT_LIMIT_H

#include <stddef.h>

struct server;

size_t text_limit_topic(const struct server *srv); /* TOPICLEN: TOPIC, 332, 322 */
size_t text_limit_kick(const struct server *srv);  /* KICKLEN: KICK */
size_t text_limit_away(const struct server *srv);  /* AWAYLEN: AWAY, 301 */

#endif
