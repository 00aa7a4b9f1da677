/* Long answers in pieces: at most CURSOR_BYTES of one are queued a turn, and the next
 * piece waits until its reader has taken most of the last. Neither does a piece take
 * more than CURSOR_WORK, nor all pieces of a turn more than twice CURSOR_TURN: masks of
 * users decide what it takes to look at an item.
 *
 * Until a cursor is done its client's later lines are held (CLIENT_CURSOR), and a
 * label stays open, so the order of answers is that of the commands. */
#ifndef STATE_CURSOR_H
#define STATE_CURSOR_H

#include "base/list.h"
#include "state/request.h"
#include "state/subsystem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CURSOR_BYTES 16384  /* queued a turn, about */
#define CURSOR_VISIT 200    /* work of one item looked at, beside that of masks */
#define CURSOR_WORK 400000  /* of a piece; srv->work has the unit */
#define CURSOR_TURN 6400000 /* of first pieces in a turn, and of all others */

struct channel;
struct client;
struct cursor;
struct host;
struct rest;
struct server;

/* All answers of the server that are not all said yet. */
struct cursors {
    struct list all;    /* struct cursor.link */
    struct rest *rests; /* what these stand on (rest.h) */
    size_t left;        /* work that first pieces may still do this turn */
    bool soon;          /* some of these can go on with the next tick */
};

static inline struct cursors *
cursors_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_cursor);
}

/* Goes on with the answer until cursor_yields says stop (false) or all is said (true).
 */
typedef bool cursor_step(struct server *srv, struct cursor *cur);

/* The head of what a command keeps between two pieces: its first field. */
struct cursor {
    struct list link; /* struct cursors.all */
    struct client *owner;
    struct cursor *next_own; /* the owner's next one, which is older */
    struct request request;  /* what it answers; has the label from the end
                              * of the handler on */
    cursor_step *step;
    void (*end)(struct cursor *cur); /* frees what it holds; NULL: it holds nothing */
    struct server *srv;              /* while a piece is made */
    struct rest *rest;   /* between two pieces, if it stands anywhere (rest.h) */
    struct list resting; /* of that */
    uint8_t standing;    /* rest.c's: enum rest_on */
    /* Where it stands while a piece is made; one at most. */
    struct client *client;   /* next in the nick table to look at; NULL: none */
    struct channel *channel; /* next channel to look at; NULL: none */
    struct host *host;       /* next of policy's hosts to look at; NULL: none */
    struct list *node;       /* next on a list of a layer above, or that list's head */
    size_t memory;           /* of all this, a sum of mem_block; for counting */
    size_t spent;            /* work of all pieces before this one */
    size_t begun;            /* srv->work when this piece began */
    uint32_t base;           /* bytes in its owner's queue when this piece began */
};

/* Memory of `size` bytes, zeroed, counted, that begins with a cursor of c. */
void *cursor_new(struct server *srv, struct client *c, size_t size, cursor_step *step);

/* Sends the first piece and, unless that was all, keeps the cursor for cursor_tick
 * (true); else frees it. Where this turn's first pieces have taken CURSOR_TURN, all of
 * it is left to cursor_tick. */
bool cursor_start(struct server *srv, struct cursor *cur);

/* A command of c has run that started a cursor: the label that is still open, if any,
 * is that of the rest of its answer. */
void cursor_keep_label(struct server *srv, struct client *c);

/* Before each item: true when the piece is full. Counts the item as looked at. */
bool cursor_yields(struct cursor *cur);

/* What its work so far costs its owner; for flood_charge when all is said. */
int cursor_tokens(const struct cursor *cur);

/* Goes on with some of those whose readers are ready. True if one can go on soon. */
void cursor_tick(struct server *srv);

/* How many there are, and their memory with their labels'. Walks them: a client has
 * few.
 */
size_t cursor_count(const struct server *srv, size_t *memory);

/* c goes: nobody reads its answer any more. */
void cursor_cancel(struct server *srv, struct client *c);

#endif
