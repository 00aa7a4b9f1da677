/* Input lines: priced, then run, held or refused. */
#ifndef SRC_SESSION_INPUT_H
#define SRC_SESSION_INPUT_H

struct server;

/* Runs the held lines of all clients as far as their tokens allow now. */
void input_release(struct server *srv);

/* - */
#endif
