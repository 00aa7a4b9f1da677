/* The password worker: one thread that checks argon2id strings, so that the loop never
 * stalls. */
#ifndef NET_WORKER_H
#define NET_WORKER_H

#include "base/addr.h"
#include "state/shell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKER_QUEUE 1024 /* jobs that wait, run or have an answer not yet taken */
#define WORKER_SHARE 4    /* of these, of one host that wait or run */
#define WORKER_HASH 128   /* room for any argon2id string */

struct worker;

/* Starts the thread. `wake` is called on that thread after each answer. NULL with
 * errno. */
struct worker *worker_new(void (*wake)(void *ctx), void *ctx);

/* Queues a check of password against hash (NULL: a hash without a known password, at
 * the cost of worker_hash) for a host. All three are copied. Hosts take turns, each
 * with its oldest job. VERIFY_HOST_FULL: WORKER_SHARE jobs of the host wait;
 * VERIFY_FULL: WORKER_QUEUE in all, or the worker has stopped. */
enum verify_verdict worker_add(struct worker *w, uint64_t job,
                               const struct prefix *host, const char *hash,
                               const char *password);

/* The next answer, in the order in which they came; false when there is none. */
bool worker_take(struct worker *w, uint64_t *job, bool *ok);

/* Drops what waits; the job under way ends in its own time. */
void worker_stop(struct worker *w);

/* Stops, waits for the job under way and frees. NULL is fine. */
void worker_free(struct worker *w);

/* The argon2id string of a password, with a fresh salt. False: not enough memory. */
bool worker_hash(const char *password, char out[static WORKER_HASH]);

#endif
