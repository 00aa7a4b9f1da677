/* STRIKE gives strikes to a host, STRIKES lists hosts with strikes, PARDON clears them
 * (contrib/POLICY.md 4).
 *
 * The strike of an operator counts like any other (policy/strikes.c). A change is in
 * force when the handler returns. It is acknowledged when the store has saved it.
 * STRIKES goes through all hosts as a cursor, so 100,000 hosts do not stop the server.
 */
#include "enact/strike.h"
#include "base/str.h"
#include "cmd/ack.h"
#include "cmd/command.h"
#include "host_report.h"
#include "host_target.h"
#include "policy/access.h"
#include "policy/ban/ban.h"
#include "policy/ban/look.h"
#include "policy/class.h"
#include "policy/flood.h"
#include "policy/host.h"
#include "policy/oper_lockout.h"
#include "policy/strikes.h"
#include "state/cursor.h"
#include "state/tell.h"

#define LIST_A_TOKEN 20 /* hosts listed for one token */
#define BANS_NAMED 5    /* in one line of PARDON */

#define STRIKE_EXAMPLE "STRIKE bob 2 :advertising"

/* Acknowledges a change when it is saved; at once if there is nothing to save (ticket
 * 0). */
static void
acknowledge_change(struct request *req, store_ticket ticket, const char *text)
{
    if (ticket)
        ack_when_saved(req->srv, req->client, ticket, text);
    else
        reply_notice(req, "%s, nothing to save", text);
}

static void
describe_outcome(const struct server *srv, const struct host_target *t,
                 const struct strike_outcome *done, char *out, size_t size)
{
    char until[80], removed[40];
    const char *nick = host_target_nick(t);
    struct str s;
    str_init(&s, out, size);
    str_addf(&s, "STRIKE %s: %d of %d strikes", t->shown, done->strikes,
             srv->config->strikes.limit);
    if (!done->at_limit)
        return;
    str_format(removed, sizeof removed, "removed %u client%s", done->removed,
               done->removed == 1 ? "" : "s");
    if (done->ban) {
        ban_until(done->ban, srv->wall, until, sizeof until);
        str_addf(&s, ", %s %s: %s",
                 done->kept ? "a longer ban is there already," : "banned", until,
                 removed);
        return;
    }
    str_addf(&s, ", the address is not banned (%s)",
             class_only_disconnects(host_target_class(srv, t))
                 ? "strikes = \"disconnect\""
                 : "an operator is on from it");
    if (done->removed && nick)
        str_addf(&s, ": %s is disconnected", nick);
}

/* Whether the target can be given no strikes; `why` is the reason then. */
static bool
is_target_spared(const struct server *srv, const struct host_target *t, char *why,
                 size_t size)
{
    unsigned exempt = class_exempt(srv, &t->addr);
    const struct config_class *class = host_target_class(srv, t);
    if (exempt & EXEMPT_STRIKES) {
        str_format(why, size, "%s is exempt from strikes by the configuration",
                   t->shown);
        return true;
    }
    if (t->client == NULL && class_only_disconnects(class)) {
        str_format(why, size,
                   "%s has the class '%s', in which strikes disconnect single clients "
                   "(strikes = \"disconnect\"): name the nick of a client that is on",
                   t->shown, class->name);
        return true;
    }
    return false;
}

static bool
read_strike_order(struct request *req, struct message *m, struct host_target *t,
                  uint64_t *n)
{
    struct server *srv = req->srv;
    char why[320];
    bool is_mask;
    if (!host_target_find(srv, req->client, m->params[0], t, &is_mask, why,
                          sizeof why)) {
        command_refuse(req, "STRIKE", why, STRIKE_EXAMPLE);
        return false;
    }
    if (!str_to_uint(m->params[1], 1, STRIKE_ORDER_MAX, n)) {
        str_format(why, sizeof why,
                   "'%s' is not a number of strikes (expected 1 to %d)",
                   SHOWN(m->params[1]), STRIKE_ORDER_MAX);
        command_refuse(req, "STRIKE", why, STRIKE_EXAMPLE);
        return false;
    }
    if (m->nparams > 3) {
        command_refuse(req, "STRIKE", "a cause of several words needs ':' before it",
                       STRIKE_EXAMPLE);
        return false;
    }
    if (!is_target_spared(srv, t, why, sizeof why))
        return true;
    reply_notice(req, "STRIKE refused: %s", why);
    return false;
}

