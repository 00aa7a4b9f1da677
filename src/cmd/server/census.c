/* The census of memory: each kind of block with its number and bytes.
 *
 * It is counted from the state itself, not by tags on the allocator, so that it costs
 * nothing until an operator asks and cannot be wrong about what lives. What the shell
 * keeps for a connection is known by its size alone. It must never walk what an
 * outsider can make longer than the clients and channels are: for that, whoever owns it
 * keeps a sum, which the checks of the subsystems and channel_list_check hold against a
 * recount. */
#include "census.h"

#include "base/mem.h"
#include "cmd/ack.h"
#include "cmd/isupport.h"
#include "cmd/job.h"
#include "cmd/registry.h"
#include "policy/ban/ban.h"
#include "policy/debt.h"
#include "policy/host.h"
#include "policy/rejoin.h"
#include "policy/targets.h"
#include "policy/wave.h"
#include "state/accept.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/client.h"
#include "state/cursor.h"
#include "state/forward.h"
#include "state/monitor.h"
#include "state/outsider.h"
#include "state/server.h"
#include "state/shell.h"
#include "state/whowas.h"

#include <string.h>

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
        add(out, kind, kind == CENSUS_TEXTS, mem_text(text));
}

static void
count_client(struct census *out, const struct client *c)
{
    const char *texts[] = {c->oper,     c->hostname,      c->cloak,
                           c->realname, c->away,          c->quit,
                           c->password, client_certfp(c), client_gateway(c)};
    add(out, CENSUS_CLIENTS, 1, mem_block(sizeof *c) + debt_memory(c));
    add(out, CENSUS_CONNECTIONS, 1, mem_block(SESSION_CONN_BYTES));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_text(out, CENSUS_TEXTS, texts[i]);
    add(out, CENSUS_MEMBERSHIPS, c->njoined,
        mem_block(c->joined_cap * sizeof *c->joined));
    if (c->lists) {
        size_t invites = c->lists->ninvites, monitors = c->lists->nmonitors;
        bool known = c->flags & CLIENT_KNOWN;
        add(out, CENSUS_CLIENTS, 0,
            mem_block(known ? sizeof(struct client_known) : sizeof *c->lists));
        add(out, CENSUS_INVITES, invites, invites * mem_block(sizeof(struct invite)));
        add(out, CENSUS_WATCHES, monitors,
            monitors * mem_block(sizeof(struct monitor_entry)));
    }
    add(out, CENSUS_LINES, (size_t)(c->in.len > 0) + c->held_lines, 0);
    add(out, CENSUS_WATCHES, 0, accept_memory(c));
    add(out, CENSUS_TALKS, c->targets != NULL, targets_memory(c->targets));
    add(out, CENSUS_LEFT, c->left != NULL, rejoin_memory(c));
}

static void
count_clients(struct census *out, const struct server *srv)
{
    const struct list *const lists[] = {&srv->unregistered, &srv->idle, &srv->pinged};
    size_t bytes;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        LIST_EACH(lists[i], node)
            count_client(out, LIST_ENTRY(node, struct client, link));
    add(out, CENSUS_LINES, 0, srv->input_bytes);
    add(out, CENSUS_NICK_TABLE, HASH_COUNT(srv->nicks), HASH_MEMORY(srv->nicks));
    add(out, CENSUS_QUEUED, srv->buffers.sum.n, srv->buffers.sum.bytes);
    add(out, CENSUS_WATCHES, 0, monitor_memory(srv));
    size_t n = cursor_count(srv, &bytes);
    add(out, CENSUS_ANSWERS, n, bytes);
}

static void
count_channel(struct census *out, const struct channel *chan)
{
    const char *texts[] = {chan->key, chan->topic, chan->topic_by};
    add(out, CENSUS_CHANNELS, 1, mem_block(sizeof *chan) + forward_memory(chan));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_text(out, CENSUS_CHANNELS, texts[i]);
    add(out, CENSUS_MEMBERSHIPS, 0, mem_block(chan->cap * sizeof *chan->members));
    add(out, CENSUS_LIST_ENTRIES, 0, chan->setters);
    for (int l = 0; l < LIST_COUNT; l++)
        add(out, CENSUS_LIST_ENTRIES, chan->list_len[l],
            chan->list_len[l] * mem_block(sizeof(struct list_entry)));
}

