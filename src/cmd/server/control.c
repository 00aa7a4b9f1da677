/* REHASH, RESTART and DIE: commands that the shell carries out.
 *
 * The shell reads the configuration between two turns; the answer is an input of the
 * core. Each REHASH has its own answer, and the reading after a SIGHUP answers none of
 * them. A RESTART ends the server only if it can start again. Both go on if their
 * client leaves, and are then told in the name of its operator. */
#include "cmd/control.h"

#include "base/mem.h"
#include "base/str.h"
#include "cmd/command.h"
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

/* A REHASH or RESTART that waits for the shell. */
struct control_wait {
    struct deferred deferred; /* in the list of all of them */
    bool is_restart;          /* false: REHASH */
    bool is_tls;              /* REHASH TLS */
    /* Name of the operator's block; a copy, since the new configuration may lack it. */
    char *by;
    char reason[REASON_MAX + 1], more[REASON_MAX + 1]; /* of RESTART */
};

static struct list *
waiting_controls(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_control);
}

/* Holds the lines of the client until the answer to its command. */
static struct control_wait *
begin_control_wait(struct request *req, bool is_restart)
{
    struct control_wait *w = xcalloc(1, sizeof *w);
    w->is_restart = is_restart;
    w->by = xstrdup(req->client->user.oper);
    deferred_begin(&w->deferred, waiting_controls(req->srv), req->srv, req->client);
    return w;
}

/* Begins the answer to the command with this number. NULL: none of its kind has it. */
static struct control_wait *
resume_control_wait(struct server *srv, uint64_t asked, bool is_restart)
{
    struct deferred *d = deferred_find(waiting_controls(srv), asked);
    struct control_wait *w = d ? LIST_ENTRY(d, struct control_wait, deferred) : NULL;
    if (w == NULL || w->is_restart != is_restart)
        return NULL;
    deferred_resume(d);
    return w;
}

static void
free_control_wait(struct control_wait *w)
{
    deferred_end(&w->deferred);
    free(w->by);
    free(w);
}

static void
rehash_run(struct request *req)
{
    struct server *srv = req->srv;
    const struct message *m = req->message;
    bool tls = m->nparams > 0 && name_equal(m->params[0], "TLS");
    if (m->nparams > 0 && !tls) {
        command_refuse(req, "REHASH",
                       "the only parameter is TLS, for the certificates alone; without "
                       "it the whole configuration is read",
                       "REHASH TLS");
        return;
    }
    reply(req, RPL_REHASHING, tls ? "certificates" : "configuration");
    struct control_wait *w = begin_control_wait(req, false);
    w->is_tls = tls;
    if (tls)
        srv->shell->reread_tls(srv->shell->ctx, w->deferred.id);
    else
        srv->shell->reread(srv->shell->ctx, w->deferred.id);
}

struct control_wait *
control_rehash_resume(struct server *srv, uint64_t asked)
{
    return resume_control_wait(srv, asked, false);
}

/* Tells the operators but `actor` each fault, and logs all of them in one event. */
static void
tell_rehash_refused(struct server *srv, const struct client *actor, const char *by,
                    const char *faults)
{
    char line[400], all[2000];
    struct str s;
    size_t told = 0;
    str_init(&s, all, sizeof all);
    for (; *faults; told++) {
        size_t n = strcspn(faults, "\n");
        str_format(line, sizeof line, "%.*s", (int)str_cut(faults, n, sizeof line - 1),
                   faults);
        TELL(srv, TELL_OTHERS(actor, 0), rehash_fault, .fault = line);
        str_addf(&s, "%s%s", told ? "; " : "", line);
        faults += n + (faults[n] == '\n');
    }
    TELL(srv, TELL_ALL, rehash_refused, .by = by, .faults = told, .why = all);
}

bool
control_rehash_is_tls(const struct control_wait *w)
{
    return w && w->is_tls;
}

