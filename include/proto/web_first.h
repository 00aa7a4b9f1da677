/* With which protocol a connection to a port of HTTP begins: judged by its first bytes,
 * so that a client of another protocol gets an answer that it understands. */
#ifndef PROTO_WEB_FIRST_H
#define PROTO_WEB_FIRST_H

#include <stdbool.h>
#include <stddef.h>

enum web_first {
    WEB_FIRST_HTTP,  /* HTTP, or anything that none of the others is */
    WEB_FIRST_TLS,   /* a ClientHello (tls_first.h) */
    WEB_FIRST_PROXY, /* a PROXY header (proxy_header.h) */
    WEB_FIRST_IRC    /* a line of IRC with which clients begin */
};

/* Judges the first n bytes of a connection. */
enum web_first web_first(const char *bytes, size_t n);

/* Whether the first n bytes are a method of HTTP that this server knows, with the blank
 * and the slash behind it. */
bool web_first_is_request(const char *bytes, size_t n);

#endif
