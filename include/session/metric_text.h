/* The text format of Prometheus, version 0.0.4: the lines of one metric. */
#ifndef SESSION_METRIC_TEXT_H
#define SESSION_METRIC_TEXT_H

#include "base/draft.h"
#include "base/histogram.h"
#include "base/msec.h"

#include <stdbool.h>
#include <stdint.h>

#define METRIC_LABELS 2 /* labels of a metric, at most */

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* A metric that is being written. Its head, the lines HELP and TYPE, comes with its first
 * sample, so a metric without samples has no line. */
struct metric {
    struct draft *out;
    const char *name; /* as in the text, with its prefix */
    enum metric_type type;
    const char *labels; /* their names, separated by a blank; "": it has none */
    const char *help;
    bool begun; /* its head is written */
};

/* "counter", "gauge", "histogram". */
const char *metric_type_name(enum metric_type type);

/* A sample of a metric without labels, with one, and with two. Values of labels may have
 * any bytes of UTF-8. */
void metric_add(struct metric *m, uint64_t value);
void metric_add_of(struct metric *m, const char *label, uint64_t value);
void metric_add_of_both(struct metric *m, const char *first, const char *second,
                        uint64_t value);

/* A sample in seconds, from milliseconds (label NULL: none) or nanoseconds. */
void metric_add_msec(struct metric *m, const char *label, msec value);
void metric_add_nanoseconds(struct metric *m, uint64_t value);

/* The samples of a histogram: its buckets, which count all durations up to their bound,
 * the sum in seconds, and the count. */
void metric_add_histogram(struct metric *m, const struct histogram *h);

#endif
