/* The event loop: turns.
 *
 * A turn is: poll; the clocks; sockets and signals; the deadlines; then, before the
 * next poll, the news of the store, a few handshakes, a few answers of HTTP, pieces of
 * long answers, and one write for each client with a queue. If very many clients have a
 * queue, some wait for the next turn. Watcher priorities keep this order. Every call of
 * the core is made here, on one thread; other threads wake this one through ev_async.
 * It must never block. */
#include "net/loop.h"

#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "conn.h"
#include "handshake.h"
#include "handshake_queue.h"
#include "loop_state.h"
#include "net/tls.h"
#include "net/worker.h"
#include "relisten.h"
#include "session/session.h"
#include "shutdown.h"
#include "web_serve.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SWEEP 0.1      /* seconds between sweeps of draining sockets */
#define END_SWEEP 0.02 /* seconds between sweeps at the end of the server */
/* Seconds to the next tick after input, which may have made something due before the
 * planned tick. */
#define TICK_BUSY 0.1
/* ms after a stall to read input before any client times out */
#define AFTER_STALL 1000

static void
call_answer_hook(struct loop *l)
{
    bool due = l->answers && !l->told;
    l->answers = false; /* before the call: the answer may make the core ask again */
    if (due)
        l->hooks.answer(l->hooks.ctx);
}

/* Runs right after the poll, before any other callback of the turn. */
static void
begin_turn(struct ev_loop *ev, struct ev_check *w, int events)
{
    (void)ev, (void)events;
    struct loop *l = w->data;
    msec now = turn_time_begin(&l->turn_time);
    if (now - l->now > SESSION_STALL)
        l->tick_not_before = now + AFTER_STALL;
    l->now = now;
    l->turns++;
    l->log->wall = loop_wall();
    session_clock(l->srv, l->now, l->log->wall);
    call_answer_hook(l);
    conn_read_more(l);
}

static void
plan_tick(struct loop *l, double seconds)
{
    ev_timer_stop(l->ev, &l->tick);
    ev_timer_set(&l->tick, seconds, 0.);
    ev_timer_start(l->ev, &l->tick);
}

static void
run_tick(struct ev_loop *ev, struct ev_timer *w, int events)
{
    (void)ev, (void)events;
    struct loop *l = w->data;
    l->continues = false; /* the tick itself continues long answers */
    msec next = l->tick_not_before - l->now;
    if (next <= 0)
        next = web_call_expire(
            l,
            conn_expire(l, handshake_expire(l, web_expire(l, session_tick(l->srv)))));
    msec hook = l->hooks.tick(l->hooks.ctx, l->now);
    l->busy = false;
    plan_tick(l, (double)(next < hook ? next : hook) / 1000.);
}

static void
sweep_sockets(struct ev_loop *ev, struct ev_timer *w, int events)
{
    (void)ev, (void)events;
    struct loop *l = w->data;
    if (l->told)
        conn_flush_unsent(l, l->now >= l->flush_until);
    drain_sweep(&l->drain, l->now, l->input, LOOP_READ);
    arrival_sweep(l);
}

/* The sweep runs only while there is something to sweep. */
static void
plan_sweep(struct loop *l)
{
    bool wanted = l->drain.count > 0 || l->n_unsent > 0 || l->arrivals.count > 0;
    if (wanted == (bool)ev_is_active(&l->sweep))
        return;
    if (!wanted) {
        ev_timer_stop(l->ev, &l->sweep);
        return;
    }
    double every = l->told ? END_SWEEP : SWEEP;
    ev_timer_set(&l->sweep, every, every);
    ev_timer_start(l->ev, &l->sweep);
}

static void
flush_dirty(struct loop *l)
{
    struct client *c;
    size_t n = 0;
    while ((c = session_turn(l->srv, &n)) != NULL)
        conn_flush(l, c);
    conn_release_gathered(l);
    session_written(l->srv);
    if (session_is_dirty(l->srv) || l->answers || !list_empty(&l->more) ||
        !list_empty(&l->handshakes) || !list_empty(&l->webs.due))
        ev_idle_start(l->ev, &l->unwritten);
    else
        ev_idle_stop(l->ev, &l->unwritten);
}

/* After the writes: a long answer waits for its reader. The poll between two pieces
 * serves all clients. */
static void
plan_pieces(struct loop *l)
{
    l->continues = session_can_continue(l->srv);
    if (l->continues)
        ev_idle_start(l->ev, &l->unwritten);
}

/* Does nothing: while the watcher is active, the poll does not wait. */
static void
keep_polling(struct ev_loop *ev, struct ev_idle *w, int events)
{
    (void)ev, (void)w, (void)events;
}

