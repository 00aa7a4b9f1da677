/* NAMES, and the list of members that every JOIN brings (RFC 2812 3.2.5).
 *
 * A list of channels is a cursor: the next one waits until the reader has taken the
 * last. */
#include "names.h"

#include "base/str.h"
#include "command.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/mask.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "state/cursor.h"

#define NAMES_A_TOKEN 100 /* members for one token */

struct names {
    struct cursor cursor; /* first */
    char list[MESSAGE_LINE];
    char *next;       /* in list: channels still to come */
    int shown;        /* channels so far */
    unsigned members; /* of these */
};

/* The invisible are shown to those inside, and to operators who may see them. */
static bool
is_shown(const struct client *c, const struct client *member, bool inside)
{
    return inside || !(member->modes & USER_INVISIBLE) ||
           access_has(c, PRIV_see_address);
}

void
names_send(struct server *srv, struct client *c, const struct channel *chan)
{
    char line[MESSAGE_LINE], prefix[8], name[MASK_TEXT];
    struct str s;
    bool inside = channel_member(chan, c) != NULL;
    size_t room = MESSAGE_LINE - 2 - strlen(srv->config->server.name) - c->nick_len -
                  strlen(chan->name) - sizeof ":  353  =  :";
    str_init(&s, line, sizeof line);
    char symbol = chan->modes & CHAN_SECRET    ? '@'
                  : chan->modes & CHAN_PRIVATE ? '*'
                                               : '=';
    for (uint32_t i = 0; access_sees_channel(chan, c) && i < chan->nmembers; i++) {
        const struct member *m = &chan->members[i];
        if (!is_shown(c, m->client, inside))
            continue;
        channel_prefix(m, c->caps & CAP_MULTI_PREFIX, prefix);
        if (c->caps & CAP_USERHOST_IN_NAMES)
            client_source(m->client, name, sizeof name);
        else
            str_format(name, sizeof name, "%s", m->client->nick);
        if (s.len + strlen(prefix) + strlen(name) + 1 > room) {
            reply(srv, c, RPL_NAMREPLY, symbol, chan->name, line);
            str_init(&s, line, sizeof line);
        }
        str_addf(&s, "%s%s%s", s.len ? " " : "", prefix, name);
    }
    if (s.len)
        reply(srv, c, RPL_NAMREPLY, symbol, chan->name, line);
    reply(srv, c, RPL_ENDOFNAMES, chan->name);
}

static void
show(struct server *srv, struct names *n, const char *name)
{
    struct client *c = n->cursor.owner;
    const struct channel *chan = channel_find(srv, name);
    if (chan == NULL) {
        reply(srv, c, RPL_ENDOFNAMES, command_echo(name));
        return;
    }
    names_send(srv, c, chan);
    n->members += chan->nmembers;
}

static bool
step(struct server *srv, struct cursor *cur)
{
    struct names *n = (struct names *)(void *)cur;
    int max = srv->config->limits.targets;
    for (;;) {
        if (cursor_yields(cur))
            return false;
        const char *name = command_next_item(&n->next);
        if (name == NULL)
            break;
        if (command_is_repeat(n->list, name))
            continue;
        if (n->shown++ == max) {
            reply(srv, cur->owner, ERR_TOOMANYTARGETS, command_echo(name), max);
            break;
        }
        show(srv, n, name);
    }
    flood_charge(srv, cur->owner, (int)(n->members / NAMES_A_TOKEN));
    return true;
}

static void
names_run(struct server *srv, struct client *c, struct message *m)
{
    const char *list = m->nparams ? m->params[0] : "";
    /* All channels and all who are on none: a list of nobody, as everywhere today. */
    if (list[strspn(list, ",")] == '\0') {
        reply(srv, c, RPL_ENDOFNAMES, "*");
        return;
    }
    struct names *n = cursor_new(c, sizeof *n, step);
    str_format(n->list, sizeof n->list, "%s", list);
    n->next = n->list;
    cursor_start(srv, &n->cursor);
}

const struct command commands_names[] = {
    {"NAMES", names_run, 0, WHEN_REGISTERED, 1, PRIV_NONE, COMMAND_TARGETS,
     "<#channel>[,<#channel>…]", "who is on a channel"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
