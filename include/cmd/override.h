/* What an operator did by the privilege override alone is told and logged. */
#ifndef CMD_OVERRIDE_H
#define CMD_OVERRIDE_H

struct client;
struct server;

/* One log event and one notice to the other operators, after the act was done: who,
 * which command, on which channel, to whom (a nick; NULL: none) and what: the changes,
 * the topic, the reason or the new name (NULL or "": nothing). c reads the act itself.
 */
void override_report(struct server *srv, const struct client *c, const char *command,
                     const char *channel, const char *nick, const char *text);

#endif
