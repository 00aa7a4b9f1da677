/* Strikes: counts and tells them, sets automatic bans, ends clients, and tells lockouts
 * of OPER.
 *
 * Every strike is stored at once. An automatic ban is an ordinary temporary K-line, so
 * UNKLINE, STATS and expiry treat it like any other. It never shortens a ban in force,
 * and no host is banned while an operator is connected from it. The order is fixed: the
 * strike is counted, then told and logged, then the host is stored, or banned, or the
 * client ended. */
#include "enact/strike.h"

#include "base/str.h"
#include "config/config.h"
#include "enact/ban.h"
#include "policy/ban/ban.h"
#include "policy/ban/shown.h"
#include "policy/class.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/oper_lockout.h"
#include "policy/privs.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/out.h"
#include "state/server.h"
#include "state/tell.h"
#include "state/watch.h"

/* Tells c, a client of the host, about the strike. */
static void
tell_struck_client(struct server *srv, const struct strike_event *event,
                   struct client *c)
{
    int limit = srv->config->strikes.limit;
    char threat[80];
    if (strike_only_disconnects(event->host, policy_of(c)->class))
        str_format(threat, sizeof threat, "you are disconnected");
    else
        strike_ban_words(srv, event->host, "your", threat, sizeof threat);
    out_notice(srv, c, "Strike %d of %d: %s%s. At %d %s.", event->host->strikes, limit,
               strike_given_words(event), event->note ? " (given by an operator)" : "",
               limit, threat);
}

/* Tells each registered client of the host, for strikes that name no client. */
static bool
tell_host_client(struct server *srv, struct client *c, void *ctx)
{
    const struct strike_event *event = ctx;
    if (client_is_registered(c) && !(policy_of(c)->exempt & EXEMPT_STRIKES))
        tell_struck_client(srv, event, c);
    return true;
}

/* Makes the mask that covers all clients of a host. */
static bool
mask_of_host(const struct host *h, struct mask *out)
{
    char text[MASK_TEXT], prefix[PREFIX_TEXT], err[128];
    prefix_format(&h->key, prefix, sizeof prefix);
    str_format(text, sizeof text, "*@%s", prefix);
    return mask_parse_strict(text, out, err, sizeof err);
}

static void
tell_opers_of_strike(struct server *srv, const struct strike_event *event)
{
    int strikes = event->host->strikes, limit = srv->config->strikes.limit;
    char mask[PREFIX_TEXT];
    bool given = event->cause == STRIKE_BY_OPER;
    prefix_word(&event->host->key, mask, sizeof mask);
    const char *nick = event->nick ? event->nick : "not registered";
    if (given)
        nick = event->nick ? nick : "no nick given";
    TELL_LIKE(srv, TELL_OTHERS(event->giver, PRIV_see_address),
              given ? EVENT_strike_by_oper : EVENT_strike, strike, .host = mask,
              .nick = event->nick, .cause = strike_cause_name(event->cause),
              .strikes = (uint64_t)strikes, .hidden = "a host",
              .limit = (uint64_t)limit, .who = nick, .words = strike_given_words(event),
              .more = event->more, .giver = given ? event->by : NULL);
}

static void
tell_strike(struct server *srv, struct strike_event *event)
{
    if (event->client)
        tell_struck_client(srv, event, event->client);
    else if (event->cause == STRIKE_BY_OPER && event->nick == NULL)
        host_each_client(srv, event->host, tell_host_client, event);
    tell_opers_of_strike(srv, event);
}

/* "5 strikes, the last for messages sent too fast". */
static void
format_strike_reason(const struct server *srv, const struct strike_event *event,
                     char *out, size_t size)
{
    str_format(out, size, "%d strikes, the last for %s", srv->config->strikes.limit,
               strike_given_words(event));
}

