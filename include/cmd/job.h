/* Jobs of the worker: which clients wait, and what happens with the answer.
 *
 * How many jobs may wait is counted here, so that a refusal is no fact from outside. */
#ifndef CMD_JOB_H
#define CMD_JOB_H

#include "base/mem.h"
#include "state/shell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct server;

/* Unless it is JOB_STARTED, nothing was started. */
enum job_verdict {
    JOB_STARTED,
    JOB_FULL,      /* too many jobs wait */
    JOB_HOST_FULL, /* too many of this host */
};

/* An answer of the worker; borrowed. */
struct job_result {
    const unsigned char *bytes;
    size_t n;
};

/* What to do with the answer. c: NULL if it has left meanwhile; ctx is what job_start
 * was given. Not called once the server ends and c has left. */
typedef void job_done(struct server *srv, struct client *c,
                      const struct job_result *result, void *ctx);

/* Of JOB_VERIFY: whether the password is right. */
bool job_is_right(const struct job_result *result);

/* Has the worker do a job of this kind with n bytes of payload (copied). Until the
 * answer c's lines are held; if c goes before it the job stays, and counts for its
 * host. ctx (NULL: none) must need no client; it is one block of ctx_size bytes, and
 * the job frees it. Unless JOB_STARTED is returned, nothing was started, and ctx is
 * still the caller's. */
enum job_verdict job_start(struct server *srv, struct client *c, enum job_kind kind,
                           const void *payload, size_t n, job_done *done, void *ctx,
                           size_t ctx_size);

/* The same: JOB_VERIFY of a password against an argon2id string. */
enum job_verdict job_verify(struct server *srv, struct client *c, const char *hash,
                            const char *password, job_done *done, void *ctx,
                            size_t ctx_size);

/* The answer; unknown jobs are ignored. */
void job_finish(struct server *srv, uint64_t id, const void *answer, size_t n);

/* c goes: its job knows it no more. */
void job_leave(struct server *srv, struct client *c);

/* Forgets all that were not answered; their clients have left. */
void job_free_all(struct server *srv);

/* How many wait, and their memory with their labels', a sum of mem_block. Walks them.
 */
struct mem_sum job_sum(const struct server *srv);

#endif
