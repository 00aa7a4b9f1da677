/* One connection: a descriptor, its watcher and its client. */
#ifndef SRC_NET_CONN_H
#define SRC_NET_CONN_H

#include "base/msec.h"

#include <stdbool.h>

struct client;
struct conn;
struct connection_info;
struct listener;
struct loop;
struct shell_memory;

/* Takes over a descriptor that `at` has accepted; `at` must live as long as the
 * connection. from: what is known of the client, without the listener. A refused
 * connection gets one line and is closed. */
void conn_open(struct loop *l, struct listener *at, int fd,
               const struct connection_info *from);

/* Reads connections with bytes inside their transport (l->more), each at most once, the
 * longest waiting first. Call it once a turn, before the sockets. */
void conn_read_more(struct loop *l);

/* Ends each client of which a part of a record has waited for limits.ping_timeout.
 * Returns the ms until the next one ends, at most `most`. */
msec conn_expire(struct loop *l, msec most);

/* What transports keep now, for STATS z. */
void conn_memory(const struct loop *l, struct shell_memory *out);

/* Writes the queue of a dirty client. A dead client is closed and freed. */
void conn_flush(struct loop *l, struct client *c);

/* Releases the buffers of the pieces that the writes of a turn have made. Call it at its
 * end. */
void conn_release_gathered(struct loop *l);

/* At the end of the server: writes once more to the dead clients that have unsent
 * bytes. `last`: then closes all of them. */
void conn_flush_unsent(struct loop *l, bool last);

#endif