static void
end_turn(struct ev_loop *ev, struct ev_prepare *w, int events)
{
    (void)events;
    struct loop *l = w->data;
    struct store_news news;
    while (l->hooks.news(l->hooks.ctx, &news))
        session_stored(l->srv, &news);
    if (shutdown_is_due(l))
        shutdown_begin(l);
    handshake_steps(l);
    web_steps(l);
    if (l->continues)
        session_continue(l->srv);
    flush_dirty(l);
    plan_pieces(l);
    web_call_turn(l);
    listen_resume(l);
    plan_sweep(l);
    bool waits = l->busy || (l->ending && !l->told);
    if (waits && ev_timer_remaining(ev, &l->tick) > TICK_BUSY)
        plan_tick(l, TICK_BUSY);
    turn_time_end(&l->turn_time);
    if (shutdown_is_over(l))
        ev_break(ev, EVBREAK_ALL);
}

/* The event has ended the poll: end_turn takes the news. */
static void
end_poll(struct ev_loop *ev, struct ev_async *w, int events)
{
    (void)ev, (void)w, (void)events;
}

static void
take_answers(struct ev_loop *ev, struct ev_async *w, int events)
{
    (void)ev, (void)events;
    struct loop *l = w->data;
    struct worker_answer answer;
    while (worker_take(l->worker, &answer)) {
        session_answered(l->srv, answer.job, answer.bytes, answer.n);
        mem_wipe(&answer, sizeof answer);
    }
}

/* Called on the worker's thread. */
static void
wake_loop(void *ctx)
{
    struct loop *l = ctx;
    ev_async_send(l->ev, &l->verified);
}

static void
handle_term(struct ev_loop *ev, struct ev_signal *w, int events)
{
    (void)ev, (void)events;
    struct loop *l = w->data;
    l->hooks.terminate(l->hooks.ctx);
    loop_end(l, "Server is shutting down");
}

static void
handle_hup(struct ev_loop *ev, struct ev_signal *w, int events)
{
    (void)ev, (void)events;
    struct loop *l = w->data;
    if (!l->ending)
        l->hooks.hangup(l->hooks.ctx);
}

static void
handle_usr1(struct ev_loop *ev, struct ev_signal *w, int events)
{
    (void)ev, (void)events;
    struct loop *l = w->data;
    l->hooks.reopen(l->hooks.ctx);
}

static void
init_watchers(struct loop *l)
{
    ev_check_init(&l->turn, begin_turn);
    ev_set_priority(&l->turn, EV_MAXPRI);
    ev_prepare_init(&l->flush, end_turn);
    ev_idle_init(&l->unwritten, keep_polling);
    ev_timer_init(&l->tick, run_tick, 0., 0.);
    /* An input of this turn counts before a deadline. */
    ev_set_priority(&l->tick, EV_MINPRI);
    ev_timer_init(&l->sweep, sweep_sockets, SWEEP, SWEEP);
    ev_async_init(&l->stored, end_poll);
    ev_async_init(&l->verified, take_answers);
    ev_signal_init(&l->term, handle_term, SIGTERM);
    ev_signal_init(&l->interrupt, handle_term, SIGINT);
    ev_signal_init(&l->hangup, handle_hup, SIGHUP);
    ev_signal_init(&l->usr1, handle_usr1, SIGUSR1);
    l->turn.data = l->flush.data = l->tick.data = l->sweep.data = l;
    l->stored.data = l->verified.data = l;
    l->term.data = l->interrupt.data = l->hangup.data = l->usr1.data = l;
}

static void
start_watchers(struct loop *l)
{
    ev_check_start(l->ev, &l->turn);
    ev_prepare_start(l->ev, &l->flush);
    ev_timer_start(l->ev, &l->tick);
    ev_async_start(l->ev, &l->verified);
    ev_signal_start(l->ev, &l->term);
    ev_signal_start(l->ev, &l->interrupt);
    ev_signal_start(l->ev, &l->hangup);
    ev_signal_start(l->ev, &l->usr1);
}

/* Afterwards another loop may take the signals (libev gives a signal to one loop). */
static void
release_signals(struct loop *l)
{
    ev_signal_stop(l->ev, &l->term);
    ev_signal_stop(l->ev, &l->interrupt);
    ev_signal_stop(l->ev, &l->hangup);
    ev_signal_stop(l->ev, &l->usr1);
}

