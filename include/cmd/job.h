/* Jobs of the worker: the clients that wait for one, and the function that handles the
 * answer.
 *
 * The core counts the jobs that wait and decides itself whether to refuse one, so a
 * refusal is not an input from outside. */
#ifndef CMD_JOB_H
#define CMD_JOB_H

#include "base/mem.h"
#include "state/shell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct server;

/* Whether a job was started, or why not. */
enum job_verdict {
    JOB_STARTED,
    JOB_FULL,      /* JOB_QUEUE jobs wait */
    JOB_HOST_FULL, /* JOB_SHARE jobs of this host wait */
};

/* An answer of the worker; borrowed for the call. */
struct job_result {
    const unsigned char *bytes;
    size_t n;
};

/* Handles the answer. c is NULL if it has left meanwhile; ctx is what job_start was
 * given. Not called if the server is ending and c has left. */
typedef void job_done(struct server *srv, struct client *c,
                      const struct job_result *result, void *ctx);

/* For JOB_VERIFY: true if the password is right. */
bool job_is_right(const struct job_result *result);

/* Gives the worker a job of this kind with n bytes of payload (copied). The lines of c
 * are held until the answer. If c leaves before it, the job stays and still counts for
 * the host. ctx (NULL: none) is one block of ctx_size bytes that points to no client;
 * the job frees it. Unless JOB_STARTED is returned, nothing was started, and the caller
 * still owns ctx. */
enum job_verdict job_start(struct server *srv, struct client *c, enum job_kind kind,
                           const void *payload, size_t n, job_done *done, void *ctx,
                           size_t ctx_size);

/* The same for JOB_VERIFY: compares a password with an argon2id string. */
enum job_verdict job_verify(struct server *srv, struct client *c, const char *hash,
                            const char *password, job_done *done, void *ctx,
                            size_t ctx_size);

/* The worker's answer to the job of this id; an unknown id is ignored. */
void job_finish(struct server *srv, uint64_t id, const void *answer, size_t n);

/* c leaves: its job stays, without a client. */
void job_leave(struct server *srv, struct client *c);

#endif
