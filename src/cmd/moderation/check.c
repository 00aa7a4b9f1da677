/* CHECK: all that the server knows of a host, or the clients that a mask matches.
 *
 * CHECK changes nothing: it makes no record of a host, and no ban counts a hit. An
 * operator without see_address reads no line that holds both a nick and an address: a
 * CHECK by nick leaves addresses out, a CHECK by address leaves nicks out. */
#include "base/duration.h"
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/line_wrap.h"
#include "host_report.h"
#include "host_target.h"
#include "policy/access.h"
#include "policy/ban/ban.h"
#include "policy/ban/look.h"
#include "policy/ban/shown.h"
#include "policy/class.h"
#include "policy/gateway.h"
#include "policy/host.h"
#include "policy/oper_lockout.h"
#include "policy/strikes.h"
#include "policy/throttle.h"
#include "proto/addr_glob.h"
#include "state/channel.h"
#include "state/whowas.h"

#define CLIENTS_SHOWN 20
#define BANS_SHOWN 20

/* The state of a CHECK. */
struct checking {
    struct request *req;
    const struct host *host; /* its clients are shown; NULL: those of the mask */
    const struct mask *mask; /* NULL: a host */
    bool nicks, addresses;   /* may be shown */
    size_t clients, bans;    /* found so far */
};

static const struct {
    unsigned bit;
    const char *name;
} exemptions[] = {
    {EXEMPT_CONNECTIONS, "connections"},
    {EXEMPT_THROTTLE, "throttle"},
    {EXEMPT_FLOOD, "flood"},
    {EXEMPT_STRIKES, "strikes"},
    {EXEMPT_BANS, "bans"},
};

/* The time of the client's connection: "2026-11-22 14:03:05 UTC (10m)". */
static void
format_since(const struct server *srv, const struct client *other, char *out,
             size_t size)
{
    char moment[MOMENT_TEXT], length[DURATION_TEXT];
    msec open = srv->now - other->session->opened;
    moment_format(srv->wall - open, moment, sizeof moment);
    duration_words(open, length, sizeof length);
    str_format(out, size, "%s (%s)", moment, length);
}

/* How a client is connected: ", with TLS, through the gateway kiwi"; empty: directly,
 * without TLS. */
static void
format_way(const struct client *other, char *out, size_t size)
{
    struct str s;
    const char *gateway = client_gateway(other);
    str_init(&s, out, size);
    str_addf(&s, "%s", other->user.modes & USER_SECURE ? ", with TLS" : "");
    if (gateway)
        str_addf(&s, ", through the gateway %s", gateway);
}

static void
show_checked_client(struct checking *k, const struct client *other)
{
    char when[80], host[CLIENT_HOST_TEXT], real[CLIENT_HOST_TEXT + 4] = "", way[160];
    format_since(k->req->srv, other, when, sizeof when);
    format_way(other, way, sizeof way);
    if (k->addresses)
        str_format(real, sizeof real, " (%s)", client_real_host(other, host));
    if (!(other->out.flags & CLIENT_REGISTERED))
        reply_notice(k->req, "Client: %s%s, not registered, since %s%s",
                     client_name(other), real, when, way);
    else
        reply_notice(k->req, "Client: %s!%s@%s%s, since %s%s%s", other->user.nick,
                     other->user.username, other->user.host, real, when, way,
                     other->user.oper ? ", an operator" : "");
}

static bool
is_client_meant(const struct checking *k, const struct client *other)
{
    return k->mask == NULL || access_mask_means(k->req->client, k->mask, other);
}

static bool
count_checked_client(struct server *srv, struct client *other, void *ctx)
{
    struct checking *k = ctx;
    (void)srv;
    if (!is_client_meant(k, other) || other->out.flags & CLIENT_ACTING)
        return true;
    if (k->clients++ < CLIENTS_SHOWN && k->nicks)
        show_checked_client(k, other);
    return true;
}

static void
show_checked_clients(struct checking *k)
{
    if (k->mask)
        host_each_candidate(k->req->srv, k->mask, count_checked_client, k);
    else if (k->host)
        host_each_client(k->req->srv, k->host, count_checked_client, k);
    size_t shown = k->clients < CLIENTS_SHOWN ? k->clients : CLIENTS_SHOWN;
    if (!k->nicks)
        shown = 0;
    if (k->clients == 0)
        reply_notice(k->req, "Clients: none");
    else if (k->clients > shown)
        reply_notice(k->req, "Clients: %s%zu%s", shown ? "and " : "",
                     k->clients - shown, shown ? " more" : "");
}

