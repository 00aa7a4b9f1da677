/* Metrics: what the rows of metrics.def write.
 *
 * Each count is kept where it changes, so nothing here walks over clients, hosts, channels
 * or bans. A row must never have a label with a value that an outsider chooses: each value
 * would be a series of its own. */
#include "session/metrics.h"

#include "base/mem.h"
#include "cmd/registry.h"
#include "config/config.h"
#include "policy/counts.h"
#include "policy/policy.h"
#include "state/certificate.h"
#include "state/client.h"
#include "state/server.h"

#include <stdlib.h>
#include <string.h>

void
metric_series_count(struct metric_series *s, const char *first, const char *second,
                    uint64_t n)
{
    for (size_t i = 0; i < s->n; i++) {
        struct metric_count *at = &s->all[i];
        if (strcmp(at->labels[0], first) == 0 &&
            (second == NULL || strcmp(at->labels[1], second) == 0)) {
            at->n += n;
            return;
        }
    }
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 8;
        s->all = xrealloc(s->all, s->cap * sizeof *s->all);
    }
    s->all[s->n++] = (struct metric_count){{first, second}, n};
}

void
metric_series_clear(struct metric_series *s)
{
    free(s->all);
    *s = (struct metric_series){.all = NULL};
}

void
metrics_facts_clear(struct metrics_facts *facts)
{
    metric_series_clear(&facts->clients);
    metric_series_clear(&facts->connections);
    metric_series_clear(&facts->handshakes);
    metric_series_clear(&facts->requests);
}

static void
write_series(struct metric *m, const struct metric_series *s)
{
    for (size_t i = 0; i < s->n; i++)
        metric_add_of_both(m, s->all[i].labels[0], s->all[i].labels[1], s->all[i].n);
}

static void
write_known(struct metric *m, uint64_t value)
{
    if (value != METRICS_UNKNOWN)
        metric_add(m, value);
}

static void
write_clients(struct metric *m, const struct server *srv)
{
    metric_add_of(m, "registered", srv->n_local);
    metric_add_of(m, "unregistered", srv->n_clients - srv->n_acting - srv->n_local);
}

static void
write_refusals(struct metric *m, const struct server *srv,
               const struct metrics_facts *facts)
{
    const struct policy_counts *p = srv->policy->counts;
    const uint64_t *at_accept = p->refused, *bans = p->ban_refused;
    const uint64_t *ends = srv->counts.ends, *shell = srv->refusals;
    metric_add_of(m, "dline", at_accept[THROTTLE_DLINE]);
    metric_add_of(m, "full", at_accept[THROTTLE_CLIENTS]);
    metric_add_of(m, "gateway", at_accept[THROTTLE_GATEWAY]);
    metric_add_of(m, "class", at_accept[THROTTLE_CLASS]);
    metric_add_of(m, "per_host", at_accept[THROTTLE_PER_HOST]);
    metric_add_of(m, "per_network", at_accept[THROTTLE_PER_NETWORK]);
    metric_add_of(m, "unregistered", at_accept[THROTTLE_UNREGISTERED]);
    metric_add_of(m, "connect_rate", at_accept[THROTTLE_CONNECT_RATE]);
    metric_add_of(m, "descriptors", facts->no_descriptor);
    metric_add_of(m, "proxy", shell[REFUSAL_proxy]);
    metric_add_of(m, "webirc", shell[REFUSAL_webirc]);
    metric_add_of(m, "tls", shell[REFUSAL_tls]);
    metric_add_of(m, "plain_port", shell[REFUSAL_plain_port]);
    metric_add_of(m, "origin", shell[REFUSAL_origin]);
    metric_add_of(m, "http", shell[REFUSAL_http]);
    metric_add_of(m, "password",
                  ends[END_PASSWORD_MISSING] + ends[END_PASSWORD_WRONG] +
                      ends[END_PASSWORD_CHANGED] + ends[END_PASSWORD_REFUSED]);
    metric_add_of(m, "timeout",
                  ends[END_REGISTRATION_TIMEOUT] + ends[END_PASSWORD_TIMEOUT]);
    metric_add_of(m, "kline", bans[BAN_KLINE]);
    metric_add_of(m, "xline", bans[BAN_XLINE]);
    metric_add_of(m, "reserved", bans[BAN_RESV]);
}

static void
write_command_uses(struct metric *m, const struct server *srv)
{
    const struct command *row;
    uint64_t runs;
    for (size_t i = 0; (row = registry_row(srv, i, &runs, NULL)) != NULL; i++)
        metric_add_of(m, row->name, runs);
    metric_add_of(m, "other", srv->counts.unknown_commands);
}