/* STRIKE <nick | host> <n> [:<cause>] */
static void
strike_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char text[MESSAGE_LINE], note[HOST_NOTE] = "", more[HOST_NOTE] = "";
    char host[PREFIX_TEXT];
    struct host_target t;
    struct strike_outcome done;
    uint64_t n;
    if (!read_strike_order(req, m, &t, &n))
        return;
    if (m->nparams > 2)
        command_split_reason(m->params[2], note, sizeof note, more, sizeof more);
    struct strike_order order = {.host = host_get(srv, &t.addr),
                                 .client = t.client,
                                 .nick = host_target_nick(&t),
                                 .class = host_target_class(srv, &t),
                                 .n = (int)n,
                                 .by = c->user.oper,
                                 .note = *note ? note : NULL,
                                 .more = *more ? more : NULL,
                                 .giver = c};
    enact_strike_order(srv, &order, &done);
    describe_outcome(srv, &t, &done, text, sizeof text);

    prefix_word(&order.host->key, host, sizeof host);
    TELL(srv, TELL_ALL, strike_given, .by = c->user.oper, .host = host,
         .nick = order.nick, .strikes = n, .reason = order.note,
         .oper_reason = order.more);
    acknowledge_change(req, done.ticket, text);
}

/* The state of a PARDON. */
struct pardoning {
    struct server *srv;
    struct client *oper;
    bool names;      /* masks may be shown */
    unsigned n;      /* bans lifted, or bans that remain */
    struct str list; /* in text: the masks of bans lifted */
    char text[MESSAGE_LINE];
    store_ticket ticket; /* of the last change; 0: none */
};

static bool
sees_masks(const struct client *c, const struct host_target *t)
{
    return host_target_nick(t) == NULL || access_has(c, PRIV_see_address);
}

static void
lift_automatic_ban(void *ctx, struct ban *ban)
{
    struct pardoning *p = ctx;
    if (p->names && p->n < BANS_NAMED)
        str_addf(&p->list, "%s%s %s", p->n ? ", " : "", ban_kinds[ban->kind].name,
                 ban->mask.text);
    p->n++;
    p->ticket = ban_remove(p->srv, ban);
}

/* Tells the operator of a ban that PARDON does not lift: an operator has set it. */
static void
name_remaining_ban(void *ctx, struct ban *ban)
{
    struct pardoning *p = ctx;
    const struct ban_kind_row *row = &ban_kinds[ban->kind];
    char until[80];
    if (p->n++ >= BANS_NAMED)
        return;
    ban_until(ban, p->srv->wall, until, sizeof until);
    out_notice(p->srv, p->oper, "PARDON: the %s %s by %s remains, %s; %s lifts it",
               row->name, p->names ? ban->mask.text : "on that host", ban->setter,
               until, row->unset);
}

static void
name_remaining_bans(struct request *req, const struct host_target *t)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct pardoning p = {.srv = srv, .oper = c, .names = sees_masks(c, t)};
    ban_look_addr(srv, &t->addr, name_remaining_ban, &p);
    if (t->client)
        ban_look_client(srv, t->client, name_remaining_ban, &p);
    if (p.n > BANS_NAMED)
        reply_notice(req, "PARDON: and %u more bans remain: CHECK shows them",
                     p.n - BANS_NAMED);
}

/* Ends the lockout of OPER at the host and forgets its failures. Writes the text for
 * the answer; out stays as it is if there were none. */
static void
end_oper_lockout(struct server *srv, struct host *h, char *out, size_t size)
{
    int fails, seconds;
    oper_lockout_look(srv, h, &fails, &seconds);
    oper_lockout_forget(srv, h);
    if (seconds > 0)
        str_format(out, size, ", ended its OPER lockout");
    else if (fails > 0)
        str_format(out, size, ", forgot %d failed OPER%s", fails,
                   fails == 1 ? "" : "s");
}

