/* Connections of which only the proxy is known: the client's address comes in a PROXY
 * header, before the first byte of the transport. */
#ifndef SRC_NET_ARRIVAL_H
#define SRC_NET_ARRIVAL_H

#include "base/list.h"
#include "base/msec.h"

#include <stddef.h>

#define ARRIVALS_MAX 256  /* that wait at a time; one more closes the oldest */
#define ARRIVAL_TIME 5000 /* ms that a proxy has to send the header */

struct addr;
struct listener;
struct loop;

struct arrivals {
    struct list waiting; /* oldest first */
    size_t count;
};

/* Takes over a descriptor that `at`, a listener with proxy = true, has accepted from
 * this peer (PROXY protocol, section 2). If the peer may tell addresses and its header is right, the connection is
 * opened with the address of the header (conn_open). Else it is closed, with a line in
 * the log unless it was a check by the proxy. */
void arrival_open(struct loop *l, struct listener *at, int fd, const struct addr *peer);

/* Closes the connections that have waited for ARRIVAL_TIME. Call it several times a
 * second while count > 0. */
void arrival_sweep(struct loop *l);

/* Closes the waiting connections of one listener (NULL: of all). */
void arrival_close(struct loop *l, const struct listener *at);

#endif
