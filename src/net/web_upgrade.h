/* Requests that make a WebSocket of a connection of HTTP. */
#ifndef SRC_NET_WEB_UPGRADE_H
#define SRC_NET_WEB_UPGRADE_H

#include "base/str.h"
#include "proto/http.h"

#include <stdbool.h>

struct loop;
struct web;
struct web_verdict;

/* Judges a request that web_judge has accepted. HTTP_FINE: the head of the answer (101)
 * is written behind what is in *out, and w->upgrade is set; when it is sent, call
 * web_upgrade_end. */
enum http_refusal web_upgrade_begin(struct loop *l, struct web *w,
                                    const struct http_request *head,
                                    const struct web_verdict *v, struct str *out);

/* The client has its answer: its connection becomes that of a client of the core, or is
 * ended with the line that tells why not. w is freed. */
void web_upgrade_end(struct loop *l, struct web *w);

#endif
