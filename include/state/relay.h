/* One message to any number of clients: its bytes are made once for each form that a
 * client wants, and shared.
 *
 * A form is found by its key: those bits of client_form that make another one of this
 * message (its tags), and the body. */
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

#define RELAY_ALT (UINT64_C(1) << 63) /* in a key: the other body */
#define RELAY_FORMS 8 /* keys of one message: two bodies, sets of CAP_TAGS */
_Static_assert(2 * (CAP_TAGS + 1) <= RELAY_FORMS, "there is room for each form");
#define RELAY_LINE (MESSAGE_LINE + 4) /* a line before it is cut */

struct relay {
    struct server *srv;
    const struct request *request; /* with a label, whose client takes it as a part of
                                    * its answer; NULL: none */
    struct tagging tagging; /* what tags it carries; set before the first relay_to */
    uint64_t need;          /* CAP_* without which no client gets it; 0: all get it */
    uint64_t lack;          /* CAP_* whose holders do not get it; 0: none is left out */
    uint64_t alt;   /* CAP_* whose holders get the other body; 0: there is none */
    uint32_t built; /* forms made so far, all in `form` */
    uint32_t len, alt_len; /* of the bodies; alt_len 0: the other body is the same */
    uint32_t source_len;   /* of ":source " in them */
    struct relay_form {
        uint64_t key;
        struct sbuf *bytes;
    } form[RELAY_FORMS];
    /* NULL: the message is `body`. Else makes a form of several lines: `first` are the
     * tags of the message, `rest` those that each line may have, both with their '@'
     * and space, or "". */
    struct sbuf *(*build)(const struct relay *r, bool alt, const char *first,
                          const char *rest);
    const void *lines; /* for build */
    char body[RELAY_LINE], alt_body[RELAY_LINE];
};

/* ":source " (from NULL: the server) and the text, cut at a character to fit, CRLF
 * added. */
void relay_begin(struct relay *r, struct server *srv, const struct client *from,
                 const char *fmt, ...) ATTR_PRINTF(4, 5);

/* The same in steps, without a format. `source` is "nick!user@host" or the name of the
 * server, NULL: that of `from`. The caller adds the rest of the line to what
 * relay_open returns, and gives it to relay_close. */
struct str relay_open(struct relay *r, struct server *srv, const struct client *from,
                      const char *source);
void relay_close(struct relay *r, const struct str *line);
/* What holders of all of these capabilities get instead, from the same source: the same
 * two steps, after relay_close and before the first relay_to. */
struct str relay_open_alt(struct relay *r, uint64_t caps);
void relay_close_alt(struct relay *r, const struct str *line);

/* To one; nothing happens when it is ended, and it is killed when its queue is full. */
void relay_to(struct relay *r, struct client *to);
/* The same to one that no other follows: plain bytes join the last of its queue,
 * without a buffer of their own. */
void relay_only(struct relay *r, struct client *to);
/* To all members of chan but `except` (NULL: to all). */
void relay_channel(struct relay *r, const struct channel *chan,
                   const struct client *except);
/* The same to those with any of these member modes. */
void relay_ranked(struct relay *r, const struct channel *chan, uint32_t modes,
                  const struct client *except);
/* To each client that shares a channel with c, once; not to c. */
void relay_peers(struct relay *r, const struct client *c);
/* The same, but `plain` to the clients that share only channels with c where its
 * membership is withheld; NULL: these get nothing. Both are of one server and not ended.
 */
void relay_peers_withheld(struct relay *r, struct relay *plain, const struct client *c);
/* Right after relay_peers or relay_peers_withheld of the same c: to the clients that
 * watch its nick, asked for more than its coming and going (extended-monitor), and were
 * not reached yet. */
void relay_watchers(struct relay *r, const struct client *c);
/* To every registered client with all of these user modes. */
void relay_modes(struct relay *r, uint32_t user_modes);
void relay_end(struct relay *r);

#endif
