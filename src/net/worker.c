/* One thread for jobs that take long.
 *
 * argon2id takes a tenth of a second and 64 MiB on purpose, so it must never run on the
 * loop's thread, and only one at a time, so that logins cannot take all memory. Hosts
 * take turns: however many jobs one host or a hundred have, the first job of another
 * host waits for one job of each. Payloads are wiped after use. */
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

/* Costs as worker_hash (m is in KiB); made of zero bytes, so no password is known to
 * match. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

struct check {
    struct list link; /* turn.checks, or worker.done */
    unsigned kind;
    unsigned char *payload; /* NULL once answered */
    size_t n;
    struct worker_answer answer;
};

/* A host with jobs that wait or run. */
struct turn {
    struct list link; /* worker.turns */
    struct prefix host;
    struct list checks; /* that wait, oldest first */
    unsigned n;         /* that wait or run */
};

struct worker {
    pthread_t thread;
    const struct worker_kind *kinds;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t more;
    struct list turns; /* the next host first */
    struct list done;  /* answers that are not taken, oldest first */
    bool stop;
    void (*wake)(void *ctx);
    void *ctx;
};

static void
check_wipe(struct check *c)
{
    if (c->payload)
        mem_wipe(c->payload, c->n);
    free(c->payload);
    c->payload = NULL;
}

static size_t
run_verify(const unsigned char *payload, size_t n, unsigned char *answer)
{
    const char *hash = (const char *)payload, *password = hash + strlen(hash) + 1;
    size_t len = n - strlen(hash) - 2;
    bool same = crypto_pwhash_str_verify(*hash ? hash : nobody, password, len) == 0;
    answer[0] = same && *hash;
    return 1;
}

const struct worker_kind worker_kinds[JOB_KINDS] = {
    [JOB_VERIFY] = {"verify", run_verify},
};

/* Runs unlocked: the job is in no list. */
static void
check_run(const struct worker_kind *kind, struct check *c)
{
    c->answer.n = kind->run(c->payload, c->n, c->answer.bytes);
    check_wipe(c);
    sodium_stackzero(4096); /* where the hash has put the password's blocks */
}

/* The first host that has a job waiting; it goes to the end of the line. NULL: none. */
static struct turn *
next_turn(struct worker *w)
{
    LIST_EACH(&w->turns, node) {
        struct turn *t = LIST_ENTRY(node, struct turn, link);
        if (list_empty(&t->checks))
            continue;
        list_remove(&t->link);
        list_append(&w->turns, &t->link);
        return t;
    }
    return NULL;
}

static void
turn_leave(struct turn *t)
{
    if (--t->n > 0)
        return;
    list_remove(&t->link);
    free(t);
}

static void *
run(void *arg)
{
    struct worker *w = arg;
    pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        struct turn *t = next_turn(w);
        if (t == NULL) {
            pthread_cond_wait(&w->more, &w->lock);
            continue;
        }
        struct check *c = LIST_ENTRY(t->checks.next, struct check, link);
        list_remove(&c->link);
        pthread_mutex_unlock(&w->lock);
        check_run(&w->kinds[c->kind], c);
        pthread_mutex_lock(&w->lock);
        turn_leave(t);
        list_append(&w->done, &c->link);
        w->wake(w->ctx);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* Signals are the loop thread's. */
static int
start(struct worker *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&w->thread, NULL, run, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

struct worker *
worker_new(const struct worker_kind *kinds, void (*wake)(void *ctx), void *ctx)
{
    struct worker *w = xcalloc(1, sizeof *w);
    list_init(&w->turns);
    list_init(&w->done);
    w->kinds = kinds;
    w->wake = wake;
    w->ctx = ctx;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->more, NULL);
    int error = start(w);
    if (error == 0)
        return w;
    pthread_cond_destroy(&w->more);
    pthread_mutex_destroy(&w->lock);
    free(w);
    errno = error;
    return NULL;
}

/* The host's, made if it is missing. */
static struct turn *
turn_of(struct worker *w, const struct prefix *host)
{
    LIST_EACH(&w->turns, node) {
        struct turn *t = LIST_ENTRY(node, struct turn, link);
        if (t->host.bits == host->bits && addr_equal(&t->host.addr, &host->addr))
            return t;
    }
    struct turn *t = xcalloc(1, sizeof *t);
    t->host = *host;
    list_init(&t->checks);
    list_append(&w->turns, &t->link);
    return t;
}

void
worker_submit(struct worker *w, uint64_t job, unsigned kind, const struct prefix *host,
              const void *payload, size_t n)
{
    pthread_mutex_lock(&w->lock);
    if (!w->stop) {
        struct turn *t = turn_of(w, host);
        struct check *c = xcalloc(1, sizeof *c);
        c->answer.job = job;
        c->kind = kind;
        c->payload = xmalloc(n);
        c->n = n;
        memcpy(c->payload, payload, n);
        list_append(&t->checks, &c->link);
        t->n++;
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
        struct check *c = LIST_ENTRY(w->done.next, struct check, link);
        *out = c->answer;
        list_remove(&c->link);
        mem_wipe(c, sizeof *c);
        free(c);
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
free_checks(struct list *checks)
{
    LIST_EACH_SAFE(checks, node, next) {
        struct check *c = LIST_ENTRY(node, struct check, link);
        check_wipe(c);
        free(c);
    }
}

void
worker_free(struct worker *w)
{
    if (w == NULL)
        return;
    worker_stop(w);
    pthread_join(w->thread, NULL);
    free_checks(&w->done);
    LIST_EACH_SAFE(&w->turns, node, next) {
        struct turn *t = LIST_ENTRY(node, struct turn, link);
        free_checks(&t->checks);
        free(t);
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
