/* Clients: made, named, found and freed.
 *
 * The end of a client takes three steps, so that no walk over clients is disturbed:
 * client_end marks it; client_leave, called by the session between commands, takes it
 * out of all tables; client_free, called by the shell at the end of a turn, frees
 * it. */
#include "name_table.h" /* must be first: it sets HASH_KEYCMP */

#include "base/attr.h"
#include "state/census.h"
#include "state/client.h"

#include "base/mem.h"
#include "base/str.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/label.h"
#include "state/rest.h"
#include "state/server.h"
#include "state/shell.h"
#include "state/subsystem.h"

#include <assert.h>
#include <string.h>

/* A client and its session are one block. */
static size_t
size_connected(const struct server *srv)
{
    return sizeof(struct client) + sizeof(struct session) + srv->client_room;
}

static struct client *
make_connected(const struct server *srv)
{
    struct client *c = xcalloc(1, size_connected(srv));
    c->session = (struct session *)(c + 1);
    c->session->client = c;
    return c;
}

struct client *
client_new(struct server *srv, const struct addr *addr, void *conn)
{
    struct client *c = make_connected(srv);
    char host[CLIENT_HOST_TEXT];
    c->session->addr = *addr;
    c->session->conn = conn;
    c->session->since = c->user.talked = c->session->opened = srv->now;
    c->out.sendq.limit = (uint32_t)srv->config->limits.sendq_unregistered;
    c->user.host = xstrdup(client_real_host(c, host));
    list_append(&srv->unregistered, &c->link);
    srv->n_clients++;
    c->user.id = origin_id(&srv->me, ++srv->n_accepted);
    subsystems_client_made(srv, c);
    return c;
}

void
client_set_acting(struct server *srv, struct client *c)
{
    c->out.flags |= CLIENT_ACTING | CLIENT_UNIX;
    srv->n_acting++;
    srv->n_acted++;
}

struct client *
client_new_user(struct server *srv, const struct user_start *start)
{
    struct client *c = xcalloc(1, sizeof *c);
    c->out.flags = CLIENT_SESSIONLESS;
    c->user.id = start->id;
    c->user.host = xstrdup(start->host);
    c->user.realname = xstrdup(start->realname);
    str_format(c->user.username, sizeof c->user.username, "%s", start->username);
    list_append(&srv->sessionless, &c->link);
    client_set_nick(srv, c, start->nick);
    client_set_registered(srv, c);
    return c;
}

void
client_set_registered(struct server *srv, struct client *c)
{
    c->out.flags |= CLIENT_REGISTERED;
    c->user.signon = srv->wall;
    c->user.talked = srv->now;
    if (c->out.flags & CLIENT_ACTING)
        return;
    srv->n_registered++;
    srv->n_local += c->session != NULL;
    if (srv->n_registered > srv->max_registered)
        srv->max_registered = srv->n_registered;
    if (srv->n_local > srv->max_local)
        srv->max_local = srv->n_local;
}

struct client_lists *
client_lists(struct client *c)
{
    struct client_lists *lists = c->user.lists;
    if (lists)
        return lists;
    lists = c->user.lists = xcalloc(1, sizeof *lists);
    list_init(&lists->invites);
    list_init(&lists->monitors);
    return lists;
}

void
client_free(struct server *srv, struct client *c)
{
    assert(c->out.flags & CLIENT_DEAD);
    sendq_clear(&c->out.sendq);
    free(c->user.joined);
    free(c->user.oper);
    free(c->user.host);
    free(c->user.cloak);
    free(c->user.realname);
    free(c->user.away);
    free(c->quit);
    free(c->user.lists);
    session_clear(c->session);
    srv->n_clients -= c->session != NULL;
    srv->n_acting -= (c->out.flags & CLIENT_ACTING) != 0;
    free(c);
}

static void
end_registration(struct server *srv, struct client *c)
{
    if (!(c->out.flags & CLIENT_REGISTERED))
        return;
    client_set_modes(srv, c, 0);
    if (c->out.flags & CLIENT_ACTING)
        return;
    srv->n_registered--;
    srv->n_local -= c->session != NULL;
}

void
client_leave(struct server *srv, struct client *c)
{
    rest_skip_client(srv, c);
    if (c->user.nick[0])
        HASH_DELETE(user.hh, srv->nicks, c);
    list_remove(&c->link);
    c->out.flags = (c->out.flags | CLIENT_DEAD) & ~(unsigned)CLIENT_REGISTERED;
}

