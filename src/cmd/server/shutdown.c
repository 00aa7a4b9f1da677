/* DIE and RESTART. The name of the server is a parameter of both and confirms them, since
 * they end all connections. RESTART waits for the shell, which ends the server only if it
 * can start again. */
#include "cmd/shutdown.h"

#include "base/str.h"
#include "cmd/command.h"
#include "cmd/line_wrap.h"
#include "proto/casemap.h"
#include "state/census.h"
#include "state/deferred.h"
#include "state/subsystem.h"
#include "state/tell.h"

#include <string.h>

#define REASON_MAX 250

/* The parameters of DIE or RESTART. */
struct shutdown {
    char reason[REASON_MAX + 1], more[REASON_MAX + 1];
    char text[REASON_MAX + 64]; /* for all clients: "Server stopped by ann: why" */
};

struct restart {
    struct deferred deferred; /* in the list of all RESTARTs that wait */
    char *by;                 /* name of the operator's block */
    char reason[REASON_MAX + 1], more[REASON_MAX + 1];
};

static struct list *
waiting_restarts(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_restart);
}

/* Reads <server name> [:<reason>]. The name is the confirmation: many IRC clients
 * have a command /die, and it ends all connections. False: the name is wrong, and the
 * operator is told. */
static bool
read_shutdown(struct request *req, const struct message *m, const char *done,
              struct shutdown *out)
{
    struct server *srv = req->srv;
    char text[MESSAGE_LINE], why[MESSAGE_LINE], example[NAME_HOST_MAX + 64];
    const char *name = srv->me.name;
    if (m->nparams == 0 || !name_equal(m->params[0], name)) {
        str_format(why, sizeof why,
                   "it disconnects all clients (%zu %s on); to confirm it, add the "
                   "name of the server",
                   srv->n_clients, srv->n_clients == 1 ? "is" : "are");
        str_format(example, sizeof example, "%s %s :maintenance", m->verb, name);
        command_refuse(req, m->verb, why, example);
        return false;
    }
    words_rest(m, 1, text, sizeof text);
    words_split_reason(text, out->reason, sizeof out->reason, out->more,
                       sizeof out->more);
    str_format(out->text, sizeof out->text, "Server %s by %s%s%s", done,
               req->client->user.nick, *out->reason ? ": " : "", out->reason);
    return true;
}

static void
log_shutdown(struct server *srv, enum event event, const char *by, const char *reason,
             const char *more)
{
    TELL_LIKE(srv, TELL_ALL, event, die, .by = by, .reason = *reason ? reason : NULL,
              .oper_reason = *more ? more : NULL);
}

static void
die_run(struct request *req)
{
    struct server *srv = req->srv;
    struct shutdown e;
    if (!read_shutdown(req, req->message, "stopped", &e))
        return;
    log_shutdown(srv, EVENT_die, req->client->user.oper, e.reason, e.more);
    srv->shell->die(srv->shell->ctx, e.text);
}

static void
restart_run(struct request *req)
{
    struct server *srv = req->srv;
    struct shutdown e;
    if (!read_shutdown(req, req->message, "restarted", &e))
        return;
    struct restart *r = xcalloc(1, sizeof *r);
    r->by = xstrdup(req->client->user.oper);
    memcpy(r->reason, e.reason, sizeof r->reason);
    memcpy(r->more, e.more, sizeof r->more);
    deferred_begin(&r->deferred, waiting_restarts(srv), srv, req->client);
    srv->shell->restart(srv->shell->ctx, r->deferred.id, e.text);
}

static void
free_restart(struct restart *r)
{
    deferred_end(&r->deferred);
    free(r->by);
    free(r);
}

void
shutdown_restarted(struct server *srv, uint64_t asked, const char *faults)
{
    struct deferred *d = deferred_find(waiting_restarts(srv), asked);
    if (d == NULL)
        return;
    struct restart *r = LIST_ENTRY(d, struct restart, deferred);
    deferred_resume(d);
    if (faults && d->request.client)
        command_tell_faults(&d->request, "RESTART", faults);
    if (faults)
        TELL(srv, TELL_ALL, restart_refused, .by = r->by, .why = faults);
    else
        log_shutdown(srv, EVENT_restart, r->by, r->reason, r->more);
    free_restart(r);
}

static void
init_restarts(struct server *srv, const struct server_start *start)
{
    (void)start;
    list_init(waiting_restarts(srv));
}

static void
leave_restarts(struct server *srv, struct client *c)
{
    deferred_leave(waiting_restarts(srv), c);
}

static void
count_restarts(const struct server *srv, struct census *out)
{
    LIST_EACH(waiting_restarts(srv), node) {
        const struct restart *r = LIST_ENTRY(node, struct restart, deferred.link);
        census_add(out, CENSUS_OF_SERVER, CENSUS_WAITS, 1,
                   mem_block(sizeof *r) + mem_block(strlen(r->by) + 1) +
                       request_memory(&r->deferred.request));
    }
}

static void
free_restarts(struct server *srv)
{
    LIST_EACH_SAFE(waiting_restarts(srv), node, next)
        free_restart(LIST_ENTRY(node, struct restart, deferred.link));
}

const struct command commands_shutdown[] = {
    {
        .name = "DIE",
        .run = die_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_die,
        .group = GROUP_OPERATE,
        .syntax = "<server name> [:<reason>[|<for the log>]]",
        .help = "end the server; the name of the server confirms it",
        .example = "DIE irc.example.org :maintenance",
    },
    {
        .name = "RESTART",
        .run = restart_run,
        .when = WHEN_REGISTERED,
        .cost = 5,
        .priv = PRIV_die,
        .group = GROUP_OPERATE,
        .syntax = "<server name> [:<reason>[|<for the log>]]",
        .help = "end the server and start it again, if its configuration has no "
                "faults; the name of the server confirms it",
        .example = "RESTART irc.example.org :new version",
    },
    {.name = NULL},
};

const struct subsystem restart_subsystem = {
    .id = SUBSYSTEM_restart,
    .state = sizeof(struct list),
    .init = init_restarts,
    .client_leaves = leave_restarts,
    .memory = count_restarts,
    .free = free_restarts,
};
