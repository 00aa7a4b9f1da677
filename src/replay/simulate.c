/* The simulation: a shell around the real core. A trace replaces the sockets, and the
 * store is in memory. The result is what the policy does with the trace.
 *
 * A simulated client reads all output at once and answers PING. Time jumps from event
 * to event, with the ticks of the loop between them. This file must never read a clock
 * or make randomness: the same trace gives the same result. */
#include "replay/simulate.h"

#include "base/mem.h"
#include "config/config.h"
#include "policy/host.h"
#include "replay/tally.h"
#include "session/client_input.h"
#include "session/session.h"
#include "state/client.h"
#include "state/cursor.h"
#include "state/server.h"
#include "state/store_ram.h"
#include "state/watch.h"
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN 1000000             /* ms: monotonic time of the start of the trace */
#define SETTLE (60 * MSEC_SECOND) /* time for held lines to run after the last event */
#define RETRIES_MAX 1000000       /* retries of all clients together */
/* a step is at least the time since the start of the gap divided by this */
#define GAP_TICKS 100000
#define WRONG "wrong" /* the only password that is wrong */

/* A client of the trace, which may connect several times. */
struct sim_client {
    struct client *client; /* NULL: it is not connected */
    struct tally_host *host;
    const struct trace_conn *conn;
    const struct trace_event *login; /* TRACE_CONNECT, with the first lines */
    msec *held; /* ring: when each held line came; -1: an answer to PING */
    unsigned held_at, held_n, held_cap;
    msec retry_at; /* when it connects again; 0: never */
    int tried;     /* retries so far */
    bool ended;    /* the trace has closed it */
};

/* An answer of the shell to a request of the core. */
struct answer {
    uint64_t id;
    enum { WRONG_PASSWORD, RIGHT_PASSWORD, ANSWER_REHASH, ANSWER_RESTART } kind;
};

struct simulation {
    struct server *srv;
    struct store *store;
    struct log log;
    struct shell shell;
    struct watch watch;
    struct trace *trace;
    struct sim_client *clients; /* one for each connection of the trace */
    size_t n_started;           /* clients that have connected by now */
    size_t n_retries;           /* clients with a retry_at */
    size_t n_tried;             /* retries so far, of all clients */
    struct tally tally;
    char *room; /* the input that is given to the core */
    size_t room_size;
    struct answer *answers; /* n_answers of them are planned */
    size_t n_answers, answers_cap;
    bool answering; /* the input is an answer to PING, which is not in the trace */
};

static struct tally_host *
find_prefix_tally(struct simulation *s, const struct prefix *key)
{
    return tally_host(&s->tally, key, s->srv->now - BEGIN);
}

static struct tally_host *
find_addr_tally(struct simulation *s, const struct addr *addr)
{
    struct prefix key;
    host_prefix(s->srv, addr, &key);
    return find_prefix_tally(s, &key);
}

static void
note_refused(void *ctx, const struct addr *addr, const struct connection_facts *facts,
             const struct client *client, const char *limit)
{
    (void)facts, (void)client;
    struct tally_counts *c = &find_addr_tally(ctx, addr)->counts;
    c->refused_connects++;
    tally_name(&c->limits, limit, 1);
}

static void
remember_held(struct sim_client *p, msec now)
{
    if (p->held_n == p->held_cap) {
        unsigned cap = p->held_cap ? 2 * p->held_cap : 16;
        msec *ring = xcalloc(cap, sizeof *ring);
        for (unsigned i = 0; i < p->held_n; i++)
            ring[i] = p->held[(p->held_at + i) % p->held_cap];
        free(p->held);
        p->held = ring;
        p->held_at = 0;
        p->held_cap = cap;
    }
    p->held[(p->held_at + p->held_n++) % p->held_cap] = now;
}

