/* Requests that the core answers: the calls of /api/v1/. */
#ifndef SRC_NET_WEB_CALL_H
#define SRC_NET_WEB_CALL_H

#include <stdbool.h>

struct loop;
struct web;
struct web_answer;
struct web_request;

/* Begins a call. True: its answer comes in a later turn (web_answered). False: *out,
 * which is zeroed, has it now. The request is borrowed for the call. */
bool web_call_begin(struct loop *l, struct web *w, const struct web_request *r,
                    struct web_answer *out);

/* The connection of a call that is not answered ends. */
void web_call_drop(struct loop *l, const struct web *w);

#endif
