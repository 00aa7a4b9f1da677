/* Reads, compares and frees the value of each kind of option. A value that is refused
 * must never change the configuration. */
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

static void *
find_second_field(const struct option *o, void *base)
{
    return (char *)base + o->offset_more;
}

void *
value_room(void *list, size_t n, size_t size)
{
    if ((n & (n - 1)) != 0) /* only full when n is 0 or a power of two */
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

bool
value_token(const struct reading *r, char **out)
{
    if (check_token(r->text)) {
        xreplace(out, r->text);
        return true;
    }
    /* the text is not shown: it may be the token itself */
    str_format(r->err, r->errlen,
               "the value is not the SHA-256 of a token; a token is never written here "
               "as plain text, `ircd --make-token` makes a token and its SHA-256");
    return false;
}

/* Refuses a text that is not of the option's kind or range. */
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
copy_text(const struct reading *r)
{
    const struct option *o = r->option;
    const char *expected = o->check != NULL ? o->check(r->text) : NULL;
    if (expected != NULL && o->secret) {
        str_format(r->err, r->errlen, "the value is not %s", expected);
        return false;
    }
    if (expected != NULL)
        return value_refuse(r, expected);
    char **field = value_field(o, r->base);
    int *line = find_second_field(o, r->base);
    xreplace(field, r->text);
    if (o->offset_more > 0)
        *line = r->line;
    return true;
}

static bool
parse_bool(const struct reading *r)
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

static bool
parse_count(const struct reading *r)
{
    const struct option *like = option_like(r->option);
    uint64_t n, min = 0, max = 0;
    str_to_uint(like->min, 0, INT32_MAX, &min);
    str_to_uint(like->max, 0, INT32_MAX, &max);
    if (!str_to_uint(r->text, min, max, &n))
        return refuse_kind(r);
    int *field = value_field(r->option, r->base);
    *field = (int)n;
    return true;
}

/* Parses a duration within the option's range. */
static bool
parse_msec(const struct reading *r, msec *out)
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
parse_span(const struct reading *r)
{
    return parse_msec(r, value_field(r->option, r->base));
}

static bool
parse_rate(const struct reading *r)
{
    return rate_parse(r->text, value_field(r->option, r->base)) || refuse_kind(r);
}

/* Adds one duration to the list. */
static bool
parse_spans(const struct reading *r)
{
    msec value, **list = value_field(r->option, r->base);
    size_t *n = find_second_field(r->option, r->base);
    if (!parse_msec(r, &value))
        return false;
    VALUE_ADD(*list, *n, value);
    return true;
}

/* Adds one text to the list. */
static bool
copy_word(const struct reading *r)
{
    const struct option *o = r->option;
    char ***list = value_field(o, r->base);
    size_t *n = find_second_field(o, r->base);
    const char *expected = o->check_word != NULL ? o->check_word(r) : NULL;
    if (expected != NULL)
        return value_refuse(r, expected);
    VALUE_ADD(*list, *n, xstrdup(r->text));
    return true;
}

static const void *
find_const_field(const struct option *o, const void *base)
{
    return (const char *)base + o->offset;
}

static bool
is_same_text(const struct option *o, const void *a, const void *b)
{
    const char *const *one = find_const_field(o, a), *const *two =
                                                         find_const_field(o, b);
    return strcmp(*one, *two) == 0;
}

static bool
is_same_rate(const struct option *o, const void *a, const void *b)
{
    const struct rate *one = find_const_field(o, a), *two = find_const_field(o, b);
    return one->count == two->count && one->per == two->per;
}

static bool
is_same_spans(const struct option *o, const void *a, const void *b)
{
    size_t n, m;
    memcpy(&n, (const char *)a + o->offset_more, sizeof n);
    memcpy(&m, (const char *)b + o->offset_more, sizeof m);
    const msec *const *one = find_const_field(o, a), *const *two =
                                                         find_const_field(o, b);
    return n == m && (n == 0 || memcmp(*one, *two, n * sizeof **one) == 0);
}

/* clang-format off */
static const struct {
    bool (*read)(const struct reading *r);
    bool (*is_same)(const struct option *o, const void *a, const void *b); /* NULL: compares bytes */
    size_t size;
} kinds[] = {
    [OPTION_TEXT]  = {copy_text,   is_same_text,  sizeof(char *)},
    [OPTION_BOOL]  = {parse_bool,  NULL,          sizeof(bool)},
    [OPTION_COUNT] = {parse_count, NULL,          sizeof(int)},
    [OPTION_SPAN]  = {parse_span,  NULL,          sizeof(msec)},
    [OPTION_RATE]  = {parse_rate,  is_same_rate,  sizeof(struct rate)},
    [OPTION_SPANS] = {parse_spans, is_same_spans, sizeof(msec *)},
    [OPTION_WORDS] = {copy_word,   NULL,          0}, /* never fixed, so never compared */
};
/* clang-format on */

bool
value_read(const struct reading *r)
{
    const struct option *o = r->option;
    return o->read != NULL ? o->read(r) : kinds[o->kind].read(r);
}

bool
value_is_same(const struct option *o, const void *a, const void *b)
{
    if (kinds[o->kind].is_same != NULL)
        return kinds[o->kind].is_same(o, a, b);
    return memcmp(find_const_field(o, a), find_const_field(o, b),
                  kinds[o->kind].size) == 0;
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
        swap_bytes((char *)a + o->offset_more, (char *)b + o->offset_more,
                   sizeof(size_t));
}

static void
clear_words(const struct option *o, void *base)
{
    char ***list = value_field(o, base);
    size_t *n = find_second_field(o, base);
    while (*n > 0)
        free((*list)[--*n]);
    free(*list);
    *list = NULL;
}

void
value_clear(const struct option *o, void *base)
{
    char **text = value_field(o, base);
    msec **list = value_field(o, base);
    size_t *n = find_second_field(o, base);
    if (o->read != NULL)
        return;
    if (o->kind == OPTION_TEXT) {
        mem_free_secret(*text); /* the text may be a password */
        *text = NULL;
    } else if (o->kind == OPTION_SPANS) {
        free(*list);
        *list = NULL;
        *n = 0;
    } else if (o->kind == OPTION_WORDS)
        clear_words(o, base);
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