/* Whether the mask of the ban may be shown beside nicks. A mask can hold an address, so
 * the operator must see addresses, or be able to set such bans. */
static bool
may_see_mask(const struct checking *k, const struct ban *ban)
{
    return !k->nicks || k->mask || ban_shows_mask(k->req->client, ban->kind);
}

static void
show_ban(void *ctx, struct ban *ban)
{
    struct checking *k = ctx;
    char set[MOMENT_TEXT], until[80];
    if (k->bans++ >= BANS_SHOWN)
        return;
    const char *oper_reason = ban_shown_oper_reason(k->req->client, ban);
    moment_format(ban->set_at, set, sizeof set);
    ban_until(ban, k->req->srv->wall, until, sizeof until);
    reply_notice(k->req, "%s %s %s, set %s by %s%s, %llu hits: %s%s%s",
                 ban_kinds[ban->kind].name,
                 may_see_mask(k, ban) ? ban->mask.text : "on this host", until, set,
                 ban->setter, ban->automatic ? " (automatic)" : "",
                 (unsigned long long)ban->hits, ban->reason, *oper_reason ? " | " : "",
                 oper_reason);
}

/* Ends a list of bans, which `what` names. */
static void
end_bans(struct checking *k, const char *what)
{
    if (k->bans == 0)
        reply_notice(k->req, "%s: none", what);
    else if (k->bans > BANS_SHOWN)
        reply_notice(k->req, "%s: and %zu more", what, k->bans - BANS_SHOWN);
    k->bans = 0;
}

static void
count_ban(void *ctx, struct ban *ban)
{
    (void)ban;
    ++*(size_t *)ctx;
}

/* Shows the bans that `look` finds for the mask: their count, then the first ones. */
static void
check_bans_of(struct checking *k, const char *what,
              void (*look)(const struct server *srv, const struct mask *mask,
                           ban_seen *fn, void *ctx))
{
    size_t n = 0;
    look(k->req->srv, k->mask, count_ban, &n);
    if (n > 0)
        reply_notice(k->req, "%s: %zu", what, n);
    look(k->req->srv, k->mask, show_ban, k);
    end_bans(k, what);
}

static void
send_channels(const struct request *req, const char *line)
{
    reply_notice(req, "Channels: %s", line);
}

/* Shows the channels of a client that WHOIS would show, with its status on them. */
static void
show_client_channels(struct checking *k, const struct client *other)
{
    char prefix[8], word[NAME_CHANNEL_MAX + sizeof prefix];
    struct line_wrap w;
    size_t n = 0;
    line_wrap_begin(&w, k->req, ' ', sizeof "NOTICE Channels: ", send_channels);
    for (uint32_t i = 0; i < other->user.njoined; i++) {
        const struct channel *chan = other->user.joined[i].chan;
        if (!access_sees_member(chan, k->req->client, other))
            continue;
        channel_prefix(&chan->members[other->user.joined[i].slot], true, prefix);
        str_format(word, sizeof word, "%s%s", prefix, chan->name);
        line_wrap_add(&w, word);
        n++;
    }
    line_wrap_end(&w);
    if (n == 0)
        reply_notice(k->req, "Channels: none");
}

static void
show_limits(struct checking *k, const struct addr *addr,
            const struct config_class *class)
{
    char per[DURATION_TEXT];
    struct class_limits limits;
    const struct network *network = network_find(k->req->srv, addr);
    class_limits(k->req->srv, class, &limits);
    int left = throttle_connections_left(k->req->srv, k->host, class);
    duration_format(limits.connect.per, per, sizeof per);
    reply_notice(k->req,
                 "Connections: host %u of %d, network %u of %d, unregistered %u of %d; "
                 "connect rate: %d of %d left in %s",
                 k->host ? k->host->connections : 0, limits.per_host,
                 network ? network->connections : 0, limits.per_network,
                 k->host ? k->host->unregistered : 0, limits.unregistered_per_host,
                 left, limits.connect.count, per);
}

