/* Jobs of the password worker. A client has at most one, and its input waits meanwhile,
 * so replies keep the order of commands.
 *
 * A job outlives nobody: a client that goes takes its job along, and the late answer
 * finds none. */
#include "job.h"

#include "base/mem.h"
#include "base/str.h"
#include "state/client.h"
#include "state/label.h"
#include "state/server.h"

struct job {
    struct list link; /* srv->jobs */
    uint64_t id;
    struct client *client;
    struct label *label; /* that the answer belongs to; NULL: none */
    job_done *done;
    job_gone *gone; /* NULL: none */
    char text[64];
};

bool
job_start(struct server *srv, struct client *c, const char *hash, const char *password,
          job_done *done, job_gone *gone, const char *text)
{
    uint64_t id = srv->last_job + 1;
    if (!srv->shell->verify(srv->shell->ctx, id, hash, password))
        return false;
    srv->last_job = id;
    struct job *job = xcalloc(1, sizeof *job);
    job->id = id;
    job->client = c;
    job->label = label_defer(srv);
    job->done = done;
    job->gone = gone;
    str_format(job->text, sizeof job->text, "%s", text);
    list_append(&srv->jobs, &job->link);
    c->flags |= CLIENT_WAITING;
    return true;
}

void
job_finish(struct server *srv, uint64_t id, bool ok)
{
    LIST_EACH_SAFE(&srv->jobs, node, next) {
        struct job *job = LIST_ENTRY(node, struct job, link);
        if (job->id != id)
            continue;
        list_remove(&job->link);
        job->client->flags &= ~(unsigned)CLIENT_WAITING;
        label_resume(srv, job->label);
        job->done(srv, job->client, ok, job->text);
        label_end(srv);
        free(job);
        return;
    }
}

void
job_cancel(struct server *srv, struct client *c)
{
    if (!(c->flags & CLIENT_WAITING))
        return;
    c->flags &= ~(unsigned)CLIENT_WAITING;
    LIST_EACH_SAFE(&srv->jobs, node, next) {
        struct job *job = LIST_ENTRY(node, struct job, link);
        if (job->client != c)
            continue;
        list_remove(&job->link);
        label_free(job->label);
        if (job->gone)
            job->gone(srv, c, job->text);
        free(job);
    }
}
