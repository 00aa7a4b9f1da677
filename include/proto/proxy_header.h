/* The PROXY protocol, version 1 (text) and 2 (binary): the header in which a proxy says
 * from where a connection comes. Source: the specification of the HAProxy project; the
 * numbers of sections in comments are its own. */
#ifndef PROTO_PROXY_HEADER_H
#define PROTO_PROXY_HEADER_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest header that is accepted: version 2 with 512 bytes behind its
 * first 16. */
#define PROXY_HEADER_MAX 528

enum proxy_header_kind {
    PROXY_HEADER_CLIENT,  /* it names a client */
    PROXY_HEADER_CHECK,   /* version 2, LOCAL: the proxy itself, as a health check */
    PROXY_HEADER_UNKNOWN, /* version 1, UNKNOWN: the proxy cannot tell the address */
    PROXY_HEADER_PARTIAL, /* the bytes may begin a header, but its end is missing */
    PROXY_HEADER_BROKEN   /* no header, or one that is not accepted */
};

struct proxy_header {
    size_t length; /* bytes of the header; 0 if it is partial or broken */
    /* The address and port that the client has connected from. Zero unless the kind is
     * PROXY_HEADER_CLIENT. */
    struct addr addr;
    uint16_t port;
    bool secure; /* the client has come to the proxy by TLS (PP2_TYPE_SSL) */
    /* The server name that the client has asked the proxy for (PP2_TYPE_AUTHORITY):
     * letters, digits, '-', '_' and '.'; empty: none. */
    char authority[256];
    /* What is wrong, in lower case, for a log; a constant. NULL unless the header is
     * partial or broken. */
    const char *fault;
};

/* Parses the header at the start of bytes[0..n); what follows it is not looked at.
 * Accepted are TCP over IPv4 and IPv6 only. Each field has one form: single blanks,
 * decimal numbers without leading zeros, addresses as addr_parse takes them, the bytes
 * of version 2 exactly as long as they say. A checksum (CRC32C) must be right if there
 * is one. A field of version 2 that changes the result must not occur twice; unknown
 * fields are skipped. */
enum proxy_header_kind proxy_header_parse(const uint8_t *bytes, size_t n,
                                          struct proxy_header *out);

/* Whether bytes[0..n) begin with the word of version 1 or the signature of version 2,
 * whole. No line of IRC begins in this way. */
bool proxy_header_begins(const void *bytes, size_t n);

#endif