static void
show_class(struct checking *k, const struct addr *addr,
           const struct config_class *class)
{
    char list[80];
    struct str s;
    unsigned exempt = class_exempt(k->req->srv, addr);
    str_init(&s, list, sizeof list);
    for (size_t i = 0; i < sizeof exemptions / sizeof *exemptions; i++)
        if (exempt & exemptions[i].bit)
            str_addf(&s, "%s%s", s.len ? " " : "", exemptions[i].name);
    reply_notice(k->req, "Class: %s%s; exempt from: %s", class ? class->name : "none",
                 class_only_disconnects(class) ? " (strikes = \"disconnect\")" : "",
                 s.len ? list : "nothing");
}

/* The proxy block that has the address. Without it a gateway that tells no addresses
 * looks like one host with many clients. */
static void
show_proxy(struct checking *k, const struct addr *addr)
{
    const struct server *srv = k->req->srv;
    const struct config_proxy *p = gateway_find(srv, addr, ~0u);
    char most[40] = "";
    if (p == NULL)
        return;
    if (p->connections > 0)
        str_format(most, sizeof most, " of %d", p->connections);
    reply_notice(k->req,
                 "Proxy: \"%s\" has this address (clients: %u%s); a client listed here "
                 "came without an address of its own",
                 p->name, gateway_clients(srv, p), most);
}

static void
show_lockout(struct checking *k)
{
    int fails = 0, seconds = 0;
    if (k->host)
        oper_lockout_look(k->req->srv, k->host, &fails, &seconds);
    if (seconds > 0)
        reply_notice(k->req, "OPER: locked out for %d s", seconds);
    else
        reply_notice(k->req, "OPER: not locked out, %d of %d failures", fails,
                     k->req->srv->config->opers.failures.count);
}

static void
check_host(struct request *req, const struct host_target *t)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    bool sees = access_has(c, PRIV_see_address);
    bool by_nick = host_target_nick(t) != NULL;
    const struct config_class *class = host_target_class(srv, t);
    struct checking k = {.req = req,
                         .host = host_find(srv, &t->addr),
                         .nicks = sees || by_nick,
                         .addresses = sees};
    char left[MOMENT_TEXT];
    reply_notice(req, "CHECK %s", t->shown);
    if (t->gone) {
        moment_format(t->gone->left, left, sizeof left);
        reply_notice(req, "Left: %s!%s@%s, at %s", t->gone->nick, t->gone->user,
                     t->gone->host, left);
    }
    show_checked_clients(&k);
    if (t->client)
        show_client_channels(&k, t->client);
    show_limits(&k, &t->addr, class);
    show_class(&k, &t->addr, class);
    show_proxy(&k, &t->addr);
    host_report_strikes(req, k.host, class, k.nicks);
    ban_look_addr(srv, &t->addr, show_ban, &k);
    if (t->client)
        ban_look_client(srv, t->client, show_ban, &k);
    end_bans(&k, "Bans");
    show_lockout(&k);
}

static void
check_mask(struct request *req, const struct mask *mask)
{
    struct client *c = req->client;
    bool sees = access_has(c, PRIV_see_address);
    struct checking k = {.req = req, .mask = mask, .nicks = true, .addresses = sees};
    struct prefix of; /* the addresses that a glob such as 192.0.2.* means */
    bool by_address = mask->is_prefix || addr_glob_prefix(mask->host, &of);
    reply_notice(req, "CHECK %s", mask->text);
    if (by_address && !sees)
        reply_notice(req,
                     "Clients: listing the clients of an address needs see_address");
    else
        show_checked_clients(&k);
    check_bans_of(&k, "Bans covering it", ban_look_mask);
    check_bans_of(&k, "Bans inside", ban_look_inside);
}

/* CHECK <nick | address | mask> */
static void
check_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char why[320];
    struct host_target t;
    struct mask mask;
    bool is_mask;
    if (host_target_find(srv, c, m->params[0], &t, &is_mask, why, sizeof why))
        check_host(req, &t);
    else if (is_mask && mask_parse_strict(m->params[0], &mask, why, sizeof why) &&
             !mask_is_misspelled(&mask, why, sizeof why))
        check_mask(req, &mask);
    else
        command_refuse(req, "CHECK", why, "CHECK 192.0.2.7");
    reply_notice(req, "End of CHECK");
}

const struct command commands_check[] = {
    {
        .name = "CHECK",
        .run = check_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .priv = PRIV_check,
        .group = GROUP_PEOPLE,
        .syntax = "<nick | address | CIDR | user@host>",
        .help = "show all about a host, or the clients that a mask matches",
        .example = "CHECK bob",
    },
    {.name = NULL},
};
