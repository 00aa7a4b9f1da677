/* The price of a line, and the credits that pay for it instead. */
#ifndef SRC_SESSION_PRICE_H
#define SRC_SESSION_PRICE_H

struct client;
struct input_line;
struct server;

/* The price of a line in tokens: the cost of its command, more for many targets and
 * long text. */
int price_of_line(const struct input_line *raw);

/* Uses up a credit of c that pays for the line, which then costs nothing. Returns 0 if
 * c has none, 1 for a query that c's own JOIN pays for, and 1 + n for a JOIN of n
 * channels soon after registration (policy/flood.h). The caller keeps the result with
 * the line until the line runs. */
unsigned price_pay(struct server *srv, struct client *c, const struct input_line *raw);

#endif
