/* The listening sockets, and what happens when descriptors run out. */
#ifndef SRC_NET_LISTEN_H
#define SRC_NET_LISTEN_H

#include "base/msec.h"

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

struct config;
struct loop;
struct transport;

/* A listener lives as long as its connections, which point to it. */
struct listener {
    struct ev_io io; /* fd -1: not bound */
    struct loop *loop;
    const struct transport *transport;
    const void *context; /* for the transport's handshake; NULL: it needs none */
    char *text;          /* as configured; owned */
};

struct listeners {
    struct listener *all;
    size_t n;
    struct ev_timer resume; /* runs while accepting pauses */
    bool waits;             /* a listener waits for a handshake to end */
    int spare;              /* closed to accept and refuse one connection; -1: none */
    int fd_limit;           /* RLIMIT_NOFILE */
    /* Connections refused for lack of descriptors since the last log. */
    int turned_away;
    msec logged_at; /* monotonic; 0 = never */
};

/* As loop_room. */
int listen_room(const struct loop *l);

/* Raises the descriptor limit and opens the spare. */
void listen_init(struct loop *l);

/* As loop_bind and loop_listen. */
bool listen_bind(struct loop *l, const struct config *config, bool lenient, char *err,
                 size_t errlen);
bool listen_start(struct loop *l, char *err, size_t errlen);

/* Listeners that have paused because of the number of handshakes accept again, if it is
 * below its limit. Call it at the end of a turn. */
void listen_resume(struct loop *l);

/* Stops accepting and closes all listening sockets. May be called twice. */
void listen_close(struct loop *l);

#endif
