/* The third port: one who looks on, told what comes in and what policy decides.
 *
 * The simulation counts with it, the recorder writes with it. Nobody looks on by
 * default (srv->watch is NULL), which costs one branch a call. A watch changes nothing
 * and calls nothing of the core; all texts and pointers are borrowed for the call. */
#ifndef STATE_WATCH_H
#define STATE_WATCH_H

#include "base/addr.h"
#include "base/msec.h"
#include "state/server.h"

#include <stddef.h>

struct client;

enum watch_verdict {
    WATCH_RUN,
    WATCH_HOLD,
    WATCH_REFUSE,
    WATCH_END /* it ends its connection: one too many before registration, an overrun */
};

/* Each may be NULL: not wanted. */
struct watch {
    void *ctx;
    /* A connection was let in. */
    void (*enter)(void *ctx, const struct client *c);
    /* A connection was refused by this limit ("per_host"): at accept (c is NULL), or a
     * client at registration ("kline"), which leaves next. */
    void (*refused)(void *ctx, const struct addr *addr, const struct client *c,
                    const char *limit);
    /* A line of len bytes has come; line is NULL when it was too long to be kept. */
    void (*line)(void *ctx, const struct client *c, const char *line, size_t len,
                 enum watch_verdict verdict);
    /* The oldest held line has run. */
    void (*released)(void *ctx, const struct client *c);
    /* It has left, whatever the reason. */
    void (*leave)(void *ctx, const struct client *c);
    /* A host got strikes, or reached the limit and was banned for `length` ms, or lost
     * only its client (length 0). */
    void (*strike)(void *ctx, const struct prefix *host, const char *cause, int weight);
    void (*limit)(void *ctx, const struct prefix *host, const char *cause, msec length);
};

#define WATCH(srv, what, ...)                                                          \
    do {                                                                               \
        const struct watch *watch_ = (srv)->watch;                                     \
        if (watch_ && watch_->what)                                                    \
            watch_->what(watch_->ctx, __VA_ARGS__);                                    \
    } while (0)

#endif
