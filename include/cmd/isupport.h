/* RPL_ISUPPORT (005): what this server does, and nothing that it does not. */
#ifndef CMD_ISUPPORT_H
#define CMD_ISUPPORT_H

#include <stddef.h>

struct client;
struct server;
struct subsystem;

/* All tokens, at most 13 a line. */
void isupport_send(struct server *srv, struct client *c);

/* All tokens as they are now, one a line, for isupport_update; the caller frees it. */
char *isupport_text(const struct server *srv);

/* The configuration is another: sends the tokens that differ from `before` to all who
 * have been told 005, and "-TOKEN" for one that is no more (Modern IRC "RPL_ISUPPORT").
 */
void isupport_update(struct server *srv, const char *before);
/* The configuration has changed, or the server ends: the lines are made anew. */
void isupport_forget(struct server *srv);

/* Memory of the lines, as mem_block; 0: they are not made yet. */
size_t isupport_memory(const struct server *srv);

extern const struct subsystem isupport_subsystem;

#endif