void
client_set_nick(struct server *srv, struct client *c, const char *nick)
{
    if (c->user.nick[0]) {
        rest_move_client(srv, c);
        HASH_DELETE(user.hh, srv->nicks, c);
    }
    struct str s;
    str_init(&s, c->user.nick, sizeof c->user.nick);
    str_add(&s, nick);
    c->user.nick_len = (uint16_t)s.len;
    unsigned h = name_hash(&srv->hash_key, c->user.nick, s.len);
    HASH_ADD_KEYPTR_BYHASHVALUE(user.hh, srv->nicks, c->user.nick, c->user.nick_len, h,
                                c);
    channel_forget_verdicts(c);
}

void
client_drop_nick(struct server *srv, struct client *c)
{
    rest_skip_client(srv, c);
    if (c->user.nick[0])
        HASH_DELETE(user.hh, srv->nicks, c);
    c->user.nick[0] = '\0';
    c->user.nick_len = 0;
}

ATTR_HOT struct client *
client_find(const struct server *srv, const char *nick)
{
    struct client *c = NULL;
    size_t len = strlen(nick);
    if (len == 0 || len > NAME_NICK_MAX)
        return NULL;
    unsigned h = name_hash(&srv->hash_key, nick, len);
    HASH_FIND_BYHASHVALUE(user.hh, srv->nicks, nick, len, h, c);
    return c;
}

ATTR_HOT struct client *
client_find_registered(const struct server *srv, const char *nick)
{
    struct client *c = client_find(srv, nick);
    return c && client_is_registered(c) && !(c->out.flags & CLIENT_ACTING) ? c : NULL;
}

void
client_set_host(struct client *c, const char *host)
{
    char room[CLIENT_HOST_TEXT];
    if (strcmp(host, client_real_host(c, room)) == 0)
        c->out.flags &= ~(unsigned)CLIENT_HIDDEN;
    xreplace(&c->user.host, host);
    channel_forget_verdicts(c);
}

struct client *
client_find_connected(const struct server *srv, const char *nick)
{
    struct client *c = client_find_registered(srv, nick);
    return c && c->session ? c : NULL;
}

static ATTR_HOT size_t
write_source(const struct client *c, const char *host, char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    if (c->user.nick_len > 0)
        str_addn(&s, c->user.nick, c->user.nick_len);
    else
        str_addc(&s, '*');
    str_addc(&s, '!');
    str_add(&s, c->user.username[0] ? c->user.username : "*");
    str_addc(&s, '@');
    str_add(&s, host);
    return s.len;
}

ATTR_HOT size_t
client_source(const struct client *c, char *out, size_t size)
{
    return write_source(c, c->user.host, out, size);
}

size_t
client_real_source(const struct client *c, char *out, size_t size)
{
    char host[CLIENT_HOST_TEXT];
    return write_source(c, client_real_host(c, host), out, size);
}

const char *
client_author(const struct server *srv, const struct client *c)
{
    return c->out.flags & CLIENT_ACTING ? srv->me.name : c->user.nick;
}

ATTR_HOT size_t
client_author_source(const struct server *srv, const struct client *c, char *out,
                     size_t size)
{
    struct str s;
    if (!(c->out.flags & CLIENT_ACTING))
        return client_source(c, out, size);
    str_init(&s, out, size);
    str_add(&s, srv->me.name);
    return s.len;
}

const char *
client_act_name(const struct client *c)
{
    bool acts = c->out.flags & CLIENT_ACTING && c->user.oper;
    return acts ? c->user.oper : c->user.nick;
}

const char *
client_name(const struct client *c)
{
    return c->user.nick[0] ? c->user.nick : "*";
}

void
client_subject(const struct client *c, char *address, size_t size,
               struct mask_subject *out)
{
    const struct addr *addr = client_addr(c);
    if (addr)
        addr_format(addr, address, size);
    *out = (struct mask_subject){.nick = c->user.nick,
                                 .user = c->user.username,
                                 .host = c->user.host,
                                 .address = addr ? address : c->user.host,
                                 .cloak = c->user.cloak,
                                 .addr = addr};
}

void
client_shown_subject(const struct client *c, char *address, size_t size,
                     struct mask_subject *out)
{
    client_subject(c, address, size, out);
    if (!(c->out.flags & CLIENT_HIDDEN))
        return;
    out->address = out->host;
    out->addr = NULL;
}

_Static_assert(CONFIG_PACES <= 1 << (32 - CLIENT_PACE_AT), "CLIENT_PACE has two bits");

