/* The inside of the certificates, for the files of this layer. */
#ifndef SRC_NET_TLS_STATE_H
#define SRC_NET_TLS_STATE_H

#include "net/tls.h"

#include <openssl/ssl.h>
#include <stddef.h>

struct tls_entry {
    char *name, *file; /* owned; facts has them too */
    SSL_CTX *context;
};

struct tls {
    unsigned refs;
    struct tls_entry *entries;     /* n */
    struct tls_certificate *facts; /* n */
    size_t n;
    /* The facts of the client that was asked about last, in lower case. */
    char sni[256], certfp[TLS_FINGERPRINT];
};

#endif
