/* A walk over all bans of some kinds, in pieces (state/cursor.h). */
#ifndef POLICY_BAN_WALK_H
#define POLICY_BAN_WALK_H

#include <stdbool.h>

struct ban;
struct cursor;
struct server;

/* The kind of ban at work, and the last one wanted. */
struct ban_span {
    int kind, last;
};

/* The bans in force of these kinds in the order in which they were set, one after the
 * other: false when the piece is full (call again), true when all are done. */
bool ban_walk(struct server *srv, struct cursor *cur, struct ban_span *span,
              void (*fn)(struct server *srv, struct cursor *cur,
                         const struct ban *ban));

#endif
