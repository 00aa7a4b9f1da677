/* One thread for jobs that take long.
 *
 * argon2id takes a tenth of a second and 64 MiB on purpose. So it must never run on the
 * loop's thread, and only one at a time, so that logins cannot take all memory. Hosts
 * take turns: however many jobs other hosts have queued, the first job of a host waits
 * for at most one job of each. Payloads are wiped after use. */
#include "net/worker.h"

#include "base/list.h"
#include "base/mem.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(WORKER_HASH >= crypto_pwhash_STRBYTES, "a hash must fit");

/* Costs as much as a hash of worker_hash (m is in KiB). Its bytes are zero, so no
 * password is known to match it. */
static const char unmatched_hash[] =
    "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

struct worker_job {
    struct list link; /* in worker_host.jobs, or in worker.done */
    unsigned kind;
    unsigned char *payload; /* NULL once answered */
    size_t n;
    struct worker_answer answer;
};

/* A host with jobs that wait or run. */
struct worker_host {
    struct list link; /* in worker.hosts */
    struct prefix host;
    struct list jobs; /* waiting jobs, oldest first */
    unsigned n;       /* jobs that wait or run */
};

struct worker {
    pthread_t thread;
    const struct worker_kind *kinds;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t more;
    struct list hosts; /* the next host first */
    struct list done;  /* answers that are not taken, oldest first */
    bool stop;
    void (*wake)(void *ctx);
    void *ctx;
};

static void
wipe_job(struct worker_job *job)
{
    if (job->payload)
        mem_wipe(job->payload, job->n);
    free(job->payload);
    job->payload = NULL;
}

static size_t
verify_password(const unsigned char *payload, size_t n, unsigned char *answer)
{
    const char *hash = (const char *)payload, *password = hash + strlen(hash) + 1;
    size_t len = n - strlen(hash) - 2;
    bool same =
        crypto_pwhash_str_verify(*hash ? hash : unmatched_hash, password, len) == 0;
    answer[0] = same && *hash;
    return 1;
}

const struct worker_kind worker_kinds[JOB_KINDS] = {
    [JOB_VERIFY] = {"verify", verify_password},
};

/* Runs without the lock: the job is in no list. */
static void
run_job(const struct worker_kind *kind, struct worker_job *job)
{
    job->answer.n = kind->run(job->payload, job->n, job->answer.bytes);
    wipe_job(job);
    sodium_stackzero(4096); /* the hash has left blocks of the password there */
}

/* The first host with a waiting job, which moves to the end of the list. NULL if no job
 * waits. */
static struct worker_host *
next_host(struct worker *w)
{
    LIST_EACH(&w->hosts, node) {
        struct worker_host *h = LIST_ENTRY(node, struct worker_host, link);
        if (list_empty(&h->jobs))
            continue;
        list_remove(&h->link);
        list_append(&w->hosts, &h->link);
        return h;
    }
    return NULL;
}

static void
leave_host(struct worker_host *h)
{
    if (--h->n > 0)
        return;
    list_remove(&h->link);
    free(h);
}

static void *
run_worker(void *arg)
{
    struct worker *w = arg;
    pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        struct worker_host *h = next_host(w);
        if (h == NULL) {
            pthread_cond_wait(&w->more, &w->lock);
            continue;
        }
        struct worker_job *job = LIST_ENTRY(h->jobs.next, struct worker_job, link);
        list_remove(&job->link);
        pthread_mutex_unlock(&w->lock);
        run_job(&w->kinds[job->kind], job);
        pthread_mutex_lock(&w->lock);
        leave_host(h);
        list_append(&w->done, &job->link);
        w->wake(w->ctx);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* The thread blocks all signals: the loop's thread takes them. */
static int
start_worker(struct worker *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&w->thread, NULL, run_worker, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

struct worker *
worker_new(const struct worker_kind *kinds, void (*wake)(void *ctx), void *ctx)
{
    struct worker *w = xcalloc(1, sizeof *w);
    list_init(&w->hosts);
    list_init(&w->done);
    w->kinds = kinds;
    w->wake = wake;
    w->ctx = ctx;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->more, NULL);
    int error = start_worker(w);
    if (error == 0)
        return w;
    pthread_cond_destroy(&w->more);
    pthread_mutex_destroy(&w->lock);
    free(w);
    errno = error;
    return NULL;
}

/* The entry of a host, made if it is missing. */
static struct worker_host *
find_or_add_host(struct worker *w, const struct prefix *host)
{
    LIST_EACH(&w->hosts, node) {
        struct worker_host *h = LIST_ENTRY(node, struct worker_host, link);
        if (h->host.bits == host->bits && addr_equal(&h->host.addr, &host->addr))
            return h;
    }
    struct worker_host *h = xcalloc(1, sizeof *h);
    h->host = *host;
    list_init(&h->jobs);
    list_append(&w->hosts, &h->link);
    return h;
}

void
worker_submit(struct worker *w, uint64_t job, unsigned kind, const struct prefix *host,
              const void *payload, size_t n)
{
    pthread_mutex_lock(&w->lock);
    if (!w->stop) {
        struct worker_host *h = find_or_add_host(w, host);
        struct worker_job *added = xcalloc(1, sizeof *added);
        added->answer.job = job;
        added->kind = kind;
        added->payload = xmalloc(n);
        added->n = n;
        memcpy(added->payload, payload, n);
        list_append(&h->jobs, &added->link);
        h->n++;
        pthread_cond_signal(&w->more);
    }
    pthread_mutex_unlock(&w->lock);
}

bool
worker_take(struct worker *w, struct worker_answer *out)
{
    pthread_mutex_lock(&w->lock);
    bool any = !list_empty(&w->done);
    if (any) {
        struct worker_job *job = LIST_ENTRY(w->done.next, struct worker_job, link);
        *out = job->answer;
        list_remove(&job->link);
        mem_wipe(job, sizeof *job);
        free(job);
    }
    pthread_mutex_unlock(&w->lock);
    return any;
}

void
worker_stop(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
}

static void
free_jobs(struct list *jobs)
{
    LIST_EACH_SAFE(jobs, node, next) {
        struct worker_job *job = LIST_ENTRY(node, struct worker_job, link);
        wipe_job(job);
        free(job);
    }
}

void
worker_free(struct worker *w)
{
    if (w == NULL)
        return;
    worker_stop(w);
    pthread_join(w->thread, NULL);
    free_jobs(&w->done);
    LIST_EACH_SAFE(&w->hosts, node, next) {
        struct worker_host *h = LIST_ENTRY(node, struct worker_host, link);
        free_jobs(&h->jobs);
        free(h);
    }
    pthread_cond_destroy(&w->more);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

bool
worker_hash(const char *password, char out[static WORKER_HASH])
{
    return crypto_pwhash_str(out, password, strlen(password),
                             crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}
