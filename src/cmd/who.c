/* WHO (RFC 2812 3.6.1): a channel, a nick, or a mask; with "o" operators only.
 *
 * What it returned is charged afterwards; queries that an own JOIN has paid for are
 * not. */
#include "base/str.h"
#include "command.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/casemap.h"
#include "proto/mask.h"
#include "proto/name.h"
#include "state/channel.h"

#define WHO_A_TOKEN 20   /* rows for one token */
#define LOOK_A_TOKEN 500 /* clients compared with a mask for one token */

struct who {
    struct server *srv;
    struct client *c;
    const char *mask; /* NULL: everybody */
    bool opers_only;
    unsigned rows, looked;
};

static void
row(struct who *w, const struct client *other, const struct channel *chan)
{
    char flags[16], prefix[8] = "";
    struct str s;
    if (w->opers_only && other->oper == NULL)
        return;
    const struct member *m = chan ? channel_member(chan, other) : NULL;
    if (m)
        channel_prefix(m, w->c->caps & CAP_MULTI_PREFIX, prefix);
    str_init(&s, flags, sizeof flags);
    str_addf(&s, "%c%s%s", other->away ? 'G' : 'H', other->oper ? "*" : "", prefix);
    reply(w->srv, w->c, RPL_WHOREPLY, chan ? chan->name : "*", other->user,
          other->hostname, w->srv->config->server.name, other->nick, flags,
          other->realname);
    w->rows++;
}

/* True, and the asker told once, when its queue takes no more rows; room is left for
 * its talk. */
static bool
is_cut(struct who *w)
{
    if (w->c->sendq.bytes <= w->c->sendq_max / 2)
        return false;
    out_notice(w->srv, w->c, "WHO cut: too much for your connection; name a mask");
    return true;
}

static void
who_channel(struct who *w, const struct channel *chan)
{
    bool inside = channel_member(chan, w->c) != NULL;
    if (!access_sees_channel(chan, w->c))
        return;
    for (uint32_t i = 0; i < chan->nmembers; i++) {
        const struct client *other = chan->members[i].client;
        if (is_cut(w))
            return;
        if (inside || access_sees_client(w->c, other))
            row(w, other, chan);
    }
}

/* The first channel of both that may be shown beside the name. */
static const struct channel *
common_channel(const struct client *c, const struct client *other)
{
    for (uint32_t i = 0; i < other->njoined; i++)
        if (channel_member(other->joined[i].chan, c))
            return other->joined[i].chan;
    return NULL;
}

static bool
matches(const struct who *w, const struct client *other)
{
    return w->mask == NULL || mask_glob(w->mask, other->nick) ||
           mask_glob(w->mask, other->user) || mask_glob(w->mask, other->hostname) ||
           mask_glob(w->mask, other->realname) ||
           mask_glob(w->mask, w->srv->config->server.name);
}

static bool
who_each(struct server *srv, struct client *other, void *ctx)
{
    struct who *w = ctx;
    (void)srv;
    w->looked++;
    if (!matches(w, other) || !access_sees_client(w->c, other))
        return true;
    if (is_cut(w))
        return false;
    row(w, other, common_channel(w->c, other));
    return true;
}

static void
who_run(struct server *srv, struct client *c, struct message *m)
{
    const char *mask = m->nparams ? m->params[0] : "*";
    struct who w = {.srv = srv, .c = c, .mask = mask};
    w.opers_only = m->nparams > 1 && strchr(m->params[1], 'o');
    if (strcmp(mask, "0") == 0 || strcmp(mask, "*") == 0 || *mask == '\0')
        w.mask = NULL;
    const struct client *exact = client_find_registered(srv, mask);
    if (name_has_channel_prefix(mask)) {
        const struct channel *chan = channel_find(srv, mask);
        if (chan)
            who_channel(&w, chan);
    } else if (exact) {
        /* Whoever names somebody sees them, +i or not: they could ask WHOIS as well. */
        row(&w, exact, common_channel(c, exact));
    } else {
        client_each(srv, who_each, &w);
    }
    reply(srv, c, RPL_ENDOFWHO, *mask ? mask : "*");
    flood_charge(srv, c, (int)(w.rows / WHO_A_TOKEN + w.looked / LOOK_A_TOKEN));
}

const struct command commands_who[] = {
    {"WHO", who_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, COMMAND_CREDIT,
     "<#channel | nick | mask> [o]", "who is on a channel or matches"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