static void
set_strike_ban(struct server *srv, const struct strike_event *event,
               const struct mask *mask, msec length, struct strike_outcome *out)
{
    char reason[BAN_REASON], until[BAN_UNTIL], hidden[BAN_SHOWN];
    char for_opers[BAN_REASON];
    struct ban_outcome done;
    format_strike_reason(srv, event, reason, sizeof reason);
    str_format(for_opers, sizeof for_opers, "%s%s%s", event->nick ? event->nick : "",
               event->nick && event->more ? ": " : "", event->more ? event->more : "");
    struct ban_request request = {.kind = BAN_KLINE,
                                  .mask = mask,
                                  .length = length,
                                  .automatic = true,
                                  .setter = srv->me.name,
                                  .reason = reason,
                                  .oper_reason = for_opers};
    enact_ban(srv, &request, &done);
    out->ban = done.ban;
    out->removed = done.removed;
    out->ticket = done.ticket;
    WATCH(srv, limit, &event->host->key, strike_cause_name(event->cause), length);
    ban_until(done.ban, srv->wall, until, sizeof until);
    TELL(srv, TELL_OTHERS(event->giver, ban_mask_privileges(BAN_KLINE)),
         kline_automatic, .by = "server", .mask = mask->text, .until = until,
         .reason = reason, .cause = strike_cause_name(event->cause),
         .removed = done.removed,
         .hidden = ban_hidden_mask(BAN_KLINE, mask->text, event->nick, hidden));
}

/* A ban that an operator set keeps its setter and its reason and only lasts longer.
 * PARDON, which lifts automatic bans, does not lift it. */
static void
extend_ban(struct server *srv, const struct strike_event *event, struct ban *ban,
           msec length, struct strike_outcome *out)
{
    char until[BAN_UNTIL], hidden[BAN_SHOWN], strikes[MESSAGE_LINE];
    out->ticket = ban_extend(srv, ban, srv->wall + length);
    out->removed = enact_ban_enforce(srv, ban);
    WATCH(srv, limit, &event->host->key, strike_cause_name(event->cause), length);
    ban_until(ban, srv->wall, until, sizeof until);
    format_strike_reason(srv, event, strikes, sizeof strikes);
    TELL(srv, TELL_OTHERS(event->giver, ban_mask_privileges(BAN_KLINE)), kline_extended,
         .by = "server", .mask = ban->mask.text, .until = until, .reason = ban->reason,
         .cause = strike_cause_name(event->cause), .removed = out->removed,
         .hidden = ban_hidden_mask(BAN_KLINE, ban->mask.text, event->nick, hidden),
         .setter = ban->setter, .strikes = strikes);
}

static void
ban_host(struct server *srv, const struct strike_event *event,
         struct strike_outcome *out)
{
    struct mask mask;
    struct host *h = event->host;
    msec length = strike_raise_level(srv, h);
    out->ticket = host_save(srv, h);
    if (!mask_of_host(h, &mask))
        return;
    struct ban *there = ban_find(srv, BAN_KLINE, mask.text);
    out->ban = there;
    out->kept = there && (there->until == 0 || there->until >= srv->wall + length);
    if (out->kept) /* ends clients that were operators before */
        out->removed = enact_ban_enforce(srv, there);
    else if (there && !there->automatic)
        extend_ban(srv, event, there, length, out);
    else
        set_strike_ban(srv, event, &mask, length, out);
}

static void
disconnect_client_only(struct server *srv, const struct strike_event *event,
                       struct strike_outcome *out)
{
    char why[BAN_REASON], host[PREFIX_TEXT];
    struct client *c = event->client;
    prefix_word(&event->host->key, host, sizeof host);
    WATCH(srv, limit, &event->host->key, strike_cause_name(event->cause), 0);
    event->host->strikes = 0;
    out->ticket = host_save(srv, event->host);
    bool ends = c && c->user.oper == NULL;
    TELL(srv, TELL_OTHERS(event->giver, 0), strikes_disconnect, .host = host,
         .nick = event->nick, .cause = strike_cause_name(event->cause),
         .strikes = (uint64_t)srv->config->strikes.limit,
         .who = event->nick ? event->nick : "a host",
         .words = strike_given_words(event), .done = ends ? "disconnected, " : "");
    if (!ends)
        return;
    format_strike_reason(srv, event, why, sizeof why);
    client_kill(srv, c, END_STRIKES, why);
    out->removed = 1;
}

