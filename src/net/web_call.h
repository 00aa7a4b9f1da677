/* Calls of the API: requests of HTTP that a client of the core answers. */
#ifndef SRC_NET_WEB_CALL_H
#define SRC_NET_WEB_CALL_H

#include "base/list.h"
#include "base/msec.h"
#include "listener.h"

#include <stdbool.h>

struct loop;
struct web;
struct web_answer;
struct web_request;

#define WEB_CALLS_MOST 64                /* calls that are under way */
#define WEB_CALL_TIME (30 * MSEC_SECOND) /* until a call is answered with 504 */

struct web_calls {
    struct list all; /* struct web_call.link, the oldest first */
    size_t n;
    unsigned number;          /* of the last nick */
    struct listener listener; /* of their connections; it has no socket */
};

/* Begins: no call is under way. */
void web_call_init(struct loop *l);

/* Begins the call of a request to the route `api`. True: the answer comes by web_answered
 * in a later turn, or at the end of this one. False: *out has it now. */
bool web_call_begin(struct loop *l, struct web *w, const struct web_request *r,
                    struct web_answer *out);

/* The connection of w ends before the answer: so does its call, if it has one. A command
 * that has run is not taken back. */
void web_call_drop(struct loop *l, const struct web *w);

/* Answers the calls that are complete. Once at the end of each turn, after the clients
 * were written to. */
void web_call_turn(struct loop *l);

/* The server ends: answers each call that is complete, and the others with 503. */
void web_call_end_all(struct loop *l);

/* Answers each call that has taken WEB_CALL_TIME. Returns the ms until the next one ends,
 * at most `most`. */
msec web_call_expire(struct loop *l, msec most);

#endif
