/* The event loop: one thread that owns the sockets, the signals and the clock, and
 * drives the core through session/session.h. The store belongs to another layer; main
 * passes it in as hooks. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/msec.h"
#include "net/web.h"
#include "state/shell.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct log;
struct loop;
struct metrics_facts;
struct server;
struct tls;

/* Functions that main provides. All run on the loop's thread. */
struct loop_hooks {
    void *ctx;
    void (*hangup)(void *ctx);    /* SIGHUP */
    void (*answer)(void *ctx);    /* after loop_answer, in the next turn */
    void (*reopen)(void *ctx);    /* SIGUSR1 */
    void (*terminate)(void *ctx); /* SIGTERM or SIGINT, before loop_end */
    /* At each tick; now: monotonic. Returns the ms until the next tick at the latest. */
    msec (*tick)(void *ctx, msec now);
    /* The next news of the store; false if there is none. */
    bool (*news)(void *ctx, struct store_news *news);
    /* Answers a request of HTTP for a route of the kind WEB_HOOK, at once: writes *out,
     * which is zeroed. Status 0: the server has nothing at this path (404). NULL: it has
     * nothing at any of these paths. */
    void (*web)(void *ctx, enum web_route route, const struct web_request *r,
                struct web_answer *out);
};

/* A loop without listeners. Ignores SIGPIPE and SIGXFSZ, and SIGHUP and SIGUSR1 until
 * loop_listen; raises the descriptor limit. log is borrowed. NULL with the reason in
 * err. */
struct loop *loop_new(struct log *log, const struct loop_hooks *hooks, char *err,
                      size_t errlen);

/* Applies tls_limits of a configuration, at the start and at REHASH. */
void loop_configure(struct loop *l, const struct config *config);

/* New connections use these certificates, of which the loop takes over the reference.
 * Older connections keep theirs. An empty set replaces none. Call it before
 * loop_listen and at REHASH. */
void loop_use_tls(struct loop *l, struct tls *tls);

/* The certificates in force, borrowed until loop_use_tls. */
const struct tls *loop_tls(const struct loop *l);

/* Finds the sockets that a service manager has passed. False with the reason in err: one
 * of them is not the socket of a listener of the configuration. */
bool loop_match(struct loop *l, const struct config *config, char *err, size_t errlen);

/* Binds every listener of the configuration for which loop_match has found no socket;
 * none accepts yet. On false, err
 * has the address and the reason. `lenient`: an IPv6 address that this machine lacks is
 * left out. */
bool loop_bind(struct loop *l, const struct config *config, bool lenient, char *err,
               size_t errlen);

/* False for a listener, as configured, that was skipped because this machine does not
 * have its address. */
bool loop_is_bound(const struct loop *l, const char *text);

/* The name of the control socket in the data directory. */
#define LOOP_CONTROL "control"

/* Binds the control socket in this directory, with mode 0600; as root, it is given to the
 * user of this name ("": to none). Its clients are the owner's (connection_info). It
 * accepts from loop_listen on, and a new configuration does not change it. Call it at
 * most once, before the sandbox. False with the reason in err: there is none. */
bool loop_control(struct loop *l, const char *dir, const char *user, char *err,
                  size_t errlen);

/* Starts the worker thread and begins to accept clients for srv, which is borrowed
 * until loop_run returns. False with the reason in err. */
bool loop_listen(struct loop *l, struct server *srv, char *err, size_t errlen);

/* Opens the sockets of a new configuration that are missing. `lenient` as in loop_bind.
 * True: call loop_relisten_end, which applies the change (the sockets that it lacks are
 * closed; connections stay) or takes it back. False with the reason in err: nothing has
 * changed. */
bool loop_relisten(struct loop *l, const struct config *config, bool lenient, char *err,
                   size_t errlen);
void loop_relisten_end(struct loop *l, bool apply);

/* Serves until loop_end, SIGTERM or SIGINT. Returns when all clients were told and
 * freed, at most 3 s later. */
void loop_run(struct loop *l);

/* Begins the end of the server and returns at once. `reason` is copied. After a second
 * call the loop no longer waits for clients. */
void loop_end(struct loop *l, const char *reason);

/* The store has news. May be called from any thread. */
void loop_wake(struct loop *l);

/* Makes the next turn begin at once and call hooks.answer at its start, unless the
 * server ends before. */
void loop_answer(struct loop *l);

/* As submit of struct shell. */
void loop_submit(struct loop *l, uint64_t job, enum job_kind kind,
                 const struct prefix *host, const void *payload, size_t n);

/* The addresses of all listeners, as configured, separated by blanks. */
void loop_addresses(const struct loop *l, char *out, size_t size);

/* The number of clients that the descriptor limit leaves room for. */
int loop_room(const struct loop *l);

/* Frees the loop, after the worker's job under way has ended. NULL is fine. */
void loop_free(struct loop *l);

/* As memory of struct shell. */
void loop_memory(const struct loop *l, struct shell_memory *out);

/* Adds what the loop knows to facts that are zeroed: the series of clients, connections and
 * handshakes, with texts that are borrowed as long as the loop, and the other facts of
 * sockets and turns. */
void loop_metrics(const struct loop *l, struct metrics_facts *out);

/* What the loop knows of the health of the server. */
struct loop_health {
    bool turned;  /* the first turn has ended */
    bool late;    /* the event loop stood still for more than 5 s, at most 5 s ago */
    bool listens; /* a listener that serves IRC or WebSockets is open */
};
void loop_health(const struct loop *l, struct loop_health *out);

/* The number of descriptors of connections and listeners that are open now. */
size_t loop_sockets(const struct loop *l);

/* The clocks, for use before the loop runs. */
msec loop_monotonic(void);
msec loop_wall(void);

#endif
