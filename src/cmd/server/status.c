/* STATS s: what an administrator asks first. Each line is "key: value", so a person and
 * a script read the same lines. A fault is named in words, with the remedy. The report
 * must show no address of a client. */
#include "cmd/status.h"

#include "base/duration.h"
#include "base/str.h"
#include "cmd/command.h"
#include "proto/utf8.h"
#include "state/census.h"
#include "state/certificate.h"
#include "state/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DAYS_WARNED 14    /* a certificate that ends sooner is a fault */
#define CLIENTS_WARNED 95 /* percent of limits.clients */

/* The report at work. */
struct status {
    const struct server *srv;
    void (*fn)(void *ctx, const char *key, const char *value);
    void *ctx;
    unsigned faults; /* facts of the key wrong */
};

static void send_status(const struct status *s, const char *key, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

static void add_status_fault(struct status *s, const char *fmt, ...) ATTR_PRINTF(2, 3);

static void
send_status(const struct status *s, const char *key, const char *fmt, ...)
{
    char value[MESSAGE_LINE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(value, sizeof value, fmt, args);
    va_end(args);
    s->fn(s->ctx, key, value);
}

/* A fault with its remedy. */
static void
add_status_fault(struct status *s, const char *fmt, ...)
{
    char value[MESSAGE_LINE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(value, sizeof value, fmt, args);
    va_end(args);
    s->faults++;
    send_status(s, "wrong", "%s", value);
}

static void
report_server(const struct status *s)
{
    const struct server *srv = s->srv;
    char up[DURATION_TEXT];
    duration_words((srv->now - srv->started) / MSEC_SECOND * MSEC_SECOND, up,
                   sizeof up);
    send_status(s, "server", "%s, ircd " IRCD_VERSION, srv->me.name);
    send_status(s, "up", "%s", up);
}

/* A line "key: value" of the shell, n bytes. A line has room for a path that is not too
 * long; the rest of it is cut. */
static void
send_about_line(struct status *s, const char *line, size_t n, bool faults)
{
    char text[MESSAGE_LINE];
    utf8_copy(text, sizeof text, line, n);
    char *colon = strstr(text, ": ");
    if (colon == NULL)
        return;
    *colon = '\0';
    bool fault = strcmp(text, "wrong") == 0;
    if (fault && faults)
        add_status_fault(s, "%s", colon + 2);
    else if (!fault && !faults)
        send_status(s, text, "%s", colon + 2);
}

/* The lines of the shell: its faults, or all the others. */
static void
report_about(struct status *s, bool faults)
{
    const char *at = s->srv->about;
    while (at && *at) {
        size_t n = strcspn(at, "\n");
        send_about_line(s, at, n, faults);
        at += n + (at[n] == '\n');
    }
}

static void
report_clients(const struct status *s)
{
    const struct server *srv = s->srv;
    size_t most = (size_t)srv->config->limits.clients;
    send_status(s, "clients", "%zu of %zu, %zu registered, %zu operators",
                srv->n_clients - srv->n_acting, most, srv->n_local,
                client_count_opers(srv));
}

static void
find_client_faults(struct status *s)
{
    const struct server *srv = s->srv;
    size_t most = (size_t)srv->config->limits.clients;
    if (most != 0 && (srv->n_clients - srv->n_acting) * 100 >= most * CLIENTS_WARNED)
        add_status_fault(s,
                         "nearly as many clients as limits.clients allows; raise it");
}

/* The number and the bytes of the records, which only the store knows. */
static void
report_store(const struct status *s)
{
    struct census all;
    subsystems_census(s->srv, &all);
    for (size_t i = 0; i < all.n_rows; i++) {
        if (strcmp(all.rows[i].name, CENSUS_RECORDS) == 0)
            send_status(s, "store", "%zu records, %zu bytes, in %s", all.rows[i].n,
                        all.rows[i].bytes, s->srv->config->database.path);
    }
}

static void
report_data(const struct status *s)
{
    const struct server *srv = s->srv;
    if (!srv->store->durable) {
        send_status(s, "data",
                    "in memory; nothing outlives the server (database.path)");
        return;
    }
    send_status(s, "data", "%s%s", srv->unsaved ? "not saved: " : "saved",
                srv->unsaved ? srv->unsaved : "");
    report_store(s);
}

static void
report_certificate_days(const struct status *s)
{
    const struct server *srv = s->srv;
    size_t n;
    const struct certificate *all = certificate_list(srv, &n);
    for (size_t i = 0; i < n; i++) {
        bool ended = all[i].until <= srv->wall;
        send_status(s, "certificate", "%s %lld days%s", SHOWN(all[i].name),
                    ended ? 0 : (long long)((all[i].until - srv->wall) / MSEC_DAY),
                    all[i].self_signed ? ", self-signed" : "");
    }
}

static void
find_certificate_faults(struct status *s)
{
    const struct server *srv = s->srv;
    size_t n;
    const struct certificate *all = certificate_list(srv, &n);
    for (size_t i = 0; i < n; i++) {
        if (all[i].until - srv->wall < DAYS_WARNED * MSEC_DAY)
            add_status_fault(
                s, "the certificate of %s %s; renew it, then `ircd ctl rehash tls`",
                SHOWN(all[i].name),
                all[i].until <= srv->wall ? "has ended" : "ends soon");
    }
}

static void
find_state_faults(struct status *s)
{
    const struct server *srv = s->srv;
    if (srv->unsaved)
        add_status_fault(
            s,
            "changes cannot be saved: %s; mend that and they are saved within "
            "seconds",
            srv->unsaved);
    if (srv->misconfigured)
        add_status_fault(
            s,
            "the configuration read last is not in force: %s; `ircd -c FILE -t` tells "
            "all faults; mend them, then `ircd ctl rehash`",
            srv->misconfigured);
    if (srv->uncertified)
        add_status_fault(
            s,
            "the certificates read last are not in force: %s; mend that, then "
            "`ircd ctl rehash tls`",
            srv->uncertified);
}

void
status_each(const struct server *srv,
            void (*fn)(void *ctx, const char *key, const char *value), void *ctx)
{
    struct status s = {.srv = srv, .fn = fn, .ctx = ctx};
    report_server(&s);
    report_about(&s, false);
    report_clients(&s);
    report_data(&s);
    report_certificate_days(&s);
    find_client_faults(&s);
    find_state_faults(&s);
    find_certificate_faults(&s);
    report_about(&s, true);
    if (s.faults == 0)
        send_status(&s, "wrong", "nothing");
}

/* The reader of a STATS s. */
struct status_reader {
    const struct request *req;
    char letter;
};

static void
reply_status_line(void *ctx, const char *key, const char *value)
{
    const struct status_reader *r = ctx;
    char line[MESSAGE_LINE];
    str_format(line, sizeof line, "%s: %s", key, value);
    reply(r->req, RPL_STATSDEBUG, r->letter, line);
}

void
status_report(const struct request *req, char letter)
{
    struct status_reader r = {req, letter};
    status_each(req->srv, reply_status_line, &r);
}
