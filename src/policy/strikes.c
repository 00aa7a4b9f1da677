/* Strikes: a table of causes, the ladder, and the effect of reaching the limit.
 *
 * This file has verdicts and counters. enact/strike.c stores, tells, bans and ends.
 * Decay is computed in policy/host.c. */
#include "policy/strikes.h"

#include "base/str.h"
#include "config/config.h"
#include "policy/ban/ban.h"
#include "policy/ban/look.h"
#include "policy/class.h"
#include "policy/client_policy.h"
#include "policy/counts.h"
#include "policy/host.h"
#include "state/client.h"
#include "state/server.h"
#include "state/watch.h"

#include <string.h>

static const struct {
    const char *name; /* in records and logs */
    const char *text; /* to the user */
    int weight;       /* the number of strikes it gives */
    bool bans;        /* its strikes may reach the limit */
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

const char *
strike_cause_name(enum strike_cause cause)
{
    return causes[cause].name;
}

const char *
strike_given_words(const struct strike_event *event)
{
    return event->note ? event->note : causes[event->cause].text;
}

/* "10 minutes", "1 hour", "7 days". A length that is no whole number of one unit is
 * written as "1d12h". */
static void
format_length(msec length, char *out, size_t size)
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
next_ban_length(const struct server *srv, const struct host *h)
{
    size_t steps = srv->config->strikes.n_ladder;
    return srv->config->strikes.ladder[h->level < steps ? h->level : steps - 1];
}

bool
strike_only_disconnects(const struct host *h, const struct config_class *class)
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
strike_ban_words(const struct server *srv, const struct host *h, const char *whose,
                 char *out, size_t size)
{
    char length[DURATION_TEXT];
    format_length(next_ban_length(srv, h), length, sizeof length);
    str_format(out, size, "%s address is banned for %s", whose, length);
}

void
strike_note(struct server *srv, const struct strike_event *event)
{
    struct host *h = event->host;
    int limit = srv->config->strikes.limit;
    host_settle(srv, h);
    int strikes = h->strikes + event->weight;
    if (!causes[event->cause].bans && strikes >= limit)
        strikes = limit - 1;
    h->strikes = (uint16_t)(strikes > limit ? limit : strikes);
    h->strike_at = srv->wall;
    str_format(h->cause, sizeof h->cause, "%s", causes[event->cause].name);
    str_format(h->nick, sizeof h->nick, "%s", event->nick ? event->nick : "");
    str_format(h->by, sizeof h->by, "%s", event->by);
    host_set_note(srv, h, event->note);
    srv->policy->counts->strikes[event->cause] += (uint64_t)event->weight;
    WATCH(srv, strike, &h->key, causes[event->cause].name, event->weight);
}

enum strike_effect
strike_effect(const struct server *srv, const struct strike_event *event)
{
    if (event->host->strikes < srv->config->strikes.limit)
        return STRIKE_COUNTS;
    return strike_only_disconnects(event->host, event->class) ? STRIKE_ENDS_CLIENT
                                                              : STRIKE_BANS_HOST;
}

msec
strike_raise_level(const struct server *srv, struct host *h)
{
    msec length = next_ban_length(srv, h);
    h->strikes = 0;
    if (h->level < srv->config->strikes.n_ladder)
        h->level++;
    h->level_at = srv->wall;
    return length;
}

/* True if a ban covers all clients of the address. Clients connect again by themselves,
 * so what they do until they are refused is no new offence. */
static bool
is_kept_away(const struct server *srv, const struct addr *addr, unsigned exempt)
{
    return !(exempt & EXEMPT_BANS) &&
           (ban_look_any(srv, BAN_KLINE, addr) || ban_look_any(srv, BAN_DLINE, addr));
}

/* The same for one client, for bans that name its user or nick too. */
static bool
is_banned_client(const struct server *srv, const struct client *c)
{
    return is_kept_away(srv, &c->session->addr, policy_of(c)->exempt) ||
           (!(policy_of(c)->exempt & EXEMPT_BANS) && ban_look_covers(srv, c));
}

enum strike_verdict
strike_of_client(const struct server *srv, struct client *c, enum strike_cause cause,
                 struct strike_event *out)
{
    if (policy_of(c)->host == NULL || policy_of(c)->exempt & EXEMPT_STRIKES)
        return STRIKE_SPARED;
    if (is_banned_client(srv, c))
        return STRIKE_BANNED;
    *out = (struct strike_event){.host = policy_of(c)->host,
                                 .client = c,
                                 .nick = client_name(c),
                                 .class = policy_of(c)->class,
                                 .cause = cause,
                                 .weight = causes[cause].weight,
                                 .by = "server"};
    return STRIKE_GIVEN;
}

enum strike_verdict
strike_of_disconnected(struct server *srv, const struct addr *addr, const char *nick,
                       const struct config_class *class, enum strike_cause cause,
                       struct strike_event *out)
{
    unsigned exempt = class_exempt(srv, addr);
    if (exempt & EXEMPT_STRIKES)
        return STRIKE_SPARED;
    if (is_kept_away(srv, addr, exempt))
        return STRIKE_BANNED;
    *out = (struct strike_event){.host = host_get(srv, addr),
                                 .nick = nick,
                                 .class = class,
                                 .cause = cause,
                                 .weight = causes[cause].weight,
                                 .by = "server"};
    return STRIKE_GIVEN;
}

enum strike_verdict
strike_of_host(struct server *srv, const struct addr *addr,
               const struct config_class *class, enum strike_cause cause,
               struct strike_event *out)
{
    if (is_kept_away(srv, addr, class_exempt(srv, addr)))
        return STRIKE_BANNED;
    *out = (struct strike_event){.host = host_get(srv, addr),
                                 .class = class,
                                 .cause = cause,
                                 .weight = causes[cause].weight,
                                 .by = "server"};
    return STRIKE_GIVEN;
}

store_ticket
strike_clear(struct server *srv, struct host *h)
{
    h->strikes = h->level = 0;
    store_ticket ticket = host_save(srv, h);
    host_place(srv, h);
    return ticket;
}