static void
count_policy(struct census *out, const struct policy *p)
{
    add(out, CENSUS_HOSTS, p->n_hosts,
        p->n_hosts * mem_block(sizeof(struct host)) + HASH_MEMORY(p->hosts) +
            p->notes_held.bytes);
    size_t networks = HASH_COUNT(p->networks);
    add(out, CENSUS_NETWORKS, networks,
        networks * mem_block(sizeof(struct network)) + HASH_MEMORY(p->networks));
    add(out, CENSUS_DEBTS, p->debts_held.n, p->debts_held.bytes);
    add(out, CENSUS_DOORS, p->doors_held.n, p->doors_held.bytes);
    for (int k = 0; k < BAN_KINDS; k++) {
        add(out, CENSUS_BANS + k, p->n_bans[k], p->ban_memory[k]);
        add(out, CENSUS_BAN_INDEX, 0, ban_index_memory(&p->index[k]));
    }
    add(out, CENSUS_SERVER, 0,
        mem_block(p->classes.room * sizeof *p->classes.at) +
            mem_block(p->exempts.room * sizeof *p->exempts.at));
    add(out, CENSUS_BAN_INDEX, HASH_COUNT(p->bans), HASH_MEMORY(p->bans));
    add(out, CENSUS_BAN_INDEX, 0, mem_block(p->due.room * sizeof *p->due.heap));
}

/* What is there once. */
static void
count_server(struct census *out, const struct server *srv)
{
    struct mem_sum store = srv->count_store(srv), jobs = job_sum(srv);
    add(out, CENSUS_STORE, store.n, store.bytes);
    add(out, CENSUS_WAITING, srv->n_acks + jobs.n, ack_memory(srv) + jobs.bytes);
    add(out, CENSUS_WHOWAS, WHOWAS_ENTRIES, mem_block(sizeof *srv->whowas));
    add(out, CENSUS_SERVER, 1,
        mem_block(sizeof *srv) + mem_block(sizeof *srv->policy) + registry_memory(srv) +
            isupport_memory(srv) + outsider_memory(srv) + wave_memory(srv->policy) +
            mem_text(srv->motd) + mem_block(srv->opers_cap * sizeof *srv->opers));
}

void
census_take(const struct server *srv, struct census *out)
{
    memset(out, 0, sizeof *out);
    count_clients(out, srv);
    for (const struct channel *chan = srv->channels; chan; chan = chan->hh.next)
        count_channel(out, chan);
    add(out, CENSUS_CHANNELS, 0, HASH_MEMORY(srv->channels) + forward_memory_all(srv));
    count_policy(out, srv->policy);
    count_server(out, srv);
    for (int kind = 0; kind < CENSUS_KINDS; kind++) {
        out->all += out->rows[kind].bytes;
        if (kind <= CENSUS_LAST_OF_CLIENTS)
            out->clients += out->rows[kind].bytes;
    }
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
        [CENSUS_LEFT] = "clients that have left channels",
        [CENSUS_ANSWERS] = "answers not all said yet",
        [CENSUS_HOSTS] = "hosts",
        [CENSUS_NETWORKS] = "networks",
        [CENSUS_DEBTS] = "debts of clients that have left",
        [CENSUS_DOORS] = "hosts with failed OPERs",
        [CENSUS_BANS + BAN_KLINE] = "K-lines",
        [CENSUS_BANS + BAN_DLINE] = "D-lines",
        [CENSUS_BANS + BAN_RESV] = "RESVs",
        [CENSUS_BANS + BAN_XLINE] = "X-lines",
        [CENSUS_BAN_INDEX] = "bans in the index",
        [CENSUS_STORE] = "records of the database",
        [CENSUS_WAITING] = "answers that wait for disk or worker",
        [CENSUS_WHOWAS] = "WHOWAS entries",
        [CENSUS_SERVER] = "server",
    };
    return names[kind];
}
