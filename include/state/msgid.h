/* Message ids (IRCv3 message-ids): the wall clock in milliseconds and a sequence number
 * within the millisecond, as one 64-bit number. Ids rise strictly, also if the clock is
 * set back and across restarts, so an id is a position in history.
 *
 * Across restarts: the store holds a moment, the mark, that no id has reached. The mark
 * is moved ahead in time, so that no message waits for the disk, and an id is given
 * only below a saved mark. A new server process continues from the mark. Without a
 * durable store, ids follow the wall clock alone. */
#ifndef STATE_MSGID_H
#define STATE_MSGID_H

#include "base/msec.h"
#include "state/origin.h"
#include "state/record.h"
#include "state/saved.h"
#include "state/subsystem.h"

#include <stdbool.h>
#include <stdint.h>

#define MSGID_TEXT (16 + ORIGIN_NODE_TEXT) /* room for an id as text */
/* Bits of the sequence number. If a millisecond has more ids than fit, they continue in
 * the next one. */
#define MSGID_SEQUENCE_BITS 20
#define MSGID_AHEAD MSEC_MINUTE /* distance of a new mark */
/* a new mark is saved if less than this is left */
#define MSGID_RENEW (30 * MSEC_SECOND)

struct server;

struct msgid_clock {
    uint64_t last; /* the last id given; all later ones are greater */
    /* The wall clock when it was last ahead of the ids (wall), and when that was
     * (monotonic). */
    msec led, led_at;
    msec mark;              /* wall, saved: ids stay below it; 0: none is saved yet */
    msec asked;             /* wall: the mark that is being saved */
    struct saved_wait wait; /* for `asked` */
    uint64_t given;         /* ids given since the start */
};

static inline struct msgid_clock *
msgid_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_msgid);
}

/* After all records are loaded: saves the first mark. */
void msgid_begin(struct server *srv);

extern const struct record_kind msgid_records[]; /* the stored mark */

/* True once ids may be given: a mark is saved, or the store is not durable. */
bool msgid_is_ready(const struct server *srv);

/* The next id, which is greater than all before. */
uint64_t msgid_next(struct server *srv);

/* Writes an id as text: 16 hex digits and the text of the node. */
void msgid_text(const struct origin *o, uint64_t id, char out[MSGID_TEXT]);

/* At every tick: saves a new mark in time. Also without clients, so that the first
 * message after a quiet time has the right time. */
void msgid_tick(struct server *srv);

/* At an orderly end: saves a mark right after the last id, from which the next server
 * continues. */
void msgid_end(struct server *srv);

#define MSGID_RECORD 'I' /* kind of the mark's record, and its whole key */

#endif
