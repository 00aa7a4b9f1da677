/* The ring of nicks given up, for WHOWAS and for bans on someone who has just left.
 *
 * Finding walks the ring (512 entries): it is asked for by hand, never on a hot path.
 */
#include "state/whowas.h"

#include "base/mem.h"
#include "base/str.h"
#include "proto/casemap.h"
#include "state/census.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

void
whowas_add(struct server *srv, const struct client *c)
{
    struct whowas *w = srv->whowas;
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
    const struct whowas *w = srv->whowas;
    for (unsigned back = 1; back <= WHOWAS_ENTRIES; back++) {
        const struct whowas_entry *e =
            &w->entries[(w->next + WHOWAS_ENTRIES - back) % WHOWAS_ENTRIES];
        if (e->nick[0] && name_equal(e->nick, nick) && i-- == 0)
            return e;
    }
    return NULL;
}

static void
remember_client(struct server *srv, struct client *c)
{
    if (c->out.flags & CLIENT_REGISTERED)
        whowas_add(srv, c);
}

static void
add_whowas(const struct server *srv, struct census *out)
{
    census_add(out, CENSUS_OF_SERVER, "WHOWAS entries", WHOWAS_ENTRIES,
               mem_block(sizeof *srv->whowas));
}

const struct subsystem whowas_subsystem = {
    .id = SUBSYSTEM_whowas,
    .memory = add_whowas,
    .client_leaves = remember_client,
};
