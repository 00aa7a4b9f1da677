/* STATS: one report for each letter (RFC 2812 3.4.4). A table has the function of each
 * report and the privilege that it needs. STATS ? lists the letters that the client may
 * use.
 *
 * A report shows real addresses and the hosts of oper blocks only with see_address. No
 * report shows the names of oper blocks to a client that is no operator. */
#include "base/str.h"
#include "cmd/ban_list.h"
#include "cmd/command.h"
#include "cmd/info.h"
#include "cmd/registry.h"
#include "cmd/status.h"
#include "policy/access.h"
#include "state/census.h"
#include "state/certificate.h"
#include "state/msgid.h"
#include "state/subsystem.h"

static void
report_commands(const struct request *req, char letter)
{
    struct server *srv = req->srv;
    const struct command *row;
    uint64_t runs, bytes;
    (void)letter;
    for (size_t i = 0; (row = registry_row(srv, i, &runs, &bytes)) != NULL; i++)
        if (runs)
            reply(req, RPL_STATSCOMMANDS, row->name, (unsigned long long)runs,
                  (unsigned long long)bytes);
}

/* Sends 218 for each class and for clients without a class ("*"), with the limits that
 * apply; then the numbers of connections. */
static void
report_classes(const struct request *req, char letter)
{
    struct server *srv = req->srv;
    char text[MESSAGE_LINE];
    const struct config *config = srv->config;
    long long ping = (long long)(config->limits.ping_every / MSEC_SECOND);
    for (size_t i = 0; i < config->n_class; i++) {
        const struct config_class *row = &config->class[i];
        int host = row->per_host >= 0 ? row->per_host : config->limits.per_host;
        reply(req, RPL_STATSYLINE, row->name, ping, host, config->limits.sendq);
    }
    reply(req, RPL_STATSYLINE, "*", ping, config->limits.per_host,
          config->limits.sendq);
    str_format(text, sizeof text, "%zu connections, %zu registered, %d allowed",
               srv->n_clients - srv->n_acting, srv->n_local, config->limits.clients);
    reply(req, RPL_STATSDEBUG, letter, text);
}

/* Reports the connection of the client that asks. The number of sent messages is "-",
 * because they are not counted for each client. */
static void
report_link(const struct request *req, char letter)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char name[NAME_NICK_MAX + NAME_USER_MAX + 8];
    msec open = srv->wall - c->user.signon;
    (void)letter;
    str_format(name, sizeof name, "%s[%s]", c->user.nick, c->user.username);
    reply(req, RPL_STATSLINKINFO, name, c->out.sendq.bytes,
          (unsigned long long)(c->session->sent / 1024),
          (unsigned long long)c->session->commands,
          (unsigned long long)(c->session->received / 1024),
          (long long)(open > 0 ? open / MSEC_SECOND : 0));
}

/* Sends 243 for each oper block: its hosts (with see_address only), name and class. */
static void
report_oper_blocks(const struct request *req, char letter)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    (void)letter;
    for (size_t i = 0; i < srv->config->n_oper; i++) {
        const struct config_oper *oper = &srv->config->oper[i];
        const char *class = oper->class ? oper->class : "*";
        if (!access_has(c, PRIV_see_address)) {
            reply(req, RPL_STATSOLINE, "*", oper->name, class);
            continue;
        }
        for (size_t h = 0; h < oper->n_hosts; h++)
            reply(req, RPL_STATSOLINE, oper->hosts[h], oper->name, class);
    }
}

static void
report_opers(const struct request *req, char letter)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char text[MESSAGE_LINE];
    unsigned n = 0;
    for (size_t i = 0; i < srv->n_opers; i++) {
        const struct client *oper = srv->opers[i];
        if (!access_sees_client(c, oper))
            continue;
        str_format(text, sizeof text, "%s (%s@%s) idle %lld s", oper->user.nick,
                   oper->user.username, oper->user.host,
                   (long long)((srv->now - oper->user.talked) / MSEC_SECOND));
        reply(req, RPL_STATSDEBUG, letter, text);
        n++;
    }
    str_format(text, sizeof text, "%u operators", n);
    reply(req, RPL_STATSDEBUG, letter, text);
}

