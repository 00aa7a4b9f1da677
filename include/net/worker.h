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

/* A kind of job. run is called on the worker's thread; it writes at most JOB_ANSWER_MAX
 * bytes to answer and returns their number. */
struct worker_kind {
    const char *name;
    size_t (*run)(const unsigned char *payload, size_t n, unsigned char *answer);
};

struct worker_answer {
    uint64_t job;
    size_t n;
    unsigned char bytes[JOB_ANSWER_MAX];
};

/* The kinds of jobs of the server, by enum job_kind. */
extern const struct worker_kind worker_kinds[JOB_KINDS];

/* Starts the thread. kinds is borrowed; `wake` is called on that thread after each
 * answer. NULL with errno. */
struct worker *worker_new(const struct worker_kind *kinds, void (*wake)(void *ctx),
                          void *ctx);

/* Queues a job of kinds[kind] for a host. The payload is copied, and the copy is wiped
 * after use. Hosts take turns, each with its oldest job. cmd/job.h limits the number of
 * jobs; the worker does not. A stopped worker drops the job. */
void worker_submit(struct worker *w, uint64_t job, unsigned kind,
                   const struct prefix *host, const void *payload, size_t n);

/* Takes the oldest answer. False if there is none. */
bool worker_take(struct worker *w, struct worker_answer *out);

/* Drops the waiting jobs. The job under way still ends. */
void worker_stop(struct worker *w);

/* Stops the worker, waits for the job under way, and frees the worker. NULL is fine. */
void worker_free(struct worker *w);

/* The argon2id string of a password, with a fresh salt. False: not enough memory. */
bool worker_hash(const char *password, char out[static WORKER_HASH]);

#endif