struct loop *
loop_new(struct log *log, const struct loop_hooks *hooks, char *err, size_t errlen)
{
    struct loop *l = xcalloc(1, sizeof *l);
    l->log = log;
    list_init(&l->more);
    list_init(&l->handshakes);
    list_init(&l->held_handshakes);
    list_init(&l->in_handshake);
    list_init(&l->in_part);
    list_init(&l->arrivals.waiting);
    web_init(&l->webs);
    web_call_init(l);
    l->hooks = *hooks;
    l->now = loop_monotonic();
    signal(SIGPIPE, SIG_IGN); /* a write to a closed connection is an error code */
    signal(SIGXFSZ, SIG_IGN); /* so is a write to a file at its size limit */
    signal(SIGHUP, SIG_IGN);  /* ignored until the watchers run */
    signal(SIGUSR1, SIG_IGN);
    listen_init(l);
    l->ev = ev_loop_new(EVFLAG_NOENV);
    if (l->ev == NULL) {
        str_format(err, errlen, "cannot start the event loop: %s", strerror(errno));
        loop_free(l);
        return NULL;
    }
    init_watchers(l);
    /* The store may have news before the loop runs. */
    ev_async_start(l->ev, &l->stored);
    return l;
}

bool
loop_match(struct loop *l, const struct config *config, char *err, size_t errlen)
{
    return listen_match(l, config, err, errlen);
}

bool
loop_bind(struct loop *l, const struct config *config, bool lenient, char *err,
          size_t errlen)
{
    loop_configure(l, config);
    return listen_bind(l, config, lenient, err, errlen);
}

bool
loop_control(struct loop *l, const char *dir, const char *user, char *err,
             size_t errlen)
{
    return listen_control(l, dir, user, err, errlen);
}

bool
loop_is_bound(const struct loop *l, const char *text)
{
    return listen_is_bound(l, text);
}

void
loop_configure(struct loop *l, const struct config *config)
{
    l->handshakes_most = (unsigned)config->tls_limits.handshakes;
    l->handshake_timeout = config->tls_limits.handshake_timeout;
    l->part_timeout = config->limits.ping_timeout;
    explain_set_rate(&l->explain, &config->tls_limits.explain, l->now);
    l->explain.prefix_v4 = (unsigned)config->limits.host_prefix_v4;
    l->explain.prefix_v6 = (unsigned)config->limits.host_prefix_v6;
    handshake_release(l);
}

const struct tls *
loop_tls(const struct loop *l)
{
    return l->tls;
}

void
loop_use_tls(struct loop *l, struct tls *tls)
{
    size_t n;
    tls_certificates(tls, &n);
    if (n == 0 && l->tls) {
        tls_free(tls); /* connections of removed listeners may need certificates */
        return;
    }
    tls_free(l->tls);
    l->tls = tls;
}

void
loop_memory(const struct loop *l, struct shell_memory *out)
{
    conn_memory(l, out);
    out->webs = web_memory(l);
}

bool
loop_relisten(struct loop *l, const struct config *config, bool lenient, char *err,
              size_t errlen)
{
    return relisten_begin(l, config, lenient, err, errlen);
}

void
loop_relisten_end(struct loop *l, bool apply)
{
    relisten_end(l, apply);
}

bool
loop_listen(struct loop *l, struct server *srv, char *err, size_t errlen)
{
    l->worker = worker_new(worker_kinds, wake_loop, l);
    if (l->worker == NULL) {
        str_format(err, errlen, "cannot start the worker: %s", strerror(errno));
        return false;
    }
    l->srv = srv;
    if (!listen_start(l, err, errlen))
        return false;
    start_watchers(l);
    return true;
}

void
loop_run(struct loop *l)
{
    ev_run(l->ev, 0);
    for (struct client *c; (c = session_dirty(l->srv)) != NULL;)
        conn_flush(l, c); /* clients that were left when the time was over */
    conn_flush_unsent(l, true);
    handshake_drop_all(l);
    conn_release_gathered(l);
    drain_clear(&l->drain);
    l->srv = NULL;
}

void
loop_wake(struct loop *l)
{
    ev_async_send(l->ev, &l->stored);
}

void
loop_answer(struct loop *l)
{
    l->answers = true;
}

void
loop_submit(struct loop *l, uint64_t job, enum job_kind kind, const struct prefix *host,
            const void *payload, size_t n)
{
    worker_submit(l->worker, job, kind, host, payload, n);
}

void
loop_addresses(const struct loop *l, char *out, size_t size)
{
    listen_addresses(l, out, size);
}

int
loop_room(const struct loop *l)
{
    return listen_room(l);
}

void
loop_free(struct loop *l)
{
    if (l == NULL)
        return;
    worker_free(l->worker);
    if (l->ev) {
        listen_close(l);
        release_signals(l);
        ev_loop_destroy(l->ev);
    }
    if (l->listeners.spare >= 0)
        close(l->listeners.spare);
    listen_free(l);
    tls_free(l->tls);
    metric_series_clear(&l->ended_handshakes);
    web_clear(&l->webs);
    free(l->drain.entries);
    free(l->unsent);
    free(l);
}
