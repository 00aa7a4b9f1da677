/* The event loop: one thread that owns the sockets, the signals and the clock, and
 * drives the core through session/session.h. The store is another layer's; main hands
 * it over as hooks. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/msec.h"
#include "state/shell.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct log;
struct loop;
struct server;

/* What the loop asks of main; all run on the loop's thread. */
struct loop_hooks {
    void *ctx;
    void (*hangup)(void *ctx);    /* SIGHUP */
    void (*answer)(void *ctx);    /* the turn after loop_answer */
    void (*reopen)(void *ctx);    /* SIGUSR1 */
    void (*terminate)(void *ctx); /* SIGTERM or SIGINT, before loop_end */
    bool (*news)(void *ctx,
                 struct store_news *news); /* the store's next; false: none */
};

/* A loop without listeners; starts the worker thread, ignores SIGPIPE and SIGXFSZ and
 * raises the descriptor limit. log is borrowed. NULL with the reason in err. */
struct loop *loop_new(struct log *log, const struct loop_hooks *hooks, char *err,
                      size_t errlen);

/* Binds every listener of the configuration without serving yet. False names the
 * address and the reason. `lenient`: an IPv6 address that this machine does not have is
 * left out. */
bool loop_bind(struct loop *l, const struct config *config, bool lenient, char *err,
               size_t errlen);

/* Begins to accept for srv (borrowed until loop_run returns). False as above. */
bool loop_listen(struct loop *l, struct server *srv, char *err, size_t errlen);

/* Serves until loop_end or SIGTERM or SIGINT; returns when everybody has been told and
 * all sessions are freed, at most 3 s after that. */
void loop_run(struct loop *l);

/* Begins the end; returns at once. `reason` is copied. The second call ends the
 * waiting. */
void loop_end(struct loop *l, const char *reason);

/* The store has news. From any thread. */
void loop_wake(struct loop *l);

/* Has hooks.answer called once, at the start of the next turn, which begins at once;
 * not if the server ends before. */
void loop_answer(struct loop *l);

/* As shell.submit. */
void loop_submit(struct loop *l, uint64_t job, enum job_kind kind,
                 const struct prefix *host, const void *payload, size_t n);

/* The addresses listened on, as configured, blanks between. */
void loop_addresses(const struct loop *l, char *out, size_t size);

/* How many clients the descriptor limit leaves room for. */
int loop_room(const struct loop *l);

/* Waits for the worker's job under way. NULL is fine. */
void loop_free(struct loop *l);

/* The clocks, for the moments before the loop runs. */
msec loop_monotonic(void);
msec loop_wall(void);

#endif
