/* The census of memory: each kind of block with its number and bytes.
 *
 * It is counted from the state itself, not by tags on the allocator, so that it costs
 * nothing until an operator asks and cannot be wrong about what lives. What the shell
 * keeps for a connection is known by its size alone. It must never walk what an
 * outsider can make longer than the clients and channels are. */
#include "census.h"

#include "cmd/session.h"
#include "multiline.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "policy/target.h"
#include "state/accept.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/client.h"
#include "state/monitor.h"
#include "state/server.h"
#include "state/whowas.h"

#include <string.h>

/* A block of n bytes as malloc keeps it on 64 bits: a header of 8, steps of 16, never
 * less than 32. */
static size_t
block(size_t n)
{
    size_t whole = (n + 8 + 15) / 16 * 16;
    if (n == 0)
        return 0;
    return whole < 32 ? 32 : whole;
}

static void
add(struct census *out, enum census_kind kind, size_t n, size_t bytes)
{
    out->rows[kind].n += n;
    out->rows[kind].bytes += bytes;
}

static void
add_text(struct census *out, enum census_kind kind, const char *text)
{
    if (text)
        add(out, kind, kind == CENSUS_TEXTS, block(strlen(text) + 1));
}

static void
count_client(struct census *out, const struct client *c)
{
    const char *texts[] = {c->oper, c->hostname, c->cloak,   c->realname,
                           c->away, c->quit,     c->password};
    add(out, CENSUS_CLIENTS, 1, block(sizeof *c));
    add(out, CENSUS_CONNECTIONS, 1, block(SESSION_CONN_BYTES));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_text(out, CENSUS_TEXTS, texts[i]);
    add(out, CENSUS_MEMBERSHIPS, c->njoined, block(c->joined_cap * sizeof *c->joined));
    add(out, CENSUS_INVITES, c->ninvites, c->ninvites * block(sizeof(struct invite)));
    add(out, CENSUS_QUEUED, c->sendq.count,
        block(c->sendq.cap * sizeof *c->sendq.ring) + c->sendq.bytes);
    add(out, CENSUS_LINES, (size_t)(c->in.len > 0) + c->held_lines,
        block(c->in.cap) + block(c->held_cap) + block(multiline_size(c)));
    add(out, CENSUS_WATCHES, c->nmonitors,
        c->nmonitors * block(sizeof(struct monitor_entry)) + block(accept_size(c)));
    add(out, CENSUS_TALKS, c->targets != NULL, block(target_size(c)));
}

static void
count_clients(struct census *out, const struct server *srv)
{
    const struct list *const lists[] = {&srv->unregistered, &srv->idle, &srv->pinged};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        LIST_EACH(lists[i], node)
            count_client(out, LIST_ENTRY(node, struct client, link));
    if (srv->nicks)
        add(out, CENSUS_NICK_TABLE, HASH_COUNT(srv->nicks),
            HASH_OVERHEAD(hh, srv->nicks) -
                HASH_COUNT(srv->nicks) * sizeof(UT_hash_handle));
}

static void
count_channel(struct census *out, const struct channel *chan)
{
    const char *texts[] = {chan->key, chan->forward, chan->topic, chan->topic_by};
    add(out, CENSUS_CHANNELS, 1, block(sizeof *chan));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_text(out, CENSUS_CHANNELS, texts[i]);
    add(out, CENSUS_MEMBERSHIPS, 0, block(chan->cap * sizeof *chan->members));
    for (int l = 0; l < LIST_COUNT; l++)
        LIST_EACH(&chan->lists[l], node) {
            const struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
            add(out, CENSUS_LIST_ENTRIES, 1, block(sizeof *e));
            add_text(out, CENSUS_LIST_ENTRIES, e->setter);
        }
}

void
census_take(const struct server *srv, struct census *out)
{
    memset(out, 0, sizeof *out);
    count_clients(out, srv);
    for (const struct channel *chan = srv->channels; chan; chan = chan->hh.next)
        count_channel(out, chan);
    if (srv->channels)
        add(out, CENSUS_CHANNELS, 0,
            HASH_OVERHEAD(hh, srv->channels) -
                HASH_COUNT(srv->channels) * sizeof(UT_hash_handle));
    for (int kind = 0; kind <= CENSUS_TALKS; kind++)
        out->clients += out->rows[kind].bytes;
    add(out, CENSUS_HOSTS, srv->policy->n_hosts,
        srv->policy->n_hosts * block(sizeof(struct host)));
    add(out, CENSUS_WHOWAS, WHOWAS_ENTRIES,
        WHOWAS_ENTRIES * sizeof(struct whowas_entry));
}

const char *
census_name(enum census_kind kind)
{
    static const char *const names[CENSUS_KINDS] = {
        [CENSUS_CLIENTS] = "clients",
        [CENSUS_CONNECTIONS] = "connections",
        [CENSUS_TEXTS] = "texts of clients",
        [CENSUS_NICK_TABLE] = "nicks in the table",
        [CENSUS_CHANNELS] = "channels",
        [CENSUS_MEMBERSHIPS] = "memberships",
        [CENSUS_LIST_ENTRIES] = "entries of channel lists",
        [CENSUS_INVITES] = "invitations",
        [CENSUS_QUEUED] = "messages in send queues",
        [CENSUS_LINES] = "lines held or unfinished",
        [CENSUS_WATCHES] = "MONITOR and ACCEPT entries",
        [CENSUS_TALKS] = "clients that talk in private",
        [CENSUS_HOSTS] = "hosts",
        [CENSUS_WHOWAS] = "WHOWAS entries",
    };
    return names[kind];
}
