/* One connection: a descriptor, its watcher and its client. */
#ifndef SRC_NET_CONN_H
#define SRC_NET_CONN_H

#include <stdbool.h>

struct addr;
struct client;
struct conn;
struct listener;
struct loop;

/* Takes over a descriptor that `at` has accepted; `at` must live as long as the
 * connection. Refused: it gets the one line and is closed. */
void conn_open(struct loop *l, struct listener *at, int fd, const struct addr *peer);

/* Reads, at most once each, connections whose transport still held bytes after their
 * last read (l->more), those that have waited longest first. Call once a turn, before
 * any socket. */
void conn_read_more(struct loop *l);

/* Sends what a dirty client has; a dead one is closed and freed. */
void conn_flush(struct loop *l, struct client *c);

/* At the end of the server: tries once more for those with unsent bytes; `last`: then
 * closes them all the same. */
void conn_flush_unsent(struct loop *l, bool last);

#endif
