/* How the value of each kind of option is read, freed and compared: one row of
 * functions a kind. A refused value must never change the configuration. */
#include "value.h"

#include "base/duration.h"
#include "base/mem.h"
#include "base/str.h"
#include "check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VALUE_SHOWN 80 /* bytes of a value that a message shows */

void *
value_field(const struct option *o, void *base)
{
    return (char *)base + o->offset;
}

static const void *
field_of(const struct option *o, const void *base)
{
    return (const char *)base + o->offset;
}

static void *
field_more(const struct option *o, void *base)
{
    return (char *)base + o->offset_more;
}

void *
value_room(void *list, size_t n, size_t size)
{
    if ((n & (n - 1)) != 0) /* full when n is 0 or a power of two */
        return list;
    return xrealloc(list, (n > 0 ? 2 * n : 1) * size);
}

bool
value_refuse(const struct reading *r, const char *expected)
{
    size_t n = str_cut(r->text, strlen(r->text), VALUE_SHOWN);
    str_format(r->err, r->errlen, "\"%.*s%s\" is not %s", (int)n, r->text,
               r->text[n] ? "..." : "", expected);
    return false;
}

/* Refuses what is not of the option's kind or range. */
static bool
refuse_kind(const struct reading *r)
{
    const struct option *o = option_like(r->option);
    char expected[200] = "true or false";
    if (o->kind == OPTION_COUNT) /* the unit is the first word of the help */
        str_format(expected, sizeof expected, "a whole number from %s to %s (%.*s)",
                   o->min, o->max, (int)strcspn(o->help, " "), o->help);
    if (o->kind == OPTION_SPAN || o->kind == OPTION_SPANS)
        str_format(expected, sizeof expected, "a duration from %s to %s", o->min,
                   o->max);
    if (o->kind == OPTION_RATE)
        str_format(expected, sizeof expected,
                   "a rate: count/duration with a unit, as in \"%s\"", o->def);
    return value_refuse(r, expected);
}

static bool
read_text(const struct reading *r)
{
    const char *expected = check_text(r->option, r->text);
    if (expected != NULL && check_secret(r->option)) {
        str_format(r->err, r->errlen, "the value is not %s", expected);
        return false;
    }
    if (expected != NULL)
        return value_refuse(r, expected);
    char **field = value_field(r->option, r->base);
    int *line = field_more(r->option, r->base);
    xreplace(field, r->text);
    if (r->option->offset_more > 0)
        *line = r->line;
    return true;
}

static bool
read_bool(const struct reading *r)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
    bool *field = value_field(r->option, r->base);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(r->text, words[i]) == 0) {
            *field = i % 2 == 1;
            return true;
        }
    return refuse_kind(r);
}

static uint64_t
parse_bound(const char *text)
{
    uint64_t n = 0;
    str_to_uint(text, 0, INT32_MAX, &n);
    return n;
}

static bool
read_count(const struct reading *r)
{
    const struct option *like = option_like(r->option);
    uint64_t n;
    if (!str_to_uint(r->text, parse_bound(like->min), parse_bound(like->max), &n))
        return refuse_kind(r);
    int *field = value_field(r->option, r->base);
    *field = (int)n;
    return true;
}

/* A duration within the option's range. */
static bool
read_msec(const struct reading *r, msec *out)
{
    msec n, min = 0, max = 0;
    const struct option *like = option_like(r->option);
    duration_parse(like->min, DURATION_NEEDS_UNIT, &min);
    duration_parse(like->max, DURATION_NEEDS_UNIT, &max);
    if (duration_parse(r->text, DURATION_NEEDS_UNIT, &n) && n >= min && n <= max) {
        *out = n;
        return true;
    }
    bool digits = *r->text != '\0' && r->text[strspn(r->text, "0123456789")] == '\0';
    refuse_kind(r);
    size_t len = strlen(r->err);
    if (digits && strcmp(r->text, "0") != 0)
        str_format(r->err + len, r->errlen - len,
                   "; it lacks a unit (ms, s, m, h, d, w or y)");
    return false;
}

static bool
read_span(const struct reading *r)
{
    return read_msec(r, value_field(r->option, r->base));
}

