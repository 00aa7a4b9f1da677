/* Clients: making, naming, finding and ending them.
 *
 * Ending takes three steps, so that no walk ever loses the ground under it: client_kill
 * marks, client_leave (from the session, between commands) takes it out of everything,
 * client_free (from the shell, at the end of a turn) gives the memory back. */
#include "name_table.h" /* first: see there */

#include "state/census.h"
#include "state/client.h"

#include "base/mem.h"
#include "base/str.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/label.h"
#include "state/out.h"
#include "state/rest.h"
#include "state/server.h"
#include "state/shell.h"
#include "state/subsystem.h"

#include <assert.h>
#include <string.h>

struct client *
client_new(struct server *srv, const struct addr *addr, void *conn)
{
    struct client *c = xcalloc(1, sizeof *c + srv->client_room);
    char host[CLIENT_HOST_TEXT];
    c->addr = *addr;
    c->conn = conn;
    c->since = c->talked = c->opened = srv->now;
    c->struck = c->refused_at = srv->now - MSEC_DAY;
    c->sendq_max = (uint32_t)srv->config->limits.sendq_unregistered;
    list_init(&c->holding);
    c->hostname = xstrdup(client_real_host(c, host));
    list_append(&srv->unregistered, &c->link);
    srv->n_clients++;
    c->id = origin_id(&srv->me, ++srv->n_accepted);
    if (srv->n_clients > srv->max_clients)
        srv->max_clients = srv->n_clients;
    return c;
}

static struct client_lists *
init_lists(struct client_lists *lists)
{
    list_init(&lists->invites);
    list_init(&lists->monitors);
    return lists;
}

struct client_lists *
client_lists(struct client *c)
{
    if (c->lists == NULL)
        c->lists = init_lists(xcalloc(1, sizeof *c->lists));
    return c->lists;
}

/* NULL: nothing is known. */
static struct client_known *
known_of(const struct client *c)
{
    return c->flags & CLIENT_KNOWN ? (struct client_known *)c->lists : NULL;
}

static struct client_known *
make_known(struct client *c)
{
    struct client_known *known = xcalloc(1, sizeof *known);
    assert(c->lists == NULL); /* there are none before registration */
    c->lists = init_lists(&known->lists);
    c->flags |= CLIENT_KNOWN;
    return known;
}

void
client_set_connection(struct client *c, bool secure, const char *certfp,
                      const char *gateway)
{
    struct client_known *known = known_of(c);
    c->flags = secure ? c->flags | CLIENT_SECURE : c->flags & ~(unsigned)CLIENT_SECURE;
    if (known == NULL && certfp == NULL && gateway == NULL)
        return;
    if (known == NULL)
        known = make_known(c);
    xreplace(&known->certfp, certfp);
    xreplace(&known->gateway, gateway);
}

const char *
client_certfp(const struct client *c)
{
    const struct client_known *known = known_of(c);
    return known ? known->certfp : NULL;
}

const char *
client_gateway(const struct client *c)
{
    const struct client_known *known = known_of(c);
    return known ? known->gateway : NULL;
}

void
client_set_address(struct client *c, const struct addr *addr)
{
    char host[CLIENT_HOST_TEXT];
    c->addr = *addr;
    xreplace(&c->hostname, client_real_host(c, host));
    xreplace(&c->cloak, NULL);
}

static void
free_lists(struct client *c)
{
    struct client_known *known = known_of(c);
    if (known) {
        free(known->certfp);
        free(known->gateway);
    }
    free(c->lists);
}

void
client_free(struct server *srv, struct client *c)
{
    assert(c->flags & CLIENT_DEAD);
    sendq_clear(&c->sendq);
    free(c->joined);
    free(c->oper);
    free(c->hostname);
    free(c->cloak);
    free(c->realname);
    free(c->away);
    free(c->quit);
    mem_free_secret(c->password);
    free_lists(c);
    free(c);
    srv->n_clients--;
}

/* Only the reason of a QUIT command is the client's own text: a channel that would not
 * take it does not read it. */
