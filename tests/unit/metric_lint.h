/* The text of metrics as a scraper reads it, and what promtool would say of it. */
#ifndef TESTS_METRIC_LINT_H
#define TESTS_METRIC_LINT_H

#include <stdbool.h>
#include <stddef.h>

#define METRIC_SAMPLES 1024

struct server;

/* One sample; the texts are in the copy that the snapshot owns. */
struct metric_sample {
    const char *series; /* name and labels: ircd_clients{state="registered"} */
    double value;
};

struct metric_snapshot {
    char *text; /* owned */
    struct metric_sample samples[METRIC_SAMPLES];
    size_t n;
    char fault[256]; /* the first fault; "": there is none */
};

/* Reads a text. A fault is what breaks the format (HELP and TYPE before the samples, each
 * once; escapes; one line a sample; no series twice; buckets that rise to the count) or
 * the habits of names: _total for counters and for nothing else, base units. */
void metric_snapshot_read(struct metric_snapshot *s, const char *text);
/* Reads the metrics of a server, without those of its shell; they have no fault. */
void metric_snapshot_take(struct metric_snapshot *s, const struct server *srv);
void metric_snapshot_clear(struct metric_snapshot *s);

/* The value of a series; -1: it is not there. */
double metric_snapshot_value(const struct metric_snapshot *s, const char *series);

#endif