static bool
read_rate(const struct reading *r)
{
    return rate_parse(r->text, value_field(r->option, r->base)) || refuse_kind(r);
}

/* Adds one to the list. */
static bool
read_spans(const struct reading *r)
{
    msec value, **list = value_field(r->option, r->base);
    size_t *n = field_more(r->option, r->base);
    if (!read_msec(r, &value))
        return false;
    *list = value_room(*list, *n, sizeof **list);
    (*list)[(*n)++] = value;
    return true;
}

static void
clear_text(const struct option *o, void *base)
{
    char **field = value_field(o, base);
    mem_free_secret(*field); /* a password may be one */
    *field = NULL;
}

static void
clear_spans(const struct option *o, void *base)
{
    msec **list = value_field(o, base);
    size_t *n = field_more(o, base);
    free(*list);
    *list = NULL;
    *n = 0;
}

static bool
is_same_text(const struct option *o, const void *a, const void *b)
{
    const char *const *one = field_of(o, a), *const *two = field_of(o, b);
    return strcmp(*one, *two) == 0;
}

static bool
is_same_rate(const struct option *o, const void *a, const void *b)
{
    const struct rate *one = field_of(o, a), *two = field_of(o, b);
    return one->count == two->count && one->per == two->per;
}

static bool
is_same_spans(const struct option *o, const void *a, const void *b)
{
    size_t n, m;
    memcpy(&n, (const char *)a + o->offset_more, sizeof n);
    memcpy(&m, (const char *)b + o->offset_more, sizeof m);
    const msec *const *one = field_of(o, a), *const *two = field_of(o, b);
    return n == m && (n == 0 || memcmp(*one, *two, n * sizeof **one) == 0);
}

/* clang-format off */
static const struct kind {
    bool (*read)(const struct reading *r);
    void (*clear)(const struct option *o, void *base); /* NULL: owns nothing */
    bool (*is_same)(const struct option *o, const void *a, const void *b); /* NULL: by bytes */
    size_t size;
} kinds[] = {
    [OPTION_TEXT]  = {read_text,  clear_text,  is_same_text,  sizeof(char *)},
    [OPTION_BOOL]  = {read_bool,  NULL,        NULL,          sizeof(bool)},
    [OPTION_COUNT] = {read_count, NULL,        NULL,          sizeof(int)},
    [OPTION_SPAN]  = {read_span,  NULL,        NULL,          sizeof(msec)},
    [OPTION_RATE]  = {read_rate,  NULL,        is_same_rate,  sizeof(struct rate)},
    [OPTION_SPANS] = {read_spans, clear_spans, is_same_spans, sizeof(msec *)},
};
/* clang-format on */

bool
value_read(const struct reading *r)
{
    const struct option *o = r->option;
    return o->read != NULL ? o->read(r) : kinds[o->kind].read(r);
}

void
value_clear(const struct option *o, void *base)
{
    if (o->read == NULL && kinds[o->kind].clear != NULL)
        kinds[o->kind].clear(o, base);
}

void
value_default(const struct option *o, void *base)
{
    char word[64], err[200];
    struct reading r = {
        .option = o, .base = base, .text = o->def, .err = err, .errlen = sizeof err};
    value_clear(o, base);
    if (!option_is_list(o)) {
        value_read(&r);
        return;
    }
    r.text = word;
    for (const char *at = o->def; *at != '\0'; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        str_format(word, sizeof word, "%.*s", (int)n, at);
        value_read(&r);
        at += n;
    }
}

bool
value_same(const struct option *o, const void *a, const void *b)
{
    const struct kind *k = &kinds[o->kind];
    if (k->is_same != NULL)
        return k->is_same(o, a, b);
    return memcmp(field_of(o, a), field_of(o, b), k->size) == 0;
}

static void
swap_bytes(void *a, void *b, size_t n)
{
    char room[sizeof(struct rate)]; /* the largest of all kinds */
    memcpy(room, a, n);
    memcpy(a, b, n);
    memcpy(b, room, n);
}

void
value_swap(const struct option *o, void *a, void *b)
{
    swap_bytes(value_field(o, a), value_field(o, b), kinds[o->kind].size);
    if (o->kind == OPTION_SPANS)
        swap_bytes(field_more(o, a), field_more(o, b), sizeof(size_t));
}
