/* The reports of STATS, a row a letter (RFC 2812 3.4.4): K and D list bans for good, k
 * and d those for a while; m counts commands, u tells the uptime. */
#include "stats.h"

#include "base/duration.h"
#include "base/str.h"
#include "command.h"
#include "dispatch.h"
#include "policy/access.h"
#include "policy/ban.h"

static void
ban_line(struct server *srv, struct client *c, const struct ban *ban, char letter)
{
    char text[MESSAGE_LINE], set[MOMENT_TEXT], until[80];
    moment_format(ban->set_at, set, sizeof set);
    ban_until(ban, srv->wall, until, sizeof until);
    str_format(text, sizeof text, "set %s, %s, %llu hits: %s%s%s", set, until,
               (unsigned long long)ban->hits, ban->reason,
               ban->oper_reason[0] ? " | " : "", ban->oper_reason);
    if (ban->kind == BAN_KLINE)
        reply(srv, c, RPL_STATSKLINE, letter, ban->mask.text, ban->setter, text);
    else
        reply(srv, c, RPL_STATSDLINE, letter, ban->mask.text, ban->setter, text);
}

static void
bans(struct server *srv, struct client *c, char letter)
{
    enum ban_kind kind = letter == 'K' || letter == 'k' ? BAN_KLINE : BAN_DLINE;
    bool permanent = letter == 'K' || letter == 'D';
    LIST_EACH(&srv->policy->kinds[kind], node) {
        const struct ban *ban = LIST_ENTRY(node, struct ban, link);
        if (ban_is_expired(ban, srv->wall) || (ban->until == 0) != permanent)
            continue;
        if (c->sendq.bytes + 4 * MESSAGE_LINE > c->sendq_max) {
            out_notice(srv, c, "STATS cut: too much for your connection");
            return;
        }
        ban_line(srv, c, ban, letter);
    }
}

static void
commands(struct server *srv, struct client *c, char letter)
{
    const struct command *row;
    uint64_t runs, bytes;
    (void)letter;
    for (size_t i = 0; (row = dispatch_row(srv, i, &runs, &bytes)) != NULL; i++)
        if (runs)
            reply(srv, c, RPL_STATSCOMMANDS, row->name, (unsigned long long)runs,
                  (unsigned long long)bytes);
}

static void
uptime(struct server *srv, struct client *c, char letter)
{
    unsigned long long s =
        (unsigned long long)((srv->now - srv->started) / MSEC_SECOND);
    (void)letter;
    reply(srv, c, RPL_STATSUPTIME, s / 86400, s / 3600 % 24, s / 60 % 60, s % 60);
}

static const struct {
    char letter;
    uint64_t priv;
    void (*send)(struct server *, struct client *, char letter);
} reports[] = {
    {'K', PRIV_check, bans}, {'k', PRIV_check, bans},    {'D', PRIV_check, bans},
    {'d', PRIV_check, bans}, {'m', PRIV_OPER, commands}, {'u', PRIV_NONE, uptime},
};

void
stats_send(struct server *srv, struct client *c, char letter)
{
    char why[64];
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        if (reports[i].letter != letter)
            continue;
        if (access_has(c, reports[i].priv)) {
            reports[i].send(srv, c, letter);
            break;
        }
        str_format(why, sizeof why, "STATS %c needs the privilege '%s'", letter,
                   privs_name(reports[i].priv));
        reply(srv, c, ERR_NOPRIVILEGES, why);
    }
    /* A letter that is half of a character cannot be sent back. */
    reply(srv, c, RPL_ENDOFSTATS, letter > ' ' && letter < 127 ? letter : '*');
}
