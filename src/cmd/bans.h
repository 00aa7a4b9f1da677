/* Lists of bans, however many: for BANS and STATS. */
#ifndef CMD_BANS_H
#define CMD_BANS_H

#include <stdbool.h>

struct ban;
struct client;
struct cursor;
struct server;

/* The kind of ban at work, and the last one wanted. */
struct bans_span {
    int kind, last;
};

/* The bans in force of these kinds in the order in which they were set, one after the
 * other: false when the piece is full (call again), true when all are done. */
bool bans_walk(struct server *srv, struct cursor *cur, struct bans_span *span,
               void (*fn)(struct server *srv, struct cursor *cur,
                          const struct ban *ban));

/* The bans that STATS lists under this letter (a row of ban_kinds), one a line, then
 * 219; in pieces (state/cursor.h), so it may go on after the return. */
void bans_stats(struct server *srv, struct client *c, char letter);

#endif
