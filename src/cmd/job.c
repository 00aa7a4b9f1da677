/* Jobs of the worker. A client has at most one, and its input waits meanwhile,
 * so replies keep the order of commands.
 *
 * A job may outlive its client: what a guess was worth is known only when the worker
 * has answered, and hanging up must change nothing of it. So a job keeps no pointer to
 * a client that has gone, and there are no more jobs than JOB_QUEUE. */
#include "cmd/job.h"

#include "base/addr.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "state/census.h"
#include "state/client.h"
#include "state/request.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <string.h>

struct job {
    struct list link; /* srv->jobs */
    uint64_t id;
    struct request request; /* that waits for it; its client is NULL once gone */
    struct prefix host;     /* that it counts for */
    job_done *done;
    void *ctx; /* done's, one block of ctx_size bytes; NULL: none */
    size_t ctx_size;
};

/* At most JOB_QUEUE steps, each time that a password is tried. */
static unsigned
count_jobs_of(const struct server *srv, const struct prefix *host)
{
    unsigned n = 0;
    LIST_EACH(&srv->jobs, node) {
        const struct job *job = LIST_ENTRY(node, struct job, link);
        n += job->host.bits == host->bits && addr_equal(&job->host.addr, &host->addr);
    }
    return n;
}

enum job_verdict
job_start(struct server *srv, struct client *c, enum job_kind kind, const void *payload,
          size_t n, job_done *done, void *ctx, size_t ctx_size)
{
    uint64_t id = origin_id(&srv->me, srv->last_job + 1);
    if (srv->n_jobs >= JOB_QUEUE)
        return JOB_FULL;
    if (count_jobs_of(srv, &policy_of(c)->host->key) >= JOB_SHARE)
        return JOB_HOST_FULL;
    srv->last_job++;
    struct job *job = xcalloc(1, sizeof *job);
    job->id = id;
    request_defer(&job->request, srv, c);
    job->host = policy_of(c)->host->key;
    job->done = done;
    job->ctx = ctx;
    job->ctx_size = ctx_size;
    list_append(&srv->jobs, &job->link);
    srv->n_jobs++;
    c->out.flags |= CLIENT_WAITING;
    srv->shell->submit(srv->shell->ctx, id, kind, &job->host, payload, n);
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
end(struct job *job)
{
    list_remove(&job->link);
    mem_wipe(job->ctx, job->ctx_size); /* the hash of a password may be in it */
    free(job->ctx);
    request_drop(&job->request);
    free(job);
}

static void
answer(struct server *srv, struct job *job, const struct job_result *result)
{
    struct client *c = job->request.client;
    if (c == NULL) {
        if (!srv->ending) /* else the server left it, not it the server */
            job->done(srv, NULL, result, job->ctx);
        return;
    }
    c->out.flags &= ~(unsigned)CLIENT_WAITING;
    request_begin(&job->request);
    job->done(srv, c, result, job->ctx);
    request_end(&job->request);
}

void
job_finish(struct server *srv, uint64_t id, const void *bytes, size_t n)
{
    const struct job_result result = {bytes, n};
    LIST_EACH(&srv->jobs, node) {
        struct job *job = LIST_ENTRY(node, struct job, link);
        if (job->id != id)
            continue;
        srv->n_jobs--;
        list_remove(&job->link); /* first: its end may begin another one of c */
        answer(srv, job, &result);
        end(job);
        return;
    }
}

void
job_leave(struct server *srv, struct client *c)
{
    if (!(c->out.flags & CLIENT_WAITING))
        return;
    c->out.flags &= ~(unsigned)CLIENT_WAITING;
    LIST_EACH(&srv->jobs, node) {
        struct job *job = LIST_ENTRY(node, struct job, link);
        if (job->request.client != c)
            continue;
        request_drop(&job->request);
        return;
    }
}

void
job_free_all(struct server *srv)
{
    LIST_EACH_SAFE(&srv->jobs, node, next)
        end(LIST_ENTRY(node, struct job, link));
}

struct mem_sum
job_sum(const struct server *srv)
{
    struct mem_sum all = {0, 0};
    LIST_EACH(&srv->jobs, node) {
        const struct job *job = LIST_ENTRY(node, struct job, link);
        all.n++;
        all.bytes += mem_block(sizeof *job) + mem_block(job->ctx_size) +
                     request_memory(&job->request);
    }
    return all;
}

static void
add_jobs(const struct server *srv, struct census *out)
{
    struct mem_sum jobs = job_sum(srv);
    census_add(out, CENSUS_OF_SERVER, "answers that wait for disk or worker", jobs.n,
               jobs.bytes);
}

const struct subsystem job_subsystem = {
    .id = SUBSYSTEM_job,
    .memory = add_jobs,
    .client_leaves = job_leave,
    .free = job_free_all,
};