static void
write_lines(struct metric *m, const struct server *srv)
{
    metric_add_of(m, "run", srv->counts.lines[LINE_RUN]);
    metric_add_of(m, "held", srv->counts.lines[LINE_HELD]);
    metric_add_of(m, "refused", srv->counts.lines[LINE_REFUSED]);
}

static void
write_messages(struct metric *m, const struct server *srv)
{
    metric_add_of(m, "channel", srv->counts.messages[MESSAGE_CHANNEL]);
    metric_add_of(m, "private", srv->counts.messages[MESSAGE_PRIVATE]);
    metric_add_of(m, "other", srv->counts.messages[MESSAGE_OTHER]);
}

static void
write_traffic(struct metric *m, const struct server *srv)
{
    metric_add_of(m, "in", srv->bytes_in);
    metric_add_of(m, "out", srv->bytes_out);
}

static void
write_strikes(struct metric *m, const struct policy_counts *policy)
{
    for (int i = 0; i < STRIKE_CAUSES; i++)
        metric_add_of(m, strike_cause_name((enum strike_cause)i), policy->strikes[i]);
}

static const char *const ban_labels[BAN_KINDS] = {[BAN_KLINE] = "kline",
                                                  [BAN_DLINE] = "dline",
                                                  [BAN_RESV] = "resv",
                                                  [BAN_XLINE] = "xline"};

static void
write_bans(struct metric *m, const size_t n[BAN_KINDS])
{
    for (int i = 0; i < BAN_KINDS; i++)
        metric_add_of(m, ban_labels[i], n[i]);
}

static void
write_bans_set(struct metric *m, const struct policy_counts *policy)
{
    for (int i = 0; i < BAN_KINDS; i++) {
        metric_add_of_both(m, ban_labels[i], "oper", policy->bans_set[i][BAN_BY_OPER]);
        metric_add_of_both(m, ban_labels[i], "server",
                           policy->bans_set[i][BAN_BY_SERVER]);
    }
}

static void
write_hits(struct metric *m, const struct policy_counts *policy)
{
    for (int i = 0; i < BAN_KINDS; i++)
        metric_add_of(m, ban_labels[i], policy->ban_hits[i]);
}

/* A client that a ban refuses at its registration is a refusal. */
static void
write_kills(struct metric *m, const struct server *srv)
{
    const uint64_t *ends = srv->counts.ends;
    metric_add_of(m, "oper", ends[END_KILL] + ends[END_CLOSE]);
    metric_add_of(m, "sendq", ends[END_SENDQ] + ends[END_SENDQ_TOTAL]);
    metric_add_of(m, "recvq", ends[END_RECVQ_TOTAL]);
    metric_add_of(m, "ping", ends[END_PING_TIMEOUT]);
    metric_add_of(m, "flood", ends[END_EXCESS_FLOOD] + ends[END_STRIKES]);
    metric_add_of(m, "ban", ends[END_KLINE] + ends[END_DLINE] + ends[END_XLINE]);
    metric_add_of(m, "timeout",
                  ends[END_REGISTRATION_TIMEOUT] + ends[END_PASSWORD_TIMEOUT]);
}

static void
write_certificates(struct metric *m, const struct server *srv)
{
    size_t n;
    const struct certificate *all = certificate_list(srv, &n);
    for (size_t i = 0; i < n; i++)
        metric_add_msec(m, all[i].name, all[i].until);
}

/* One function for each row. */
#define METRIC(name, TYPE, labels, write, help)                                        \
    static void write_row_##name(struct metric *m, const struct server *srv,           \
                                 const struct policy_counts *policy,                   \
                                 const struct metrics_facts *facts)                    \
    {                                                                                  \
        (void)srv, (void)policy, (void)facts;                                          \
        write;                                                                         \
    }
#include "session/metrics.def"
#undef METRIC

static const struct metric rows[] = {
#define METRIC(name, TYPE, labels, write, help)                                        \
    {NULL, #name, METRIC_##TYPE, labels, help, false},
#include "session/metrics.def"
#undef METRIC
};

static void (*const writers[])(struct metric *, const struct server *,
                               const struct policy_counts *,
                               const struct metrics_facts *) = {
#define METRIC(name, TYPE, labels, write, help) write_row_##name,
#include "session/metrics.def"
#undef METRIC
};

const struct metric *
metrics_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

void
session_metrics(const struct server *srv, const struct metrics_facts *facts,
                struct draft *out)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct metric m = rows[i];
        m.out = out;
        writers[i](&m, srv, srv->policy->counts, facts);
    }
}
