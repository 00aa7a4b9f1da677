/* Makes and frees the context, formats its time tag and checks its invariants.
 *
 * Has no policy and sends nothing. server_check walks all clients: tests and fuzzers
 * call it after each step, the running server never. */
#include "state/server.h"

#include "base/mem.h"
#include "base/str.h"
#include "state/channel.h"
#include "state/client.h"
#include "state/cursor.h"
#include "state/whowas.h"

#include <assert.h>
#include <string.h>

struct server *
server_new(struct config *config, struct log *log, struct store *store,
           const struct shell *shell, const struct hash_key *key, msec now, msec wall)
{
    struct server *srv = xcalloc(1, sizeof *srv);
    srv->config = config;
    /* Only a restart changes the name. */
    str_format(srv->me.name, sizeof srv->me.name, "%s", config->server.name);
    srv->me.name_len = (uint16_t)strlen(srv->me.name);
    srv->log = log;
    srv->store = store;
    srv->shell = shell;
    srv->hash_key = *key;
    srv->now = srv->started = now;
    srv->wall = srv->started_wall = wall;
    moment_format(wall, srv->started_text, sizeof srv->started_text);
    srv->time_tag_at = -1;
    list_init(&srv->timed);
    list_init(&srv->unregistered);
    for (unsigned i = 0; i < CONFIG_PACES; i++)
        list_init(&srv->idle[i]);
    list_init(&srv->pinged);
    list_init(&srv->sessionless);
    list_init(&srv->dirty);
    list_init(&srv->jobs);
    list_init(&srv->saved_waits);
    srv->verdicts_left = VERDICTS_TURN;
    return srv;
}

void
server_free(struct server *srv)
{
    if (srv == NULL)
        return;
    assert(srv->n_clients == 0 && list_empty(&srv->sessionless));
    config_free(srv->config);
    free(srv->motd);
    free(srv->unsaved);
    free(srv->about);
    free(srv->misconfigured);
    free(srv->uncertified);
    free(srv->opers);
    free(srv);
}

const char *
server_time_tag(struct server *srv)
{
    if (srv->time_tag_at != srv->wall) {
        struct str s;
        char iso[MOMENT_TEXT];
        moment_format_iso(srv->wall, iso, sizeof iso);
        str_init(&s, srv->time_tag, sizeof srv->time_tag);
        str_add(&s, "time=");
        str_add(&s, iso);
        srv->time_tag_at = srv->wall;
    }
    return srv->time_tag;
}

static void
check_client_state(const struct client *c)
{
    assert(!(c->out.flags & CLIENT_DEAD) || c->user.njoined == 0);
    for (uint32_t i = 0; i < c->user.njoined; i++) {
        const struct channel *chan = c->user.joined[i].chan;
        uint32_t slot = c->user.joined[i].slot;
        assert(slot < chan->nmembers);
        assert(chan->members[slot].client == c);
        assert(chan->members[slot].slot == i);
    }
    assert((c->user.oper != NULL) == ((c->user.modes & USER_OPER) != 0));
}

struct client_counts {
    size_t clients, registered, invisible, opers;
};

static void
count_client_list(const struct list *list, struct client_counts *n)
{
    LIST_EACH(list, node) {
        const struct client *c = LIST_ENTRY(node, struct client, link);
        check_client_state(c);
        bool counted =
            (c->out.flags & (CLIENT_REGISTERED | CLIENT_ACTING)) == CLIENT_REGISTERED;
        n->clients++;
        n->registered += counted;
        n->invisible += counted && (c->user.modes & USER_INVISIBLE);
        n->opers += (c->user.modes & USER_OPER) != 0;
    }
}

void
server_check(const struct server *srv)
{
    struct client_counts n = {0};
    count_client_list(&srv->unregistered, &n);
    assert(n.registered == 0);
    for (unsigned i = 0; i < CONFIG_PACES; i++)
        count_client_list(&srv->idle[i], &n);
    count_client_list(&srv->pinged, &n);
    assert(n.clients <= srv->n_clients);
    assert(n.registered == srv->n_local);
    count_client_list(&srv->sessionless, &n);
    assert(n.registered == srv->n_registered);
    assert(n.invisible == srv->n_invisible);
    assert(n.opers == srv->n_opers);
    for (const struct client *c = srv->nicks; c; c = c->user.hh.next)
        assert(c->user.nick[0] && !(c->out.flags & CLIENT_DEAD));
}
