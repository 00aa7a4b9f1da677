/* Jobs of the password worker. A client has at most one, and its input waits meanwhile,
 * so replies keep the order of commands.
 *
 * A job may outlive its client: what a guess was worth is known only when the worker
 * has answered, and hanging up must change nothing of it. So a job keeps no pointer to
 * a client that has gone, and there are no more jobs than the worker's queue takes. */
#include "cmd/job.h"

#include "policy/host.h"
#include "state/census.h"
#include "state/client.h"
#include "state/request.h"
#include "state/server.h"
#include "state/subsystem.h"

struct job {
    struct list link; /* srv->jobs */
    uint64_t id;
    struct request request; /* that waits for it; its client is NULL once gone */
    job_done *done;
    void *ctx; /* done's, one block of ctx_size bytes; NULL: none */
    size_t ctx_size;
};

enum verify_verdict
job_start(struct server *srv, struct client *c, const char *hash, const char *password,
          job_done *done, void *ctx, size_t ctx_size)
{
    uint64_t id = origin_id(&srv->me, srv->last_job + 1);
    enum verify_verdict verdict =
        srv->shell->verify(srv->shell->ctx, id, &c->host->key, hash, password);
    if (verdict != VERIFY_STARTED)
        return verdict;
    srv->last_job++;
    struct job *job = xcalloc(1, sizeof *job);
    job->id = id;
    request_defer(&job->request, srv, c);
    job->done = done;
    job->ctx = ctx;
    job->ctx_size = ctx_size;
    list_append(&srv->jobs, &job->link);
    c->flags |= CLIENT_WAITING;
    return VERIFY_STARTED;
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
answer(struct server *srv, struct job *job, bool ok)
{
    struct client *c = job->request.client;
    if (c == NULL) {
        if (!srv->ending) /* else the server left it, not it the server */
            job->done(srv, NULL, ok, job->ctx);
        return;
    }
    c->flags &= ~(unsigned)CLIENT_WAITING;
    request_resume(&job->request);
    job->done(srv, c, ok, job->ctx);
    request_end(&job->request);
}

void
job_finish(struct server *srv, uint64_t id, bool ok)
{
    LIST_EACH(&srv->jobs, node) {
        struct job *job = LIST_ENTRY(node, struct job, link);
        if (job->id != id)
            continue;
        list_remove(&job->link); /* first: its end may begin another one of c */
        answer(srv, job, ok);
        end(job);
        return;
    }
}

void
job_leave(struct server *srv, struct client *c)
{
    if (!(c->flags & CLIENT_WAITING))
        return;
    c->flags &= ~(unsigned)CLIENT_WAITING;
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
    .name = "job",
    .memory = add_jobs,
    .client_leaves = job_leave,
    .free = job_free_all,
};
