/* STATS s: what an administrator asks first. Each line is "key: value", so a person and
 * a script read the same lines. A fault is named in words, with the remedy. The report
 * must show no address of a client. */
#include "status.h"

#include "base/duration.h"
#include "base/str.h"
#include "cmd/command.h"
#include "state/certificate.h"
#include "state/store.h"

#include <stdarg.h>
#include <stdio.h>

#define DAYS_WARNED 14    /* a certificate that ends sooner is a fault */
#define CLIENTS_WARNED 95 /* percent of limits.clients */

/* The report at work. */
struct status {
    const struct request *req;
    char letter;
    unsigned faults; /* lines of the key wrong */
};

static void send_status(const struct status *s, const char *key, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

static void
send_status(const struct status *s, const char *key, const char *fmt, ...)
{
    char line[MESSAGE_LINE], value[MESSAGE_LINE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(value, sizeof value, fmt, args);
    va_end(args);
    str_format(line, sizeof line, "%s: %s", key, value);
    reply(s->req, RPL_STATSDEBUG, s->letter, line);
}

static void
report_server(const struct status *s)
{
    const struct server *srv = s->req->srv;
    char up[DURATION_TEXT];
    duration_words((srv->now - srv->started) / MSEC_SECOND * MSEC_SECOND, up,
                   sizeof up);
    send_status(s, "server", "%s, ircd " IRCD_VERSION, srv->me.name);
    send_status(s, "up", "%s", up);
}

static void
report_listeners(const struct status *s)
{
    const struct config *config = s->req->srv->config;
    for (size_t i = 0; i < config->n_listen; i++) {
        const struct config_listen *l = &config->listen[i];
        send_status(s, "listener", "%s %s%s", l->text,
                    l->tls        ? "tls"
                    : l->redirect ? "redirect"
                                  : "plain",
                    l->proxy ? " proxy" : "");
    }
}

static void
report_clients(struct status *s)
{
    const struct server *srv = s->req->srv;
    size_t most = (size_t)srv->config->limits.clients;
    /* The connection of `ircd ctl` that asks is no client to its user. */
    size_t own = s->req->client->out.flags & CLIENT_OWNER ? 1 : 0;
    send_status(s, "clients", "%zu of %zu, %zu registered, %zu operators",
                srv->n_clients - own, most, srv->n_local - own, srv->n_opers - own);
    if (most == 0 || srv->n_clients * 100 < most * CLIENTS_WARNED)
        return;
    s->faults++;
    send_status(s, "wrong", "nearly as many clients as limits.clients allows");
}

static void
report_data(struct status *s)
{
    const struct server *srv = s->req->srv;
    if (!srv->store->durable)
        send_status(s, "data",
                    "in memory; nothing outlives the server (database.path)");
    else
        send_status(s, "data", "%s%s", srv->unsaved ? "not saved: " : "saved",
                    srv->unsaved ? srv->unsaved : "");
    if (!srv->unsaved)
        return;
    s->faults++;
    send_status(s, "wrong", "changes cannot be saved in the database: %s",
                srv->unsaved);
}

static void
report_certificate_days(struct status *s)
{
    const struct server *srv = s->req->srv;
    size_t n;
    const struct certificate *all = certificate_list(srv, &n);
    for (size_t i = 0; i < n; i++) {
        long long days = (long long)((all[i].until - srv->wall) / MSEC_DAY);
        bool ended = all[i].until <= srv->wall;
        send_status(s, "certificate", "%s %lld days%s", SHOWN(all[i].name),
                    ended ? 0 : days, all[i].self_signed ? ", self-signed" : "");
        if (days >= DAYS_WARNED)
            continue;
        s->faults++;
        send_status(s, "wrong", "the certificate of %s %s; renew it, then REHASH TLS",
                    SHOWN(all[i].name), ended ? "has ended" : "ends soon");
    }
}

void
status_report(const struct request *req, char letter)
{
    struct status s = {.req = req, .letter = letter};
    report_server(&s);
    report_listeners(&s);
    report_clients(&s);
    report_data(&s);
    report_certificate_days(&s);
    if (req->srv->misconfigured) {
        s.faults++;
        send_status(&s, "wrong",
                    "the configuration read last has faults and is not in force; "
                    "`ircd -t` names them");
    }
    if (s.faults == 0)
        send_status(&s, "wrong", "nothing");
}
