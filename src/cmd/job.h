/* Questions to the password worker: who waits, and what happens with the answer. */
#ifndef CMD_JOB_H
#define CMD_JOB_H

#include <stdbool.h>
#include <stdint.h>

struct client;
struct server;

/* What to do with the answer; text is what job_start was given. */
typedef void job_done(struct server *srv, struct client *c, bool ok, const char *text);

/* The client goes before the answer, which nobody will hear; it is still all there. */
typedef void job_gone(struct server *srv, struct client *c, const char *text);

/* Has the worker check password against hash (NULL: of nobody; takes as long and
 * fails). Until the answer c's lines are held; gone (NULL: none) is called instead of
 * done if c goes first. False when the worker's queue is full: nothing was started. */
bool job_start(struct server *srv, struct client *c, const char *hash,
               const char *password, job_done *done, job_gone *gone, const char *text);

/* The answer; unknown jobs (their client has gone) are ignored. */
void job_finish(struct server *srv, uint64_t id, bool ok);

/* c goes: its job ends (gone), and nothing waits for it any more. */
void job_cancel(struct server *srv, struct client *c);

#endif
