/* Counts connections and requests of HTTP by host.
 *
 * The table is larger than the number of connections, so a host without one can always
 * be forgotten for a new one: it is the host whose budget of requests is full again
 * first. A host that is forgotten too early gets its requests back, nothing else. */
#include "web_hosts.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(WEB_HOSTS > WEB_CONNECTIONS,
               "a host without a connection is always there");

static bool
is_same_host(const struct prefix *a, const struct prefix *b)
{
    return a->bits == b->bits && addr_equal(&a->addr, &b->addr);
}

static struct web_host *
find_web_host(const struct web_hosts *h, const struct prefix *host)
{
    for (size_t i = 0; h->at != NULL && i < WEB_HOSTS; i++)
        if (is_same_host(&h->at[i].host, host))
            return &h->at[i];
    return NULL;
}

/* The host, which replaces another one if it is new. */
static struct web_host *
note_web_host(struct web_hosts *h, const struct prefix *host)
{
    struct web_host *known = find_web_host(h, host), *oldest = NULL;
    if (known != NULL)
        return known;
    if (h->at == NULL)
        h->at = xcalloc(WEB_HOSTS, sizeof *h->at);
    for (size_t i = 0; i < WEB_HOSTS; i++)
        if (h->at[i].connections == 0 &&
            (oldest == NULL || h->at[i].requests.full_at < oldest->requests.full_at))
            oldest = &h->at[i];
    assert(oldest != NULL); /* there are more places than connections */
    *oldest = (struct web_host){.host = *host};
    return oldest;
}

enum web_place
web_hosts_enter(struct web_hosts *h, const struct prefix *host, unsigned most, msec now)
{
    const struct web_host *known = find_web_host(h, host);
    if (known != NULL && known->connections >= most)
        return WEB_PLACE_HOST;
    if (h->connections >= WEB_CONNECTIONS)
        return WEB_PLACE_FULL;
    struct web_host *entered = note_web_host(h, host);
    /* A host that connects again is not the next one to be forgotten. */
    if (entered->requests.full_at < now)
        entered->requests.full_at = now;
    entered->connections++;
    h->connections++;
    return WEB_PLACE;
}

void
web_hosts_leave(struct web_hosts *h, const struct prefix *host)
{
    struct web_host *left = find_web_host(h, host);
    assert(left != NULL && left->connections > 0);
    left->connections--;
    h->connections--;
}

static msec
find_interval(int per_minute)
{
    msec interval = MSEC_MINUTE / per_minute;
    return interval > 0 ? interval : 1;
}

bool
web_hosts_request(struct web_hosts *h, const struct prefix *host, int per_minute,
                  msec now)
{
    return bucket_take(&note_web_host(h, host)->requests, now, per_minute,
                       find_interval(per_minute), 1);
}

bool
web_hosts_is_spent(const struct web_hosts *h, const struct prefix *host, int per_minute,
                   msec now)
{
    const struct web_host *known = find_web_host(h, host);
    return known != NULL && bucket_wait(&known->requests, now, per_minute,
                                        find_interval(per_minute), 1) > 0;
}

void
web_hosts_clear(struct web_hosts *h)
{
    free(h->at);
    *h = (struct web_hosts){0};
}
