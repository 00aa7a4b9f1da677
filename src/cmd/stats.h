/* STATS: reports by letter. */
#ifndef CMD_STATS_H
#define CMD_STATS_H

struct client;
struct server;

/* The report of this letter and 219; an unknown letter gives 219 alone. */
void stats_send(struct server *srv, struct client *c, char letter);

#endif
