/* LIST with the searches of ELIST=CMNTU (RFC 2812 3.2.6; Modern IRC "LIST message").
 *
 * Channels that are named are looked up. Masks and conditions are compared with each
 * channel in one walk of all channels. The walk is a cursor, so a list of 20,000
 * channels neither stops the server nor fills the queue of the client. */
#include "base/str.h"
#include "cmd/command.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/casemap.h"
#include "proto/mask.h"
#include "proto/name.h"
#include "state/channel.h"
#include "state/cursor.h"

#include <limits.h>

#define LIST_A_TOKEN 20 /* channels listed for one token */
#define MASKS_MAX 4     /* masks of one LIST, of each kind */
#define MINUTE (60 * MSEC_SECOND)
#define MINUTES_MAX 100000000 /* in a condition */

/* The property of a channel that a condition limits. */
enum list_subject { BY_CREATION, BY_TOPIC, BY_USERS, SUBJECTS };

/* The limits of one subject. */
struct bounds {
    bool set;
    long long above, below; /* both exclusive; milliseconds or users */
};

struct masks {
    unsigned n;
    const char *glob[MASKS_MAX];
};

/* The state of a LIST. */
struct channel_listing {
    struct cursor cursor;     /* first */
    char items[MESSAGE_LINE]; /* the parameter of LIST, taken apart in place */
    char names[MESSAGE_LINE]; /* the channels named, commas between */
    char *next;               /* in names: the first one not looked up yet */
    struct masks wanted, unwanted;
    struct bounds bounds[SUBJECTS];
    unsigned rows; /* channels listed so far */
};

/* The number that the conditions on a subject limit: milliseconds or users. */
static long long
measure_subject(const struct server *srv, const struct channel *chan,
                enum list_subject subject)
{
    if (subject == BY_USERS)
        return chan->nmembers;
    msec since = subject == BY_CREATION ? chan->created : chan->topic_at;
    return srv->wall - since;
}

static bool
is_within_bounds(const struct server *srv, const struct channel_listing *l,
                 const struct channel *chan)
{
    for (int i = 0; i < SUBJECTS; i++) {
        const struct bounds *b = &l->bounds[i];
        if (!b->set)
            continue;
        if (i == BY_TOPIC && chan->topic == NULL)
            return false;
        long long value = measure_subject(srv, chan, (enum list_subject)i);
        if (value <= b->above || value >= b->below)
            return false;
    }
    return true;
}

static bool
matches_any_mask(struct server *srv, const struct masks *masks, const char *name)
{
    for (unsigned i = 0; i < masks->n; i++)
        if (mask_glob_work(masks->glob[i], name, &srv->work))
            return true;
    return false;
}

static void
show_listed_channel(struct server *srv, struct channel_listing *l,
                    const struct channel *chan)
{
    struct client *c = l->cursor.owner;
    if (!access_sees_channel(chan, c) || !is_within_bounds(srv, l, chan) ||
        matches_any_mask(srv, &l->unwanted, chan->name))
        return;
    out_numeric(srv, c, RPL_LIST, chan->name, chan->nmembers,
                chan->topic ? chan->topic : "");
    l->rows++;
}

/* Lists the channels that are named. False: the piece is full, and more come. */
static bool
show_named_channels(struct server *srv, struct channel_listing *l)
{
    const char *name;
    for (;;) {
        if (cursor_yields(&l->cursor))
            return false;
        if ((name = command_next_item(&l->next)) == NULL)
            return true;
        const struct channel *chan = channel_find(srv, name);
        if (chan && !matches_any_mask(srv, &l->wanted, chan->name))
            show_listed_channel(srv, l, chan);
    }
}

static bool
step_list(struct server *srv, struct cursor *cur)
{
    struct channel_listing *l = (struct channel_listing *)(void *)cur;
    if (!show_named_channels(srv, l))
        return false;
    while (cur->channel) {
        const struct channel *chan = cur->channel;
        if (cursor_yields(cur))
            return false;
        cur->channel = chan->hh.next;
        if (l->wanted.n == 0 || matches_any_mask(srv, &l->wanted, chan->name))
            show_listed_channel(srv, l, chan);
    }
    reply(&cur->request, RPL_LISTEND);
    flood_charge(srv, cur->owner, (int)(l->rows / LIST_A_TOKEN) + cursor_tokens(cur));
    return true;
}

