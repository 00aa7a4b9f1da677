/* The listening sockets, and what happens when descriptors run out. */
#ifndef SRC_NET_LISTEN_H
#define SRC_NET_LISTEN_H

#include "base/msec.h"
#include "listener.h"

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct loop;

struct listeners {
    struct listener **all;
    size_t n;
    struct listener *control; /* in the data directory; NULL: there is none */
    /* Removed by REHASH: their connections point to them. */
    struct listener **retired;
    size_t n_retired;
    struct listener **next; /* during a change (relisten.c), else NULL */
    size_t n_next;
    struct ev_timer resume; /* runs while accepting pauses */
    bool waits;             /* a listener waits for a handshake to end */
    int spare;              /* closed to accept and refuse one connection; -1: none */
    int fd_limit;           /* RLIMIT_NOFILE */
    /* Connections refused for lack of descriptors since the last log. */
    int turned_away;
    uint64_t refused; /* the same since the start */
    msec logged_at;   /* monotonic; 0 = never */
};

/* As loop_room. */
int listen_room(const struct loop *l);

/* Raises the descriptor limit and opens the spare. */
void listen_init(struct loop *l);

/* As loop_match, loop_bind and loop_listen. */
bool listen_match(struct loop *l, const struct config *config, char *err,
                  size_t errlen);
bool listen_bind(struct loop *l, const struct config *config, bool lenient, char *err,
                 size_t errlen);
bool listen_start(struct loop *l, char *err, size_t errlen);

/* As loop_is_bound. */
bool listen_is_bound(const struct loop *l, const char *text);

/* As loop_control. */
bool listen_control(struct loop *l, const char *dir, const char *user, char *err,
                    size_t errlen);

/* Listeners that have paused because of the number of handshakes accept again, if it is
 * below its limit. Call it at the end of a turn. */
void listen_resume(struct loop *l);

/* Makes a bound listener listen; its watcher is ready to start. False with the reason
 * in err. */
bool listen_ready(struct listener *at, char *err, size_t errlen);
/* Only the second part, for a socket that listens already. */
void listen_watch(struct listener *at);

/* Accepts the connections that wait, and stops to listen, so that another socket may be
 * bound to an address that overlaps. False: it listens as before. */
bool listen_halt(struct listener *at);
/* Listens again after listen_halt. False with the reason in err. */
bool listen_again(struct listener *at, char *err, size_t errlen);

/* Stops accepting and closes all listening sockets. May be called twice. */
void listen_close(struct loop *l);
/* As loop_addresses. */
void listen_addresses(const struct loop *l, char *out, size_t size);
/* Frees all listeners. No connection is left. */
void listen_free(struct loop *l);

#endif
