/* The refusal under caller-id (user mode +g). */
#ifndef SRC_CMD_CHAT_CALLERID_H
#define SRC_CMD_CHAT_CALLERID_H

#include <stdbool.h>

struct client;
struct server;

/* `to` does not accept `from` (policy/access.h): 716 to `from`. If tells, `to` learns
 * of it, at most once a minute whatever is tried (718), and `from` that it did (717).
 * quiet: `from` gets no answer (NOTICE). */
void callerid_refuse(struct server *srv, struct client *from, struct client *to,
                     bool quiet, bool tells);

#endif
