/* The writer thread. All puts that are queued when it looks are one batch, so puts that
 * arrive together share a sync, and a slow disk makes batches larger, not queues
 * longer. While the disk fails, batches collect in the image, where a key counts once,
 * and every retry writes all of them.
 *
 * Must never report "saved" before pair_save has, never wake a shell that is closing
 * the store, and never touch the core's state. */
#include "writer.h"

#include "base/mem.h"
#include "base/msec.h"
#include "base/str.h"
#include "net/os.h"
#include "store/store_gdbm.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NANOSECONDS_OF_MSEC UINT64_C(1000000)

struct put {
    struct put *next;
    size_t key_len, value_len;
    bool gone; /* no value */
    uint8_t bytes[];
};

struct message {
    struct message *next;
    store_ticket upto;
    char why[160]; /* "": saved */
};

struct writer {
    pthread_t thread;
    void (*wake)(void *ctx);
    void *ctx;
    msec retry;

    pthread_mutex_t lock; /* guards all fields up to the next blank line */
    pthread_cond_t work, ended;
    struct put *first, **last;
    struct mem_sum queued, held; /* puts not in the image yet; items of the image */
    struct message *news, **news_last;
    store_ticket tickets; /* given out */
    unsigned long syncs;
    store_ticket on_disk; /* the last one that is saved */
    msec unsaved_since;   /* not later than the first put behind on_disk */
    uint64_t failed;      /* saves */
    struct histogram saves;
    bool stopping, done, all_saved;

    /* This and all fields up to the blank line: the thread's own. */
    struct image *image;
    struct pair *pair;
    store_ticket absorbed; /* the last one in the image */
    store_ticket saved;    /* the last one that is saved */
    store_ticket told;     /* the last one that was reported, as saved or as failed */
    bool failing;
    msec retry_at;

    char told_why[160];              /* the loop thread's: news->why points to it */
    struct put *group, **group_last; /* the loop thread's: puts of an open group */
};

static msec
read_wait_clock(void)
{
    struct timespec t;
    clock_gettime(OS_WAIT_CLOCK, &t);
    return (msec)t.tv_sec * MSEC_SECOND + t.tv_nsec / 1000000;
}

