/* The other port: what the core asks of the shell around it. Tests provide their own.
 */
#ifndef STATE_SHELL_H
#define STATE_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SESSION_CONN_BYTES 56 /* a shell's own for a connection, at most */

struct prefix;
struct server;

/* Unless it is VERIFY_STARTED, nothing was started. */
enum verify_verdict {
    VERIFY_STARTED,
    VERIFY_FULL,      /* too many passwords wait */
    VERIFY_HOST_FULL, /* too many of this host */
};

struct shell {
    void *ctx;
    /* Starts checking password against an argon2id string (NULL: of an unknown name;
     * takes as long and fails) off the loop, and later calls session_verified(srv, job,
     * ok). Hosts take turns. The texts are copied. */
    enum verify_verdict (*verify)(void *ctx, uint64_t job, const struct prefix *host,
                                  const char *hash, const char *password);
    /* REHASH: reads the configuration again and, if all of it is good, hands it over
     * with session_configure before it returns true. False with the faults in err, one
     * a line. */
    bool (*rehash)(void *ctx, char *err, size_t errlen);
    /* DIE: begins an orderly end; returns at once. `reason` is copied. */
    void (*die)(void *ctx, const char *reason);
    /* RESTART: reads the configuration as it is now and, if all of it is good, begins
     * an end as DIE does, behind which the same program starts anew. False with the
     * faults in err, one a line: nothing changes. */
    bool (*restart)(void *ctx, const char *reason, char *err, size_t errlen);
};

#endif
