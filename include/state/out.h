/* Everything that is sent: replies to one, and relays to many whose bytes are built
 * once. */
#ifndef STATE_OUT_H
#define STATE_OUT_H

#include "base/attr.h"
#include "base/sbuf.h"
#include "proto/cap.h"
#include "proto/message.h"
#include "proto/numeric.h"
#include "proto/snomask.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel;
struct client;
struct server;

/* Tags of one message. */
struct tagging {
    const char
        *client;       /* client-only tags, raw; NULL: none; borrowed until relay_end */
    bool bot;          /* its sender is marked as a bot (bot mode) */
    uint64_t msgid;    /* 0: it has none */
    const char *batch; /* reference of the batch it belongs to; NULL: none */
};

/* ":server 332 nick #a :topic" to one client. Longer than a line: cut at a character.
 */
void out_numeric(struct server *srv, struct client *to, int number, const char *fmt,
                 ...) ATTR_PRINTF(4, 5);

/* ":server NOTICE nick :text" to one client. */
void out_notice(struct server *srv, struct client *to, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* A standard reply (IRCv3): ":server FAIL command CODE context :text" to a client with
 * the capability, and to every client if a specification defines the code
 * (standard.def); else the text as a NOTICE. context may be ""; type is "FAIL", "WARN"
 * or "NOTE". */
void out_standard(struct server *srv, struct client *to, const char *type,
                  const char *command, const char *code, const char *context,
                  const char *fmt, ...) ATTR_PRINTF(7, 8);

/* Queues bytes for one client as they are: whole lines, with their tags. */
void out_raw(struct server *srv, struct client *to, const char *bytes, size_t n);

/* The same lines from arguments, as members of the batch with this reference ("": of
 * none). */
void out_numeric_args(struct server *srv, struct client *to, const char *batch,
                      int number, const char *fmt, va_list args) ATTR_PRINTF(5, 0);
void out_notice_args(struct server *srv, struct client *to, const char *batch,
                     const char *fmt, va_list args) ATTR_PRINTF(4, 0);
struct standard_code {
    const char *type, *command, *code, *context; /* as for out_standard */
};
void out_standard_args(struct server *srv, struct client *to, const char *batch,
                       const struct standard_code *words, const char *fmt, va_list args)
    ATTR_PRINTF(5, 0);

/* "BATCH +reference type" to one client with the capability, or "BATCH -reference"
 * (type NULL). */
void out_batch(struct server *srv, struct client *to, const char *reference,
               const char *type);

/* A whole line to one client as given, without a source: PING, ERROR. Takes no CRLF. */
void out_line(struct server *srv, struct client *to, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* What waits for c is written in this turn, before what waits for others. So for who
 * has just spoken: the next lines of all who talk are there when the turn ends. */
void out_first(struct server *srv, struct client *c);

/* The last line of a dead client: "ERROR :Closing Link: host (why)". */
void out_error(struct server *srv, struct client *dead, const char *why);

/* ":server NOTICE nick :*** text" to every operator whose server notice mask has this
 * kind (SNO_*), and nowhere else. */
void out_opers(struct server *srv, uint16_t kind, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* Stands in a format of out_opers_both where the forms differ. No client's text holds
 * it: it would end a line. */
#define OUT_EITHER "\n"

/* The same in two forms: operators with any of these privileges read `open` in the
 * place of OUT_EITHER, all others `hidden`. */
void out_opers_both(struct server *srv, uint16_t kind, uint64_t privileges,
                    const char *open, const char *hidden, const char *fmt, ...)
    ATTR_PRINTF(6, 7);

/* The same about an act of an operator that reads its own answer to the command: every
 * other operator is told, and `actor` is not, so that an act is told to its actor once.
 */
void out_opers_by(struct server *srv, const struct client *actor, uint16_t kind,
                  uint64_t privileges, const char *open, const char *hidden,
                  const char *fmt, ...) ATTR_PRINTF(7, 8);

/* Asked before a notice that an outsider can cause at will: at most 10 of a kind at
 * once and one a second are due. Those before the next due one that were not are told
 * as a number. False at once when no operator listens. */
bool out_opers_due(struct server *srv, uint16_t kind);

#define RELAY_FORMS (1 << 2) /* sets of CAP_TAGS */
_Static_assert(CAP_TAGS == RELAY_FORMS - 1, "the tag capabilities are the lowest bits");

/* One message to any number of clients: formatted once for each set of tags that
 * someone wants. */
struct relay {
    struct server *srv;
    struct tagging tagging; /* what tags it carries; set before the first relay_to */
    struct sbuf *form[2 * RELAY_FORMS]; /* the second half for the holders of `alt` */
    uint32_t need;  /* CAP_* without which nobody gets it; 0: everybody does */
    uint32_t lack;  /* CAP_* whose holders do not get it; 0: nobody is left out */
    uint32_t alt;   /* CAP_* whose holders get another form of it; 0: there is none */
    uint32_t built; /* forms made so far (tests) */
    uint32_t len, alt_len; /* of the bodies; 0: the other body is the same */
    uint32_t source_len;   /* of ":source " in them */
    /* NULL: the message is `body`. Else makes a form of several lines: `first` are the
     * tags of the message, `rest` those that each line may have, both with their '@'
     * and space, or "". */
    struct sbuf *(*build)(const struct relay *r, bool alt, const char *first,
                          const char *rest);
    const void *lines; /* for build */
    char body[MESSAGE_LINE], alt_body[MESSAGE_LINE];
};

/* ":source " (from NULL: the server) and the text, cut at a character to fit, CRLF
 * added. */
void relay_begin(struct relay *r, struct server *srv, const struct client *from,
                 const char *fmt, ...) ATTR_PRINTF(4, 5);
/* ":source verb target :text" (text NULL: without it), without a format: what most of
 * the relayed lines are. */
void relay_message(struct relay *r, struct server *srv, const struct client *from,
                   const char *verb, const char *target, const char *text);
/* What holders of all of these capabilities get instead, from the same source; before
 * the first relay_to. */
void relay_alt(struct relay *r, uint32_t caps, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* Gives it a msgid (IRCv3 message-ids), the same for all who receive it. */
void relay_identify(struct relay *r);
/* To one; nothing happens when it is dead, and it is killed when its queue is full. */
void relay_to(struct relay *r, struct client *to);
/* The same to one whom nobody follows: plain bytes join the last of its queue, without
 * a buffer of their own. */
void relay_only(struct relay *r, struct client *to);
/* To all members of chan but `except` (NULL: nobody). */
void relay_channel(struct relay *r, const struct channel *chan,
                   const struct client *except);
/* The same to those with any of these member modes. */
void relay_ranked(struct relay *r, const struct channel *chan, uint32_t modes,
                  const struct client *except);
/* To everyone who shares a channel with c, once each; not to c. */
void relay_peers(struct relay *r, const struct client *c);
/* The same, but `plain` to the clients that share only channels with c where its
 * membership is hushed; NULL: these get nothing. Both are of one server and not ended.
 */
void relay_peers_hushed(struct relay *r, struct relay *plain, const struct client *c);
/* Right after relay_peers or relay_peers_hushed of the same c: to those who watch its
 * nick and asked for more than its coming and going (extended-monitor), and were not
 * reached yet. */
void relay_watchers(struct relay *r, const struct client *c);
/* To every registered client with all of these user modes. */
void relay_modes(struct relay *r, uint32_t user_modes);
void relay_end(struct relay *r);

#endif
