/* A long answer in pieces: a cursor queues at most CURSOR_BYTES in a turn, and the next
 * piece waits until the client has read most of the last one. The work of a piece is
 * limited to CURSOR_WORK, and that of all pieces of a turn to about twice CURSOR_TURN,
 * because masks of users decide how much work an item takes. Between two ticks, each
 * turn continues cursors with the work of about one such piece.
 *
 * Until a cursor is done, later lines of its client are held (CLIENT_CURSOR) and a
 * label stays open, so that answers keep the order of the commands. */
#ifndef STATE_CURSOR_H
#define STATE_CURSOR_H

#include "base/list.h"
#include "state/request.h"
#include "state/subsystem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CURSOR_BYTES 16384 /* bytes of one piece, about */
/* work of an item that is looked at, without that of masks */
#define CURSOR_VISIT 200
#define CURSOR_WORK 400000 /* work of one piece; unit: srv->work */
/* work of all first pieces in a turn; as much for later ones */
#define CURSOR_TURN 6400000

struct channel;
struct client;
struct cursor;
struct host;
struct rest;
struct server;

/* All unfinished long answers of the server. */
struct cursors {
    struct list all;    /* struct cursor.link */
    struct rest *rests; /* the places where the cursors rest (rest.h) */
    size_t left;        /* work that first pieces may still do in this turn */
    bool soon;          /* some of the cursors can continue with the next tick */
};

static inline struct cursors *
cursors_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_cursor);
}

/* Continues the answer until cursor_yields is true (returns false) or the answer is
 * complete (returns true). */
typedef bool cursor_step(struct server *srv, struct cursor *cur);

/* The first member of the struct that a command keeps between two pieces. */
struct cursor {
    struct list link; /* struct cursors.all */
    struct client *owner;
    struct cursor *next_own; /* the next older cursor of the owner; NULL: none */
    /* The request that it answers. It has the label once the handler has returned. */
    struct request request;
    cursor_step *step;
    /* frees memory of the command's own; NULL: there is none */
    void (*end)(struct cursor *cur);
    struct server *srv;  /* set while a piece is made */
    struct rest *rest;   /* between two pieces, if it has a place (rest.h); else NULL */
    struct list resting; /* in rest->cursors */
    uint8_t standing;    /* owned by rest.c: enum rest_on, the kind of the place */
    /* The place while a piece is made: one of the four at most. */
    struct client *client;   /* next in the nick table to look at; NULL: none */
    struct channel *channel; /* next in the channel table; NULL: none */
    struct host *host;       /* next host of policy; NULL: none */
    struct list *node; /* next on a list of a layer above, or its head; NULL: none */
    size_t memory;     /* bytes of the command's struct, by mem_block */
    size_t spent;      /* work of all earlier pieces */
    size_t begun;      /* srv->work when this piece began */
    uint32_t base;     /* bytes in the owner's queue when this piece began */
};

/* A cursor of c at the head of `size` zeroed bytes. */
void *cursor_new(struct server *srv, struct client *c, size_t size, cursor_step *step);

/* Sends the first piece. If that is the whole answer, frees the cursor (false); else
 * keeps it for cursor_tick (true). If first pieces have used up CURSOR_TURN in this
 * turn, cursor_tick sends the first piece as well. */
bool cursor_start(struct server *srv, struct cursor *cur);

/* After a command of c that started a cursor: the label of the command, if it is still
 * open, stays open for the rest of the answer. */
void cursor_keep_label(struct server *srv, struct client *c);

/* Called before each item. True: the piece is full. False: the item is counted as
 * looked at. */
bool cursor_yields(struct cursor *cur);

/* The tokens that the work of all pieces costs the owner, for flood_charge when the
 * answer is complete. */
int cursor_tokens(const struct cursor *cur);

/* Continues cursors of clients that have read most of their last piece, within
 * CURSOR_TURN, and sets cursors.soon. */
void cursor_tick(struct server *srv);

/* As cursor_tick, but within CURSOR_WORK, so that a turn between two ticks is short. */
void cursor_continue(struct server *srv);

/* Whether one of the cursors that have waited longest can make a piece. Cursors whose
 * clients do not read wait in front; behind very many of them a cursor waits for
 * cursor_tick. */
bool cursor_can_continue(const struct server *srv);

/* The number of cursors, and their memory with that of their labels. Walks all of
 * them. */
size_t cursor_count(const struct server *srv, size_t *memory);

/* c leaves: frees its cursors. */
void cursor_cancel(struct server *srv, struct client *c);

#endif