static void
report_certificates(const struct request *req, char letter)
{
    char text[MESSAGE_LINE], until[32];
    size_t n;
    const struct certificate *all = certificate_list(req->srv, &n);
    for (size_t i = 0; i < n; i++) {
        moment_format(all[i].until, until, sizeof until);
        str_format(text, sizeof text, "certificate of %s: SHA-256 %s, until %s%s",
                   SHOWN(all[i].name), all[i].fingerprint, until,
                   all[i].self_signed ? ", self-signed" : "");
        reply(req, RPL_STATSDEBUG, letter, text);
    }
}

/* "proxy, tls, serves chat,websocket, class tor"; "plain" if l has none of its options. */
static void
write_port_options(const struct config_listen *l, char *out, size_t size)
{
    char roles[CONFIG_SERVES_TEXT];
    struct str s;
    str_init(&s, out, size);
    str_addf(&s, "%s", l->proxy ? "proxy, " : "");
    str_addf(&s, "%s", l->tls ? "tls" : l->redirect ? "redirect" : "plain");
    if (config_is_web(l))
        str_addf(&s, ", serves %s", config_serves_text(l->serves, roles));
    if (l->class && *l->class)
        str_addf(&s, ", class %s", l->class);
}

/* An IPv6 address that begins with ':' gets a '0' in front: a ':' would begin the last
 * parameter. */
static void
report_ports(const struct request *req, char letter)
{
    struct server *srv = req->srv;
    char options[MESSAGE_LINE];
    (void)letter;
    for (size_t i = 0; i < srv->config->n_listen; i++) {
        const struct config_listen *l = &srv->config->listen[i];
        write_port_options(l, options, sizeof options);
        reply(req, RPL_STATSPLINE, l->port, *l->text == ':' ? "0" : "", l->text,
              options);
    }
    report_certificates(req, letter);
}

static const char *const refusal_texts[REFUSALS] = {
#define REFUSAL(name, text) text,
#include "state/refusals.def"
#undef REFUSAL
};

static void
report_traffic(const struct request *req, char letter)
{
    struct server *srv = req->srv;
    char text[MESSAGE_LINE];
    str_format(text, sizeof text, "%llu connections accepted, %llu refused",
               (unsigned long long)srv->n_accepted, (unsigned long long)srv->n_refused);
    reply(req, RPL_STATSDEBUG, letter, text);
    for (int i = 0; i < REFUSALS; i++) {
        str_format(text, sizeof text, "%llu %s", (unsigned long long)srv->refusals[i],
                   refusal_texts[i]);
        reply(req, RPL_STATSDEBUG, letter, text);
    }
    str_format(text, sizeof text, "%llu bytes in, %llu out",
               (unsigned long long)srv->bytes_in, (unsigned long long)srv->bytes_out);
    reply(req, RPL_STATSDEBUG, letter, text);
    str_format(text, sizeof text,
               "%zu bytes of memory in send queues, %llu message ids given",
               srv->buffers.sum.bytes, (unsigned long long)msgid_of(srv)->given);
    reply(req, RPL_STATSDEBUG, letter, text);
}

static void
report_memory_row(const struct request *req, char letter, const char *what, size_t n,
                  size_t bytes)
{
    char text[MESSAGE_LINE];
    str_format(text, sizeof text, "%zu %s, %zu KiB", n, what, bytes / 1024);
    reply(req, RPL_STATSDEBUG, letter, text);
}

static void
report_memory(const struct request *req, char letter)
{
    struct server *srv = req->srv;
    struct census all;
    char what[48];
    subsystems_census(srv, &all);
    for (size_t i = 0; i < all.n_rows; i++)
        report_memory_row(req, letter, all.rows[i].name, all.rows[i].n,
                          all.rows[i].bytes);
    str_format(what, sizeof what, "%zu KiB in all", all.all / 1024);
    reply(req, RPL_STATSDEBUG, letter, what);
    str_format(what, sizeof what, "%zu bytes a client", all.clients / srv->n_clients);
    reply(req, RPL_STATSDEBUG, letter, what);
}

