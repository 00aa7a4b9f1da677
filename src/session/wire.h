/* The wire trace: each line from and to a client in the log, at the level trace. */
#ifndef SRC_SESSION_WIRE_H
#define SRC_SESSION_WIRE_H

#include "base/log.h"
#include "state/client.h"
#include "state/server.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether lines are traced. A server without a trace pays only for this test. */
static inline bool
wire_is_traced(const struct server *srv)
{
    return srv->log->level >= LOG_LEVEL_TRACE;
}

/* Logs a line that came from c. line: NULL if it was too long to be stored. is_command:
 * whether its verb is a command of the server. */
void wire_received(struct server *srv, const struct client *c, const char *line,
                   size_t len, bool is_command);

/* Logs the lines that end in the first n bytes of the queue of c. The socket took them,
 * and they are still in the queue. */
void wire_sent(struct server *srv, const struct client *c, size_t n);

#endif
