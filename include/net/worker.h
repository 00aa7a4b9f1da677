/* The worker: one thread for jobs that take long, such as a check of a password, so
 * that the loop never stalls. */
#ifndef NET_WORKER_H
#define NET_WORKER_H

#include "base/addr.h"
#include "state/shell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKER_HASH 128 /* room for any argon2id string */

struct worker;

/* One a kind of job. run is called on the thread; answer has room for JOB_ANSWER_MAX
 * bytes, and it returns how many it has written. */
struct worker_kind {
    const char *name;
    size_t (*run)(const unsigned char *payload, size_t n, unsigned char *answer);
};

struct worker_answer {
    uint64_t job;
    size_t n;
    unsigned char bytes[JOB_ANSWER_MAX];
};

/* The server's, by enum job_kind. */
extern const struct worker_kind worker_kinds[JOB_KINDS];

/* Starts the thread. kinds is borrowed; `wake` is called on that thread after each
 * answer. NULL with errno. */
struct worker *worker_new(const struct worker_kind *kinds, void (*wake)(void *ctx),
                          void *ctx);

/* Queues a job of the row kinds[kind] for a host; the payload is copied, and the copy
 * wiped after use. Hosts take turns, each with its oldest job. There is no limit here
 * (cmd/job.h has it). A worker that has stopped drops the job. */
void worker_submit(struct worker *w, uint64_t job, unsigned kind,
                   const struct prefix *host, const void *payload, size_t n);

/* The next answer, in the order in which they came; false when there is none. */
bool worker_take(struct worker *w, struct worker_answer *out);

/* Drops what waits; the job under way ends in its own time. */
void worker_stop(struct worker *w);

/* Stops, waits for the job under way and frees. NULL is fine. */
void worker_free(struct worker *w);

/* The argon2id string of a password, with a fresh salt. False: not enough memory. */
bool worker_hash(const char *password, char out[static WORKER_HASH]);

#endif
