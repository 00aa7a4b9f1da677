/* Each function of the shell's row that answers with a fact has its answer recorded
 * here, so that no handler can forget it. */
#include "asking.h"

#include "lifecycle.h"
#include "session/journal.h"
#include "state/server.h"
#include "state/subsystem.h"

static void
ask_submit(void *ctx, uint64_t job, enum job_kind kind, const struct prefix *host,
           const void *payload, size_t n)
{
    struct server *srv = ctx;
    srv->outer->submit(srv->outer->ctx, job, kind, host, payload, n);
}

static bool
ask_rehash(void *ctx, char *err, size_t errlen)
{
    struct server *srv = ctx;
    bool good = srv->outer->rehash(srv->outer->ctx, err, errlen);
    if (!good)
        journal_text(srv, TURN_CONFIG_FAILED, NULL, err);
    return good;
}

static void
ask_die(void *ctx, const char *reason)
{
    struct server *srv = ctx;
    srv->outer->die(srv->outer->ctx, reason);
}

static bool
ask_restart(void *ctx, const char *reason, char *err, size_t errlen)
{
    struct server *srv = ctx;
    bool good = srv->outer->restart(srv->outer->ctx, reason, err, errlen);
    journal_told(srv, good, good ? NULL : err);
    return good;
}

void
asking_begin(struct server *srv)
{
    srv->asking = (struct shell){.ctx = srv,
                                 .submit = ask_submit,
                                 .rehash = ask_rehash,
                                 .die = ask_die,
                                 .restart = ask_restart};
    srv->outer = srv->shell;
    srv->shell = &srv->asking;
}

static void
init_asking(struct server *srv, const struct server_start *start)
{
    (void)start;
    asking_begin(srv);
}

const struct subsystem asking_subsystem = {
    .id = SUBSYSTEM_asking,
    .init = init_asking,
};
