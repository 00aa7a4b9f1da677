/* One thread that checks passwords.
 *
 * argon2id takes a tenth of a second and 64 MiB on purpose, so it must never run on the
 * loop's thread, and only one at a time, so that logins cannot take all memory. Hosts
 * take turns, and each has a share of the queue: however many guesses one host or a
 * hundred send, the first job of another host waits for one job of each. Passwords are
 * wiped after use. */
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
    uint64_t job;
    char *hash, *password; /* NULL once answered; hash NULL: of an unknown name */
    bool ok;
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
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t more;
    struct list turns; /* the next host first */
    struct list done;  /* answers that are not taken, oldest first */
    unsigned n;        /* jobs that wait or run, and answers */
    bool stop;
    void (*wake)(void *ctx);
    void *ctx;
};

static void
check_wipe(struct check *c)
{
    mem_free_secret(c->password);
    mem_free_secret(c->hash);
    c->password = c->hash = NULL;
}

/* Runs unlocked: the job is in no list. */
static void
check_run(struct check *c)
{
    const char *hash = c->hash ? c->hash : nobody;
    bool same = crypto_pwhash_str_verify(hash, c->password, strlen(c->password)) == 0;
    c->ok = same && c->hash != NULL;
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
        check_run(c);
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
worker_new(void (*wake)(void *ctx), void *ctx)
{
    struct worker *w = xcalloc(1, sizeof *w);
    list_init(&w->turns);
    list_init(&w->done);
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

enum verify_verdict
worker_add(struct worker *w, uint64_t job, const struct prefix *host, const char *hash,
           const char *password)
{
    enum verify_verdict verdict = VERIFY_FULL;
    pthread_mutex_lock(&w->lock);
    if (w->n < WORKER_QUEUE && !w->stop) {
        struct turn *t = turn_of(w, host);
        verdict = t->n < WORKER_SHARE ? VERIFY_STARTED : VERIFY_HOST_FULL;
        if (verdict == VERIFY_STARTED) {
            struct check *c = xcalloc(1, sizeof *c);
            c->job = job;
            c->hash = hash ? xstrdup(hash) : NULL;
            c->password = xstrdup(password);
            list_append(&t->checks, &c->link);
            t->n++;
            w->n++;
            pthread_cond_signal(&w->more);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return verdict;
}

bool
worker_take(struct worker *w, uint64_t *job, bool *ok)
{
    pthread_mutex_lock(&w->lock);
    bool any = !list_empty(&w->done);
    if (any) {
        struct check *c = LIST_ENTRY(w->done.next, struct check, link);
        *job = c->job;
        *ok = c->ok;
        list_remove(&c->link);
        free(c);
        w->n--;
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