static void
enact_strike_event(struct server *srv, struct strike_event *event,
                   struct strike_outcome *out)
{
    struct host *h = event->host;
    store_begin(srv->store); /* the host and its ban are stored together */
    strike_note(srv, event);
    tell_strike(srv, event);
    out->strikes = h->strikes;
    enum strike_effect effect = strike_effect(srv, event);
    out->at_limit = effect != STRIKE_COUNTS;
    if (effect == STRIKE_COUNTS)
        out->ticket = host_save(srv, h);
    else if (effect == STRIKE_ENDS_CLIENT)
        disconnect_client_only(srv, event, out);
    else
        ban_host(srv, event, out);
    store_commit(srv->store);
    host_place(srv, h);
}

/* Ends c, which a ban covers, instead of giving it a strike. Such a client is connected
 * if it was an operator before, or if its exemption was removed. */
static void
end_banned_client(struct server *srv, struct client *c)
{
    char why[BAN_WHY];
    if (!client_is_registered(c) || c->user.oper)
        return;
    struct ban *ban = ban_match_client(srv, BAN_KLINE, c);
    if (ban == NULL)
        ban = ban_match_client(srv, BAN_DLINE, c);
    if (ban == NULL)
        return;
    ban_words(srv, ban, why, sizeof why);
    enact_ban_end(srv, ban, c, why);
}

void
enact_strike(struct server *srv, struct client *c, enum strike_cause cause)
{
    struct strike_outcome done = {0};
    struct strike_event event;
    enum strike_verdict verdict = strike_of_client(srv, c, cause, &event);
    if (verdict == STRIKE_GIVEN)
        enact_strike_event(srv, &event, &done);
    else if (verdict == STRIKE_BANNED)
        end_banned_client(srv, c);
}

void
enact_strike_disconnected(struct server *srv, const struct addr *addr, const char *nick,
                          const char *class, enum strike_cause cause)
{
    struct strike_outcome done = {0};
    struct strike_event event;
    if (strike_of_disconnected(srv, addr, nick, class_named(srv, class), cause,
                               &event) == STRIKE_GIVEN)
        enact_strike_event(srv, &event, &done);
}

void
enact_strike_host(struct server *srv, const struct addr *addr,
                  const struct config_class *class, enum strike_cause cause)
{
    struct strike_outcome done = {0};
    struct strike_event event;
    if (strike_of_host(srv, addr, class, cause, &event) == STRIKE_GIVEN)
        enact_strike_event(srv, &event, &done);
}

void
enact_strike_order(struct server *srv, const struct strike_order *order,
                   struct strike_outcome *out)
{
    *out = (struct strike_outcome){0};
    enact_strike_event(srv,
                       &(struct strike_event){.host = order->host,
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

/* Tells operators about a lockout once, however many attempts led to it. */
static void
tell_lockout_began(struct server *srv, struct host *h)
{
    char mask[PREFIX_TEXT], until[MOMENT_TEXT];
    msec wait = h ? oper_lockout_begins(srv, h) : 0;
    if (wait == 0)
        return;
    prefix_format(&h->key, mask, sizeof mask);
    moment_format(srv->wall + wait, until, sizeof until);
    TELL(srv, TELL_FORMS(PRIV_see_address), oper_lockout, .host = mask, .until = until,
         .hidden = "a host");
}

void
enact_oper_fail(struct server *srv, const struct oper_attempt *t, struct client *c)
{
    if (c)
        enact_strike(srv, c, STRIKE_OPER);
    else if (*t->nick)
        enact_strike_disconnected(srv, &t->addr, t->nick, t->class, STRIKE_OPER);
    else
        enact_strike_host(srv, &t->addr, NULL, STRIKE_OPER);
    tell_lockout_began(srv, host_find(srv, &t->addr));
}
