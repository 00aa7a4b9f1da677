/* What a line costs. */
#ifndef CMD_PRICE_H
#define CMD_PRICE_H

struct client;
struct raw;
struct server;

/* The tokens of a line: its row's cost, more for many targets and long text, -1 for a
 * query that an own JOIN has paid for. Does not change anything. */
int price_of_line(const struct server *srv, const struct client *c,
                  const struct raw *raw);

/* The line is about to run: a query that was paid for uses its credit up, and says so
 * by CLIENT_PAID. */
void price_paid(struct server *srv, struct client *c, const struct raw *raw);

#endif
