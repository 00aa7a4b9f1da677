/* Jobs of the worker. A job is a deferred request that the worker answers.
 *
 * A job outlives its client: whether a password was right is known only once the worker
 * has answered, and a client must not avoid the consequences by disconnecting. At most
 * JOB_QUEUE jobs exist, so their memory is bounded. */
#include "cmd/job.h"

#include "base/addr.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "state/census.h"
#include "state/client.h"
#include "state/deferred.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <string.h>

struct job {
    struct deferred deferred; /* in srv->jobs */
    struct prefix host;       /* the host that JOB_SHARE limits */
    job_done *done;
    void *ctx; /* for done: one block of ctx_size bytes, owned; NULL: none */
    size_t ctx_size;
};

static struct job *
job_of_node(struct list *node)
{
    return LIST_ENTRY(node, struct job, deferred.link);
}

/* Walks all jobs: at most JOB_QUEUE steps for each call of job_start. */
static unsigned
count_host_jobs(const struct server *srv, const struct prefix *host)
{
    unsigned n = 0;
    LIST_EACH(&srv->jobs, node) {
        const struct job *job = job_of_node(node);
        n += job->host.bits == host->bits && addr_equal(&job->host.addr, &host->addr);
    }
    return n;
}

enum job_verdict
job_start(struct server *srv, struct client *c, enum job_kind kind, const void *payload,
          size_t n, job_done *done, void *ctx, size_t ctx_size)
{
    bool full = srv->n_jobs >= JOB_QUEUE;
    if (full || count_host_jobs(srv, &policy_of(c)->host->key) >= JOB_SHARE) {
        srv->counts.refused_jobs++;
        return full ? JOB_FULL : JOB_HOST_FULL;
    }
    struct job *job = xcalloc(1, sizeof *job);
    deferred_begin(&job->deferred, &srv->jobs, srv, c);
    job->host = policy_of(c)->host->key;
    job->done = done;
    job->ctx = ctx;
    job->ctx_size = ctx_size;
    srv->n_jobs++;
    srv->shell->submit(srv->shell->ctx, job->deferred.id, kind, &job->host, payload, n);
    return JOB_STARTED;
}

enum job_verdict
job_verify(struct server *srv, struct client *c, const char *hash, const char *password,
           job_done *done, void *ctx, size_t ctx_size)
{
    size_t before = strlen(hash) + 1, n = before + strlen(password) + 1;
    char *payload = xmalloc(n);
    memcpy(payload, hash, before);
    memcpy(payload + before, password, n - before);
    enum job_verdict verdict =
        job_start(srv, c, JOB_VERIFY, payload, n, done, ctx, ctx_size);
    mem_wipe(payload, n);
    free(payload);
    return verdict;
}

bool
job_is_right(const struct job_result *result)
{
    return result->n == 1 && result->bytes[0] == 1;
}

static void
end_job(struct job *job)
{
    deferred_end(&job->deferred);
    mem_wipe(job->ctx, job->ctx_size); /* it may contain the hash of a password */
    free(job->ctx);
    free(job);
}

void
job_finish(struct server *srv, uint64_t id, const void *bytes, size_t n)
{
    const struct job_result result = {bytes, n};
    struct deferred *d = deferred_find(&srv->jobs, id);
    if (d == NULL)
        return;
    struct job *job = job_of_node(&d->link);
    struct client *c = d->request.client;
    srv->n_jobs--;
    deferred_resume(d);
    /* `done` is also called if the client has left, unless the server is ending. */
    if (c != NULL || !srv->ending)
        job->done(srv, c, &result, job->ctx);
    end_job(job);
}

void
job_leave(struct server *srv, struct client *c)
{
    deferred_leave(&srv->jobs, c);
}

/* Called at the end of the server, when all clients have left. */
static void
free_unanswered_jobs(struct server *srv)
{
    LIST_EACH_SAFE(&srv->jobs, node, next)
        end_job(job_of_node(node));
}

static void
add_job_memory(const struct server *srv, struct census *out)
{
    size_t n = 0, bytes = 0;
    LIST_EACH(&srv->jobs, node) {
        const struct job *job = job_of_node(node);
        n++;
        bytes += mem_block(sizeof *job) + mem_block(job->ctx_size) +
                 request_memory(&job->deferred.request);
    }
    census_add(out, CENSUS_OF_SERVER, CENSUS_WAITS, n, bytes);
}

const struct subsystem job_subsystem = {
    .id = SUBSYSTEM_job,
    .memory = add_job_memory,
    .client_leaves = job_leave,
    .free = free_unanswered_jobs,
};
