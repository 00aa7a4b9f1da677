/* NAMES, and the list of members that follows every JOIN (RFC 2812 3.2.5).
 *
 * A list is a cursor that can rest between two members (state/member_walk.h), so a
 * channel of 20,000 members neither stops the server nor fills a queue. One cursor
 * holds the lists of all channels that a client has joined, so that its later lines
 * wait for all of them. */
#include "cmd/names.h"

#include "base/mem.h"
#include "base/str.h"
#include "cmd/command.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/mask.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "state/cursor.h"
#include "state/member_walk.h"

#define NAMES_A_TOKEN 100 /* members for one token */

/* One channel to be listed. */
struct listed {
    struct list link; /* names.channels */
    struct member_walk walk;
    bool joined;                     /* for a JOIN: its list ends if the client parts */
    char name[NAME_CHANNEL_MAX + 1]; /* at the time of the command */
};

struct names {
    struct cursor cursor; /* first */
    bool paid;            /* the client's JOIN has paid for this NAMES */
    struct server *srv;
    struct list channels; /* struct listed.link: channels at work */
    char *next;           /* in `list`: the first channel not looked up yet */
    int shown;            /* channels taken from `list` */
    unsigned members;     /* of all channels so far, to be charged */
    char list[];          /* the parameter of NAMES; "" for a JOIN */
};

/* An invisible member is shown to other members, and to operators with see_address. */
static bool
is_member_shown(const struct client *c, const struct client *member, bool inside)
{
    return inside || !(member->user.modes & USER_INVISIBLE) ||
           access_has(c, PRIV_see_address);
}

/* The 353 line that is being filled. */
struct page {
    struct server *srv;
    struct client *c;
    const struct channel *chan;
    const char *name; /* of chan, as c knows it */
    struct str line;
    size_t room; /* bytes of names that fit in a line */
    char text[MESSAGE_LINE];
};

static void
begin_names_page(struct page *p, struct names *n, const struct listed *l, bool inside)
{
    p->srv = n->srv;
    p->c = n->cursor.owner;
    p->chan = l->walk.chan;
    /* A member has been told if the channel has a new name. */
    p->name = inside ? p->chan->name : l->name;
    p->room = MESSAGE_LINE - 2 - p->srv->me.name_len - p->c->user.nick_len -
              strlen(p->name) - sizeof ":  353  =  :";
    str_init(&p->line, p->text, sizeof p->text);
}

static void
send_names_page(struct page *p)
{
    char symbol = p->chan->modes & CHAN_SECRET    ? '@'
                  : p->chan->modes & CHAN_PRIVATE ? '*'
                                                  : '=';
    if (p->line.len > 0)
        out_numeric(p->srv, p->c, RPL_NAMREPLY, symbol, p->name, p->text);
    str_init(&p->line, p->text, sizeof p->text);
}

static void
add_names_item(struct page *p, const struct member *m)
{
    char item[8 + MASK_TEXT];
    channel_prefix(m, p->c->out.caps & CAP_MULTI_PREFIX, item);
    size_t n = strlen(item);
    if (p->c->out.caps & CAP_USERHOST_IN_NAMES) {
        n += client_source(m->client, item + n, sizeof item - n);
    } else {
        memcpy(item + n, m->client->user.nick, m->client->user.nick_len);
        n += m->client->user.nick_len;
    }
    if (p->line.len + n + 1 > p->room)
        send_names_page(p);
    if (p->line.len)
        str_addc(&p->line, ' ');
    str_addn(&p->line, item, n);
}

static void
drop_listed(struct names *n, struct listed *l)
{
    list_remove(&l->link);
    member_walk_end(&l->walk);
    n->cursor.memory -= mem_block(sizeof *l);
    free(l);
}

/* Sends the 353 lines of one channel. False: the piece is full, and more come. */
static bool
send_members(struct names *n, struct listed *l, bool inside)
{
    const struct member *m;
    struct page p;
    begin_names_page(&p, n, l, inside);
    for (;;) {
        bool full = cursor_yields(&n->cursor);
        if (full || (m = member_walk_next(&l->walk)) == NULL) {
            send_names_page(&p);
            return !full;
        }
        if (is_member_shown(p.c, m->client, inside))
            add_names_item(&p, m);
    }
}

