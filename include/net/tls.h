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

/* The self-signed certificate, which is used if a listener speaks TLS and there is no
 * block tls. */
struct tls_self {
    const char *directory;    /* database.path in force; "": in memory only */
    const char *name;         /* server.name in force */
    const struct tls *before; /* if it is in memory, the one in here; NULL: none */
    bool make;                /* make it if there is none */
};

/* Makes OpenSSL read the settings of the machine (openssl.cnf). Call it before the
 * sandbox, which hides that file. */
void tls_init(void);

/* The version of OpenSSL that runs, such as "3.0.17"; static. */
const char *tls_library(void);

/* Loads and checks all certificates of a configuration and makes the settings for their
 * connections. `file` is the name of the configuration in faults. Returns a struct with
 * one reference, which holds no certificate if there is no block tls and no listener
 * speaks TLS; NULL after at least one call of fault. Reads files; makes at most tls.pem in self->directory, which
 * must exist. */
struct tls *tls_load(const char *file, const struct config *c,
                     const struct tls_self *self, const struct tls_report *report);

/* A connection keeps the certificates with which it began. NULL is fine for tls_free,
 * which gives one reference back. */
struct tls *tls_ref(struct tls *t);
void tls_free(struct tls *t);

/* The certificates in the order of their blocks, borrowed from t; *n: their number. */
const struct tls_certificate *tls_certificates(const struct tls *t, size_t *n);

#endif
