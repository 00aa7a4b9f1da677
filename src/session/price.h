/* What a line costs, and what pays for it instead. */
#ifndef SRC_SESSION_PRICE_H
#define SRC_SESSION_PRICE_H

struct client;
struct input_line;
struct server;

/* The tokens of a line: its row's cost, more for many targets and long text. */
int price_of_line(const struct input_line *raw);

/* Takes the credit that pays for the line, if c has one: then it costs nothing. 0: it
 * has none. 1: a query that an own JOIN has paid for. 1 + n: a JOIN of n channels soon
 * after registration (policy/flood.h). The caller keeps it with the line until that
 * runs. */
unsigned price_pay(struct server *srv, struct client *c, const struct input_line *raw);

#endif
