/* The other port: what the core asks of the shell around it. No function returns
 * anything: each answer is an input of the core. Tests provide their own. */
#ifndef STATE_SHELL_H
#define STATE_SHELL_H

#include <stddef.h>
#include <stdint.h>

#define SESSION_CONN_BYTES 56 /* a shell's own for a connection, at most */

struct prefix;
struct server;

/* What a job is: a row of the worker's table (net/worker.h). */
enum job_kind {
    JOB_VERIFY, /* payload: hash, NUL, password, NUL; no hash: of an unknown name,
                  takes as long and fails; the answer is one byte, 1: right */
    JOB_KINDS
};

#define JOB_ANSWER_MAX 64 /* bytes of an answer */
#define JOB_QUEUE 1024    /* jobs that are not answered, in all */
#define JOB_SHARE 4       /* of these, of one host */

struct shell {
    void *ctx;
    /* Does a job off the loop, and later calls session_answered once with the same
     * number. Hosts take turns, and the jobs of a host end in their order. The payload
     * is copied. At most JOB_QUEUE jobs are not answered. */
    void (*submit)(void *ctx, uint64_t job, enum job_kind kind,
                   const struct prefix *host, const void *payload, size_t n);
    /* REHASH: has the configuration read again, and in a later turn calls
     * session_configure or session_configure_failed once with the same number, unless
     * the server ends before. */
    void (*reread)(void *ctx, uint64_t asked);
    /* DIE: begins an orderly end; returns at once. `reason` is copied. */
    void (*die)(void *ctx, const char *reason);
    /* RESTART: in a later turn reads the configuration as it is then and, if all of it
     * is good, begins an end as DIE does, behind which the same program starts anew;
     * calls session_restarted once with the same number, unless the server ends before.
     * `reason` is copied. */
    void (*restart)(void *ctx, uint64_t asked, const char *reason);
};

#endif
