/* WHO and WHOX (RFC 2812 3.6.1; https://ircv3.net/specs/extensions/whox) of channels, a
 * nick, or a mask.
 *
 * The answer is a cursor that can rest between two members (state/member_walk.h) or two
 * clients. Its rows are charged at the end, except the rows that the client's JOIN of
 * that channel has paid for. */
#include "base/str.h"
#include "cmd/command.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/casemap.h"
#include "proto/mask.h"
#include "proto/name.h"
#include "state/channel.h"
#include "state/cursor.h"
#include "state/member_walk.h"

#define WHO_A_TOKEN 20 /* rows for one token */
#define FREE_ROWS 1000 /* that a JOIN pays for: irssi sends no WHO to larger channels */
#define TOKEN_MAX 3    /* digits of a WHOX token */

/* The state of a WHO. */
struct who {
    struct cursor cursor; /* first */
    bool paid;            /* the client's JOIN has paid for the first channel */
    struct server *srv;
    struct client *c;
    char asked[MESSAGE_LINE]; /* the parameter, for 315 */
    char list[MESSAGE_LINE];  /* the channels, or the mask */
    char *next;               /* in `list`: the first channel not looked up yet */
    const char *mask;         /* NULL: all clients */
    bool is_prefix;           /* the mask is an address or a CIDR: `prefix` */
    struct prefix prefix;
    struct member_walk walk; /* of the channel at work */
    unsigned free_rows; /* of this channel that a JOIN has paid for, still unused */
    bool opers_only;    /* flag "o" */
    uint32_t match;     /* bits of matchers[]; 0: all of them */
    uint32_t fields;    /* bits of fields[] (WHOX); 0: plain WHO */
    char token[TOKEN_MAX + 1]; /* of WHOX */
    unsigned rows;             /* to be charged */
    size_t work;               /* of these rows, to be charged; unit of srv->work */
};

/* One line of the answer. */
struct row {
    const struct client *other;
    const char *channel;
    char flags[16];
};

static void
write_whox_token(const struct who *w, const struct row *r, struct str *s)
{
    (void)r;
    str_add(s, w->token[0] ? w->token : "0");
}

static void
write_channel(const struct who *w, const struct row *r, struct str *s)
{
    (void)w;
    str_add(s, r->channel);
}

static void
write_user(const struct who *w, const struct row *r, struct str *s)
{
    (void)w;
    str_add(s, r->other->user.username);
}

static void
write_address(const struct who *w, const struct row *r, struct str *s)
{
    char room[CLIENT_HOST_TEXT];
    str_add(s, access_shown_address(w->c, r->other, room));
}

static void
write_host(const struct who *w, const struct row *r, struct str *s)
{
    (void)w;
    str_add(s, r->other->user.host);
}

static void
write_server(const struct who *w, const struct row *r, struct str *s)
{
    (void)r;
    str_add(s, w->srv->me.name);
}

static void
write_nick(const struct who *w, const struct row *r, struct str *s)
{
    (void)w;
    str_add(s, r->other->user.nick);
}

static void
write_flags(const struct who *w, const struct row *r, struct str *s)
{
    (void)w;
    str_add(s, r->flags);
}

/* The hops are 0. The account is "0" («not logged in»): no client has an account. */
static void
write_zero(const struct who *w, const struct row *r, struct str *s)
{
    (void)w, (void)r;
    str_addc(s, '0');
}

/* The idle time of another client is 0: only WHOIS tells it, one client at a time. */
static void
write_idle(const struct who *w, const struct row *r, struct str *s)
{
    msec idle = r->other == w->c ? w->srv->now - r->other->user.talked : 0;
    str_addf(s, "%lld", (long long)(idle / MSEC_SECOND));
}

static void
write_oplevel(const struct who *w, const struct row *r, struct str *s)
{
    (void)w, (void)r;
    str_add(s, "n/a");
}

static void
write_realname(const struct who *w, const struct row *r, struct str *s)
{
    (void)w;
    str_addf(s, ":%s", r->other->user.realname);
}

/* In the order of the fields of 354, which does not depend on the order of the letters
 * in the query. */
static const struct {
    char letter;
    void (*write)(const struct who *, const struct row *, struct str *);
} fields[] = {
    {'t', write_whox_token}, {'c', write_channel}, {'u', write_user},
    {'i', write_address},    {'h', write_host},    {'s', write_server},
    {'n', write_nick},       {'f', write_flags},   {'d', write_zero},
    {'l', write_idle},       {'a', write_zero},    {'o', write_oplevel},
    {'r', write_realname},
};

static void
send_row(struct who *w, const struct row *r)
{
    char line[MESSAGE_LINE];
    struct str s;
    if (w->fields == 0) {
        out_numeric(w->srv, w->c, RPL_WHOREPLY, r->channel, r->other->user.username,
                    r->other->user.host, w->srv->me.name, r->other->user.nick, r->flags,
                    r->other->user.realname);
        return;
    }
    str_init(&s, line, sizeof line);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!(w->fields & 1u << i))
            continue;
        if (s.len)
            str_addc(&s, ' ');
        fields[i].write(w, r, &s);
    }
    out_numeric(w->srv, w->c, RPL_WHOSPCRPL, line);
}

