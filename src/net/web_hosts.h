/* How many connections of HTTP each host has, and how many requests it may send.
 * Clients of IRC are not counted here: a WebSocket leaves this count when it becomes a
 * client. */
#ifndef SRC_NET_WEB_HOSTS_H
#define SRC_NET_WEB_HOSTS_H

#include "base/addr.h"
#include "base/bucket.h"
#include "base/msec.h"

#include <stdbool.h>
#include <stdint.h>

#define WEB_CONNECTIONS 256 /* of all hosts together */
#define WEB_PER_HOST 8      /* connections of a host, unless a class allows more */
#define WEB_REQUESTS 60     /* of a host in a minute, unless a class allows more */
#define WEB_HOSTS 1024      /* hosts that are remembered */

struct web_host {
    struct prefix host;
    uint32_t connections;
    struct bucket requests;
};

/* A zeroed struct has counted nothing. */
struct web_hosts {
    struct web_host *at;  /* WEB_HOSTS of them; owned; NULL: none was needed yet */
    uint32_t connections; /* of all hosts */
};

enum web_place {
    WEB_PLACE,      /* there is room, and the connection was counted */
    WEB_PLACE_HOST, /* the host has `most` already (HTTP_REFUSED_MANY_CONNECTIONS) */
    WEB_PLACE_FULL  /* all places are taken (HTTP_REFUSED_FULL) */
};

/* Counts a connection of the host unless it has `most` already, or WEB_CONNECTIONS are
 * open. After WEB_PLACE_FULL the caller may end an idle connection and ask again. now:
 * monotonic, as below. */
enum web_place web_hosts_enter(struct web_hosts *h, const struct prefix *host,
                               unsigned most, msec now);

/* A connection of the host, which was counted, has ended. */
void web_hosts_leave(struct web_hosts *h, const struct prefix *host);

/* Takes one request from the host's budget: per_minute at once, then as many evenly
 * over each minute. False: there is none left (HTTP_REFUSED_MANY_REQUESTS). The host
 * need not have a connection: a proxy may have passed it on. per_minute > 0. */
bool web_hosts_request(struct web_hosts *h, const struct prefix *host, int per_minute,
                       msec now);

/* Whether web_hosts_request would return false. */
bool web_hosts_is_spent(const struct web_hosts *h, const struct prefix *host,
                        int per_minute, msec now);

/* Frees what it has; then it has counted nothing. */
void web_hosts_clear(struct web_hosts *h);

#endif
