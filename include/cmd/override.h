/* Reports of acts that only the privilege override allowed. */
#ifndef CMD_OVERRIDE_H
#define CMD_OVERRIDE_H

struct client;
struct server;

/* One log event and one notice to the operators other than c, after c's act: the
 * command, the channel, the nick it was done to (NULL: none) and the text: the mode
 * changes, the topic, the reason or the new name (NULL or "": none). */
void override_report(struct server *srv, const struct client *c, const char *command,
                     const char *channel, const char *nick, const char *text);

#endif