ATTR_HOT void
client_touch(struct server *srv, struct client *c)
{
    c->session->since = srv->now;
    c->out.flags &= ~(unsigned)CLIENT_PINGED;
    list_remove(&c->link);
    list_append(&srv->idle[CLIENT_PACE(c->out.flags)], &c->link);
}

static void
insert_oper(struct server *srv, struct client *c)
{
    if (srv->n_opers == srv->opers_cap) {
        srv->opers_cap = srv->opers_cap ? 2 * srv->opers_cap : 4;
        srv->opers = xrealloc(srv->opers, srv->opers_cap * sizeof(struct client *));
    }
    srv->opers[srv->n_opers++] = c;
}

static void
remove_oper(struct server *srv, const struct client *c)
{
    size_t i = 0;
    while (srv->opers[i] != c)
        i++;
    srv->opers[i] = srv->opers[--srv->n_opers];
}

size_t
client_count_opers(const struct server *srv)
{
    size_t n = 0;
    for (size_t i = 0; i < srv->n_opers; i++)
        n += !(srv->opers[i]->out.flags & CLIENT_ACTING);
    return n;
}

void
client_set_modes(struct server *srv, struct client *c, uint32_t modes)
{
    uint32_t changed = c->user.modes ^ modes;
    if (changed & USER_INVISIBLE && !(c->out.flags & CLIENT_ACTING))
        srv->n_invisible += modes & USER_INVISIBLE ? 1 : (size_t)-1;
    if (changed & USER_OPER && modes & USER_OPER)
        insert_oper(srv, c);
    if (changed & USER_OPER && !(modes & USER_OPER)) {
        remove_oper(srv, c);
        c->user.privileges = 0;
        free(c->user.oper);
        c->user.oper = NULL;
    }
    if (!(modes & USER_NOTICES))
        c->user.snomask = 0;
    else if (changed & USER_NOTICES)
        c->user.snomask = SNO_DEFAULT;
    c->user.modes = modes;
}

void
client_each(struct server *srv, bool (*fn)(struct server *, struct client *, void *ctx),
            void *ctx)
{
    for (size_t i = 1; i < SERVER_LISTS; i++) {
        LIST_EACH_SAFE(server_list(srv, i), node, next) {
            struct client *c = LIST_ENTRY(node, struct client, link);
            if (client_is_registered(c) && !fn(srv, c, ctx))
                return;
        }
    }
}

static void
count_client_memory(const struct client *c, struct mem_sum *sums)
{
    struct mem_sum *own = &sums[0], *text = &sums[1];
    const struct client_known none = {.password = NULL};
    const struct client_known *known =
        c->session && c->session->known ? c->session->known : &none;
    const char *texts[] = {c->user.oper,     c->user.host, c->user.cloak,
                           c->user.realname, c->user.away, c->quit,
                           known->certfp,    known->sni,   known->gateway,
                           known->listener,  known->oper,  known->password};
    own->n += c->session != NULL;
    own->bytes += c->session ? 0 : mem_block(sizeof *c);
    if (c->user.lists)
        own->bytes += mem_block(sizeof *c->user.lists);
    own->bytes += known == &none ? 0 : mem_block(sizeof *known);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text->n += texts[i] != NULL;
        text->bytes += texts[i] ? mem_text(texts[i]) : 0;
    }
}

static void
add_client_memory(const struct server *srv, struct census *out)
{
    struct mem_sum all = out->of_clients[SUBSYSTEM_client][0];
    struct mem_sum texts = out->of_clients[SUBSYSTEM_client][1];
    all.bytes += all.n * mem_block(size_connected(srv));
    census_add(out, CENSUS_OF_CLIENTS, "clients", all.n, all.bytes);
    census_add(out, CENSUS_OF_CLIENTS, "connections", all.n,
               all.n * mem_block(SESSION_CONN_BYTES));
    census_add(out, CENSUS_OF_CLIENTS, "texts of clients", texts.n, texts.bytes);
    census_add(out, CENSUS_OF_CLIENTS, "nicks in the table",
               HASH_CNT(user.hh, srv->nicks), HASH_MEMORY_BY(user.hh, srv->nicks));
    census_add_self(out, mem_block(sizeof *srv) + mem_text(srv->motd) +
                             mem_text(srv->about) + mem_text(srv->unsaved) +
                             mem_text(srv->misconfigured) + mem_text(srv->uncertified) +
                             mem_block(srv->opers_cap * sizeof *srv->opers));
}

const struct subsystem client_subsystem = {
    .id = SUBSYSTEM_client,
    .client_memory = count_client_memory,
    .memory = add_client_memory,
    .client_leaves = end_registration,
};
