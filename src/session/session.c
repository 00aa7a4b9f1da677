/* The life of the server and of a connection, for the shell. The other functions of
 * session.h are in admission.c, input.c, output.c and tick.c. */
#include "session/session.h"

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/ack.h"
#include "cmd/control.h"
#include "cmd/job.h"
#include "input.h"
#include "lifecycle.h"
#include "policy/cloaking.h"
#include "policy/throttle.h"
#include "session/journal.h"
#include "state/certificate.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/cursor.h"
#include "state/out.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/tell.h"

#include <assert.h>

struct server *
session_begin(const struct server_start *start)
{
    struct server *srv =
        server_new(start->config, start->log, start->store, start->shell,
                   &start->hash_key, start->now, start->wall);
    srv->log->wall = start->wall;
    srv->motd = start->motd ? xstrdup(start->motd) : NULL;
    srv->subsystems = lifecycle_subsystems;
    srv->observers = lifecycle_observers;
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
    cursors_of(srv)->left = CURSOR_TURN;
    srv->verdicts_left = VERDICTS_TURN;
}

void
session_close(struct server *srv, struct client *c, const char *error)
{
    journal_text(srv, TURN_CLOSE, c, error);
    c->out.flags |= CLIENT_GONE;
    client_kill(srv, c, error ? END_CONNECTION_ERROR : END_CLOSED, error);
}

ATTR_HOT bool
session_is_dead(const struct client *c)
{
    return (c->out.flags & CLIENT_DEAD) != 0;
}

bool
session_has_left(const struct client *c)
{
    return c->out.flags & (CLIENT_GONE | CLIENT_LEFT);
}

void *
session_conn(const struct client *c)
{
    return c->session->conn;
}

void
session_set_conn(struct client *c, void *conn)
{
    c->session->conn = conn;
}

void
session_free(struct server *srv, struct client *c)
{
    assert(!(c->out.flags & CLIENT_DIRTY)); /* session_dirty has returned it */
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
    xreplace(&srv->unsaved, news->why);
    saved_tell(srv, news);
    lifecycle_reap(srv);
}

static void
end_rehash(struct server *srv, struct control_wait *rehash, const char *faults)
{
    bool holds_lines = rehash != NULL;
    control_rehash_end(srv, rehash, faults);
    if (holds_lines)
        input_release(srv);
}

void
session_certificates(struct server *srv, uint64_t asked, const struct certificate *all,
                     size_t n)
{
    journal_certificates(srv, asked, all, n);
    certificate_set(srv, all, n);
    xreplace(&srv->uncertified, NULL);
    struct control_wait *rehash = control_rehash_resume(srv, asked);
    if (rehash)
        end_rehash(srv, rehash, NULL);
}

void
session_about(struct server *srv, const char *lines)
{
    journal_about(srv, lines);
    xreplace(&srv->about, lines);
}

static void
warn_fixed(void *ctx, const char *option)
{
    struct server *srv = ctx;
    TELL(srv, TELL_ALL, rehash_needs_restart, .option = option);
}

void
session_configure(struct server *srv, uint64_t asked, struct config *config,
                  const char *text, const char *motd)
{
    journal_config(srv, asked, config, text, motd);
    struct control_wait *rehash = control_rehash_resume(srv, asked);
    struct config *old = srv->config;
    subsystems_config_changes(srv, config);
    config_fixed_changes(old, config, warn_fixed, srv);
    /* Options that only a restart applies keep their old values. */
    config_keep_fixed(config, old);
    srv->config = config;
    xreplace(&srv->misconfigured, NULL);
    xreplace(&srv->motd, motd);
    subsystems_configured(srv);
    config_free(old);
    end_rehash(srv, rehash, NULL);
}

void
session_configure_failed(struct server *srv, uint64_t asked, const char *faults)
{
    journal_faults(srv, TURN_CONFIG_FAILED, asked, faults);
    struct control_wait *rehash = control_rehash_resume(srv, asked);
    char first[400];
    str_format(first, sizeof first, "%.*s", (int)strcspn(faults, "\n"), faults);
    xreplace(control_rehash_is_tls(rehash) ? &srv->uncertified : &srv->misconfigured,
             first);
    end_rehash(srv, rehash, faults);
}

void
session_restarted(struct server *srv, uint64_t asked, const char *faults)
{
    journal_faults(srv, TURN_RESTARTED, asked, faults);
    control_restarted(srv, asked, faults);
    input_release(srv);
}

bool
session_awaits_store(const struct server *srv)
{
    return ack_is_owed(srv);
}

static bool
kill_for_shutdown(struct server *srv, struct client *c, void *ctx)
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
    client_each(srv, kill_for_shutdown, why);
    LIST_EACH(&srv->unregistered, node)
        kill_for_shutdown(srv, LIST_ENTRY(node, struct client, link), why);
    LIST_EACH(&srv->sessionless, node)
        kill_for_shutdown(srv, LIST_ENTRY(node, struct client, link), why);
    free(why);
    lifecycle_reap(srv);
}

size_t
session_count(const struct server *srv)
{
    return srv->n_clients - srv->n_acting;
}

void
session_check(const struct server *srv)
{
    server_check(srv);
    subsystems_check(srv);
}