static void
report_uptime(const struct request *req, char letter)
{
    struct server *srv = req->srv;
    unsigned long long s =
        (unsigned long long)((srv->now - srv->started) / MSEC_SECOND);
    (void)letter;
    reply(req, RPL_STATSUPTIME, s / 86400, s / 3600 % 24, s / 60 % 60, s % 60);
    reply(req, RPL_STATSCONN, srv->max_clients, srv->max_local,
          (unsigned long long)(srv->n_accepted - srv->n_acted));
}

static void report_letters(const struct request *req, char letter);

static const struct {
    char letter;
    uint64_t priv;
    void (*send)(const struct request *req, char letter);
    bool sends_end; /* the report sends 219 itself, perhaps in a later turn */
    const char *help;
} reports[] = {
    {'?', PRIV_NONE, report_letters, false, "the letters that you may use"},
    {'c', PRIV_OPER, report_classes, false, "classes and connections"},
    {'D', PRIV_check, ban_list_stats, true, "D-lines without end"},
    {'d', PRIV_check, ban_list_stats, true, "D-lines with an end"},
    {'K', PRIV_check, ban_list_stats, true, "K-lines without end"},
    {'k', PRIV_check, ban_list_stats, true, "K-lines with an end"},
    {'l', PRIV_NONE, report_link, false, "your own connection"},
    {'m', PRIV_OPER, report_commands, false,
     "how often each command was used, with bytes"},
    {'o', PRIV_OPER, report_oper_blocks, false, "oper blocks and their classes"},
    {'P', PRIV_OPER, report_ports, false,
     "ports on which the server listens, and certificates"},
    {'p', PRIV_NONE, report_opers, false, "operators that are connected"},
    {'q', PRIV_check, ban_list_stats, true, "RESVs"},
    {'s', PRIV_OPER, status_report, false,
     "status: listeners, clients, data, certificates, and what is wrong"},
    {'t', PRIV_OPER, report_traffic, false, "total traffic"},
    {'u', PRIV_NONE, report_uptime, false,
     "uptime, and the highest number of connections"},
    {'x', PRIV_check, ban_list_stats, true, "X-lines"},
    {'z', PRIV_OPER, report_memory, false, "counters and memory"},
};

static void
report_letters(const struct request *req, char letter)
{
    struct client *c = req->client;
    char text[MESSAGE_LINE];
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        if (!access_has(c, reports[i].priv))
            continue;
        str_format(text, sizeof text, "%c %s", reports[i].letter, reports[i].help);
        reply(req, RPL_STATSDEBUG, letter, text);
    }
}

/* Sends the report of a letter, or the reason why the client gets none. Returns false
 * if the caller must send 219. */
static bool
send_report(struct request *req, char letter)
{
    struct client *c = req->client;
    char why[64];
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        if (reports[i].letter != letter)
            continue;
        if (access_has(c, reports[i].priv)) {
            reports[i].send(req, letter);
            return reports[i].sends_end;
        }
        if (reports[i].priv == PRIV_OPER)
            str_format(why, sizeof why, "STATS %c is for operators", letter);
        else
            str_format(why, sizeof why, "STATS %c needs the privilege '%s'", letter,
                       privs_name(reports[i].priv));
        reply(req, ERR_NOPRIVILEGES, why);
        return false;
    }
    reply_notice(req, "STATS: there is no such report; STATS ? lists them");
    return false;
}

/* STATS [<letter> [<server>]] */
static void
stats_run(struct request *req)
{
    struct message *m = req->message;
    char letter = m->nparams && m->params[0][0] ? m->params[0][0] : '?';
    if (m->nparams > 1 && !info_is_this_server(req, m->params[1]))
        return;
    if (send_report(req, letter))
        return;
    /* A byte of a longer UTF-8 character cannot be sent back. Neither can ':', because
     * it would begin the last parameter. */
    bool is_plain = letter > ' ' && letter < 127 && letter != ':';
    reply(req, RPL_ENDOFSTATS, is_plain ? letter : '*');
}

const struct command commands_stats[] = {
    {
        .name = "STATS",
        .run = stats_run,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .flags = COMMAND_WEIGHED,
        .group = GROUP_SERVER,
        .syntax = "[<letter>]",
        .help = "show a report; STATS ? lists the reports that you may read",
        .example = "STATS m",
    },
    {.name = NULL},
};
