/* The stored facts of a server as a sum that does not depend on their order, because
 * hash tables have none. Times are left out where the store keeps them unchanged. The
 * code must not change anything. */
#include "facts.h"

#include "base/hash.h"
#include "policy/ban/ban.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/channel_mode.h"

#include <string.h>

static uint32_t
add_text(uint32_t crc, const char *text)
{
    return text ? hash_crc32(crc, text, strlen(text) + 1) : crc;
}

static uint32_t
add_number(uint32_t crc, int64_t n)
{
    return hash_crc32(crc, &n, sizeof n);
}

static uint64_t
sum_ban(const struct ban *b)
{
    uint32_t crc = add_number(1, b->kind);
    crc = add_number(crc, b->until);
    crc = add_number(crc, b->set_at);
    crc = add_text(crc, b->mask.text);
    crc = add_text(crc, b->setter);
    crc = add_text(crc, b->reason);
    return add_text(crc, b->oper_reason);
}

/* The store has strikes as they were given: decay is computed anew. */
static uint64_t
sum_host(struct server *srv, const struct host *h)
{
    char text[PREFIX_TEXT];
    struct host settled = *h;
    host_settle(srv, &settled);
    if (settled.strikes == 0 && settled.level == 0)
        return 0;
    prefix_format(&h->key, text, sizeof text);
    return add_text(add_number(settled.strikes, settled.level), text);
}

static uint64_t
sum_channel(const struct server *srv, const struct channel *chan)
{
    char letters[64], params[CHANNEL_PARAMS_TEXT];
    channel_mode_text(chan, true, letters, sizeof letters, params, sizeof params);
    uint32_t crc = add_text(2, chan->name);
    crc = add_text(crc, letters);
    crc = add_text(crc, params);
    crc = add_text(crc, chan->topic);
    uint64_t sum = crc;
    for (int l = 0; l < LIST_COUNT; l++)
        LIST_EACH(&chan->lists[l], node) {
            const struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
            if (!channel_list_is_over(srv, e))
                sum += add_number(add_text(crc, e->ban.mask.text), l);
        }
    return sum;
}

uint64_t
facts_sum(struct server *srv)
{
    uint64_t sum = 0;
    for (const struct ban *b = srv->policy->bans; b; b = b->hh.next)
        if (!ban_is_expired(b, srv->wall))
            sum += sum_ban(b);
    for (const struct host *h = srv->policy->hosts; h; h = h->hh.next)
        sum += sum_host(srv, h);
    for (const struct channel *chan = srv->channels; chan; chan = chan->hh.next)
        if (chan->modes & CHAN_PERMANENT)
            sum += sum_channel(srv, chan);
    return sum;
}
