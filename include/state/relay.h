/* One message to any number of clients. Its bytes are made once for each form that
 * clients need, and are shared.
 *
 * The key of a form: the bits of client_form that change the tags of this message, and
 * the body (RELAY_ALT). */
#ifndef STATE_RELAY_H
#define STATE_RELAY_H

#include "base/attr.h"
#include "base/sbuf.h"
#include "base/str.h"
#include "proto/cap.h"
#include "proto/message.h"
#include "state/tags.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel;
struct client;
struct request;
struct server;

#define RELAY_ALT (UINT64_C(1) << 63) /* in a key: the alternative body */
/* forms of one message: two bodies, each with any set of CAP_TAGS */
#define RELAY_FORMS 8
_Static_assert(2 * (CAP_TAGS + 1) <= RELAY_FORMS, "there is room for each form");
#define RELAY_LINE (MESSAGE_LINE + 4) /* bytes of a line before it is cut */

struct relay {
    struct server *srv;
    /* A request with a label that is at work: its client gets the message as a part of
     * the answer. NULL: none. */
    const struct request *request;
    struct tagging tagging; /* the tags of the message; set before the first relay_to */
    /* CAP_*: a client gets the message only if it has all of `need` and none of `lack`.
     * It gets alt_body if it has all of `alt`; alt 0: no client gets it. */
    uint64_t need, lack, alt;
    uint32_t built;        /* entries of `form`: forms made so far */
    uint32_t len, alt_len; /* of the bodies; alt_len 0: there is no alternative */
    uint32_t source_len;   /* length of ":source " at the start of both */
    struct relay_form {
        uint64_t key;
        struct sbuf *bytes;
    } form[RELAY_FORMS];
    /* NULL: the message is `body`. Else this makes a form of several lines. `first`:
     * tags of the message; `rest`: tags that each line may have. Both have '@' and the
     * space after them, or are "". */
    struct sbuf *(*build)(const struct relay *r, bool alt, const char *first,
                          const char *rest);
    const void *lines; /* data for build */
    char body[RELAY_LINE], alt_body[RELAY_LINE];
};

/* Begins a message: ":source " (from NULL: the server) and the text, cut at a character
 * to fit, and CRLF. */
void relay_begin(struct relay *r, struct server *srv, const struct client *from,
                 const char *fmt, ...) ATTR_PRINTF(4, 5);

/* The same in two steps, without a format. `source` is "nick!user@host" or the name of
 * the server; NULL: that of `from`. The caller adds the rest of the line to the result
 * of relay_open and passes it to relay_close. */
struct str relay_open(struct relay *r, struct server *srv, const struct client *from,
                      const char *source);
void relay_close(struct relay *r, const struct str *line);
/* The alternative body, from the same source, for clients with all of these
 * capabilities. The same two steps, after relay_close and before the first relay_to. */
struct str relay_open_alt(struct relay *r, uint64_t caps);
void relay_close_alt(struct relay *r, const struct str *line);

/* Queues the message for one client, unless it is ended (queue_takes). */
void relay_to(struct relay *r, struct client *to);
/* The same for the only receiver of the message: bytes without tags are copied into the
 * last buffer of its queue, and no buffer of their own is made. */
void relay_only(struct relay *r, struct client *to);
/* The same for words of the server itself, such as PONG: they are no delivery
 * (ircd_deliveries_total). */
void relay_reply(struct relay *r, struct client *to);
/* Sends to all members of chan except `except` (NULL: to all). */
void relay_channel(struct relay *r, const struct channel *chan,
                   const struct client *except);
/* The same to the members with any of these member modes. */
void relay_ranked(struct relay *r, const struct channel *chan, uint32_t modes,
                  const struct client *except);
/* Sends to every registered client that has a session and all of these user modes. */
void relay_modes(struct relay *r, uint32_t user_modes);
void relay_end(struct relay *r);

#endif
