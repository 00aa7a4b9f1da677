/* Strikes: causes as rows, the ladder, and what reaching the limit does.
 *
 * Every strike is stored at once; decay is computed (policy/host.c). An automatic ban
 * is an ordinary temporary K-line, so that UNKLINE, STATS and expiry need nothing of
 * their own. It never shortens a ban that is there, and never touches a host that an
 * operator is on from. */
#include "policy/strikes.h"

#include "base/str.h"
#include "config/config.h"
#include "policy/ban.h"
#include "policy/host.h"
#include "policy/privs.h"
#include "policy/throttle.h"
#include "state/client.h"
#include "state/out.h"
#include "state/server.h"
#include "state/watch.h"

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
    [STRIKE_OPER] = {"bad-oper", "wrong operator password", 2, false},
    [STRIKE_PASSWORD] = {"bad-password", "wrong server password", 1, true},
    [STRIKE_RATE] = {"connect-rate", "connecting too fast", 1, true},
    [STRIKE_TIMEOUT] = {"registration-timeout", "connections left unregistered", 1,
                        true},
};

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

static bool
only_disconnects(const struct config_class *class)
{
    return class && class->strikes == STRIKES_DISCONNECT;
}

/* At the limit the client alone is ended, not the address banned: a gateway, or an
 * operator is on from there. */
static bool
is_spared(const struct host *h, const struct config_class *class)
{
    return only_disconnects(class) || h->opers > 0;
}

static void
tell(struct server *srv, const struct host *h, struct client *c,
     enum strike_cause cause)
{
    int limit = srv->config->strikes.limit;
    char length[DURATION_TEXT], mask[PREFIX_TEXT];
    prefix_format(&h->key, mask, sizeof mask);
    length_in_words(next_length(srv, h), length, sizeof length);
    if (c && is_spared(h, c->class))
        out_notice(srv, c, "Strike %d of %d: %s. At %d you are disconnected.",
                   h->strikes, limit, causes[cause].text, limit);
    else if (c)
        out_notice(srv, c, "Strike %d of %d: %s. At %d your address is banned for %s.",
                   h->strikes, limit, causes[cause].text, limit, length);
    const char *nick = c ? client_name(c) : "not registered";
    out_opers_who(srv, SNO_STRIKES, PRIV_see_address, true,
                  "Strike %d of %d for %s (%s): %s", h->strikes, limit, mask, nick,
                  causes[cause].text);
    out_opers_who(srv, SNO_STRIKES, PRIV_see_address, false,
                  "Strike %d of %d for a host (%s): %s", h->strikes, limit, nick,
                  causes[cause].text);
    char count[16];
    str_format(count, sizeof count, "%d", h->strikes);
    log_limited(srv->log, LOG_LEVEL_INFO, "strike", "host", mask, "nick",
                c ? client_name(c) : NULL, "cause", causes[cause].name, "strikes",
                count, NULL);
}

/* Whether a ban that is there already lasts at least as long. */
static bool
has_longer(const struct server *srv, const char *mask, msec length)
{
    const struct ban *b = ban_find(srv, BAN_KLINE, mask);
    return b && (b->until == 0 || b->until >= srv->wall + length);
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
ban_host(struct server *srv, struct host *h, struct client *c, enum strike_cause cause)
{
    char reason[BAN_REASON];
    struct mask mask;
    msec length = next_length(srv, h);
    str_format(reason, sizeof reason, "%d strikes, the last for %s",
               srv->config->strikes.limit, causes[cause].text);
    h->strikes = 0;
    if (h->level < UINT16_MAX)
        h->level++;
    h->level_at = srv->wall;
    host_save(srv, h);
    if (!mask_of(h, &mask) || has_longer(srv, mask.text, length))
        return;
    struct ban_request request = {.kind = BAN_KLINE,
                                  .mask = &mask,
                                  .length = length,
                                  .automatic = true,
                                  .setter = srv->config->server.name,
                                  .reason = reason,
                                  .oper_reason = c ? client_name(c) : ""};
    struct ban_outcome done;
    ban_set(srv, &request, &done);
    WATCH(srv, limit, &h->key, causes[cause].name, length);
    char until[80];
    ban_until(done.ban, srv->wall, until, sizeof until);
    out_opers(srv, SNO_BANS, "Automatic K-line %s %s: %s, removed %u", mask.text, until,
              reason, done.removed);
    log_event(srv->log, LOG_LEVEL_INFO, "kline", "by", "server", "mask", mask.text,
              "until", until, "reason", reason, NULL);
}

static void
disconnect_only(struct server *srv, struct host *h, struct client *c,
                enum strike_cause cause)
{
    char why[128];
    WATCH(srv, limit, &h->key, causes[cause].name, 0);
    h->strikes = 0;
    host_save(srv, h);
    out_opers(srv, SNO_STRIKES, "%d strikes of %s (%s): disconnected, not banned",
              srv->config->strikes.limit, c ? client_name(c) : "a host",
              causes[cause].text);
    str_format(why, sizeof why, "%d strikes, the last for %s",
               srv->config->strikes.limit, causes[cause].text);
    if (c && c->oper == NULL)
        client_kill(srv, c, why);
}

static void
give(struct server *srv, struct host *h, const struct config_class *class,
     struct client *c, enum strike_cause cause)
{
    int limit = srv->config->strikes.limit;
    host_settle(srv, h);
    int strikes = h->strikes + causes[cause].weight;
    if (!causes[cause].bans && strikes >= limit)
        strikes = limit - 1;
    h->strikes = (uint16_t)(strikes > limit ? limit : strikes);
    h->strike_at = srv->wall;
    str_format(h->cause, sizeof h->cause, "%s", causes[cause].name);
    str_format(h->nick, sizeof h->nick, "%s", c ? client_name(c) : "");
    str_format(h->by, sizeof h->by, "server");
    WATCH(srv, strike, &h->key, causes[cause].name, causes[cause].weight);
    tell(srv, h, c, cause);
    if (h->strikes < limit)
        host_save(srv, h);
    else if (is_spared(h, class))
        disconnect_only(srv, h, c, cause);
    else
        ban_host(srv, h, c, cause);
    host_place(srv, h);
}

void
strike_client(struct server *srv, struct client *c, enum strike_cause cause)
{
    if (c->host == NULL || c->exempt & EXEMPT_STRIKES)
        return;
    give(srv, c->host, c->class, c, cause);
}

void
strike_host(struct server *srv, struct host *h, const struct config_class *class,
            enum strike_cause cause)
{
    struct mask mask;
    /* Its clients try again by themselves; that is no new offence. */
    if (mask_of(h, &mask) && ban_find(srv, BAN_KLINE, mask.text))
        return;
    give(srv, h, class, NULL, cause);
}
