/* Lines on their way in: read, priced, run, held or refused; and what the tick does
 * with them. */
#ifndef SRC_SESSION_INPUT_H
#define SRC_SESSION_INPUT_H

struct client;
struct server;

/* Runs held lines whose tokens have come back. */
void input_release(struct server *srv);

/* Runs what c may run now of its held lines: a worker has answered. */
void input_release_client(struct server *srv, struct client *c);

#endif
