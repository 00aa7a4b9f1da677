/* One thread that checks passwords.
 *
 * argon2id takes a tenth of a second and 64 MiB on purpose, so it must never run on the
 * loop's thread, and only one at a time, so that logins cannot take all memory. The
 * queue is a ring of slots shared by waiting jobs and answers; it never grows.
 * Passwords are wiped after use. */
#include "net/worker.h"

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

struct slot {
    uint64_t job;
    char *hash, *password; /* NULL once answered; hash NULL: nobody's */
    bool ok;
};

struct worker {
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t more;
    struct slot ring[WORKER_QUEUE];
    unsigned taken, done,
        added; /* counters: taken <= done <= added <= taken + WORKER_QUEUE */
    bool stop;
    void (*wake)(void *ctx);
    void *ctx;
};

static struct slot *
slot_at(struct worker *w, unsigned counter)
{
    return &w->ring[counter % WORKER_QUEUE];
}

static void
slot_wipe(struct slot *s)
{
    if (s->password)
        sodium_memzero(s->password, strlen(s->password));
    free(s->password);
    free(s->hash);
    s->password = s->hash = NULL;
}

/* Runs unlocked: the slot belongs to this thread until done passes it. */
static void
slot_check(struct slot *s)
{
    const char *hash = s->hash ? s->hash : nobody;
    bool same = crypto_pwhash_str_verify(hash, s->password, strlen(s->password)) == 0;
    s->ok = same && s->hash != NULL;
    slot_wipe(s);
}

static void *
run(void *arg)
{
    struct worker *w = arg;
    pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        if (w->done == w->added) {
            pthread_cond_wait(&w->more, &w->lock);
            continue;
        }
        struct slot *s = slot_at(w, w->done);
        pthread_mutex_unlock(&w->lock);
        slot_check(s);
        pthread_mutex_lock(&w->lock);
        w->done++;
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

bool
worker_add(struct worker *w, uint64_t job, const char *hash, const char *password)
{
    pthread_mutex_lock(&w->lock);
    bool room = w->added - w->taken < WORKER_QUEUE && !w->stop;
    if (room) {
        *slot_at(w, w->added) = (struct slot){.job = job,
                                              .hash = hash ? xstrdup(hash) : NULL,
                                              .password = xstrdup(password)};
        w->added++;
        pthread_cond_signal(&w->more);
    }
    pthread_mutex_unlock(&w->lock);
    return room;
}

bool
worker_take(struct worker *w, uint64_t *job, bool *ok)
{
    pthread_mutex_lock(&w->lock);
    bool any = w->taken != w->done;
    if (any) {
        const struct slot *s = slot_at(w, w->taken);
        *job = s->job;
        *ok = s->ok;
        w->taken++;
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

void
worker_free(struct worker *w)
{
    if (w == NULL)
        return;
    worker_stop(w);
    pthread_join(w->thread, NULL);
    for (unsigned i = w->done; i != w->added; i++)
        slot_wipe(slot_at(w, i));
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
