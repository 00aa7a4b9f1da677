/* The seam's functions: a connection's life from accept to free, and the tick.
 *
 * Between two commands, and only there, the doomed are taken out of everything (reap):
 * no handler and no walk ever loses the ground under it. Whoever is dead waits on
 * srv->dirty for the shell. */
#include "session/session.h"

#include "asking.h"
#include "base/mem.h"
#include "base/sendq.h"
#include "base/str.h"
#include "cmd/ack.h"
#include "cmd/announce.h"
#include "cmd/isupport.h"
#include "cmd/job.h"
#include "cmd/oper.h"
#include "cmd/registry.h"
#include "cmd/rehash.h"
#include "input.h"
#include "lifecycle.h"
#include "policy/cloaking.h"
#include "policy/policy.h"
#include "policy/privs.h"
#include "policy/throttle.h"
#include "recvq.h"
#include "session/journal.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/cursor.h"
#include "state/end.h"
#include "state/out.h"
#include "state/overload.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/watch.h"

#include <assert.h>
#include <string.h>

#define TURN_LEAST 256 /* of the clients who can wait, so many are given out a turn */
#define TURN_SHARE 8   /* and such a part of all: nobody waits for more turns */
#define WAITING_BYTES 24576 /* the longest queue with which anybody waits */

struct server *
session_begin(const struct server_start *start)
{
    struct server *srv =
        server_new(start->config, start->log, start->store, start->shell,
                   &start->hash_key, start->now, start->wall);
    srv->log->wall = start->wall;
    srv->motd = start->motd ? xstrdup(start->motd) : NULL;
    srv->subsystems = lifecycle_subsystems;
    subsystems_init(srv, start);
    subsystems_load(srv, start);
    return srv;
}

void
session_end(struct server *srv)
{
    subsystems_free(srv);
    server_free(srv);
}

void
session_clock(struct server *srv, msec now, msec wall)
{
    journal_clock(srv, now, wall);
    srv->now = now;
    srv->wall = wall;
    srv->log->wall = wall;
    srv->cursors_left = CURSOR_TURN;
    srv->verdicts_left = VERDICTS_TURN;
}

static void
bury(struct server *srv, struct client *c)
{
    subsystems_client_leaves(srv, c);
    client_leave(srv, c);
    out_error(srv, c, c->quit);
}

/* Takes the doomed out of everything; each departure may doom more. */
void
session_reap(struct server *srv)
{
    while (srv->doomed) {
        struct client *c = srv->doomed;
        srv->doomed = c->doomed_next;
        if (srv->doomed == NULL)
            srv->doomed_tail = NULL;
        bury(srv, c);
    }
}

void
session_close(struct server *srv, struct client *c, const char *error)
{
    journal_text(srv, TURN_CLOSE, c, error);
    c->flags |= CLIENT_GONE;
    client_kill(srv, c, error ? END_CONNECTION_ERROR : END_CLOSED, error);
}

static const struct client *
first_dirty(const struct server *srv)
{
    return LIST_ENTRY(srv->dirty.next, struct client, dirty);
}

/* Clients that are ended while the queues are given out are taken out together, once
 * all with long queues were given out: they are not told of each other. */
static bool
reap_is_due(const struct server *srv)
{
    return !srv->writing || list_empty(&srv->dirty) ||
           !(first_dirty(srv)->flags & CLIENT_FIRST);
}

struct client *
session_dirty(struct server *srv)
{
    if (srv->doomed && reap_is_due(srv))
        session_reap(srv);
    srv->writing = !list_empty(&srv->dirty);
    struct client *c =
        srv->writing ? LIST_ENTRY(srv->dirty.next, struct client, dirty) : NULL;
    journal_note(srv, TURN_TAKE, c);
    if (c == NULL)
        return NULL;
    list_remove(&c->dirty);
    c->flags &= ~(unsigned)(CLIENT_DIRTY | CLIENT_FIRST);
    return c;
}

bool
session_is_dirty(const struct server *srv)
{
    return srv->doomed || !list_empty(&srv->dirty);
}

/* Whether all who are left on the list may wait for the next turn. */
static bool
can_wait(const struct server *srv)
{
    if (srv->doomed || list_empty(&srv->dirty))
        return false;
    const struct client *first = first_dirty(srv);
    return !(first->flags & CLIENT_FIRST) && first->sendq.bytes < WAITING_BYTES &&
           srv->buffers.sum.bytes < (size_t)srv->config->limits.sendq_total / 2;
}

