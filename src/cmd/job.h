/* Questions to the password worker: who waits, and what happens with the answer. */
#ifndef CMD_JOB_H
#define CMD_JOB_H

#include <stdbool.h>
#include <stdint.h>

struct client;
struct server;

/* What to do with the answer; text is what job_start was given. */
typedef void job_done(struct server *srv, struct client *c, bool ok, const char *text);

/* Has the worker check password against hash (NULL: of nobody; takes as long and
 * fails). Until the answer c's lines are held. False when the worker's queue is full:
 * nothing was started. */
bool job_start(struct server *srv, struct client *c, const char *hash,
               const char *password, job_done *done, const char *text);

/* The answer; unknown jobs (their client has gone) are ignored. */
void job_finish(struct server *srv, uint64_t id, bool ok);

/* c goes: nothing waits for it any more. */
void job_cancel(struct server *srv, struct client *c);

#endif
