/* X-Forwarded-For and X-Forwarded-Proto: from where a request comes that proxies have
 * passed on. Each proxy adds the address of its own peer at the end of the list, so a
 * list is as good as the last proxy that was not trusted, and is read from its end. The
 * caller has seen that the peer of the connection is a trusted proxy; without that the
 * fields mean nothing. */
#ifndef PROTO_FORWARDED_H
#define PROTO_FORWARDED_H

#include "base/addr.h"
#include "proto/http.h"

enum forwarded_kind {
    FORWARDED_CLIENT,  /* the last address of the list that is not trusted */
    FORWARDED_TRUSTED, /* all addresses are trusted; the first one of the list */
    FORWARDED_NONE,    /* there is no list */
    /* Read from the end, something that is no address comes before one that is not
     * trusted. */
    FORWARDED_BROKEN
};

/* Whether the address is that of a trusted proxy; ctx is the caller's. */
typedef bool forwarded_trust(void *ctx, const struct addr *addr);

/* Finds the client in one list: addresses, separated by commas, with blanks around
 * them. An address is written as addr_parse takes it, or as A.B.C.D:PORT, [V6] or
 * [V6]:PORT. What stands before the client in the list is the client's own word and is
 * not looked at. *out is the address after FORWARDED_CLIENT and FORWARDED_TRUSTED, else
 * zero. An empty list is FORWARDED_BROKEN. */
enum forwarded_kind forwarded_list(struct http_text list, forwarded_trust *is_trusted,
                                   void *ctx, struct addr *out);

/* The same for all fields X-Forwarded-For of a request, which are one list in their
 * order. After FORWARDED_NONE and FORWARDED_BROKEN the request has no known address and
 * is refused (HTTP_REFUSED_FORWARDED): the address of the proxy must not be taken in
 * its place. */
enum forwarded_kind forwarded_client(const struct http_request *r,
                                     forwarded_trust *is_trusted, void *ctx,
                                     struct addr *out);

/* Whether the client has come to the last proxy by TLS: the last element of
 * X-Forwarded-Proto is https or wss. */
bool forwarded_is_secure(const struct http_request *r);

#endif