/* Reads the subject of "C>10", "T<5" or ">3". Returns its sign, or NULL if the item is
 * not a condition. */
static const char *
parse_condition(const char *item, enum list_subject *subject)
{
    const char *sign = item;
    *subject = BY_USERS;
    if (*item == 'C' || *item == 'c')
        *subject = BY_CREATION;
    if (*item == 'T' || *item == 't')
        *subject = BY_TOPIC;
    if (*subject != BY_USERS)
        sign++;
    return *sign == '<' || *sign == '>' ? sign : NULL;
}

static bool
add_condition(struct channel_listing *l, enum list_subject subject, const char *sign)
{
    uint64_t n;
    struct bounds *b = &l->bounds[subject];
    if (!str_to_uint(sign + 1, 0, MINUTES_MAX, &n))
        return false;
    long long value = (long long)n * (subject == BY_USERS ? 1 : MINUTE);
    if (!b->set)
        *b = (struct bounds){.set = true, .above = LLONG_MIN, .below = LLONG_MAX};
    if (*sign == '>' && value > b->above)
        b->above = value;
    if (*sign == '<' && value < b->below)
        b->below = value;
    return true;
}

static bool
add_mask(struct masks *masks, const char *glob)
{
    if (masks->n == MASKS_MAX)
        return false;
    masks->glob[masks->n++] = glob;
    return true;
}

/* Adds one item of the parameter. Returns its fault, or NULL. */
static const char *
read_list_item(struct channel_listing *l, struct str *names, const char *item)
{
    enum list_subject subject;
    const char *sign = parse_condition(item, &subject);
    bool ok = true;
    if (sign)
        return add_condition(l, subject, sign) ? NULL
                                               : "expected a number after < or >";
    if (*item == '!')
        ok = add_mask(&l->unwanted, item + 1);
    else if (strpbrk(item, "*?"))
        ok = add_mask(&l->wanted, item);
    else
        str_addf(names, "%s%s", names->len ? "," : "", item);
    return ok ? NULL : "too many masks (at most 4)";
}

static bool
has_condition(const struct channel_listing *l)
{
    bool any = l->unwanted.n > 0;
    for (int i = 0; i < SUBJECTS; i++)
        any |= l->bounds[i].set;
    return any;
}

/* Reads all items of the parameter. False: one is wrong, and the client is told. */
static bool
read_list_items(struct server *srv, struct channel_listing *l)
{
    char *items = l->items;
    const char *item, *why = NULL;
    struct str names;
    bool all = *items == '\0';
    str_init(&names, l->names, sizeof l->names);
    while (why == NULL && (item = command_next_item(&items)) != NULL)
        if (!command_is_repeat(l->items, item))
            why = read_list_item(l, &names, item);
    if (why) {
        reply_notice(&l->cursor.request, "LIST %s: %s", item, why);
        return false;
    }
    l->next = l->names;
    if (all || l->wanted.n > 0 || (names.len == 0 && has_condition(l)))
        l->cursor.channel = srv->channels;
    return true;
}

static void
list_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    static char nothing[1];
    struct channel_listing *l = cursor_new(srv, c, sizeof *l, step_list);
    reply(req, RPL_LISTSTART);
    str_format(l->items, sizeof l->items, "%s", m->nparams ? m->params[0] : "");
    if (!read_list_items(srv, l))
        l->next = nothing;
    cursor_start(srv, &l->cursor);
}

const struct command commands_list[] = {
    {
        .name = "LIST",
        .run = list_run,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .group = GROUP_LOOK,
        .syntax = "[<#channel | mask | !mask | >users | <users | C>minutes | C<minutes "
                  "| T>minutes | T<minutes>[,…]]",
        .help =
            "list channels with their users and topic; !mask leaves channels out; > "
            "and < select by the number of users, with C by the minutes since the "
            "channel was created, with T since its topic was set",
        .example = "LIST >5,*tea*",
    },
    {.name = NULL},
};
