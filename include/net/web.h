/* Requests of HTTP on listeners with web roles: what a route is told of a request, and
 * what it answers. */
#ifndef NET_WEB_H
#define NET_WEB_H

#include "base/addr.h"
#include "base/draft.h"
#include "proto/http.h"

#include <stdbool.h>
#include <stddef.h>

/* How a route is answered. */
enum web_kind {
    WEB_HOOK,    /* at once, by the hook `web` of struct loop_hooks */
    WEB_UPGRADE, /* the connection becomes a WebSocket */
    WEB_CALL     /* by the core, at once or in a later turn */
};

/* Methods of a route. */
enum {
    WEB_READS = 1 << 0, /* GET and HEAD */
    WEB_POSTS = 1 << 1  /* POST */
};

enum web_route {
#define ROUTE(name, path, serves, methods, kind) WEB_ROUTE_##name,
#include "net/web_routes.def"
#undef ROUTE
    WEB_ROUTES
};

/* A request. All is borrowed for the call. */
struct web_request {
    const struct http_request *head; /* whole: method, path, query, fields */
    struct http_text body;           /* of POST; else empty */
    const char *listener;            /* as configured */
    unsigned serves;                 /* SERVES_* of the listener */
    /* Of the client: behind a proxy with `forwarded`, the address that it tells. */
    struct addr addr;
    bool secure; /* the whole way is encrypted, or it is a unix socket */
    bool local;  /* it comes from this machine, and no proxy tells another address */
};

/* An answer; a zeroed struct is none yet. The texts are the server's own, without a byte
 * of the request. They stay valid until the answer is sent: static, or borrowed from what
 * is never freed while the loop runs. */
struct web_answer {
    unsigned status;    /* one that http_status_words knows */
    const char *type;   /* Content-Type; NULL: none */
    const char *tag;    /* ETag with its quotes; NULL: none */
    const char *cache;  /* Cache-Control; NULL: no-store */
    const char *fields; /* further whole lines, each with CR LF; NULL: none */
    /* The body that GET gets, also for HEAD: these bytes, or else `text`, which is made
     * for this answer and freed by its receiver. */
    const void *body;
    size_t size;
    struct draft text;
};

#endif