/* Clears strikes, offence level, automatic bans and failed OPERs of the target, and
 * writes the answer. False: there was nothing to clear. *ticket: 0 if nothing is to be
 * saved. */
static bool
pardon_host(struct request *req, const struct host_target *t, char *text, size_t size,
            store_ticket *ticket)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct host *h = host_find(srv, &t->addr);
    struct prefix prefix;
    struct pardoning p = {.srv = srv, .oper = c, .names = sees_masks(c, t)};
    char lockout[48] = "";
    int strikes = 0, level = 0;
    str_init(&p.list, p.text, sizeof p.text);
    store_begin(srv->store); /* the host and its bans are saved together */
    if (h) {
        host_settle(srv, h);
        strikes = h->strikes;
        level = h->level;
        end_oper_lockout(srv, h, lockout, sizeof lockout);
        p.ticket = strike_clear(srv, h);
    }
    host_prefix(srv, &t->addr, &prefix);
    ban_look_automatic(srv, &prefix, lift_automatic_ban, &p);
    store_commit(srv->store);
    *ticket = p.ticket;
    if (strikes == 0 && level == 0 && p.n == 0 && *lockout == '\0') {
        str_format(text, size,
                   "PARDON %s: it has no strikes, no offence level, no automatic ban "
                   "and no failed OPERs",
                   t->shown);
        return false;
    }
    str_format(text, size,
               "PARDON %s: cleared %d strike%s, offence level %d and %u automatic "
               "ban%s%s%s%s%s",
               t->shown, strikes, strikes == 1 ? "" : "s", level, p.n,
               p.n == 1 ? "" : "s", p.list.len ? " (" : "", p.text,
               p.list.len ? ")" : "", lockout);
    return true;
}

/* PARDON <nick | host> */
static void
pardon_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char text[MESSAGE_LINE], why[320], plain[PREFIX_TEXT];
    struct host_target t;
    struct prefix prefix;
    store_ticket ticket;
    bool is_mask;
    if (!host_target_find(srv, c, m->params[0], &t, &is_mask, why, sizeof why)) {
        command_refuse(req, "PARDON", why, "PARDON bob");
        return;
    }
    bool done = pardon_host(req, &t, text, sizeof text, &ticket);
    name_remaining_bans(req, &t);
    if (!done) {
        reply_notice(req, "%s", text);
        return;
    }
    acknowledge_change(req, ticket, text);
    host_prefix(srv, &t.addr, &prefix);
    prefix_word(&prefix, plain, sizeof plain);
    const char *nick = host_target_nick(&t);
    TELL(srv, TELL_OTHERS(c, PRIV_see_address), pardon, .by = c->user.oper,
         .host = plain, .what = text, .oper = client_act_name(c),
         .hidden = nick ? nick : "a host");
}

/* A STRIKES of all hosts, or of the hosts that match. */
struct host_listing {
    struct cursor cursor; /* first */
    bool sees;            /* the operator may see addresses */
    bool all;             /* the pattern is "*" */
    bool is_prefix;       /* the pattern is an address or a CIDR: `prefix` */
    struct prefix prefix;
    char pattern[MESSAGE_LINE];
    unsigned rows; /* hosts listed so far */
};

/* Whether the host matches the pattern. Without see_address only the nick of its last
 * strike is compared, so that patterns cannot be used to find an address. */
static bool
is_host_wanted(struct server *srv, const struct host_listing *l, const struct host *h,
               const char *shown)
{
    if (l->all)
        return true;
    if (l->sees && l->is_prefix && h->key.bits >= l->prefix.bits)
        return prefix_match(&l->prefix, &h->key.addr);
    return (l->sees && mask_glob_work(l->pattern, shown, &srv->work)) ||
           mask_glob_work(l->pattern, h->nick, &srv->work);
}