static void
show_row(struct who *w, const struct client *other, const struct channel *chan,
         const struct member *m)
{
    char prefix[8] = "";
    struct row r = {.other = other, .channel = chan ? chan->name : "*"};
    if (w->opers_only && other->user.oper == NULL)
        return;
    if (m)
        channel_prefix(m, w->c->out.caps & CAP_MULTI_PREFIX, prefix);
    str_format(r.flags, sizeof r.flags, "%c%s%s%s%s", other->user.away ? 'G' : 'H',
               other->user.oper ? "*" : "", prefix,
               other->user.modes & USER_BOT ? "B" : "",
               other->user.modes & USER_SECURE ? "s" : "");
    send_row(w, &r);
    if (w->free_rows > 0)
        w->free_rows--;
    else
        w->rows++;
}

static bool
finish_who(struct who *w)
{
    out_numeric(w->srv, w->c, RPL_ENDOFWHO, w->asked);
    flood_charge(w->srv, w->c, (int)(w->rows / WHO_A_TOKEN + w->work / WORK_A_TOKEN));
    return true;
}

/* Whether the client's JOIN has paid for the WHO of chan. A JOIN pays for one WHO of
 * its channel. The credit of the first channel was taken when the line was priced. */
static bool
take_credit(struct who *w, const struct channel *chan)
{
    struct joined *j = channel_joined(chan, w->c);
    bool paid = w->paid;
    w->paid = false;
    if (paid)
        return true;
    if (j == NULL || !(j->credit & JOIN_CREDIT_WHO))
        return false;
    j->credit &= (uint8_t)~JOIN_CREDIT_WHO;
    return true;
}

/* Begins the next channel of the list that the client may see. False: there is none. */
static bool
begin_next_channel(struct who *w)
{
    const char *item;
    while ((item = command_next_item(&w->next)) != NULL) {
        struct channel *chan = channel_find(w->srv, item);
        if (chan == NULL || !access_sees_channel(chan, w->c) ||
            command_is_repeat(w->list, item))
            continue;
        member_walk_begin(&w->walk, chan);
        w->free_rows = take_credit(w, chan) ? FREE_ROWS : 0;
        return true;
    }
    return false;
}

/* Counts the work of comparing the channels of both clients. */
static void
count_channels(const struct who *w, const struct client *other)
{
    w->srv->work += (size_t)w->c->user.njoined * other->user.njoined;
}

static bool
sees_client(const struct who *w, const struct client *other)
{
    if (other->user.modes & USER_INVISIBLE)
        count_channels(w, other);
    return access_sees_client(w->c, other);
}

/* Shows the members of the channel at work. False: the piece is full, and more come. */
static bool
show_members(struct who *w)
{
    const struct channel *chan = w->walk.chan;
    const struct member *m;
    bool inside = chan && channel_member(chan, w->c) != NULL;
    while (chan && access_sees_channel(chan, w->c)) {
        size_t before = w->srv->work;
        bool is_free = w->free_rows > 0;
        if (cursor_yields(&w->cursor))
            return false;
        if ((m = member_walk_next(&w->walk)) == NULL)
            break;
        if (inside || sees_client(w, m->client))
            show_row(w, m->client, chan, m);
        w->work += is_free ? 0 : w->srv->work - before;
    }
    member_walk_end(&w->walk);
    return true;
}

static void
end_channels(struct cursor *cur)
{
    member_walk_end(&((struct who *)(void *)cur)->walk);
}

static bool
step_channels(struct server *srv, struct cursor *cur)
{
    struct who *w = (struct who *)(void *)cur;
    (void)srv;
    do {
        if (!show_members(w))
            return false;
    } while (begin_next_channel(w));
    return finish_who(w);
}

/* The first channel that both are on: the row of `other` shows it. NULL: none. */
static const struct joined *
find_common_channel(const struct client *c, const struct client *other)
{
    for (uint32_t i = 0; i < other->user.njoined; i++)
        if (channel_member(other->user.joined[i].chan, c))
            return &other->user.joined[i];
    return NULL;
}

static void
show_matching_client(struct who *w, const struct client *other)
{
    const struct joined *j = find_common_channel(w->c, other);
    count_channels(w, other);
    show_row(w, other, j ? j->chan : NULL, j ? &j->chan->members[j->slot] : NULL);
}

static bool
compare_mask(const struct who *w, const char *text)
{
    return mask_glob_work(w->mask, text, &w->srv->work);
}

static bool
match_nick(const struct who *w, const struct client *other)
{
    return compare_mask(w, other->user.nick);
}

static bool
match_user(const struct who *w, const struct client *other)
{
    return compare_mask(w, other->user.username);
}

static bool
match_host(const struct who *w, const struct client *other)
{
    return compare_mask(w, other->user.host);
}

/* An address that stands as the shown host of its client may be matched by all. */
static bool
match_address(const struct who *w, const struct client *other)
{
    char room[CLIENT_HOST_TEXT];
    const char *address = client_real_host(other, room);
    if (!access_sees_address(w->c, other) && strcmp(other->user.host, address) != 0)
        return false;
    return compare_mask(w, address) ||
           (w->is_prefix && other->session &&
            prefix_match(&w->prefix, &other->session->addr));
}

