/* Connections of HTTP: what they keep, and the lists in which they wait.
 *
 * Such a connection is a conn_kept of its row of WebSocket without a client (CONN_WEB).
 * What HTTP needs is in a block of its own, so that a WebSocket does not pay for it. */
#ifndef SRC_NET_WEB_CONN_H
#define SRC_NET_WEB_CONN_H

#include "base/addr.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/msec.h"
#include "net/web.h"
#include "proto/http_answer.h"
#include "session/metrics.h"
#include "web_hosts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEB_REQUESTS_MOST 20 /* requests of one connection */
#define WEB_CODES 32         /* status codes that are counted */

/* Of a request without a route. */
enum {
    WEB_OTHER = WEB_ROUTES, /* the listener has nothing at its path */
    WEB_REFUSED             /* it is not a request, or was refused before */
};

struct conn_kept;
struct listener;
struct loop;
struct web_call;

/* What a connection waits for; it is in the list of its phase. */
enum web_phase {
    WEB_SHAKING,   /* the handshake of its transport, which has a deadline of its own */
    WEB_IDLE,      /* the first byte of a request */
    WEB_READING,   /* the rest of a request */
    WEB_CALLING,   /* the answer of a call */
    WEB_ANSWERING, /* that its socket takes the rest of an answer */
    WEB_PHASES
};

/* A request of which the end has not come: its bytes so far. */
struct web_head {
    struct http_request request;
    char *bytes; /* owned */
    size_t n, cap;
};

/* The bytes of an answer that are not sent yet. */
struct web_out {
    char *head; /* owned: the block in which the head is */
    const char *next;
    size_t left;      /* bytes of the head at next */
    const char *body; /* behind it */
    size_t body_left;
    char *text; /* owned: the block in which the body is; NULL: it is not owned */
};

/* What is known of the client of an upgrade that is being answered. */
struct web_upgrade {
    char *gateway; /* the proxy that tells its address; owned; NULL: none */
    bool secure, is_binary;
};

struct web {
    struct conn_kept *conn; /* owned */
    struct list link;       /* in webs.waiting */
    msec since;             /* monotonic: when its phase began */
    struct addr addr;       /* of the peer, or as its PROXY header tells */
    struct prefix host;     /* of addr: it is counted there */
    char *gateway;          /* of the PROXY header; owned; NULL: none */
    char *sni;              /* the server's name that it asked for; owned; NULL: none */
    struct web_head *head;  /* owned; NULL: no part of a request has come */
    struct web_call *call;  /* only web_call.c uses it; NULL: none */
    struct web_upgrade *upgrade; /* owned; NULL: the answer ends no HTTP */
    struct web_out out;
    struct addr from; /* of the client of the request at work; addr until it is known */
    uint8_t phase;    /* enum web_phase */
    uint8_t count;    /* requests so far */
    uint8_t after;    /* enum http_after, of the answer that is made or sent */
    uint8_t route;    /* enum web_route of it, or WEB_OTHER, WEB_REFUSED */
    bool secure;      /* as in struct connection_info */
    bool is_head;     /* the request at work has the method HEAD */
    bool is_api;      /* its path is known, and below API_ROOT */
    bool charged;     /* it is taken from the budget of its host */
};

/* All of them, and what the loop keeps for them. */
struct webs {
    struct list waiting[WEB_PHASES]; /* by phase, the oldest first */
    struct list due;                 /* conn_kept.more: to be read, the longest waiting
                                        first */
    msec most[WEB_PHASES];           /* of a phase; 0: no limit */
    struct web_hosts hosts;
    struct metric_series requests; /* by route and status code */
    char codes[WEB_CODES][4];      /* texts of the status codes in `requests` */
    struct http_request request;   /* of a head that is read in the input of the loop */
};

/* Begins: no connection is open. */
void web_init(struct webs *all);
/* Frees what is kept; no connection is left. */
void web_clear(struct webs *all);

/* A connection of this listener in the phase WEB_SHAKING, counted for the host. Its
 * watcher is not set. */
struct web *web_new(struct loop *l, struct listener *at, const struct addr *addr,
                    const struct prefix *host);

/* Moves w to the end of the list of a phase. */
void web_enter(struct loop *l, struct web *w, enum web_phase phase);

/* Watches its socket for these events only (EV_READ, EV_WRITE; 0: none). It is not in
 * webs.due any more. */
void web_watch(struct loop *l, struct web *w, int events);

/* Frees and wipes the bytes of the request at work. */
void web_free_head(struct web *w);
/* The same; the request is answered, and the next one has no facts yet. */
void web_drop_request(struct web *w);

/* Frees w and what it owns, without its connection. Its call must have ended. */
void web_forget(struct loop *l, struct web *w);
/* Ends the connection behind its answer, with a drain while there is room; or at once.
 * Frees w. Its call must have ended. */
void web_finish(struct loop *l, struct web *w);
void web_close(struct loop *l, struct web *w);

/* The fields of all answers on this connection. The texts are borrowed until the next
 * configuration. */
struct http_policy web_policy(const struct loop *l, const struct web *w);

/* What connections of HTTP keep now: their number and bytes. */
struct mem_sum web_memory(const struct loop *l);

/* The own bytes and the listener of its connection. */
struct ws_own *web_own(const struct web *w);
const struct listener *web_listener(const struct web *w);

#endif
