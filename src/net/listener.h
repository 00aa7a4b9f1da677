/* One listener: its socket and its settings. */
#ifndef SRC_NET_LISTENER_H
#define SRC_NET_LISTENER_H

#include "base/addr.h"
#include "listen_unix.h"

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_listen;
struct loop;
struct transport;

/* A listener lives as long as the loop, because its connections point to it. */
struct listener {
    struct ev_io io; /* fd -1: not bound */
    struct loop *loop;
    const struct transport *transport;
    const void *context; /* for the transport's handshake; NULL: it needs none */
    char *text;          /* as configured; owned */
    char *path;          /* of a unix socket; owned; NULL: it has an address */
    bool owner;          /* the control socket: its clients are the owner's */
    bool proxy;          /* a PROXY header comes first (arrival.c) */
    unsigned serves;     /* SERVES_* (config.h) */
    bool passed;         /* the service manager keeps its socket open (passed.c) */
    bool v6only;
    uint16_t port;
    struct addr addr;
    int mode;                /* access mode of path */
    struct unix_file file;   /* of path */
    bool halted;             /* bound, but does not listen (relisten.c) */
    uint64_t admitted;       /* connections that became clients */
    size_t clients;          /* those that are not freed yet */
    struct listener *before; /* its socket is taken over (relisten.c); or NULL */
};

/* A listener with these settings, which are copied, and without a socket. */
struct listener *listener_new(struct loop *l, const struct config_listen *where);
/* Closes and frees it; NULL is fine. */
void listener_free(struct listener *at);

/* Takes the socket that the service manager has passed for it, or binds one; a unix
 * socket belongs to the user of this name ("": to none). False with the reason in err
 * and, for addresses, in errno. */
bool listener_bind(struct listener *at, const char *user, char *err, size_t errlen);

/* Whether this machine has no IPv6, or not this IPv6 address (an errno of bind). */
bool listener_is_missing_address(const struct listener *at, int error);

/* Closes its socket, and removes the file of a unix socket; a passed socket stays as it
 * is. May be called twice. */
void listener_close(struct listener *at);

/* Whether it speaks HTTP. */
bool listener_is_web(const struct listener *at);

/* Whether both listen on the same socket; and whether all other settings are equal as
 * well. */
bool listener_has_socket_of(const struct listener *a, const struct listener *b);
bool listener_is_same(const struct listener *a, const struct listener *b);

#endif
