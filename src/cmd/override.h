/* What an operator did by the privilege override alone is told and logged (policy.md
 * 7). */
#ifndef CMD_OVERRIDE_H
#define CMD_OVERRIDE_H

struct client;
struct server;

/* One log event and one notice to the operators: who, which command, on
 * which channel. */
void override_report(struct server *srv, const struct client *c, const char *what,
                     const char *channel);

#endif
