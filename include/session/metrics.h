/* The metrics of a server, for Prometheus: one row each in metrics.def.
 *
 * A figure of the core is read from its state, and costs the core a plain increment where
 * it happens. A figure of the shell comes in struct metrics_facts. A label never has a
 * nick, a channel or the address of a client. */
#ifndef SESSION_METRICS_H
#define SESSION_METRICS_H

#include "base/draft.h"
#include "base/histogram.h"
#include "base/msec.h"
#include "session/metric_text.h"

#include <stddef.h>
#include <stdint.h>

struct server;

/* Counts of one metric with labels. A zeroed struct is empty. */
struct metric_series {
    struct metric_count {
        /* The values of its labels, static or borrowed as long as the struct; the second
         * is NULL with one label. */
        const char *labels[METRIC_LABELS];
        uint64_t n;
    } * all;
    size_t n, cap;
};

/* Adds n to the count with these labels, which is made if it is missing. The labels must
 * be few: each call compares them. */
void metric_series_count(struct metric_series *s, const char *first, const char *second,
                         uint64_t n);
/* Frees the counts; the struct is empty then. */
void metric_series_clear(struct metric_series *s);

#define METRICS_UNKNOWN UINT64_MAX /* a figure that this system does not tell */

/* What the shell knows, all since its start. */
struct metrics_facts {
    const char *openssl;              /* version of the library; "": none is used */
    struct metric_series clients;     /* now, by transport */
    struct metric_series connections; /* admitted, by listener as configured */
    struct metric_series handshakes;  /* ended, by result and version of TLS */
    struct metric_series requests;    /* of HTTP, by route and status code */
    uint64_t handshakes_active;       /* that have begun */
    uint64_t no_descriptor;           /* connections refused for lack of descriptors */
    struct histogram turns;           /* the busy part of each turn */
    struct histogram saves;           /* of the store */
    uint64_t records;                 /* of the store */
    uint64_t unsaved;                 /* changes that are not on disk yet */
    uint64_t failed_saves;
    uint64_t cpu;         /* nanoseconds, of all threads */
    uint64_t resident;    /* bytes; METRICS_UNKNOWN */
    uint64_t descriptors; /* open; METRICS_UNKNOWN */
    uint64_t descriptors_most;
    msec started; /* wall: the process */
};

/* Frees the series. */
void metrics_facts_clear(struct metrics_facts *facts);

/* Writes all metrics of metrics.def in the text format 0.0.4. It changes nothing and reads
 * no clock. The time it takes does not grow with clients, hosts, channels or bans. */
void session_metrics(const struct server *srv, const struct metrics_facts *facts,
                     struct draft *out);

/* The rows in their order, *n of them: for tests and documents. Only name, type, labels
 * and help are set. */
const struct metric *metrics_rows(size_t *n);

#endif