struct client *
session_turn(struct server *srv, size_t *n)
{
    size_t share = ((size_t)srv->n_clients + TURN_SHARE - 1) / TURN_SHARE;
    if (can_wait(srv) && (*n)++ >= (share > TURN_LEAST ? share : TURN_LEAST))
        return NULL;
    return session_dirty(srv);
}

struct sendq *
session_sendq(struct client *c)
{
    return &c->sendq;
}

void
session_sent(struct server *srv, struct client *c, size_t n, bool blocked)
{
    journal_sent(srv, c, n, blocked);
    sendq_consume(&c->sendq, n);
    if (blocked)
        sendq_shrink(&c->sendq);
    srv->bytes_out += n;
    c->sent += n;
}

bool
session_is_over(const struct server *srv, const struct client *c)
{
    return client_is_over(c) || session_is_full(srv);
}

bool
session_is_full(const struct server *srv)
{
    return overload_queues_are_over(srv);
}

void
session_tried(struct server *srv, struct client *c)
{
    journal_note(srv, TURN_TRIED, c);
    if (client_is_over(c) && !(c->flags & CLIENT_DEAF))
        overload_end(srv, c, END_SENDQ);
}

void
session_written(struct server *srv)
{
    journal_note(srv, TURN_WRITTEN, NULL);
    size_t ended = overload_judge_queues(srv) + recvq_judge_all(srv);
    size_t before = srv->buffers.sum.bytes;
    srv->writing = false;
    session_reap(srv);
    if (ended > 0)
        overload_spare(srv, before);
}

bool
session_is_dead(const struct client *c)
{
    return (c->flags & CLIENT_DEAD) != 0;
}

bool
session_has_left(const struct client *c)
{
    return c->flags & (CLIENT_GONE | CLIENT_LEFT);
}

void *
session_conn(const struct client *c)
{
    return c->conn;
}

void
session_set_conn(struct client *c, void *conn)
{
    c->conn = conn;
}

void
session_free(struct server *srv, struct client *c)
{
    assert(!(c->flags & CLIENT_DIRTY)); /* session_dirty has given it out */
    journal_note(srv, TURN_FREE, c);
    client_free(srv, c);
}

void
session_answered(struct server *srv, uint64_t job, const void *answer, size_t n)
{
    journal_answered(srv, job, answer, n);
    job_finish(srv, job, answer, n);
    input_release(srv);
}

void
session_stored(struct server *srv, const struct store_news *news)
{
    journal_stored(srv, news);
    saved_tell(srv, news);
    session_reap(srv);
}

static void
warn_fixed(void *ctx, const char *option)
{
    struct server *srv = ctx;
    out_opers(srv, SNO_REHASH, "REHASH: %s has changed, which only a restart applies",
              option);
    log_event(srv->log, LOG_LEVEL_WARN, "rehash-needs-restart", "option", option, NULL);
}

void
session_configure(struct server *srv, struct config *config, const char *text,
                  const char *motd)
{
    journal_config(srv, config, text, motd);
    struct config *old = srv->config;
    char *told = isupport_text(srv);
    config_fixed_changes(old, config, warn_fixed, srv);
    /* What only a restart applies keeps its old value. */
    config_keep_fixed(config, old);
    srv->config = config;
    xreplace(&srv->motd, motd);
    isupport_forget(srv);
    throttle_reconfigure(srv);
    cloaking_keep(srv);
    oper_reconfigure(srv);
    isupport_update(srv, told);
    free(told);
    config_free(old);
    log_event(srv->log, LOG_LEVEL_INFO, "rehash", "by", rehash_by(srv), NULL);
    out_opers_by(srv, srv->rehash_client, SNO_REHASH, 0, "", "",
                 "REHASH: the new configuration is in force");
}

void
session_configure_failed(struct server *srv, const char *err)
{
    journal_text(srv, TURN_CONFIG_FAILED, NULL, err);
    rehash_refused(srv, err);
}

static bool
kill_with(struct server *srv, struct client *c, void *ctx)
{
    client_kill(srv, c, END_SHUTDOWN, ctx);
    return true;
}

void
session_shutdown(struct server *srv, const char *reason)
{
    char *why = xstrdup(reason);
    journal_text(srv, TURN_SHUTDOWN, NULL, reason);
    srv->ending = true;
    client_each(srv, kill_with, why);
    LIST_EACH(&srv->unregistered, node)
        kill_with(srv, LIST_ENTRY(node, struct client, link), why);
    free(why);
    session_reap(srv);
}

size_t
session_count(const struct server *srv)
{
    return srv->n_clients;
}

void
session_check(const struct server *srv)
{
    server_check(srv);
    subsystems_check(srv);
}
