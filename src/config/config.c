/* Makes and frees a configuration, and compares two. A file with one fault must never
 * become a configuration. What REHASH cannot apply keeps its old value,
 * so that the struct always says what is in force. */
#include "config/config.h"

#include "base/mem.h"
#include "base/str.h"
#include "fault.h"
#include "operclass.h"
#include "parse.h"
#include "titled.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

struct config *
config_parse(const char *file, const char *text, const struct config_words *words,
             config_fault *fault, void *ctx)
{
    struct faults *faults = xcalloc(1, sizeof *faults);
    struct config *c = xcalloc(1, sizeof *c);
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++)
            value_default(o, c);
    parse_text(text, words, faults, c);
    operclass_resolve(c, faults);
    titled_done(c);
    if (faults->n > 0) {
        faults_tell(faults, file, fault, ctx);
        config_free(c);
        c = NULL;
    }
    faults_clear(faults);
    free(faults);
    return c;
}

static void
free_titled(struct config *c)
{
    for (size_t i = 0; i < c->n_listen; i++)
        free(c->listen[i].text);
    for (size_t i = 0; i < c->n_class; i++) {
        free(c->class[i].name);
        free(c->class[i].match);
    }
    for (size_t i = 0; i < c->n_oper; i++) {
        free(c->oper[i].name);
        free(c->oper[i].class);
        mem_free_secret(c->oper[i].password);
        for (size_t j = 0; j < c->oper[i].n_hosts; j++)
            free(c->oper[i].hosts[j]);
        free(c->oper[i].hosts);
    }
    for (size_t i = 0; i < c->n_operclass; i++) {
        free(c->operclass[i].name);
        free(c->operclass[i].extends);
    }
    free(c->operclass);
    free(c->listen);
    free(c->exempt);
    free(c->class);
    free(c->oper);
}

void
config_free(struct config *c)
{
    if (c == NULL)
        return;
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++)
            value_clear(o, c);
    free_titled(c);
    free(c);
}

static const void *
field_of(const struct option *o, const void *base)
{
    return (const char *)base + o->offset;
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
static const struct {
    bool (*is_same)(const struct option *o, const void *a, const void *b); /* NULL: by bytes */
    size_t size;
} kinds[] = {
    [OPTION_TEXT]  = {is_same_text,  sizeof(char *)},
    [OPTION_BOOL]  = {NULL,          sizeof(bool)},
    [OPTION_COUNT] = {NULL,          sizeof(int)},
    [OPTION_SPAN]  = {NULL,          sizeof(msec)},
    [OPTION_RATE]  = {is_same_rate,  sizeof(struct rate)},
    [OPTION_SPANS] = {is_same_spans, sizeof(msec *)},
};
/* clang-format on */

static bool
is_same_value(const struct option *o, const void *a, const void *b)
{
    if (kinds[o->kind].is_same != NULL)
        return kinds[o->kind].is_same(o, a, b);
    return memcmp(field_of(o, a), field_of(o, b), kinds[o->kind].size) == 0;
}

static bool
is_same_listeners(const struct config *a, const struct config *b)
{
    if (a->n_listen != b->n_listen)
        return false;
    for (size_t i = 0; i < a->n_listen; i++) {
        const struct config_listen *x = &a->listen[i], *y = &b->listen[i];
        if (x->port != y->port || x->v6only != y->v6only ||
            !addr_equal(&x->addr, &y->addr))
            return false;
    }
    return true;
}

void
config_fixed_changes(const struct config *before, const struct config *after,
                     void (*fn)(void *ctx, const char *option), void *ctx)
{
    char name[64];
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++) {
            if (!o->fixed || is_same_value(o, before, after))
                continue;
            str_format(name, sizeof name, "%s.%s", b->name, o->name);
            fn(ctx, name);
        }
    if (!is_same_listeners(before, after))
        fn(ctx, "listen");
}

/* Keeping: the values change places, so both configurations stay whole and are freed as
 * before. */

static void
swap_bytes(void *a, void *b, size_t n)
{
    char room[sizeof(struct rate)]; /* the largest of all kinds */
    memcpy(room, a, n);
    memcpy(a, b, n);
    memcpy(b, room, n);
}

static void
swap_value(const struct option *o, struct config *a, struct config *b)
{
    swap_bytes(value_field(o, a), value_field(o, b), kinds[o->kind].size);
    if (o->kind == OPTION_SPANS)
        swap_bytes((char *)a + o->offset_more, (char *)b + o->offset_more,
                   sizeof(size_t));
}

void
config_keep_fixed(struct config *after, struct config *before)
{
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++)
            if (o->fixed)
                swap_value(o, after, before);
    swap_bytes(&after->listen, &before->listen, sizeof(struct config_listen *));
    swap_bytes(&after->n_listen, &before->n_listen, sizeof(size_t));
}
