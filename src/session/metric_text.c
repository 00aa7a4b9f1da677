/* Writes samples. Numbers are decimal, without rounding: seconds have as many digits
 * behind the point as the unit that was counted. */
#include "session/metric_text.h"

#include "base/str.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define SECONDS_TEXT 40
#define NANOSECONDS UINT64_C(1000000000)

const char *
metric_type_name(enum metric_type type)
{
    static const char *const names[] = {[METRIC_COUNTER] = "counter",
                                        [METRIC_GAUGE] = "gauge",
                                        [METRIC_HISTOGRAM] = "histogram"};
    return names[type];
}

/* In HELP a backslash and a line end are escaped, in the value of a label a quote, too. */
static void
add_escaped_value(struct draft *d, const char *text, bool quoted)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\')
            draft_add(d, "\\\\");
        else if (*text == '\n')
            draft_add(d, "\\n");
        else if (*text == '"' && quoted)
            draft_add(d, "\\\"");
        else
            draft_add(d, (char[]){*text, '\0'});
    }
}

static void
begin_metric(struct metric *m)
{
    if (m->begun)
        return;
    m->begun = true;
    draft_addf(m->out, "# HELP %s ", m->name);
    add_escaped_value(m->out, m->help, false);
    draft_addf(m->out, "\n# TYPE %s %s\n", m->name, metric_type_name(m->type));
}

/* "NAME{a="x",b="y"} " with as many labels as the metric has. */
static void
begin_sample(struct metric *m, const char *const values[METRIC_LABELS])
{
    begin_metric(m);
    draft_add(m->out, m->name);
    const char *label = m->labels;
    for (int i = 0; *label != '\0'; i++) {
        size_t n = strcspn(label, " ");
        char name[32];
        assert(i < METRIC_LABELS && values[i] != NULL);
        str_format(name, sizeof name, "%.*s", (int)n, label);
        draft_addf(m->out, "%c%s=\"", i == 0 ? '{' : ',', name);
        add_escaped_value(m->out, values[i], true);
        draft_add(m->out, "\"");
        label += n + (label[n] == ' ');
    }
    draft_add(m->out, *m->labels != '\0' ? "} " : " ");
}

void
metric_add_of_both(struct metric *m, const char *first, const char *second,
                   uint64_t value)
{
    begin_sample(m, (const char *[]){first, second});
    draft_addf(m->out, "%" PRIu64 "\n", value);
}

void
metric_add_of(struct metric *m, const char *label, uint64_t value)
{
    metric_add_of_both(m, label, NULL, value);
}

void
metric_add(struct metric *m, uint64_t value)
{
    metric_add_of(m, NULL, value);
}

void
metric_add_msec(struct metric *m, const char *label, msec value)
{
    begin_sample(m, (const char *[]){label, NULL});
    draft_addf(m->out, "%lld.%03lld\n", (long long)(value / MSEC_SECOND),
               (long long)(value % MSEC_SECOND));
}

/* "0.0025", "1": without zeros at the end. */
static void
format_nanoseconds(uint64_t nanoseconds, char out[SECONDS_TEXT])
{
    str_format(out, SECONDS_TEXT, "%" PRIu64 ".%09" PRIu64, nanoseconds / NANOSECONDS,
               nanoseconds % NANOSECONDS);
    size_t n = strlen(out);
    while (out[n - 1] == '0')
        n--;
    out[out[n - 1] == '.' ? n - 1 : n] = '\0';
}

void
metric_add_nanoseconds(struct metric *m, uint64_t value)
{
    char text[SECONDS_TEXT];
    format_nanoseconds(value, text);
    begin_sample(m, (const char *[]){NULL, NULL});
    draft_addf(m->out, "%s\n", text);
}

void
metric_add_histogram(struct metric *m, const struct histogram *h)
{
    char text[SECONDS_TEXT];
    uint64_t all = 0;
    begin_metric(m);
    for (int i = 0; i < HISTOGRAM_BOUNDS; i++) {
        all += h->counts[i];
        format_nanoseconds(h->bounds[i], text);
        draft_addf(m->out, "%s_bucket{le=\"%s\"} %" PRIu64 "\n", m->name, text, all);
    }
    all += h->counts[HISTOGRAM_BOUNDS];
    format_nanoseconds(h->sum, text);
    draft_addf(m->out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", m->name, all);
    draft_addf(m->out, "%s_sum %s\n%s_count %" PRIu64 "\n", m->name, text, m->name,
               all);
}