static void
note_line(void *ctx, const struct client *c, const char *line, size_t len,
          enum watch_verdict verdict)
{
    struct simulation *s = ctx;
    struct sim_client *p = session_conn(c);
    struct tally_counts *counts = &p->host->counts;
    uint64_t *slots[] = {[WATCH_RUN] = &counts->run,
                         [WATCH_HOLD] = NULL, /* counted when the line runs */
                         [WATCH_REFUSE] = &counts->refused,
                         [WATCH_END] = &counts->lost};
    (void)line, (void)len;
    if (verdict == WATCH_HOLD)
        remember_held(p, s->answering ? -1 : s->srv->now);
    else if (!s->answering)
        ++*slots[verdict];
}

static void
note_released(void *ctx, const struct client *c)
{
    struct simulation *s = ctx;
    struct sim_client *p = session_conn(c);
    struct tally_counts *counts = &p->host->counts;
    msec since = p->held[p->held_at];
    p->held_at = (p->held_at + 1) % p->held_cap;
    p->held_n--;
    if (since < 0)
        return;
    counts->held++;
    if (s->srv->now - since > counts->longest)
        counts->longest = s->srv->now - since;
}

static void
note_leave(void *ctx, const struct client *c)
{
    struct sim_client *p = session_conn(c);
    (void)ctx;
    for (; p->held_n > 0; p->held_n--) {
        p->host->counts.lost += p->held[p->held_at] >= 0;
        p->held_at = (p->held_at + 1) % p->held_cap;
    }
}

static void
note_strike(void *ctx, const struct prefix *host, const char *cause, int weight)
{
    struct tally_counts *c = &find_prefix_tally(ctx, host)->counts;
    c->strikes += (uint64_t)weight;
    tally_name(&c->causes, cause, (uint64_t)weight);
}

static void
note_limit(void *ctx, const struct prefix *host, const char *cause, msec length)
{
    struct simulation *s = ctx;
    tally_ban(find_prefix_tally(s, host), s->srv->now - BEGIN, length, cause);
}

static void
plan_answer(struct simulation *s, struct answer answer)
{
    if (s->n_answers == s->answers_cap) {
        s->answers_cap = 2 * s->answers_cap + 4;
        s->answers = xrealloc(s->answers, s->answers_cap * sizeof *s->answers);
    }
    s->answers[s->n_answers++] = answer;
}

/* A password is right unless it is WRONG or there is no hash. No hash is computed. */
static void
plan_password(void *ctx, uint64_t job, enum job_kind kind, const struct prefix *host,
              const void *payload, size_t n)
{
    const char *hash = payload, *password = hash + strlen(hash) + 1;
    (void)kind, (void)host, (void)n;
    bool right = *hash && strcmp(password, WRONG) != 0;
    plan_answer(ctx, (struct answer){job, right ? RIGHT_PASSWORD : WRONG_PASSWORD});
}

static void
plan_rehash(void *ctx, uint64_t asked)
{
    plan_answer(ctx, (struct answer){asked, ANSWER_REHASH});
}

static void
plan_restart(void *ctx, uint64_t asked, const char *reason)
{
    (void)reason;
    plan_answer(ctx, (struct answer){asked, ANSWER_RESTART});
}

static void
ignore_die(void *ctx, const char *reason)
{
    (void)ctx, (void)reason; /* the rest of the trace is still played */
}

static void
plan_retry(struct simulation *s, struct sim_client *p)
{
    int last = p->conn->n_retry - 1;
    if (last < 0 || p->ended || p->retry_at || s->n_tried == RETRIES_MAX)
        return;
    if (++s->n_tried == RETRIES_MAX)
        fprintf(stderr, "ircd: %d tries to connect again; no more are made\n",
                RETRIES_MAX);
    p->retry_at = s->srv->now + p->conn->retry[p->tried < last ? p->tried : last];
    p->tried++;
    s->n_retries++;
}

/* Gives input to the core; bytes may hold several lines. */
static void
feed_bytes(struct simulation *s, struct sim_client *p, const char *bytes, size_t n)
{
    if (n == 0 || p->client == NULL)
        return;
    if (n + 1 > s->room_size)
        s->room = xrealloc(s->room, s->room_size = n + 1);
    memcpy(s->room, bytes, n);
    session_input(s->srv, p->client, s->room, n);
}

