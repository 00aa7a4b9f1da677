/* The strikes and the offence level of a host, in words.
 *
 * The decay is applied to a copy of the host, so a report does not change it. */
#include "host_report.h"

#include "base/duration.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/host.h"
#include "policy/strikes.h"
#include "state/out.h"
#include "state/request.h"
#include "state/server.h"

/* A moment in the future: "2026-11-22 14:03:05 UTC (10m)". */
static void
format_moment_left(const struct server *srv, msec at, char *out, size_t size)
{
    char moment[MOMENT_TEXT], left[DURATION_TEXT];
    moment_format(at, moment, sizeof moment);
    duration_words(at - srv->wall, left, sizeof left);
    str_format(out, size, "%s (%s)", moment, left);
}

static void
report_strikes(struct request *req, const struct host *h,
               const struct config_class *class, bool names)
{
    struct server *srv = req->srv;
    char at[MOMENT_TEXT], next[80], end[80] = "the client is disconnected";
    int limit = srv->config->strikes.limit;
    moment_format(h->strike_at, at, sizeof at);
    format_moment_left(srv, h->strike_at + srv->config->strikes.decay, next,
                       sizeof next);
    if (!strike_only_disconnects(h, class))
        strike_ban_words(srv, h, "the", end, sizeof end);
    bool named = names && h->nick[0];
    reply_notice(req, "Strikes: %d of %d, the last for %s%s%s, by %s", h->strikes,
                 limit, strike_words(h), named ? ", on " : "", named ? h->nick : "",
                 h->by);
    reply_notice(req, "Strikes: counted since %s, one is forgotten at %s; at %d %s", at,
                 next, limit, end);
}

void
host_report_strikes(struct request *req, const struct host *h,
                    const struct config_class *class, bool names)
{
    struct server *srv = req->srv;
    char next[80];
    struct host now = {0};
    if (h)
        now = *h;
    if (h)
        host_settle(srv, &now);
    if (now.strikes > 0)
        report_strikes(req, &now, class, names);
    else
        reply_notice(req, "Strikes: 0 of %d", srv->config->strikes.limit);
    if (now.level == 0) {
        reply_notice(req, "Offence level: 0");
        return;
    }
    format_moment_left(srv, now.level_at + srv->config->strikes.forgive, next,
                       sizeof next);
    reply_notice(req, "Offence level: %d, falls by one at %s", now.level, next);
}