static void
tell_quit(struct server *srv, const struct client *c)
{
    struct relay r, plain;
    relay_begin(&r, srv, c, "QUIT :%s", c->quit ? c->quit : "");
    if (c->flags & CLIENT_LEFT) {
        relay_begin(&plain, srv, c, "QUIT :Client quit");
        relay_peers_hushed(&r, &plain, c);
        relay_end(&plain);
    } else {
        relay_peers(&r, c);
    }
    relay_end(&r);
}

static void
end_registration(struct server *srv, struct client *c)
{
    if (!(c->flags & CLIENT_REGISTERED))
        return;
    if (c->njoined > 0)
        tell_quit(srv, c);
    client_set_modes(srv, c, 0);
    srv->n_registered--;
}

void
client_leave(struct server *srv, struct client *c)
{
    rest_skip_client(srv, c);
    if (c->nick[0])
        HASH_DELETE(hh, srv->nicks, c);
    list_remove(&c->link);
    c->flags = (c->flags | CLIENT_DEAD) & ~(unsigned)CLIENT_REGISTERED;
}

void
client_set_nick(struct server *srv, struct client *c, const char *nick)
{
    if (c->nick[0]) {
        rest_move_client(srv, c);
        HASH_DELETE(hh, srv->nicks, c);
    }
    struct str s;
    str_init(&s, c->nick, sizeof c->nick);
    str_add(&s, nick);
    c->nick_len = (uint16_t)s.len;
    unsigned h = name_hash(&srv->hash_key, c->nick, s.len);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, srv->nicks, c->nick, c->nick_len, h, c);
    channel_forget_verdicts(c);
}

void
client_drop_nick(struct server *srv, struct client *c)
{
    rest_skip_client(srv, c);
    if (c->nick[0])
        HASH_DELETE(hh, srv->nicks, c);
    c->nick[0] = '\0';
    c->nick_len = 0;
}

struct client *
client_find(const struct server *srv, const char *nick)
{
    struct client *c = NULL;
    size_t len = strlen(nick);
    if (len == 0 || len > NAME_NICK_MAX)
        return NULL;
    unsigned h = name_hash(&srv->hash_key, nick, len);
    HASH_FIND_BYHASHVALUE(hh, srv->nicks, nick, len, h, c);
    return c;
}

struct client *
client_find_registered(const struct server *srv, const char *nick)
{
    struct client *c = client_find(srv, nick);
    return c && client_is_registered(c) ? c : NULL;
}

const char *
client_real_host(const struct client *c, char out[CLIENT_HOST_TEXT])
{
    out[0] = '0';
    addr_format(&c->addr, out + 1, ADDR_TEXT);
    return out[1] == ':' ? out : out + 1;
}

void
client_set_host(struct client *c, const char *host)
{
    char room[CLIENT_HOST_TEXT];
    if (strcmp(host, client_real_host(c, room)) == 0)
        c->flags &= ~(unsigned)CLIENT_HIDDEN;
    xreplace(&c->hostname, host);
    channel_forget_verdicts(c);
}

static size_t
source(const struct client *c, const char *host, char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    str_add(&s, client_name(c));
    str_addc(&s, '!');
    str_add(&s, c->user[0] ? c->user : "*");
    str_addc(&s, '@');
    str_add(&s, host);
    return s.len;
}

size_t
client_source(const struct client *c, char *out, size_t size)
{
    return source(c, c->hostname, out, size);
}

size_t
client_real_source(const struct client *c, char *out, size_t size)
{
    char host[CLIENT_HOST_TEXT];
    return source(c, client_real_host(c, host), out, size);
}

const char *
client_name(const struct client *c)
{
    return c->nick[0] ? c->nick : "*";
}

void
client_subject(const struct client *c, char *address, size_t size,
               struct mask_subject *out)
{
    addr_format(&c->addr, address, size);
    *out = (struct mask_subject){.nick = c->nick,
                                 .user = c->user,
                                 .host = c->hostname,
                                 .address = address,
                                 .cloak = c->cloak,
                                 .addr = &c->addr};
}

