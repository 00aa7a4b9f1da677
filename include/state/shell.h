/* A port of the core: its requests to the shell around it. No function but `memory`
 * returns anything: each other answer is a later input of the core. Tests provide their
 * own shell. */
#ifndef STATE_SHELL_H
#define STATE_SHELL_H

#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

/* bytes of the shell's struct for a connection, at most */
#define SESSION_CONN_BYTES 56

struct prefix;
struct server;

/* The kind of a job: a row of the worker's table (net/worker.h). */
enum job_kind {
    /* Checks a password. Payload: hash, NUL, password, NUL. An empty hash stands for an
     * unknown name: the job takes as long and fails. The answer is one byte; 1:
     * right. */
    JOB_VERIFY,
    JOB_KINDS
};

#define JOB_ANSWER_MAX 64 /* bytes of an answer */
#define JOB_QUEUE 1024    /* unanswered jobs of the server at most */
#define JOB_SHARE 4       /* unanswered jobs of one host at most */

/* What transports keep for connections: numbers, and bytes beside SESSION_CONN_BYTES for
 * each connection. The part of libraries is what was measured. */
struct shell_memory {
    struct mem_sum connections; /* with TLS or WebSocket, without handshakes */
    struct mem_sum handshakes;  /* that have begun */
    struct mem_sum parts;       /* records of which only a part has come */
    struct mem_sum webs; /* connections of HTTP; those with TLS do not count above */
};

struct shell {
    void *ctx;
    /* Does a job outside of the event loop and later calls session_answered once with
     * the same number. Hosts take turns, and the jobs of one host are done in their
     * order. The payload is copied. At most JOB_QUEUE jobs are unanswered. */
    void (*submit)(void *ctx, uint64_t job, enum job_kind kind,
                   const struct prefix *host, const void *payload, size_t n);
    /* REHASH TLS: reads the certificates of the present configuration again and, in a
     * later turn, calls session_certificates or session_configure_failed once with the
     * same number, unless the server ends before. */
    void (*reread_tls)(void *ctx, uint64_t asked);
    /* REHASH: reads the configuration again and, in a later turn, calls
     * session_configure or session_configure_failed once with the same number, unless
     * the server ends before. */
    void (*reread)(void *ctx, uint64_t asked);
    /* DIE: begins an orderly end and returns at once. `reason` is copied. */
    void (*die)(void *ctx, const char *reason);
    /* RESTART: reads the present configuration in a later turn. If it is valid, begins
     * an end as DIE does, after which the same program starts anew. Calls
     * session_restarted once with the same number, unless the server ends before.
     * `reason` is copied. */
    void (*restart)(void *ctx, uint64_t asked, const char *reason);
    /* STATS z: writes *out at once. NULL: transports keep nothing. */
    void (*memory)(void *ctx, struct shell_memory *out);
};

#endif
