/* Questions to the password worker: who waits, and what happens with the answer. */
#ifndef CMD_JOB_H
#define CMD_JOB_H

#include "base/mem.h"
#include "state/shell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct server;
struct subsystem;

/* What to do with the answer. c: NULL if it has left meanwhile; ctx is what job_start
 * was given. Not called once the server ends and c has left. */
typedef void job_done(struct server *srv, struct client *c, bool ok, void *ctx);

/* Has the worker check password against hash (NULL: of nobody; takes as long and
 * fails). Until the answer c's lines are held; if c goes before it the job stays, as it
 * takes its place in the worker's queue. ctx (NULL: none) must need no client; it is
 * one block of ctx_size bytes, and the job frees it. Unless VERIFY_STARTED is returned,
 * nothing was started, and ctx is still the caller's. */
enum verify_verdict job_start(struct server *srv, struct client *c, const char *hash,
                              const char *password, job_done *done, void *ctx,
                              size_t ctx_size);

/* The answer; unknown jobs are ignored. */
void job_finish(struct server *srv, uint64_t id, bool ok);

/* c goes: its job knows it no more. */
void job_leave(struct server *srv, struct client *c);

/* Forgets all that were not answered; their clients have left. */
void job_free_all(struct server *srv);

/* How many wait, and their memory with their labels', a sum of mem_block. Walks them.
 */
struct mem_sum job_sum(const struct server *srv);

extern const struct subsystem job_subsystem;

#endif
