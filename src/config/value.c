/* How the value of each kind of option is read, freed and compared: one row of
 * functions a kind. Numbers are read here and not by libconfuse, which takes "0x10" and
 * " 7" for numbers. A refused value must never change the configuration. */
#include "value.h"

#include "base/duration.h"
#include "base/mem.h"
#include "base/str.h"
#include "check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

bool
value_refuse(const struct reading *r, const char *expected)
{
    size_t n = str_cut(r->text, strlen(r->text), VALUE_SHOWN);
    str_format(r->err, r->errlen, "\"%.*s%s\" is not %s", (int)n, r->text,
               r->text[n] ? "..." : "", expected);
    return false;
}

static bool
refuse(const struct reading *r)
{
    char expected[200];
    value_expected(r->option, expected, sizeof expected);
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
    xreplace(field, r->text);
    return true;
}

/* Whether text is the word in any case. */
static bool
is_word(const char *text, const char *word)
{
    for (; *word != '\0'; text++, word++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if (c != *word)
            return false;
    }
    return *text == '\0';
}

static bool
read_bool(const struct reading *r)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"true", true},   {"yes", true}, {"on", true},
                 {"false", false}, {"no", false}, {"off", false}};
    bool *field = value_field(r->option, r->base);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_word(r->text, words[i].word)) {
            *field = words[i].value;
            return true;
        }
    return refuse(r);
}

static uint64_t
number(const char *text)
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
    if (!str_to_uint(r->text, number(like->min), number(like->max), &n))
        return refuse(r);
    int *field = value_field(r->option, r->base);
    *field = (int)n;
    return true;
}

static bool
is_digits(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* A duration within the option's range. */
static bool
read_msec(const struct reading *r, msec *out)
{
    msec n, min = 0, max = 0;
    const struct option *like = option_like(r->option);
    duration_parse(like->min, DURATION_NEEDS_UNIT, &min);
    duration_parse(like->max, DURATION_NEEDS_UNIT, &max);
    if (!duration_parse(r->text, DURATION_NEEDS_UNIT, &n) || n < min || n > max) {
        refuse(r);
        if (!is_digits(r->text) || strcmp(r->text, "0") == 0)
            return false;
        struct str more;
        str_init(&more, r->err + strlen(r->err), r->errlen - strlen(r->err));
        str_addf(&more, "; it lacks a unit (ms, s, m, h, d, w or y)");
        return false;
    }
    *out = n;
    return true;
}

static bool
read_span(const struct reading *r)
{
    return read_msec(r, value_field(r->option, r->base));
}

static bool
read_rate(const struct reading *r)
{
    struct rate *field = value_field(r->option, r->base);
    return rate_parse(r->text, field) || refuse(r);
}

static size_t *
count_of(const struct option *o, void *base)
{
    return (size_t *)(void *)((char *)base + o->offset_n);
}

/* Adds one to the list. */
static bool
read_spans(const struct reading *r)
{
    msec value;
    if (!read_msec(r, &value))
        return false;
    msec **list = value_field(r->option, r->base);
    size_t *n = count_of(r->option, r->base);
    *list = xrealloc(*list, (*n + 1) * sizeof **list);
    (*list)[(*n)++] = value;
    return true;
}

static void
clear_text(const struct option *o, void *base)
{
    char **field = value_field(o, base);
    free(*field);
    *field = NULL;
}

static void
clear_spans(const struct option *o, void *base)
{
    msec **list = value_field(o, base);
    free(*list);
    *list = NULL;
    *count_of(o, base) = 0;
}

static bool
same_text(const struct option *o, const void *a, const void *b)
{
    const char *const *one = field_of(o, a), *const *two = field_of(o, b);
    return strcmp(*one, *two) == 0;
}

static bool
same_spans(const struct option *o, const void *a, const void *b)
{
    size_t n, m;
    memcpy(&n, (const char *)a + o->offset_n, sizeof n);
    memcpy(&m, (const char *)b + o->offset_n, sizeof m);
    const msec *const *one = field_of(o, a), *const *two = field_of(o, b);
    return n == m && (n == 0 || memcmp(*one, *two, n * sizeof **one) == 0);
}

static void
expect_text(const struct option *o, char *out, size_t size)
{
    (void)o;
    str_format(out, size, "text");
}

static void
expect_bool(const struct option *o, char *out, size_t size)
{
    (void)o;
    str_format(out, size, "true or false");
}

/* The unit is the first word of the help. */
static void
expect_count(const struct option *o, char *out, size_t size)
{
    int unit = (int)strcspn(o->help, " ");
    str_format(out, size, "a whole number from %s to %s (%.*s)", o->min, o->max, unit,
               o->help);
}

static void
expect_span(const struct option *o, char *out, size_t size)
{
    str_format(out, size, "a duration from %s to %s", o->min, o->max);
}

static void
expect_rate(const struct option *o, char *out, size_t size)
{
    str_format(out, size, "a rate: count/duration with a unit, as in \"%s\"", o->def);
}

/* clang-format off */
static const struct kind {
    bool (*read)(const struct reading *r);
    void (*clear)(const struct option *o, void *base);                /* NULL: owns nothing */
    bool (*same)(const struct option *o, const void *a, const void *b); /* NULL: by bytes */
    void (*expect)(const struct option *o, char *out, size_t size);
    size_t size;
} kinds[] = {
    [OPTION_TEXT]  = {read_text,  clear_text,  same_text,  expect_text,  sizeof(char *)},
    [OPTION_BOOL]  = {read_bool,  NULL,        NULL,       expect_bool,  sizeof(bool)},
    [OPTION_COUNT] = {read_count, NULL,        NULL,       expect_count, sizeof(int)},
    [OPTION_SPAN]  = {read_span,  NULL,        NULL,       expect_span,  sizeof(msec)},
    [OPTION_RATE]  = {read_rate,  NULL,        NULL,       expect_rate,  0},
    [OPTION_SPANS] = {read_spans, clear_spans, same_spans, expect_span,  0},
};
/* clang-format on */

bool
value_read(const struct reading *r)
{
    if (r->option->read != NULL)
        return r->option->read(r);
    return kinds[r->option->kind].read(r);
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
    if (k->same != NULL)
        return k->same(o, a, b);
    return memcmp(field_of(o, a), field_of(o, b), k->size) == 0;
}

void
value_expected(const struct option *o, char *out, size_t size)
{
    kinds[o->kind].expect(option_like(o), out, size);
}
