/* Strikes: causes as rows, the ladder, and what reaching the limit does.
 *
 * Every strike is stored at once; decay is computed (policy/host.c). An automatic ban
 * is an ordinary temporary K-line, so that UNKLINE, STATS and expiry need nothing of
 * their own. It never shortens a ban that is there, and never touches a host that an
 * operator is on from. */
#include "policy/strikes.h"

#include "base/str.h"
#include "config/config.h"
#include "policy/ban/ban.h"
#include "policy/ban/look.h"
#include "policy/ban/shown.h"
#include "policy/class.h"
#include "policy/host.h"
#include "policy/privs.h"
#include "state/client.h"
#include "state/out.h"
#include "state/server.h"
#include "state/watch.h"

#include <string.h>

static const struct {
    const char *name; /* in records and logs */
    const char *text; /* to the user */
    int weight;       /* strikes it gives */
    bool bans;        /* may reach the limit */
} causes[STRIKE_CAUSES] = {
    [STRIKE_FLOOD] = {"flood", "messages sent too fast", 1, true},
    [STRIKE_EXCESS_FLOOD] = {"excess-flood", "receive queue overrun", 2, true},
    [STRIKE_NICK] = {"nick-flood", "nick changed too often", 1, true},
    [STRIKE_JOIN] = {"join-flood", "channels joined too fast", 1, true},
    [STRIKE_INVITE] = {"invite-flood", "invitations sent too fast", 1, true},
    [STRIKE_AWAY] = {"away-flood", "away changed too often", 1, true},
    [STRIKE_KNOCK] = {"knock-flood", "knocks sent too fast", 1, true},
    [STRIKE_TARGET] = {"target-flood", "new people written to too fast", 2, true},
    [STRIKE_CTCP] = {"ctcp-flood", "CTCP to channels sent too fast", 1, true},
    [STRIKE_OPER] = {"bad-oper", "wrong operator password", 2, false},
    [STRIKE_PASSWORD] = {"bad-password", "wrong server password", 1, true},
    [STRIKE_RATE] = {"connect-rate", "connecting too fast", 1, true},
    [STRIKE_TIMEOUT] = {"registration-timeout", "connections left unregistered", 1,
                        true},
    [STRIKE_BY_OPER] = {"oper", "given by an operator", 1, true},
};

/* What is given, and to whom. */
struct blow {
    struct host *host;
    struct client *client; /* it was seen on; NULL: nobody who is on */
    const char *nick;      /* of the client, or of one that has left; NULL: none */
    const struct config_class *class;
    enum strike_cause cause;
    int weight;
    const char *by;
    const char *note;           /* an operator's words; NULL: those of the cause */
    const char *more;           /* of these, for operators alone; NULL: none */
    const struct client *giver; /* the operator, which reads its own answer; or NULL */
};

static const char *
words_of(const struct blow *b)
{
    return b->note ? b->note : causes[b->cause].text;
}

/* "10 minutes", "1 hour", "7 days"; lengths that are no whole number of one unit as
 * "1d12h". */
