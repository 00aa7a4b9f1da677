/* Whether a connection begins with TLS: judged by its first bytes, before anything is
 * set up for it. */
#ifndef PROTO_TLS_FIRST_H
#define PROTO_TLS_FIRST_H

#include <stddef.h>

enum tls_first {
    TLS_FIRST_MORE,  /* more bytes are needed */
    TLS_FIRST_HELLO, /* a TLS record with a handshake (RFC 8446 5.1) */
    TLS_FIRST_OTHER  /* anything else, such as a line of IRC */
};

#define TLS_FIRST_BYTES 3 /* bytes that always decide */

/* Judges the first n bytes of a connection. A ClientHello of SSL 2 is OTHER. */
enum tls_first tls_first(const void *bytes, size_t n);

#endif