/* No client has an account. */
static bool
match_account(const struct who *w, const struct client *other)
{
    (void)w, (void)other;
    return false;
}

static bool
match_server(const struct who *w, const struct client *other)
{
    (void)other;
    return compare_mask(w, w->srv->me.name);
}

static bool
match_realname(const struct who *w, const struct client *other)
{
    return compare_mask(w, other->user.realname);
}

/* The texts of a client that a mask is compared with. A letter is the flag that selects
 * its row. */
static const struct {
    char letter;
    bool (*match)(const struct who *, const struct client *);
} matchers[] = {
    {'n', match_nick},    {'u', match_user},   {'h', match_host},
    {'i', match_address}, {'s', match_server}, {'r', match_realname},
    {'a', match_account},
};
#define MATCH_NICK 1u /* the first row */

/* With flag "n", a mask that is a whole nick shows its client even if it is invisible,
 * as WHOIS does. */
static bool
names_client(const struct who *w, const struct client *other)
{
    return w->match & MATCH_NICK && w->mask && name_equal(w->mask, other->user.nick);
}

/* A mask of the form "nick!user@host" or "user@host" is compared with the same parts of
 * the client's source. */
static bool
matches_source(const struct who *w, const struct client *other)
{
    char source[MASK_TEXT];
    client_source(other, source, sizeof source);
    const char *user = strchr(source, '!') + 1;
    return compare_mask(w, strchr(w->mask, '!') ? source : user);
}

static bool
matches_client(const struct who *w, const struct client *other)
{
    if (w->mask == NULL)
        return true;
    if (w->match == 0 && strpbrk(w->mask, "!@") && matches_source(w, other))
        return true;
    for (size_t i = 0; i < sizeof matchers / sizeof *matchers; i++)
        if ((w->match == 0 || w->match & 1u << i) && matchers[i].match(w, other))
            return true;
    return false;
}

static bool
step_clients(struct server *srv, struct cursor *cur)
{
    struct who *w = (struct who *)(void *)cur;
    while (cur->client) {
        const struct client *other = cur->client;
        size_t before = srv->work;
        if (cursor_yields(cur))
            return false;
        cur->client = other->user.hh.next;
        if (client_is_registered(other) && matches_client(w, other) &&
            (sees_client(w, other) || names_client(w, other)))
            show_matching_client(w, other);
        w->work += srv->work - before;
    }
    return finish_who(w);
}

/* Reads "[flags][%fields[,token]]". Unknown letters are ignored. */
static void
read_options(struct who *w, const char *text)
{
    for (; *text && *text != '%'; text++) {
        w->opers_only |= *text == 'o';
        for (size_t i = 0; i < sizeof matchers / sizeof *matchers; i++)
            if (matchers[i].letter == *text)
                w->match |= 1u << i;
    }
    if (*text == '\0')
        return;
    for (; *text && *text != ','; text++)
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            if (fields[i].letter == *text)
                w->fields |= 1u << i;
    size_t n = *text ? strlen(text + 1) : 0;
    if (n >= 1 && n <= TOKEN_MAX && strspn(text + 1, "0123456789") == n)
        str_format(w->token, sizeof w->token, "%s", text + 1);
}

static void
who_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char ignored[1];
    const char *mask = m->nparams && m->params[0][0] ? m->params[0] : "*";
    struct who *w = cursor_new(srv, c, sizeof *w, step_clients);
    w->srv = srv;
    w->c = c;
    w->paid = req->paid;
    str_format(w->asked, sizeof w->asked, "%s", command_echo(mask));
    str_format(w->list, sizeof w->list, "%s", mask);
    w->next = w->list;
    if (strcmp(mask, "0") != 0 && strcmp(mask, "*") != 0)
        w->mask = w->list;
    if (m->nparams > 1)
        read_options(w, m->params[1]);
    bool by_nick = w->match == 0 || w->match == MATCH_NICK;
    const struct client *exact = by_nick ? client_find_registered(srv, mask) : NULL;
    w->is_prefix = prefix_parse(mask, &w->prefix, ignored, sizeof ignored);
    w->cursor.end = end_channels;
    if (name_has_channel_prefix(mask))
        w->cursor.step = step_channels;
    else if (exact) /* also if it is invisible: see names_client */
        show_matching_client(w, exact);
    else
        w->cursor.client = srv->nicks;
    cursor_start(srv, &w->cursor);
}

const struct command commands_who[] = {
    {
        .name = "WHO",
        .run = who_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_TARGETS,
        .credit = CREDIT_WHO,
        .group = GROUP_LOOK,
        .syntax =
            "<#channel>[,<#channel>…] | <nick> | <mask> [<flags>][%<fields>[,<token>]]",
        .help = "list members of a channel, or users that match; flags: o lists only "
                "operators; n nick, u user, h host, i address or CIDR, s server, r "
                "real name, a account: only these are compared",
        .example = "WHO #tea o",
    },
    {.name = NULL},
};