static void
answer_ping(struct simulation *s, struct sim_client *p)
{
    static const char pong[] = "PONG :here\r\n";
    if (p->client == NULL || !(p->client->out.flags & CLIENT_PINGED))
        return;
    s->answering = true;
    feed_bytes(s, p, pong, sizeof pong - 1);
    s->answering = false;
}

static void
give_planned_answer(struct simulation *s, struct answer answer)
{
    unsigned char right = answer.kind == RIGHT_PASSWORD;
    if (answer.kind == ANSWER_REHASH)
        session_configure_failed(s->srv, answer.id,
                                 "a simulation has one configuration");
    else if (answer.kind == ANSWER_RESTART)
        session_restarted(s->srv, answer.id, "a simulation does not start again");
    else
        session_answered(s->srv, answer.id, &right, 1);
}

/* Ends a turn: all output is read, and clients that have ended are freed. */
static void
settle_turn(struct simulation *s)
{
    struct client *c;
    for (size_t i = 0; i < s->n_answers; i++) /* an answer may cause another one */
        give_planned_answer(s, s->answers[i]);
    s->n_answers = 0;
    while ((c = session_dirty(s->srv)) != NULL) {
        struct sim_client *p = session_conn(c);
        session_sent(s->srv, c, session_sendq(c)->bytes, false);
        if (session_is_dead(c)) {
            p->client = NULL;
            session_free(s->srv, c);
            plan_retry(s, p);
        } else
            answer_ping(s, p);
    }
    session_written(s->srv);
}

/* The number of lines in a text that arrives after its connection has ended. */
static uint64_t
count_lost_lines(const char *text)
{
    uint64_t n = 0;
    for (; (text = strchr(text, '\n')) != NULL; text++)
        n++;
    return n;
}

static void
try_connect(struct simulation *s, struct sim_client *p)
{
    struct connection_info info = {.addr = p->conn->addr, .listener = "simulation"};
    info.secure = p->conn->tls;
    info.certfp = *p->conn->certfp ? p->conn->certfp : NULL;
    char refusal[512];
    p->host->counts.connects++;
    p->client = session_open(s->srv, &info, p, refusal, sizeof refusal);
    if (p->client)
        feed_bytes(s, p, p->login->text, p->login->bytes);
    else
        plan_retry(s, p);
}

static void
apply_event(struct simulation *s, const struct trace_event *e)
{
    struct sim_client *p = &s->clients[e->conn];
    switch (e->kind) {
    case TRACE_CONNECT:
        p->conn = &s->trace->conns[e->conn];
        p->login = e;
        p->host = find_addr_tally(s, &p->conn->addr);
        s->n_started = e->conn + 1;
        try_connect(s, p);
        break;
    case TRACE_LINES:
        if (p->client == NULL)
            p->host->counts.lost += count_lost_lines(e->text);
        feed_bytes(s, p, e->text, e->bytes);
        break;
    case TRACE_CLOSE:
        p->ended = true;
        s->n_retries -= p->retry_at != 0;
        p->retry_at = 0;
        if (p->client)
            session_close(s->srv, p->client, NULL);
        break;
    }
    settle_turn(s);
}

/* Connects the clients with a retry that is due; returns when the next retry is. */
static msec
run_retries(struct simulation *s)
{
    msec next = INT64_MAX;
    for (size_t i = 0; s->n_retries > 0 && i < s->n_started; i++) {
        struct sim_client *p = &s->clients[i];
        if (p->retry_at && p->retry_at <= s->srv->now) {
            p->retry_at = 0;
            s->n_retries--;
            try_connect(s, p);
            settle_turn(s);
        }
        if (p->retry_at && p->retry_at < next)
            next = p->retry_at;
    }
    return next;
}

static void
set_clock(struct simulation *s, msec now)
{
    session_clock(s->srv, now, s->trace->wall + now - BEGIN);
}

/* True if no line is held, no cursor is at work, no job waits and no client owes an
 * answer to PING. The server then waits only for the time of the next PING, which
 * changes no result, or for a timeout of registration. */
static bool
is_core_quiet(const struct server *srv)
{
    return list_empty(holding_of(srv)) && list_empty(&cursors_of(srv)->all) &&
           list_empty(&srv->jobs) && list_empty(&srv->pinged);
}

