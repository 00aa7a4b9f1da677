/* The ring of the nicks that were given up last, for WHOWAS and for bans on a client
 * that has just left.
 *
 * A search walks the ring (512 entries). Only commands that users type by hand search
 * it. */
#include "state/whowas.h"

#include "base/mem.h"
#include "base/str.h"
#include "proto/casemap.h"
#include "state/census.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

static struct whowas **
whowas_at(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_whowas);
}

void
whowas_add(struct server *srv, const struct client *c)
{
    struct whowas *w = *whowas_at(srv);
    struct whowas_entry *e = &w->entries[w->next];
    w->next = (w->next + 1) % WHOWAS_ENTRIES;
    str_format(e->nick, sizeof e->nick, "%s", c->user.nick);
    str_format(e->user, sizeof e->user, "%s", c->user.username);
    str_format(e->host, sizeof e->host, "%s", c->user.host);
    str_format(e->real, sizeof e->real, "%s", c->user.realname);
    e->connected = c->session != NULL;
    if (e->connected)
        e->addr = c->session->addr;
    e->left = srv->wall;
}

const struct whowas_entry *
whowas_find(const struct server *srv, const char *nick, unsigned i)
{
    const struct whowas *w = *whowas_at(srv);
    for (unsigned back = 1; back <= WHOWAS_ENTRIES; back++) {
        const struct whowas_entry *e =
            &w->entries[(w->next + WHOWAS_ENTRIES - back) % WHOWAS_ENTRIES];
        if (e->nick[0] && name_equal(e->nick, nick) && i-- == 0)
            return e;
    }
    return NULL;
}

const struct whowas_entry *
whowas_find_host(const struct server *srv, const char *nick)
{
    const struct whowas_entry *e =
        client_find_registered(srv, nick) ? NULL : whowas_find(srv, nick, 0);
    return e && e->connected ? e : NULL;
}

static void
remember_client(struct server *srv, struct client *c)
{
    if ((c->out.flags & (CLIENT_REGISTERED | CLIENT_ACTING)) == CLIENT_REGISTERED)
        whowas_add(srv, c);
}

static void
add_whowas_memory(const struct server *srv, struct census *out)
{
    census_add(out, CENSUS_OF_SERVER, "WHOWAS entries", WHOWAS_ENTRIES,
               mem_block(sizeof **whowas_at(srv)));
}

static void
init_whowas(struct server *srv, const struct server_start *start)
{
    (void)start;
    *whowas_at(srv) = xcalloc(1, sizeof(struct whowas));
}

static void
free_whowas(struct server *srv)
{
    free(*whowas_at(srv));
}

const struct subsystem whowas_subsystem = {
    .id = SUBSYSTEM_whowas,
    .state = sizeof(struct whowas *),
    .init = init_whowas,
    .free = free_whowas,
    .memory = add_whowas_memory,
    .client_leaves = remember_client,
};
