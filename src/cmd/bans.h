/* Lists of bans, however many: for BANS and STATS. */
#ifndef CMD_BANS_H
#define CMD_BANS_H

struct client;
struct server;

/* The bans that STATS lists under this letter (a row of ban_kinds), one a line, then
 * 219; in pieces (state/cursor.h), so it may go on after the return. */
void bans_stats(struct server *srv, struct client *c, char letter);

#endif