void
client_shown_subject(const struct client *c, char *address, size_t size,
                     struct mask_subject *out)
{
    client_subject(c, address, size, out);
    if (!(c->flags & CLIENT_HIDDEN))
        return;
    out->address = out->host;
    out->addr = NULL;
}

void
client_touch(struct server *srv, struct client *c)
{
    c->since = srv->now;
    c->flags &= ~(unsigned)CLIENT_PINGED;
    list_remove(&c->link);
    list_append(&srv->idle, &c->link);
}

static void
opers_add(struct server *srv, struct client *c)
{
    if (srv->n_opers == srv->opers_cap) {
        srv->opers_cap = srv->opers_cap ? 2 * srv->opers_cap : 4;
        srv->opers = xrealloc(srv->opers, srv->opers_cap * sizeof(struct client *));
    }
    srv->opers[srv->n_opers++] = c;
}

static void
opers_remove(struct server *srv, const struct client *c)
{
    size_t i = 0;
    while (srv->opers[i] != c)
        i++;
    srv->opers[i] = srv->opers[--srv->n_opers];
}

void
client_set_modes(struct server *srv, struct client *c, uint32_t modes)
{
    uint32_t changed = c->modes ^ modes;
    if (changed & USER_INVISIBLE)
        srv->n_invisible += modes & USER_INVISIBLE ? 1 : (size_t)-1;
    if (changed & USER_OPER && modes & USER_OPER)
        opers_add(srv, c);
    if (changed & USER_OPER && !(modes & USER_OPER)) {
        opers_remove(srv, c);
        c->privileges = 0;
        free(c->oper);
        c->oper = NULL;
    }
    if (!(modes & USER_NOTICES))
        c->snomask = 0;
    else if (changed & USER_NOTICES)
        c->snomask = SNO_DEFAULT;
    c->modes = modes;
}

void
client_each(struct server *srv, bool (*fn)(struct server *, struct client *, void *ctx),
            void *ctx)
{
    struct list *const lists[] = {&srv->idle, &srv->pinged};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        LIST_EACH_SAFE(lists[i], node, next) {
            struct client *c = LIST_ENTRY(node, struct client, link);
            if (client_is_registered(c) && !fn(srv, c, ctx))
                return;
        }
    }
}

struct counted {
    size_t n, bytes, n_texts, texts;
};

static void
count_client(const struct client *c, void *ctx)
{
    struct counted *all = ctx;
    const char *texts[] = {c->oper,     c->hostname,      c->cloak,
                           c->realname, c->away,          c->quit,
                           c->password, client_certfp(c), client_gateway(c)};
    bool known = c->flags & CLIENT_KNOWN;
    all->n++;
    if (c->lists)
        all->bytes += mem_block(known ? sizeof(struct client_known) : sizeof *c->lists);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        all->n_texts += texts[i] != NULL;
        all->texts += texts[i] ? mem_text(texts[i]) : 0;
    }
}

static void
add_clients(const struct server *srv, struct census *out)
{
    struct counted all = {0};
    census_each_client(srv, count_client, &all);
    all.bytes += all.n * mem_block(sizeof(struct client) + srv->client_room);
    census_add(out, CENSUS_OF_CLIENTS, "clients", all.n, all.bytes);
    census_add(out, CENSUS_OF_CLIENTS, "connections", all.n,
               all.n * mem_block(SESSION_CONN_BYTES));
    census_add(out, CENSUS_OF_CLIENTS, "texts of clients", all.n_texts, all.texts);
    census_add(out, CENSUS_OF_CLIENTS, "nicks in the table", HASH_COUNT(srv->nicks),
               HASH_MEMORY(srv->nicks));
    census_add_self(out, mem_block(sizeof *srv) + mem_text(srv->motd) +
                             mem_block(srv->opers_cap * sizeof *srv->opers));
}

const struct subsystem client_subsystem = {
    .id = SUBSYSTEM_client,
    .memory = add_clients,
    .client_leaves = end_registration,
};
