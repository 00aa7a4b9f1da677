/* The socket below a connection of TLS, as OpenSSL calls it. */
#ifndef SRC_NET_TLS_BIO_H
#define SRC_NET_TLS_BIO_H

#include <openssl/bio.h>
#include <stdbool.h>
#include <stdint.h>

struct tls_socket {
    int fd;
    int error;     /* errno of the last failed call */
    uint32_t left; /* bytes that this call of OpenSSL may still take from it */
    bool last;     /* the end of the stream follows the bytes that are written */
};

/* A BIO that reads and writes s, which must live as long; its owner is the SSL object.
 * NULL: there is not enough memory. */
BIO *tls_bio_new(struct tls_socket *s);

#endif