static void
list_host(struct server *srv, struct host_listing *l, const struct host *h)
{
    char shown[PREFIX_TEXT], at[MOMENT_TEXT];
    struct host now = *h;
    if (h->strikes == 0 && h->level == 0)
        return;
    host_settle(srv, &now);
    prefix_word(&h->key, shown, sizeof shown);
    if ((now.strikes == 0 && now.level == 0) || !is_host_wanted(srv, l, h, shown))
        return;
    moment_format(now.strikes ? now.strike_at : now.level_at, at, sizeof at);
    reply_notice(
        &l->cursor.request,
        "STRIKES %s: %d of %d, level %d, the last for %s on %s by %s, since %s",
        l->sees ? shown : "*", now.strikes, srv->config->strikes.limit, now.level,
        strike_words(&now), now.nick[0] ? now.nick : "*", now.by, at);
    l->rows++;
}

static bool
step_strikes(struct server *srv, struct cursor *cur)
{
    struct host_listing *l = (struct host_listing *)(void *)cur;
    while (cur->host) {
        const struct host *h = cur->host;
        if (cursor_yields(cur))
            return false;
        cur->host = h->hh.next;
        list_host(srv, l, h);
    }
    reply_notice(&cur->request, "End of STRIKES: %u host%s", l->rows,
                 l->rows == 1 ? "" : "s");
    flood_charge(srv, cur->owner, (int)(l->rows / LIST_A_TOKEN));
    return true;
}

static void
list_hosts(struct request *req, const char *pattern)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char err[160];
    struct host_listing *l = cursor_new(srv, c, sizeof *l, step_strikes);
    l->sees = access_has(c, PRIV_see_address);
    l->all = strcmp(pattern, "*") == 0;
    str_format(l->pattern, sizeof l->pattern, "%s", pattern);
    l->is_prefix = prefix_parse(pattern, &l->prefix, err, sizeof err);
    l->cursor.host = srv->policy->hosts;
    cursor_start(srv, &l->cursor);
}

static void
show_host(struct request *req, const struct host_target *t)
{
    struct server *srv = req->srv;
    bool names = access_has(req->client, PRIV_see_address) || host_target_nick(t);
    const struct host *h = host_find(srv, &t->addr);
    reply_notice(req, "STRIKES %s", t->shown);
    host_report_strikes(req, h, host_target_class(srv, t), names);
    reply_notice(req, "End of STRIKES: %s", h ? "1 host" : "0 hosts");
}

/* STRIKES [<nick | host | pattern>] */
static void
strikes_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char why[320];
    struct host_target t;
    bool is_mask, several;
    const char *what = m->nparams && m->params[0][0] ? m->params[0] : "*";
    several = strncmp(what, "*@", 2) != 0 && strpbrk(what, "*?");
    if (several) {
        list_hosts(req, what);
        return;
    }
    if (host_target_find(srv, c, what, &t, &is_mask, why, sizeof why)) {
        show_host(req, &t);
        return;
    }
    struct prefix prefix;
    char err[160];
    if (is_mask && prefix_parse(what, &prefix, err, sizeof err)) {
        list_hosts(req, what);
        return;
    }
    command_refuse(req, "STRIKES", why, "STRIKES 192.0.2.*");
    reply_notice(req, "End of STRIKES: 0 hosts");
}

const struct command commands_strike[] = {
    {
        .name = "STRIKE",
        .run = strike_run,
        .min_params = 2,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_strike,
        .group = GROUP_PEOPLE,
        .syntax = "<nick | address | CIDR of a host> <1 to 1000> [:<cause>[|<for "
                  "operators>]]",
        .help = "give strikes to a host; at the limit it is banned",
        .example = "STRIKE bob 2 :advertising",
    },
    {
        .name = "STRIKES",
        .run = strikes_run,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .priv = PRIV_check,
        .group = GROUP_PEOPLE,
        .syntax = "[<nick | address | CIDR | pattern>]",
        .help = "list hosts with strikes or an offence level, or show one of them in "
                "detail",
        .example = "STRIKES 192.0.2.*",
    },
    {
        .name = "PARDON",
        .run = pardon_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_strike,
        .group = GROUP_PEOPLE,
        .syntax = "<nick | address | CIDR of a host>",
        .help =
            "clear strikes, offence level, automatic bans and failed OPERs of a host",
        .example = "PARDON 192.0.2.7",
    },
    {.name = NULL},
};
