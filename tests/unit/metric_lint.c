/* A reader of the text format 0.0.4 that is strict on purpose. */
#include "metric_lint.h"

#include "base/draft.h"
#include "base/mem.h"
#include "base/str.h"
#include "session/metrics.h"
#include "test.h"

#include <stdlib.h>

struct lint {
    struct metric_snapshot *s;
    char name[100], type[16]; /* of the metric under way */
    bool helped;              /* its TYPE must follow */
    double bucket, bound;     /* the last ones of a histogram */
};

static void
note_fault(struct lint *l, const char *what, const char *line)
{
    if (l->s->fault[0] == '\0')
        str_format(l->s->fault, sizeof l->s->fault, "%s: %s", what, line);
}

static bool
is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool
ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

static void
lint_help(struct lint *l, const char *line)
{
    size_t n = strcspn(line + 7, " ");
    if (l->helped)
        note_fault(l, "HELP without a TYPE", l->name);
    str_format(l->name, sizeof l->name, "%.*s", (int)n, line + 7);
    for (const char *at = l->name; *at; at++)
        if (!is_name_byte(*at))
            note_fault(l, "a name has another byte", line);
    for (size_t i = 0; i < l->s->n; i++)
        if (strncmp(l->s->samples[i].series, l->name, n) == 0 &&
            strchr("{ ", l->s->samples[i].series[n]))
            note_fault(l, "the same metric again", line);
    if (strlen(line + 7 + n) < 2)
        note_fault(l, "HELP without a text", line);
    for (const char *at = line; (at = strchr(at, '\\')) != NULL; at += 2)
        if (at[1] != '\\' && at[1] != 'n')
            note_fault(l, "another escape", line);
    l->helped = true;
}

static void
lint_type(struct lint *l, const char *line)
{
    size_t n = strlen(l->name);
    if (!l->helped || strncmp(line + 7, l->name, n) != 0 || line[7 + n] != ' ')
        note_fault(l, "TYPE without HELP", line);
    str_format(l->type, sizeof l->type, "%s", line + 8 + n);
    bool counter = strcmp(l->type, "counter") == 0;
    if (!counter && strcmp(l->type, "gauge") != 0 && strcmp(l->type, "histogram") != 0)
        note_fault(l, "no such type", line);
    if (counter != ends_with(l->name, "_total"))
        note_fault(l, "_total is for counters", line);
    if (strstr(l->name, "milli") || ends_with(l->name, "_ms") ||
        ends_with(l->name, "_kib"))
        note_fault(l, "no base unit", line);
    l->helped = false;
    l->bucket = l->bound = -1;
}

static bool
is_escape(char c)
{
    return c == '\\' || c == '"' || c == 'n';
}

/* Returns what is behind the labels; NULL: they are broken. */
static const char *
skip_labels(const char *at)
{
    do {
        at++; /* '{' or ',' */
        const char *name = at;
        while (is_name_byte(*at))
            at++;
        if (at == name || at[0] != '=' || at[1] != '"')
            return NULL;
        for (at += 2; *at != '"'; at++) {
            if (*at == '\0' || (*at == '\\' && !is_escape(*++at)))
                return NULL;
        }
        at++;
    } while (*at == ',');
    return *at == '}' ? at + 1 : NULL;
}

static void
lint_bucket(struct lint *l, const char *line, double value)
{
    const char *le = strstr(line, "{le=\"");
    double bound = le ? strtod(le + 5, NULL) : -1;
    if (le == NULL || bound <= l->bound || value < l->bucket)
        note_fault(l, "buckets do not rise", line);
    l->bound = bound;
    l->bucket = value;
}

/* A part of a histogram behind the name of the metric: _bucket, _sum, _count. */
static void
lint_histogram(struct lint *l, const char *line, const char *part, double value)
{
    if (strncmp(part, "_bucket", 7) == 0)
        lint_bucket(l, line, value);
    else if (strncmp(part, "_count ", 7) == 0 && value != l->bucket)
        note_fault(l, "_count is not the last bucket", line);
    else if (strncmp(part, "_count ", 7) != 0 && strncmp(part, "_sum ", 5) != 0)
        note_fault(l, "no sample of a histogram", line);
}

static void
lint_sample(struct lint *l, char *line)
{
    size_t n = strlen(l->name);
    bool histogram = strcmp(l->type, "histogram") == 0;
    char *end;
    const char *at = line + strcspn(line, "{ ");
    if (l->helped || strncmp(line, l->name, n) != 0 || (!histogram && line + n != at)) {
        note_fault(l, "a sample of another metric", line);
        return;
    }
    at = *at == '{' ? skip_labels(at) : at;
    if (at == NULL || *at != ' ') {
        note_fault(l, "labels are broken", line);
        return;
    }
    double value = strtod(at + 1, &end);
    if (end == at + 1 || *end != '\0' || value < 0)
        note_fault(l, "no value", line);
    if (histogram)
        lint_histogram(l, line, line + n, value);
    line[at - line] = '\0';
    if (metric_snapshot_value(l->s, line) >= 0)
        note_fault(l, "a series twice", line);
    CU_ASSERT_FATAL(l->s->n < METRIC_SAMPLES);
    l->s->samples[l->s->n++] = (struct metric_sample){line, value};
}

void
metric_snapshot_read(struct metric_snapshot *s, const char *text)
{
    struct lint l = {.s = s};
    char *next, *line;
    *s = (struct metric_snapshot){.text = xstrdup(text)};
    if (*text == '\0' || text[strlen(text) - 1] != '\n')
        note_fault(&l, "the last line has no end", "");
    for (line = s->text; (next = strchr(line, '\n')) != NULL; line = next + 1) {
        *next = '\0';
        if (strncmp(line, "# HELP ", 7) == 0)
            lint_help(&l, line);
        else if (strncmp(line, "# TYPE ", 7) == 0)
            lint_type(&l, line);
        else
            lint_sample(&l, line);
    }
}

void
metric_snapshot_take(struct metric_snapshot *s, const struct server *srv)
{
    struct metrics_facts facts = {.openssl = "",
                                  .turns = {.bounds = histogram_of_turns},
                                  .saves = {.bounds = histogram_of_saves}};
    struct draft d = {.at = NULL};
    session_metrics(srv, &facts, &d);
    metric_snapshot_read(s, d.at);
    EQUAL_TEXT(s->fault, "");
    free(d.at);
}

void
metric_snapshot_clear(struct metric_snapshot *s)
{
    free(s->text);
    s->text = NULL;
}

double
metric_snapshot_value(const struct metric_snapshot *s, const char *series)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->samples[i].series, series) == 0)
            return s->samples[i].value;
    return -1;
}
