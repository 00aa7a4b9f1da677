/* Connections of listeners with web roles, from accept to their deadlines. */
#ifndef SRC_NET_WEB_SERVE_H
#define SRC_NET_WEB_SERVE_H

#include "base/msec.h"

#include <stddef.h>

#define WEB_STEPS_TIME UINT64_C(2000000) /* ns of a turn, beside the last answer */

struct addr;
struct conn_kept;
struct connection_info;
struct listener;
struct loop;

/* Takes over a descriptor that `at`, a listener with web roles, has accepted, as
 * conn_open does for clients of IRC. A host with too many connections gets a refusal; if
 * all places are taken, the connection that is idle for the longest time is closed. */
void web_open(struct loop *l, struct listener *at, int fd,
              const struct connection_info *from);

/* The handshake of the transport of k is done: requests may come. */
void web_begin(struct loop *l, struct conn_kept *k);
/* The handshake has failed: closes the connection and frees k. */
void web_unmade(struct loop *l, struct conn_kept *k);
/* The address for logs. */
const struct addr *web_addr(const struct conn_kept *k);

/* Reads and answers requests, those that wait for the longest time first, until the time
 * of a turn for them is over; at least one. Once at the end of each turn. The poll must
 * not wait while webs.due has others. */
void web_steps(struct loop *l);

/* Ends the connections whose phase has lasted too long: a request of which a part has come
 * is answered with 408. Returns the ms until the next one ends, at most `most`. */
msec web_expire(struct loop *l, msec most);

/* The listener is removed or has other settings: its connections of HTTP end, after the
 * answers that are under way. */
void web_retire(struct loop *l, const struct listener *at);

/* Ends all connections of HTTP at once. */
void web_end_all(struct loop *l);

#endif
