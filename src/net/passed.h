/* Listening sockets that the service manager has passed (sd_listen_fds(3)). */
#ifndef SRC_NET_PASSED_H
#define SRC_NET_PASSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;
struct passed_socket;

/* A zeroed struct has none. */
struct passed {
    struct passed_socket *all;
    size_t n;
};

/* Finds the sockets by LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES of the environment and
 * makes them non-blocking. False with the reason in err: one of them is no stream socket
 * that listens on an address or path, or there are too many. */
bool passed_read(struct passed *p, char *err, size_t errlen);

/* The socket with this path or, if path is NULL, this address, marked as used; -1: there
 * is none. v6only: of an IPv6 socket, that it accepts only IPv6. The socket stays open
 * until the process ends, and over a restart. */
int passed_find(struct passed *p, const char *path, const struct addr *addr,
                uint16_t port, bool v6only);

/* Whether each socket was found once. False with the reason in err, which names the
 * first that was not. */
bool passed_is_used_up(const struct passed *p, char *err, size_t errlen);

void passed_free(struct passed *p);

#endif
