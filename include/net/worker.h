/* The password worker: one thread that checks argon2id strings, so that the loop never
 * stalls. */
#ifndef NET_WORKER_H
#define NET_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKER_QUEUE 64 /* jobs that wait, run or have an answer not yet taken */
#define WORKER_HASH 128 /* room for any argon2id string */

struct worker;

/* Starts the thread. `wake` is called on that thread after each answer. NULL with
 * errno. */
struct worker *worker_new(void (*wake)(void *ctx), void *ctx);

/* Queues a check of password against hash (NULL: a hash nobody knows the password of,
 * at the cost of worker_hash). Both are copied. False when the queue is full. */
bool worker_add(struct worker *w, uint64_t job, const char *hash, const char *password);

/* The next answer; false when there is none. */
bool worker_take(struct worker *w, uint64_t *job, bool *ok);

/* Drops what waits; the job under way ends in its own time. */
void worker_stop(struct worker *w);

/* Stops, waits for the job under way and frees. NULL is fine. */
void worker_free(struct worker *w);

/* The argon2id string of a password, with a fresh salt. False: not enough memory. */
bool worker_hash(const char *password, char out[static WORKER_HASH]);

#endif
