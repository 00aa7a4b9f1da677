/* The wire trace: each line from and to a client in the log, at the level trace. */
#ifndef SRC_SESSION_WIRE_H
#define SRC_SESSION_WIRE_H

#include "base/log.h"
#include "state/client.h"
#include "state/server.h"

#include <stdbool.h>
#include <stddef.h>

/* All that a server without a trace pays. */
static inline bool
wire_is_traced(const struct server *srv)
{
    return srv->log->level >= LOG_LEVEL_TRACE;
}

/* A line has come from c. line NULL: it was too long to be kept. is_command: its verb
 * is a command of the server. */
void wire_received(struct server *srv, const struct client *c, const char *line,
                   size_t len, bool is_command);

/* The socket of c has taken the next n bytes of its queue, which still holds them. */
void wire_sent(struct server *srv, const struct client *c, size_t n);

#endif
