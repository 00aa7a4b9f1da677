/* REHASH waits for the shell, which reads the configuration between two turns. The answer
 * is an input of the core. Each REHASH has its own answer, and the reading after a SIGHUP
 * answers none of them. A REHASH goes on if its client leaves, and is then told in the
 * name of its operator. */
#include "cmd/rehash.h"

#include "base/mem.h"
#include "base/str.h"
#include "cmd/command.h"
#include "state/census.h"
#include "state/client.h"
#include "state/deferred.h"
#include "state/out.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/tell.h"

#include <string.h>

struct rehash {
    struct deferred deferred; /* in the list of all REHASHs that wait */
    /* Name of the operator's block; a copy, since the new configuration may lack it. */
    char *by;
};

static struct list *
waiting_rehashes(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_rehash);
}

static void
rehash_run(struct request *req)
{
    struct server *srv = req->srv;
    struct rehash *r = xcalloc(1, sizeof *r);
    r->by = xstrdup(req->client->user.oper);
    reply(req, RPL_REHASHING, "configuration");
    deferred_begin(&r->deferred, waiting_rehashes(srv), srv, req->client);
    srv->shell->reread(srv->shell->ctx, r->deferred.id);
}

struct rehash *
rehash_resume(struct server *srv, uint64_t asked)
{
    struct deferred *d = deferred_find(waiting_rehashes(srv), asked);
    if (d == NULL)
        return NULL;
    deferred_resume(d);
    return LIST_ENTRY(d, struct rehash, deferred);
}

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

static void
free_rehash(struct rehash *r)
{
    deferred_end(&r->deferred);
    free(r->by);
    free(r);
}

void
rehash_end(struct server *srv, struct rehash *r, const char *faults)
{
    struct client *actor = r ? r->deferred.request.client : NULL;
    const char *by = r ? r->by : "signal";
    if (faults)
        tell_rehash_refused(srv, actor, by, faults);
    else
        TELL(srv, TELL_OTHERS(actor, 0), rehash, .by = by);
    if (actor && faults)
        command_tell_faults(&r->deferred.request, "REHASH", faults);
    else if (actor)
        reply_notice(&r->deferred.request, "REHASH: the new configuration is in force");
    if (r)
        free_rehash(r);
}

static void
init_rehashes(struct server *srv, const struct server_start *start)
{
    (void)start;
    list_init(waiting_rehashes(srv));
}

static void
leave_rehashes(struct server *srv, struct client *c)
{
    deferred_leave(waiting_rehashes(srv), c);
}

static void
count_rehashes(const struct server *srv, struct census *out)
{
    LIST_EACH(waiting_rehashes(srv), node) {
        const struct rehash *r = LIST_ENTRY(node, struct rehash, deferred.link);
        census_add(out, CENSUS_OF_SERVER, CENSUS_WAITS, 1,
                   mem_block(sizeof *r) + mem_block(strlen(r->by) + 1) +
                       request_memory(&r->deferred.request));
    }
}

static void
free_rehashes(struct server *srv)
{
    LIST_EACH_SAFE(waiting_rehashes(srv), node, next)
        free_rehash(LIST_ENTRY(node, struct rehash, deferred.link));
}

const struct command commands_rehash[] = {
    {
        .name = "REHASH",
        .run = rehash_run,
        .when = WHEN_REGISTERED,
        .cost = 5,
        .priv = PRIV_rehash,
        .group = GROUP_OPERATE,
        .syntax = "",
        .help = "read the configuration again",
    },
    {.name = NULL},
};

const struct subsystem rehash_subsystem = {
    .id = SUBSYSTEM_rehash,
    .state = sizeof(struct list),
    .init = init_rehashes,
    .client_leaves = leave_rehashes,
    .memory = count_rehashes,
    .free = free_rehashes,
};