static void
length_in_words(msec length, char *out, size_t size)
{
    static const struct {
        msec unit;
        const char *name;
    } units[] = {{MSEC_DAY, "day"},
                 {MSEC_HOUR, "hour"},
                 {MSEC_MINUTE, "minute"},
                 {MSEC_SECOND, "second"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        long long n = length / units[i].unit;
        if (n == 0 || length % units[i].unit)
            continue;
        str_format(out, size, "%lld %s%s", n, units[i].name, n == 1 ? "" : "s");
        return;
    }
    duration_format(length, out, size);
}

static msec
next_length(const struct server *srv, const struct host *h)
{
    size_t steps = srv->config->strikes.n_ladder;
    return srv->config->strikes.ladder[h->level < steps ? h->level : steps - 1];
}

bool
strike_spares(const struct host *h, const struct config_class *class)
{
    return class_only_disconnects(class) || h->opers > 0;
}

const char *
strike_words(const struct host *h)
{
    if (h->note)
        return h->note;
    for (int i = 0; i < STRIKE_CAUSES; i++)
        if (strcmp(causes[i].name, h->cause) == 0)
            return causes[i].text;
    return h->cause;
}

void
strike_threat(const struct server *srv, const struct host *h, const char *whose,
              char *out, size_t size)
{
    char length[DURATION_TEXT];
    length_in_words(next_length(srv, h), length, sizeof length);
    str_format(out, size, "%s address is banned for %s", whose, length);
}

/* What c, who is on from the host, reads. */
static void
tell_client(struct server *srv, const struct blow *b, struct client *c)
{
    int limit = srv->config->strikes.limit;
    char threat[80];
    if (strike_spares(b->host, c->class))
        str_format(threat, sizeof threat, "you are disconnected");
    else
        strike_threat(srv, b->host, "your", threat, sizeof threat);
    out_notice(srv, c, "Strike %d of %d: %s%s. At %d %s.", b->host->strikes, limit,
               words_of(b), b->note ? " (given by an operator)" : "", limit, threat);
}

/* No client is named: each that the strikes concern is told. */
static bool
tell_one_there(struct server *srv, struct client *c, void *ctx)
{
    const struct blow *b = ctx;
    if (client_is_registered(c) && !(c->exempt & EXEMPT_STRIKES))
        tell_client(srv, b, c);
    return true;
}

/* What bans all of a host. */
static bool
mask_of(const struct host *h, struct mask *out)
{
    char text[MASK_TEXT], prefix[PREFIX_TEXT], err[128];
    prefix_format(&h->key, prefix, sizeof prefix);
    str_format(text, sizeof text, "*@%s", prefix);
    return mask_parse_strict(text, out, err, sizeof err);
}

static void
tell_opers(struct server *srv, const struct blow *b)
{
    int strikes = b->host->strikes, limit = srv->config->strikes.limit;
    char mask[PREFIX_TEXT], count[16], by[64] = "";
    prefix_word(&b->host->key, mask, sizeof mask);
    const char *nick = b->nick ? b->nick : "not registered";
    if (b->cause == STRIKE_BY_OPER) {
        nick = b->nick ? nick : "nobody named";
        str_format(by, sizeof by, " (given by %s)", b->by);
    }
    out_opers_by(srv, b->giver, SNO_STRIKES, PRIV_see_address, mask, "a host",
                 "Strike %d of %d for " OUT_EITHER " (%s): %s%s%s%s", strikes, limit,
                 nick, words_of(b), b->more ? " | " : "", b->more ? b->more : "", by);
    if (b->cause == STRIKE_BY_OPER)
        return; /* the command logs it */
    str_format(count, sizeof count, "%d", strikes);
    log_limited(srv->log, LOG_LEVEL_INFO, "strike", "host", mask, "nick", b->nick,
                "cause", causes[b->cause].name, "strikes", count, NULL);
}

static void
tell(struct server *srv, struct blow *b)
{
    if (b->client)
        tell_client(srv, b, b->client);
    else if (b->cause == STRIKE_BY_OPER && b->nick == NULL)
        host_each_client(srv, b->host, tell_one_there, b);
    tell_opers(srv, b);
}

/* "5 strikes, the last for messages sent too fast" */
static void
reason_of(const struct server *srv, const struct blow *b, char *out, size_t size)
{
    str_format(out, size, "%d strikes, the last for %s", srv->config->strikes.limit,
               words_of(b));
}

static void
set_ban(struct server *srv, const struct blow *b, const struct mask *mask, msec length,
        struct strike_outcome *out)
{
    char reason[BAN_REASON], until[80], removed[16], hidden[BAN_SHOWN];
    char for_opers[BAN_REASON];
    struct ban_outcome done;
    reason_of(srv, b, reason, sizeof reason);
    str_format(for_opers, sizeof for_opers, "%s%s%s", b->nick ? b->nick : "",
               b->nick && b->more ? ": " : "", b->more ? b->more : "");
    struct ban_request request = {.kind = BAN_KLINE,
                                  .mask = mask,
                                  .length = length,
                                  .automatic = true,
                                  .setter = srv->me.name,
                                  .reason = reason,
                                  .oper_reason = for_opers};
    ban_set(srv, &request, &done);
    out->ban = done.ban;
    out->removed = done.removed;
    out->ticket = done.ticket;
    WATCH(srv, limit, &b->host->key, causes[b->cause].name, length);
    ban_until(done.ban, srv->wall, until, sizeof until);
    out_opers_by(srv, b->giver, SNO_BANS, ban_mask_privileges(BAN_KLINE), mask->text,
                 ban_hidden_mask(BAN_KLINE, mask->text, b->nick, hidden),
                 "Automatic K-line " OUT_EITHER " %s: %s, removed %u", until, reason,
                 done.removed);
    str_format(removed, sizeof removed, "%u", done.removed);
    log_event(srv->log, LOG_LEVEL_INFO, "kline", "by", "server", "mask", mask->text,
              "until", until, "reason", reason, "cause", causes[b->cause].name,
              "removed", removed, NULL);
}

/* What a person has set stays theirs, with their words: it only lasts longer, and
 * PARDON, which lifts automatic bans, leaves it. */
static void
extend_ban(struct server *srv, const struct blow *b, struct ban *ban, msec length,
           struct strike_outcome *out)
{
    char until[80], hidden[BAN_SHOWN], removed[16];
    out->ticket = ban_extend(srv, ban, srv->wall + length);
    out->removed = ban_enforce(srv, ban);
    WATCH(srv, limit, &b->host->key, causes[b->cause].name, length);
    ban_until(ban, srv->wall, until, sizeof until);
    out_opers_by(srv, b->giver, SNO_BANS, ban_mask_privileges(BAN_KLINE),
                 ban->mask.text,
                 ban_hidden_mask(BAN_KLINE, ban->mask.text, b->nick, hidden),
                 "K-line " OUT_EITHER " by %s extended %s: %d strikes, the last for %s",
                 ban->setter, until, srv->config->strikes.limit, words_of(b));
    str_format(removed, sizeof removed, "%u", out->removed);
    log_event(srv->log, LOG_LEVEL_INFO, "kline", "by", "server", "mask", ban->mask.text,
              "until", until, "reason", ban->reason, "cause", causes[b->cause].name,
              "removed", removed, NULL);
}

static void
ban_host(struct server *srv, const struct blow *b, struct strike_outcome *out)
{
    struct mask mask;
    struct host *h = b->host;
    msec length = next_length(srv, h);
    h->strikes = 0;
    if (h->level < srv->config->strikes.n_ladder)
        h->level++;
    h->level_at = srv->wall;
    out->ticket = host_save(srv, h);
    if (!mask_of(h, &mask))
        return;
    struct ban *there = ban_find(srv, BAN_KLINE, mask.text);
    out->ban = there;
    out->kept = there && (there->until == 0 || there->until >= srv->wall + length);
    if (out->kept) /* somebody stayed as an operator, and is none any more */
        out->removed = ban_enforce(srv, there);
    else if (there && !there->automatic)
        extend_ban(srv, b, there, length, out);
    else
        set_ban(srv, b, &mask, length, out);
}

static void
disconnect_only(struct server *srv, const struct blow *b, struct strike_outcome *out)
{
    char why[BAN_REASON], host[PREFIX_TEXT];
    struct client *c = b->client;
    prefix_word(&b->host->key, host, sizeof host);
    WATCH(srv, limit, &b->host->key, causes[b->cause].name, 0);
    log_limited(srv->log, LOG_LEVEL_INFO, "strikes-disconnect", "host", host, "nick",
                b->nick, "cause", causes[b->cause].name, NULL);
    b->host->strikes = 0;
    out->ticket = host_save(srv, b->host);
    bool ends = c && c->oper == NULL;
    out_opers_by(srv, b->giver, SNO_STRIKES, 0, "", "",
                 "%d strikes of %s (%s): %snot banned", srv->config->strikes.limit,
                 b->nick ? b->nick : "a host", words_of(b),
                 ends ? "disconnected, " : "");
    if (!ends)
        return;
    reason_of(srv, b, why, sizeof why);
    client_kill(srv, c, why);
    out->removed = 1;
}

static void
note_strike(struct server *srv, const struct blow *b)
{
    struct host *h = b->host;
    int limit = srv->config->strikes.limit;
    host_settle(srv, h);
    int strikes = h->strikes + b->weight;
    if (!causes[b->cause].bans && strikes >= limit)
        strikes = limit - 1;
    h->strikes = (uint16_t)(strikes > limit ? limit : strikes);
    h->strike_at = srv->wall;
    str_format(h->cause, sizeof h->cause, "%s", causes[b->cause].name);
    str_format(h->nick, sizeof h->nick, "%s", b->nick ? b->nick : "");
    str_format(h->by, sizeof h->by, "%s", b->by);
    host_set_note(srv, h, b->note);
    WATCH(srv, strike, &h->key, causes[b->cause].name, b->weight);
}

static void
give(struct server *srv, struct blow *b, struct strike_outcome *out)
{
    struct host *h = b->host;
    note_strike(srv, b);
    tell(srv, b);
    out->strikes = h->strikes;
    out->at_limit = h->strikes >= srv->config->strikes.limit;
    if (!out->at_limit)
        out->ticket = host_save(srv, h);
    else if (strike_spares(h, b->class))
        disconnect_only(srv, b, out);
    else
        ban_host(srv, b, out);
    host_place(srv, h);
}

/* A ban keeps this address away already: its clients try again by themselves, and what
 * they do until they are refused is no new offence. */
static bool
is_kept_away(const struct server *srv, const struct addr *addr, unsigned exempt)
{
    return !(exempt & EXEMPT_BANS) &&
           (ban_look_any(srv, BAN_KLINE, addr) || ban_look_any(srv, BAN_DLINE, addr));
}

/* The same for one client: bans that name its user or nick count as well. */
static bool
is_banned_client(const struct server *srv, const struct client *c)
{
    return is_kept_away(srv, &c->addr, c->exempt) ||
           (!(c->exempt & EXEMPT_BANS) && ban_look_covers(srv, c));
}

/* c is banned: it gets no strike. If it is on all the same (it was an operator, or its
 * exemption has gone), the ban ends it. */
static void
end_banned(struct server *srv, struct client *c)
{
    char why[BAN_REASON + 100];
    if (!client_is_registered(c) || c->oper)
        return;
    struct ban *ban = ban_match_client(srv, BAN_KLINE, c);
    if (ban == NULL)
        ban = ban_match_client(srv, BAN_DLINE, c);
    if (ban == NULL)
        return;
    ban_words(srv, ban, why, sizeof why);
    client_kill(srv, c, why);
}

void
strike_client(struct server *srv, struct client *c, enum strike_cause cause)
{
    struct strike_outcome done = {0};
    if (c->host == NULL || c->exempt & EXEMPT_STRIKES)
        return;
    if (is_banned_client(srv, c)) {
        end_banned(srv, c);
        return;
    }
    give(srv,
         &(struct blow){.host = c->host,
                        .client = c,
                        .nick = client_name(c),
                        .class = c->class,
                        .cause = cause,
                        .weight = causes[cause].weight,
                        .by = "server"},
         &done);
}

void
strike_left(struct server *srv, const struct addr *addr, const char *nick,
            enum strike_cause cause)
{
    struct strike_outcome done = {0};
    unsigned exempt = class_exempt(srv, addr);
    if (exempt & EXEMPT_STRIKES || is_kept_away(srv, addr, exempt))
        return;
    give(srv,
         &(struct blow){.host = host_get(srv, addr),
                        .nick = nick,
                        .class = class_find(srv, addr),
                        .cause = cause,
                        .weight = causes[cause].weight,
                        .by = "server"},
         &done);
}

void
strike_host(struct server *srv, const struct addr *addr,
            const struct config_class *class, enum strike_cause cause)
{
    struct strike_outcome done = {0};
    if (is_kept_away(srv, addr, class_exempt(srv, addr)))
        return;
    give(srv,
         &(struct blow){.host = host_get(srv, addr),
                        .class = class,
                        .cause = cause,
                        .weight = causes[cause].weight,
                        .by = "server"},
         &done);
}

void
strike_by_oper(struct server *srv, const struct strike_order *order,
               struct strike_outcome *out)
{
    *out = (struct strike_outcome){0};
    give(srv,
         &(struct blow){.host = order->host,
                        .client = order->client,
                        .nick = order->nick,
                        .class = order->class,
                        .cause = STRIKE_BY_OPER,
                        .weight = order->n,
                        .by = order->by,
                        .note = order->note,
                        .more = order->more,
                        .giver = order->giver},
         out);
}

store_ticket
strike_clear(struct server *srv, struct host *h)
{
    h->strikes = h->level = 0;
    store_ticket ticket = host_save(srv, h);
    host_place(srv, h);
    return ticket;
}