void
control_rehash_end(struct server *srv, struct control_wait *w, const char *faults)
{
    struct client *actor = w ? w->deferred.request.client : NULL;
    const char *by = w ? w->by : "signal";
    bool tls = control_rehash_is_tls(w);
    if (faults)
        tell_rehash_refused(srv, actor, by, faults);
    else
        TELL_LIKE(srv, TELL_OTHERS(actor, 0), tls ? EVENT_rehash_tls : EVENT_rehash,
                  rehash, .by = by);
    if (actor && faults)
        command_tell_faults(&w->deferred.request, "REHASH", faults);
    else if (actor)
        reply_notice(&w->deferred.request, "REHASH: the new %s in force",
                     tls ? "certificates are" : "configuration is");
    if (w)
        free_control_wait(w);
}

/* Reads <server name> [:<reason>]. The name is the confirmation, since many IRC clients
 * have a command /die. False: the name is wrong, and the operator is told. */
static bool
read_shutdown(struct request *req, const struct message *m, const char *done,
              struct shutdown *out)
{
    struct server *srv = req->srv;
    char text[MESSAGE_LINE], why[MESSAGE_LINE], example[NAME_HOST_MAX + 64];
    const char *name = srv->me.name;
    size_t clients = srv->n_clients - srv->n_acting;
    if (m->nparams == 0 || !name_equal(m->params[0], name)) {
        str_format(why, sizeof why,
                   "it disconnects all clients (%zu %s on); to confirm it, add the "
                   "name of the server",
                   clients, clients == 1 ? "is" : "are");
        str_format(example, sizeof example, "%s %s :maintenance", m->verb, name);
        command_refuse(req, m->verb, why, example);
        return false;
    }
    command_join_rest(m, 1, text, sizeof text);
    command_split_reason(text, out->reason, sizeof out->reason, out->more,
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
control_restart_run(struct request *req)
{
    struct server *srv = req->srv;
    struct shutdown e;
    if (!read_shutdown(req, req->message, "restarted", &e))
        return;
    struct control_wait *w = begin_control_wait(req, true);
    memcpy(w->reason, e.reason, sizeof w->reason);
    memcpy(w->more, e.more, sizeof w->more);
    srv->shell->restart(srv->shell->ctx, w->deferred.id, e.text);
}

void
control_restarted(struct server *srv, uint64_t asked, const char *faults)
{
    struct control_wait *w = resume_control_wait(srv, asked, true);
    if (w == NULL)
        return;
    if (faults && w->deferred.request.client)
        command_tell_faults(&w->deferred.request, "RESTART", faults);
    if (faults)
        TELL(srv, TELL_ALL, restart_refused, .by = w->by, .why = faults);
    else
        log_shutdown(srv, EVENT_restart, w->by, w->reason, w->more);
    free_control_wait(w);
}

static void
init_controls(struct server *srv, const struct server_start *start)
{
    (void)start;
    list_init(waiting_controls(srv));
}

static void
leave_controls(struct server *srv, struct client *c)
{
    deferred_leave(waiting_controls(srv), c);
}

static void
count_controls(const struct server *srv, struct census *out)
{
    LIST_EACH(waiting_controls(srv), node) {
        const struct control_wait *w =
            LIST_ENTRY(node, struct control_wait, deferred.link);
        census_add(out, CENSUS_OF_SERVER, CENSUS_WAITS, 1,
                   mem_block(sizeof *w) + mem_block(strlen(w->by) + 1) +
                       request_memory(&w->deferred.request));
    }
}

static void
free_controls(struct server *srv)
{
    LIST_EACH_SAFE(waiting_controls(srv), node, next)
        free_control_wait(LIST_ENTRY(node, struct control_wait, deferred.link));
}

const struct command commands_control[] = {
    {
        .name = "REHASH",
        .run = rehash_run,
        .when = WHEN_REGISTERED,
        .cost = 5,
        .priv = PRIV_rehash,
        .group = GROUP_OPERATE,
        .syntax = "[TLS]",
        .example = "REHASH TLS",
        .help = "read the configuration again; TLS: only its certificates",
    },
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
        .run = control_restart_run,
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

const struct subsystem control_subsystem = {
    .id = SUBSYSTEM_control,
    .state = sizeof(struct list),
    .init = init_controls,
    .client_leaves = leave_controls,
    .memory = count_controls,
    .free = free_controls,
};
