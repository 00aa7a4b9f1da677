/* Lists of bans, however many: for BANS and STATS. */
#ifndef CMD_BANS_H
#define CMD_BANS_H

#include <stdbool.h>

struct ban;
struct ban_cover;
struct client;
struct cursor;
struct server;
struct str;

/* The kind of ban at work, and the last one wanted. */
struct bans_span {
    int kind, last;
};

/* The bans in force of these kinds in the order in which they were set, one after the
 * other: false when the piece is full (call again), true when all are done. */
bool bans_walk(struct server *srv, struct cursor *cur, struct bans_span *span,
               void (*fn)(struct server *srv, struct cursor *cur,
                          const struct ban *ban));

/* Which of those covered stay on, for behind a count: "; 2 operators and 1 exempt
 * client stay"; nothing if none does. */
void bans_add_staying(struct str *s, const struct ban_cover *cover);

/* The bans that STATS lists under this letter (a row of ban_kinds), one a line, then
 * 219; in pieces (state/cursor.h), so it may go on after the return. */
void bans_stats(struct server *srv, struct client *c, char letter);

#endif
