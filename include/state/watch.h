/* A port through which the core tells a watch of all input and of the decisions of
 * policy. The simulation counts with a watch, and the recorder writes with one.
 *
 * By default there is no watch (srv->watch is NULL), which costs one branch a call. A
 * watch changes nothing and calls no function of the core. All texts and pointers are
 * borrowed for the call. */
#ifndef STATE_WATCH_H
#define STATE_WATCH_H

#include "base/addr.h"
#include "base/msec.h"
#include "state/server.h"

#include <stddef.h>

struct client;
struct connection_facts;

/* What happens to a line. */
enum watch_verdict {
    WATCH_RUN,
    WATCH_HOLD,
    WATCH_REFUSE,
    /* the client is ended: too many lines before registration, or input over
     * limits.recvq */
    WATCH_END
};

/* Each function may be NULL. */
struct watch {
    void *ctx;
    /* A connection was accepted. */
    void (*enter)(void *ctx, const struct client *c);
    /* This limit ("per_host") refused a connection with these facts at accept (c is
     * NULL), or a client at registration ("kline"; no facts), which leaves next. */
    void (*refused)(void *ctx, const struct addr *addr,
                    const struct connection_facts *facts, const struct client *c,
                    const char *limit);
    /* A line of len bytes has arrived; line is NULL if it was too long to be kept. */
    void (*line)(void *ctx, const struct client *c, const char *line, size_t len,
                 enum watch_verdict verdict);
    /* The oldest held line of c is about to run. */
    void (*released)(void *ctx, const struct client *c);
    /* c leaves, for any reason. */
    void (*leave)(void *ctx, const struct client *c);
    /* A host got strikes of this weight. */
    void (*strike)(void *ctx, const struct prefix *host, const char *cause, int weight);
    /* A host reached the limit on strikes and is banned for `length` ms; 0: only its
     * client is ended. */
    void (*limit)(void *ctx, const struct prefix *host, const char *cause, msec length);
};

#define WATCH(srv, what, ...)                                                          \
    do {                                                                               \
        const struct watch *watch_ = (srv)->watch;                                     \
        if (watch_ && watch_->what)                                                    \
            watch_->what(watch_->ctx, __VA_ARGS__);                                    \
    } while (0)

#endif
