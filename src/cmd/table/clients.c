/* The table of clients. Its rows are those of TRACE, with the parts that WHOIS and TRACE
 * show.
 *
 * A client may change its nick at any time, so the table of nicks gives it no lasting
 * position. Its host does not change once it has registered: the walk goes through the
 * hosts, and through the clients of each in the order of their ids. A client that acts
 * for another (the control socket, a bearer token) must never be a row. */
#include "base/hash_walk.h"
#include "cmd/table.h"
#include "policy/access.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/server.h"
#include "walk.h"

#define CLIENT_WORK 10 /* of a client of a host that is passed over */

static const struct client *
client_of_row(const struct table_row *row)
{
    return row->item;
}

static void
get_client_id(const struct table_row *row, struct table_value *out)
{
    table_set_number(out, client_of_row(row)->user.id);
}

static void
get_client_nick(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, client_of_row(row)->user.nick);
}

static void
get_client_user(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, client_of_row(row)->user.username);
}

static void
get_client_host(const struct table_row *row, struct table_value *out)
{
    const struct client *c = client_of_row(row);
    /* Before registration the host is the address, which no user was shown. */
    if (client_is_registered(c) || access_sees_address(row->reader, c))
        table_set_text(out, c->user.host);
}

static void
get_client_address(const struct table_row *row, struct table_value *out)
{
    const struct client *c = client_of_row(row);
    if (access_sees_address(row->reader, c))
        table_set_text(out, client_real_host(c, out->room));
}

static void
get_client_realname(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, client_of_row(row)->user.realname);
}

/* No client has an account. */
static void
get_client_account(const struct table_row *row, struct table_value *out)
{
    (void)row, (void)out;
}

static void
get_client_registered(const struct table_row *row, struct table_value *out)
{
    table_set_yesno(out, client_is_registered(client_of_row(row)));
}

static void
get_client_oper(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, client_of_row(row)->user.oper);
}

static void
get_client_secure(const struct table_row *row, struct table_value *out)
{
    table_set_yesno(out, client_of_row(row)->user.modes & USER_SECURE);
}

static void
get_client_listener(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, client_facts(client_of_row(row)).listener);
}

static void
get_client_gateway(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, client_gateway(client_of_row(row)));
}

static void
get_client_class(const struct table_row *row, struct table_value *out)
{
    const struct config_class *class = policy_of(client_of_row(row))->class;
    table_set_text(out, class ? class->name : NULL);
}

static void
get_client_connected(const struct table_row *row, struct table_value *out)
{
    const struct server *srv = row->srv;
    table_set_time(out, srv->wall - (srv->now - client_of_row(row)->session->opened));
}

static void
get_client_signon(const struct table_row *row, struct table_value *out)
{
    const struct client *c = client_of_row(row);
    table_set_time(out, client_is_registered(c) ? c->user.signon : 0);
}

static void
get_client_idle(const struct table_row *row, struct table_value *out)
{
    const struct client *c = client_of_row(row);
    if (client_is_registered(c))
        table_set_number(out,
                         (uint64_t)((row->srv->now - c->user.talked) / MSEC_SECOND));
}

static void
get_client_channels(const struct table_row *row, struct table_value *out)
{
    const struct client *c = client_of_row(row);
    uint64_t n = 0;
    for (uint32_t i = 0; i < c->user.njoined; i++)
        n += access_sees_member(c->user.joined[i].chan, row->reader, c);
    /* the channels of both are compared */
    row->srv->work += (size_t)c->user.njoined * (1 + row->reader->user.njoined);
    table_set_number(out, n);
}

static void
get_client_sendq(const struct table_row *row, struct table_value *out)
{
    table_set_number(out, client_of_row(row)->out.sendq.bytes);
}

/* The client of h that was shown last, by its nick; NULL: it is not found so. */
static const struct client *
find_last_client(const struct server *srv, const struct host *h,
                 const struct table_place *at)
{
    const struct client *c = *at->nick ? client_find(srv, at->nick) : NULL;
    bool same = c && c->user.id == at->id && c->session && policy_of(c)->host == h;
    return same ? c : NULL;
}

/* The first client of h with an id above that of the place. */
static const struct client *
find_next_client(struct server *srv, const struct host *h, const struct table_place *at)
{
    const struct client *last = at->last;
    if (last == NULL && at->id)
        last = find_last_client(srv, h, at);
    struct client_policy *p = last ? policy_of(last)->host_next : h->clients;
    while (p && policy_client(p)->user.id <= at->id) {
        srv->work += CLIENT_WORK;
        p = p->host_next;
    }
    return p ? policy_client(p) : NULL;
}

static bool
sees_row(const struct table_row *row, const struct client *c)
{
    if (c->out.flags & (CLIENT_ENDING | CLIENT_ACTING))
        return false;
    if (row->reader->user.njoined && c->user.modes & USER_INVISIBLE)
        row->srv->work += (size_t)row->reader->user.njoined * c->user.njoined;
    return access_sees_client(row->reader, c);
}

static bool
find_next_row(struct table_place *at, struct table_row *row)
{
    struct server *srv = row->srv;
    uint64_t before = at->at;
    const struct host *h =
        HASH_WALK(srv->policy->hosts, &srv->hash_key, &at->at, &srv->work);
    if (h == NULL || at->at != before) { /* the host of the last client is done */
        at->id = 0;
        at->last = NULL;
    }
    const struct client *c = h ? find_next_client(srv, h, at) : NULL;
    at->last = c;
    at->id = c ? c->user.id : 0;
    str_format(at->nick, sizeof at->nick, "%s", c ? c->user.nick : "");
    if (c == NULL)
        return table_walk_on(at, h != NULL);
    if (sees_row(row, c))
        row->item = c;
    return true;
}

static const struct table_column client_columns[] = {
#define CLIENTS(name, type, search, meaning)                                           \
    {#name, meaning, TABLE_##type, TABLE_##search, get_client_##name},
#include "cmd/tables.def"
#undef CLIENTS
};

const struct table table_clients = {
    .name = "clients",
    .by_host = true,
    .columns = client_columns,
    .n_columns = sizeof client_columns / sizeof *client_columns,
    .next = find_next_row,
};
