/* Everything that is sent: replies to one, and relays to many whose bytes are built
 * once. */
#ifndef STATE_OUT_H
#define STATE_OUT_H

#include "base/attr.h"
#include "base/sbuf.h"
#include "proto/cap.h"
#include "proto/message.h"
#include "proto/numeric.h"

#include <stdint.h>

struct channel;
struct client;
struct server;

/* ":server 332 nick #a :topic" to one client. Longer than a line: cut at a character.
 */
#define reply(srv, c, ...) out_numeric((srv), (c), __VA_ARGS__)
void out_numeric(struct server *srv, struct client *to, int number, const char *fmt,
                 ...) ATTR_PRINTF(4, 5);

/* ":server NOTICE nick :text" to one client. */
void out_notice(struct server *srv, struct client *to, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* A whole line to one client as given, without a source: PING, ERROR. Takes no CRLF. */
void out_line(struct server *srv, struct client *to, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* The last line of a dead client: "ERROR :Closing Link: host (why)". */
void out_error(struct server *srv, struct client *dead, const char *why);

/* ":server NOTICE nick :*** text" to every operator with +s, and nowhere else. */
void out_opers(struct server *srv, const char *fmt, ...) ATTR_PRINTF(2, 3);

#define RELAY_FORMS (1 << 2) /* sets of CAP_TAGS */
_Static_assert(CAP_TAGS == RELAY_FORMS - 1, "the tag capabilities are the lowest bits");

/* One message to any number of clients: formatted once for each set of tags that
 * someone wants. */
struct relay {
    struct server *srv;
    const char *tags; /* client-only tags, raw; NULL: none; borrowed until relay_end */
    struct sbuf *form[RELAY_FORMS];
    uint32_t need;  /* CAP_* without which nobody gets it; 0: everybody does */
    uint32_t built; /* forms made so far (tests) */
    uint32_t len;
    char body[MESSAGE_LINE];
};

/* ":source " (from NULL: the server) and the text, cut at a character to fit, CRLF
 * added. */
void relay_begin(struct relay *r, struct server *srv, const struct client *from,
                 const char *fmt, ...) ATTR_PRINTF(4, 5);
/* To one; nothing happens when it is dead, and it is killed when its queue is full. */
void relay_to(struct relay *r, struct client *to);
/* To all members of chan but `except` (NULL: nobody). */
void relay_channel(struct relay *r, const struct channel *chan,
                   const struct client *except);
/* To everyone who shares a channel with c, once each; not to c. */
void relay_peers(struct relay *r, const struct client *c);
/* To every registered client with all of these user modes. */
void relay_modes(struct relay *r, uint32_t user_modes);
void relay_end(struct relay *r);

/* Ends the client with the largest queue while all queues together exceed
 * limits.sendq_total. */
void out_enforce_total(struct server *srv);

#endif