/* The same, with 366 at the end. The channel is then dropped from n. */
static bool
send_names_channel(struct names *n, struct listed *l)
{
    struct client *c = n->cursor.owner;
    const struct channel *chan = l->walk.chan;
    bool inside = chan && channel_member(chan, c) != NULL;
    bool wanted = chan && (inside || !l->joined) && access_sees_channel(chan, c);
    if (wanted && !send_members(n, l, inside))
        return false;
    reply(&n->cursor.request, RPL_ENDOFNAMES, inside ? chan->name : l->name);
    drop_listed(n, l);
    return true;
}

static void
names_add_channel(struct names *n, struct channel *chan, bool joined)
{
    struct listed *l = xcalloc(1, sizeof *l);
    str_format(l->name, sizeof l->name, "%s", chan->name);
    l->joined = joined;
    member_walk_begin(&l->walk, chan);
    list_append(&n->channels, &l->link);
    n->cursor.memory += mem_block(sizeof *l);
}

/* Begins the next channel of the parameter. False: there are no more. */
static bool
begin_next_named(struct server *srv, struct names *n)
{
    int max = srv->config->limits.targets;
    const char *name;
    do {
        if ((name = command_next_item(&n->next)) == NULL)
            return false;
    } while (command_is_repeat(n->list, name));
    if (n->shown++ == max) {
        reply(&n->cursor.request, ERR_TOOMANYTARGETS, command_echo(name), max);
        return false;
    }
    struct channel *chan = channel_find(srv, name);
    if (chan == NULL) {
        reply(&n->cursor.request, RPL_ENDOFNAMES, command_echo(name));
        return true;
    }
    names_add_channel(n, chan, false);
    n->members += n->paid ? 0 : chan->nmembers;
    return true;
}

static bool
step_names(struct server *srv, struct cursor *cur)
{
    struct names *n = (struct names *)(void *)cur;
    for (;;) {
        if (cursor_yields(cur))
            return false;
        if (!list_empty(&n->channels)) {
            if (!send_names_channel(n,
                                    LIST_ENTRY(n->channels.next, struct listed, link)))
                return false;
        } else if (!begin_next_named(srv, n))
            break;
    }
    flood_charge(srv, cur->owner, (int)(n->members / NAMES_A_TOKEN));
    return true;
}

static void
end_names(struct cursor *cur)
{
    struct names *n = (struct names *)(void *)cur;
    LIST_EACH_SAFE(&n->channels, node, next)
        drop_listed(n, LIST_ENTRY(node, struct listed, link));
}

static struct names *
names_new(struct server *srv, struct client *c, const char *list)
{
    size_t room = strlen(list) + 1;
    struct names *n = cursor_new(srv, c, sizeof *n + room, step_names);
    n->srv = srv;
    n->cursor.end = end_names;
    list_init(&n->channels);
    str_format(n->list, room, "%s", list);
    n->next = n->list;
    return n;
}

/* The cursor that lists the channels c has joined. NULL: nothing is left to list. */
static struct names *
find_join_names(const struct client *c)
{
    for (struct cursor *cur = c->session->cursors; cur; cur = cur->next_own) {
        struct names *n = (struct names *)(void *)cur;
        if (cur->step == step_names && *n->list == '\0')
            return n;
    }
    return NULL;
}

void
names_send(struct server *srv, struct client *c, struct channel *chan, bool paid)
{
    if (c->session == NULL)
        return;
    struct names *n = find_join_names(c);
    bool is_new = n == NULL;
    if (is_new)
        n = names_new(srv, c, "");
    /* c has joined chan again before its list was complete: the list starts again. */
    LIST_EACH_SAFE(&n->channels, node, next) {
        struct listed *l = LIST_ENTRY(node, struct listed, link);
        if (l->walk.chan == chan)
            drop_listed(n, l);
    }
    names_add_channel(n, chan, true);
    n->members += paid ? chan->nmembers : 0;
    if (is_new)
        cursor_start(srv, &n->cursor);
}

static void
names_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    const char *list = m->nparams ? m->params[0] : "";
    /* Without a channel no client is listed, as on other servers of today. */
    if (list[strspn(list, ",")] == '\0') {
        reply(req, RPL_ENDOFNAMES, "*");
        return;
    }
    struct names *n = names_new(srv, c, list);
    n->paid = req->paid;
    cursor_start(srv, &n->cursor);
}

const struct command commands_names[] = {
    {
        .name = "NAMES",
        .run = names_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_TARGETS,
        .credit = CREDIT_NAMES,
        .group = GROUP_LOOK,
        .syntax = "<#channel>[,<#channel>…]",
        .help = "list the members of a channel",
        .example = "NAMES #tea",
    },
    {.name = NULL},
};
