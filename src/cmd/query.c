/* LIST, MOTD, LUSERS, VERSION (RFC 2812 3.2.6, 3.4). */
#include "base/duration.h"
#include "base/str.h"
#include "command.h"
#include "isupport.h"
#include "lusers.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/mask.h"
#include "state/channel.h"

#define LIST_A_TOKEN 20   /* channels listed for one token */
#define MOTD_A_TOKEN 1024 /* bytes for one token */
#define MASKS_MAX 4       /* masks of one LIST */

void
lusers_send(struct server *srv, struct client *c)
{
    size_t n = srv->n_registered, max = srv->max_registered;
    reply(srv, c, RPL_LUSERCLIENT, n - srv->n_invisible, srv->n_invisible);
    if (srv->n_opers)
        reply(srv, c, RPL_LUSEROP, srv->n_opers);
    if (srv->n_clients > n)
        reply(srv, c, RPL_LUSERUNKNOWN, srv->n_clients - n);
    if (srv->n_channels)
        reply(srv, c, RPL_LUSERCHANNELS, srv->n_channels);
    reply(srv, c, RPL_LUSERME, n);
    reply(srv, c, RPL_LOCALUSERS, n, max, n, max);
    reply(srv, c, RPL_GLOBALUSERS, n, max, n, max);
}

void
motd_send(struct server *srv, struct client *c)
{
    const char *at = srv->motd;
    char line[MESSAGE_LINE];
    if (at == NULL) {
        reply(srv, c, ERR_NOMOTD);
        return;
    }
    reply(srv, c, RPL_MOTDSTART, srv->config->server.name);
    while (*at) {
        size_t n = strcspn(at, "\r\n");
        struct str s;
        str_init(&s, line, sizeof line);
        str_addn(&s, at, n);
        reply(srv, c, RPL_MOTD, line);
        at += n;
        at += *at == '\r';
        at += *at == '\n';
    }
    reply(srv, c, RPL_ENDOFMOTD);
}

static void
lusers_run(struct server *srv, struct client *c, struct message *m)
{
    (void)m;
    lusers_send(srv, c);
}

static void
motd_run(struct server *srv, struct client *c, struct message *m)
{
    (void)m;
    motd_send(srv, c);
    flood_charge(srv, c, srv->motd ? (int)(strlen(srv->motd) / MOTD_A_TOKEN) : 0);
}

static void
version_run(struct server *srv, struct client *c, struct message *m)
{
    (void)m;
    reply(srv, c, RPL_VERSION, IRCD_VERSION, srv->config->server.name,
          srv->config->server.description);
    isupport_send(srv, c);
}

static void
list_channel(struct server *srv, struct client *c, const struct channel *chan)
{
    if (access_sees_channel(chan, c))
        reply(srv, c, RPL_LIST, chan->name, chan->nmembers,
              chan->topic ? chan->topic : "");
}

static bool
matches_any(char *const *masks, unsigned n, const char *name)
{
    for (unsigned i = 0; i < n; i++)
        if (mask_glob(masks[i], name))
            return true;
    return n == 0;
}

/* Channels whose name matches one of the masks (none: all), in one walk; a reader that
 * cannot take more is told so instead of dropped, and room is left for its talk. */
static unsigned
list_matching(struct server *srv, struct client *c, char *const *masks,
              unsigned masks_n)
{
    unsigned n = 0;
    for (const struct channel *ch = srv->channels; ch; ch = ch->hh.next) {
        if (!matches_any(masks, masks_n, ch->name))
            continue;
        if (c->sendq.bytes > c->sendq_max / 2) {
            out_notice(srv, c, "LIST cut: too much for your connection; name a mask");
            break;
        }
        list_channel(srv, c, ch);
        n++;
    }
    return n;
}

/* Channels named are looked up, all masks go through one walk. */
static unsigned
list_items(struct server *srv, struct client *c, char *items)
{
    char *masks[MASKS_MAX], *item, *first = items;
    unsigned n = 0, masks_n = 0;
    while ((item = command_next_item(&items)) != NULL) {
        const struct channel *chan = channel_find(srv, item);
        if (command_is_repeat(first, item))
            continue;
        if (!strpbrk(item, "*?")) {
            if (chan)
                list_channel(srv, c, chan);
            n += chan != NULL;
        } else if (masks_n < MASKS_MAX) {
            masks[masks_n++] = item;
        } else {
            out_notice(srv, c, "LIST cut: at most %d masks", MASKS_MAX);
            break;
        }
    }
    return masks_n ? n + list_matching(srv, c, masks, masks_n) : n;
}

static void
list_run(struct server *srv, struct client *c, struct message *m)
{
    reply(srv, c, RPL_LISTSTART);
    unsigned n = m->nparams == 0 || m->params[0][0] == '\0'
                     ? list_matching(srv, c, NULL, 0)
                     : list_items(srv, c, m->params[0]);
    reply(srv, c, RPL_LISTEND);
    flood_charge(srv, c, (int)(n / LIST_A_TOKEN));
}

const struct command commands_query[] = {
    {"LIST", list_run, 0, WHEN_REGISTERED, 2, PRIV_NONE, 0, "[<#channel | mask>[,…]]",
     "channels, with users and topic"},
    {"MOTD", motd_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, 0, "",
     "the message of the day"},
    {"LUSERS", lusers_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, 0, "", "how many are on"},
    {"VERSION", version_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, 0, "",
     "what this server is and does"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
