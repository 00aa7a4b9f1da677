/* Message ids (IRCv3 message-ids): the wall clock in milliseconds and a sequence within
 * the millisecond, as one 64-bit number. Ids rise strictly, also when the clock is set
 * back and across restarts, so an id is a position in history.
 *
 * Across restarts: the store holds a moment (the mark) that no id has reached. It is
 * reserved ahead, so that no message waits for the disk, and an id is given only below
 * a mark that is saved. A server that begins anew goes on from the mark. Without a
 * durable store the wall clock alone decides. */
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
#define MSGID_SEQUENCE_BITS                                                            \
    20                          /* of an id; a fuller millisecond goes on in the next  \
                                 */
#define MSGID_AHEAD MSEC_MINUTE /* reserved at once */
#define MSGID_RENEW (30 * MSEC_SECOND) /* less is left: the next is reserved */

struct server;

struct msgid_clock {
    uint64_t last;    /* the last id given; none is given below or at it */
    msec led, led_at; /* the wall clock when it last was ahead of the ids, and the
                         monotonic time then */
    msec mark;        /* saved: ids stay below this moment; 0: none is saved yet */
    msec asked;       /* the mark that waits to be saved */
    struct saved_wait wait; /* for it */
    uint64_t given;         /* ids since the start */
};

static inline struct msgid_clock *
msgid_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_msgid);
}

/* After all records are loaded: reserves the first ids. */
void msgid_begin(struct server *srv);

extern const struct record_kind msgid_records[]; /* the stored mark */

/* True once the first ids may be given: the mark is saved, or no store is durable. */
bool msgid_is_ready(const struct server *srv);

/* The next id, greater than all before. */
uint64_t msgid_next(struct server *srv);

/* 16 hex digits, and the node. */
void msgid_text(const struct origin *o, uint64_t id, char out[MSGID_TEXT]);

/* Reserves more ids in time, at every tick; without clients as well, so that the first
 * message after a quiet time has its time. */
void msgid_tick(struct server *srv);

/* At an end in order: the next server goes on right behind the last id. */
void msgid_end(struct server *srv);

#define MSGID_RECORD 'I' /* kind of its record, and its whole key */

#endif
