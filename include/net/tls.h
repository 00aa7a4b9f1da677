/* TLS of a server: its certificates and the settings of its connections. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/msec.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

struct tls;

#define TLS_FINGERPRINT 65 /* SHA-256 in hex, with its NUL */

/* A loaded certificate. Texts are borrowed from the struct tls. */
struct tls_certificate {
    const char *name; /* title of its block; of the self-signed one the server's name */
    const char *file; /* its path; "": in memory only */
    char fingerprint[TLS_FINGERPRINT]; /* SHA-256, lower-case hex */
    msec until;                        /* wall: its end */
    bool self_signed;                  /* made by this server */
};

/* The receiver of faults and warnings: "file:line: what is wrong". */
struct tls_report {
    config_fault *fault, *warning;
    void *ctx;
};

/* What to do without a block tls if a listener speaks TLS. */
enum tls_self_signed {
    TLS_SELF_LOOK, /* take the self-signed certificate if there is one */
    TLS_SELF_MAKE  /* else make it */
};

/* Loads and checks all certificates of a configuration and makes the settings for their
 * connections. `file` is the name of the configuration in faults. Returns a struct with
 * one reference, which may hold no certificate (no listener speaks TLS); NULL after at
 * least one call of fault. Reads files; makes at most tls.pem in database.path, which
 * must exist. */
struct tls *tls_load(const char *file, const struct config *c,
                     enum tls_self_signed self, const struct tls_report *report);

/* A connection keeps the certificates with which it began. NULL is fine for tls_free,
 * which gives one reference back. */
struct tls *tls_ref(struct tls *t);
void tls_free(struct tls *t);

/* The certificates in the order of their blocks; *n: their number. */
const struct tls_certificate *tls_certificates(const struct tls *t, size_t *n);

/* Writes the first fingerprint, for the start line; "" if there is none. */
void tls_fingerprint(const struct tls *t, char out[static TLS_FINGERPRINT]);

#endif