static uint64_t
read_fine_wait_clock(void)
{
    struct timespec t;
    clock_gettime(OS_WAIT_CLOCK, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct timespec
make_timespec(msec at)
{
    return (struct timespec){.tv_sec = at / MSEC_SECOND,
                             .tv_nsec = (at % MSEC_SECOND) * 1000000};
}

/* --- the thread --- */

static void
add_news(struct writer *w, store_ticket upto, const char *why)
{
    struct message *msg = xcalloc(1, sizeof *msg);
    msg->upto = upto;
    str_format(msg->why, sizeof msg->why, "%s", why);
    pthread_mutex_lock(&w->lock);
    *w->news_last = msg;
    w->news_last = &msg->next;
    /* With the lock held: after writer_stop has set this, ctx may be freed. */
    if (!w->stopping)
        w->wake(w->ctx);
    pthread_mutex_unlock(&w->lock);
}

static size_t
put_memory(size_t key_len, size_t value_len)
{
    return mem_block(sizeof(struct put) + key_len + value_len);
}

static void
absorb_puts(struct writer *w, struct put *list)
{
    struct mem_sum taken = {0, 0};
    while (list != NULL) {
        struct put *p = list;
        list = p->next;
        const uint8_t *value = p->gone ? NULL : p->bytes + p->key_len;
        image_put(w->image, p->bytes, p->key_len, value, p->value_len);
        taken.n++;
        taken.bytes += put_memory(p->key_len, p->value_len);
        free(p);
        w->absorbed++;
    }
    struct mem_sum held = image_held(w->image);
    pthread_mutex_lock(&w->lock);
    w->held = held;
    mem_sum_change(&w->queued, taken, (struct mem_sum){0, 0});
    pthread_mutex_unlock(&w->lock);
}

static void
tell_failure(struct writer *w)
{
    if (w->absorbed == w->told)
        return;
    w->told = w->absorbed;
    add_news(w, w->told, w->pair->why);
}

static void
attempt_save(struct writer *w)
{
    unsigned long syncs = 0;
    uint64_t begun = read_fine_wait_clock();
    bool ok = pair_save(w->pair, w->image, &syncs);
    uint64_t took = read_fine_wait_clock() - begun;
    w->failing = !ok;
    w->retry_at = read_wait_clock() + w->retry;
    pthread_mutex_lock(&w->lock);
    w->held = image_held(w->image);
    w->syncs += syncs;
    w->failed += !ok;
    if (ok) {
        w->on_disk = w->absorbed;
        /* What was put since is younger than this attempt. */
        w->unsaved_since = (msec)(begun / NANOSECONDS_OF_MSEC);
    }
    histogram_add(&w->saves, took);
    pthread_mutex_unlock(&w->lock);
    if (!ok) {
        tell_failure(w);
    } else if (w->absorbed != w->saved) {
        w->saved = w->told = w->absorbed;
        add_news(w, w->saved, "");
    }
}

/* Waits until there is something to do, and takes the queue. Called with the lock
 * held. */
static struct put *
wait_for_work(struct writer *w)
{
    while (w->first == NULL && !w->stopping) {
        struct timespec at = make_timespec(w->retry_at);
        if (!w->failing)
            pthread_cond_wait(&w->work, &w->lock);
        else if (pthread_cond_timedwait(&w->work, &w->lock, &at) == ETIMEDOUT)
            break;
    }
    struct put *list = w->first;
    w->first = NULL;
    w->last = &w->first;
    return list;
}

static void *
run_writer(void *arg)
{
    struct writer *w = arg;
    bool last_turn = false;
    while (!last_turn) {
        pthread_mutex_lock(&w->lock);
        struct put *list = wait_for_work(w);
        last_turn = w->stopping;
        pthread_mutex_unlock(&w->lock);
        absorb_puts(w, list);
        if (!w->failing || last_turn || read_wait_clock() >= w->retry_at)
            attempt_save(w);
        else
            tell_failure(w);
    }
    pthread_mutex_lock(&w->lock);
    w->all_saved = w->saved == w->tickets;
    w->done = true;
    pthread_cond_broadcast(&w->ended);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* --- the loop thread --- */

/* The thread blocks all signals: the loop thread takes them, and a blocked SIGXFSZ
 * leaves an error code to the writer. */
static int
start_writer(struct writer *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = pthread_create(&w->thread, NULL, run_writer, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static void
writer_free(struct writer *w)
{
    while (w->news != NULL) {
        struct message *msg = w->news;
        w->news = msg->next;
        free(msg);
    }
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->ended);
    free(w);
}

struct writer *
writer_start(struct image *m, struct pair *p, void (*wake)(void *ctx), void *ctx,
             unsigned retry_ms)
{
    struct writer *w = xcalloc(1, sizeof *w);
    w->wake = wake;
    w->ctx = ctx;
    w->retry = retry_ms ? (msec)retry_ms : 5 * MSEC_SECOND;
    w->image = m;
    w->pair = p;
    w->last = &w->first;
    w->group_last = &w->group;
    w->saves.bounds = histogram_of_saves;
    w->held = image_held(m);
    w->news_last = &w->news;
    w->failing = pair_suspect(p); /* pair_open has just tried */
    w->retry_at = read_wait_clock() + w->retry;
    pthread_mutex_init(&w->lock, NULL);
    os_condition_init(&w->work);
    os_condition_init(&w->ended);
    int error = start_writer(w);
    if (error == 0)
        return w;
    writer_free(w);
    errno = error;
    return NULL;
}

store_ticket
writer_put(struct writer *w, bool grouped, const void *key, size_t key_len,
           const void *value, size_t value_len)
{
    if (value == NULL)
        value_len = 0;
    struct put *p = xmalloc(sizeof *p + key_len + value_len);
    *p =
        (struct put){.key_len = key_len, .value_len = value_len, .gone = value == NULL};
    memcpy(p->bytes, key, key_len);
    if (value != NULL)
        memcpy(p->bytes + key_len, value, value_len);
    struct put ***last = grouped ? &w->group_last : &w->last;
    pthread_mutex_lock(&w->lock);
    **last = p;
    *last = &p->next;
    w->queued.n++;
    w->queued.bytes += put_memory(key_len, value_len);
    if (w->tickets == w->on_disk)
        w->unsaved_since = read_wait_clock();
    store_ticket ticket = ++w->tickets;
    if (!grouped)
        pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    return ticket;
}

void
writer_commit(struct writer *w)
{
    if (w->group == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    *w->last = w->group;
    w->last = w->group_last;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    w->group = NULL;
    w->group_last = &w->group;
}

bool
writer_news(struct writer *w, struct store_news *news)
{
    pthread_mutex_lock(&w->lock);
    struct message *msg = w->news;
    if (msg != NULL)
        w->news = msg->next;
    if (w->news == NULL)
        w->news_last = &w->news;
    pthread_mutex_unlock(&w->lock);
    if (msg == NULL)
        return false;
    memcpy(w->told_why, msg->why, sizeof w->told_why);
    *news = (struct store_news){.upto = msg->upto};
    news->why = *w->told_why ? w->told_why : NULL;
    free(msg);
    return true;
}

struct mem_sum
writer_held(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    struct mem_sum all = {w->held.n + w->queued.n, w->held.bytes + w->queued.bytes};
    pthread_mutex_unlock(&w->lock);
    return all;
}

unsigned long
writer_syncs(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    unsigned long n = w->syncs;
    pthread_mutex_unlock(&w->lock);
    return n;
}

void
writer_stats(struct writer *w, struct store_stats *out)
{
    pthread_mutex_lock(&w->lock);
    *out = (struct store_stats){
        .saves = w->saves, .failed = w->failed, .unsaved = w->tickets - w->on_disk};
    if (out->unsaved > 0)
        out->unsaved_for = read_wait_clock() - w->unsaved_since;
    pthread_mutex_unlock(&w->lock);
}

bool
writer_stop(struct writer *w, unsigned timeout_ms, bool *saved)
{
    struct timespec at = make_timespec(read_wait_clock() + timeout_ms);
    int error = 0;
    assert(w->group == NULL);
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->work);
    while (!w->done && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&w->ended, &w->lock, &at);
    bool done = w->done;
    *saved = done && w->all_saved;
    pthread_mutex_unlock(&w->lock);
    if (!done) {
        pthread_detach(w->thread);
        return false;
    }
    pthread_join(w->thread, NULL);
    writer_free(w);
    return true;
}