/* The time of the next change without input, at least `soonest`; INT64_MAX: there is
 * none. Bans that end and strikes that decay do not count, because the result does not
 * depend on when the core looks at them. */
static msec
find_next_due(const struct server *srv, msec soonest)
{
    msec due = INT64_MAX;
    if (!is_core_quiet(srv))
        return soonest;
    if (!list_empty(&srv->unregistered))
        due = LIST_ENTRY(srv->unregistered.next, struct client, link)->session->since +
              srv->config->limits.registration_timeout;
    return due > soonest ? due : soonest;
}

/* Runs the ticks of the loop until a moment. It skips time in which nothing can happen.
 * Its steps grow with the time since the start of the gap. */
static void
advance_clock(struct simulation *s, msec to)
{
    msec from = s->srv->now;
    for (;;) {
        msec wait = session_tick(s->srv), part = (s->srv->now - from) / GAP_TICKS;
        settle_turn(s);
        msec retry = run_retries(s);
        if (s->srv->now >= to)
            return;
        msec due = find_next_due(s->srv, s->srv->now + (wait > part ? wait : part));
        due = retry < due ? retry : due;
        set_clock(s, due < to ? due : to);
        session_skip(s->srv);
    }
}

static void
begin_simulation(struct simulation *s, struct config *config, const char *motd)
{
    s->store = store_ram_new();
    s->shell = (struct shell){s,          plan_password, plan_rehash, plan_rehash,
                              ignore_die, plan_restart,  NULL};
    s->watch = (struct watch){.ctx = s,
                              .refused = note_refused,
                              .line = note_line,
                              .released = note_released,
                              .leave = note_leave,
                              .strike = note_strike,
                              .limit = note_limit};
    struct server_start start = {.config = config,
                                 .log = &s->log,
                                 .store = s->store,
                                 .shell = &s->shell,
                                 .motd = motd,
                                 .now = BEGIN,
                                 .wall = s->trace->wall};
    s->srv = session_begin(&start);
    s->srv->watch = &s->watch;
    s->clients = xcalloc(s->trace->n_conns, sizeof *s->clients);
}

static void
end_simulation(struct simulation *s)
{
    s->srv->watch = NULL;
    for (size_t i = 0; i < s->trace->n_conns; i++)
        s->clients[i].ended = true;
    session_shutdown(s->srv, "The simulation ends");
    settle_turn(s);
    session_end(s->srv);
    store_ram_free(s->store);
    for (size_t i = 0; i < s->trace->n_conns; i++)
        free(s->clients[i].held);
    free(s->clients);
    free(s->answers);
    free(s->room);
    trace_free(s->trace);
}

static void
run_events(struct simulation *s)
{
    const struct trace *t = s->trace;
    for (size_t i = 0; i < t->n_events; i++) {
        if (BEGIN + t->events[i].at > s->srv->now)
            advance_clock(s, BEGIN + t->events[i].at);
        apply_event(s, &t->events[i]);
    }
    msec last = s->srv->now + SETTLE;
    while (!list_empty(holding_of(s->srv)) && s->srv->now < last)
        advance_clock(s, s->srv->now + MSEC_SECOND);
}

static void
print_trace_fault(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "%s\n", text);
}

static struct trace *
read_trace(const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "(standard input)" : path;
    FILE *from = standard ? stdin : fopen(path, "re");
    if (from == NULL) {
        fprintf(stderr, "ircd: cannot read the trace %s: %s\n", path, strerror(errno));
        return NULL;
    }
    struct trace *t = trace_read(from, name, print_trace_fault, NULL);
    if (!standard)
        fclose(from);
    return t;
}

bool
simulate(struct config *config, const char *motd, const char *trace, struct tally *out)
{
    struct simulation s = {.trace = read_trace(trace)};
    if (s.trace == NULL) {
        config_free(config);
        return false;
    }
    begin_simulation(&s, config, motd);
    run_events(&s);
    end_simulation(&s);
    *out = s.tally;
    return true;
}
