/* The options of the single blocks as const tables, made of config.def alone. No other
 * file may contain the name, default or range of one of them. */
#include "option.h"

#include "check.h"
#include "web.h"

#include <assert.h>
#include <string.h>

#define RELOAD false
#define FIXED true
#define BLOCK(block, help) static const struct option block##_options[] = {
#define END(block)                                                                     \
    {                                                                                  \
        .name = NULL                                                                   \
    }                                                                                  \
    }                                                                                  \
    ;
#define ROW(b, f, k, d, lo, hi, r, h, ...)                                             \
    {.block = #b,                                                                      \
     .name = #f,                                                                       \
     .kind = k,                                                                        \
     .offset = offsetof(struct config, b.f),                                           \
     .def = d,                                                                         \
     .min = lo,                                                                        \
     .max = hi,                                                                        \
     .fixed = r,                                                                       \
     .help = h __VA_ARGS__},
#define TEXT(b, f, ...) TEXT_ROW(b, f, __VA_ARGS__, .like = NULL)
#define TEXT_ROW(b, f, def, r, help, ...)                                              \
    ROW(b, f, OPTION_TEXT, def, NULL, NULL, r, help, , __VA_ARGS__)
#define BOOL(b, f, def, r, help) ROW(b, f, OPTION_BOOL, #def, NULL, NULL, r, help)
#define COUNT(b, f, def, min, max, r, help)                                            \
    ROW(b, f, OPTION_COUNT, #def, #min, #max, r, help)
#define SPAN(b, f, def, min, max, r, help)                                             \
    ROW(b, f, OPTION_SPAN, def, min, max, r, help)
#define RATE(b, f, def, r, help) ROW(b, f, OPTION_RATE, def, NULL, NULL, r, help)
#define SPANS(b, f, def, r, help)                                                      \
    ROW(b, f, OPTION_SPANS, def, "1s", "3650d", r, help, ,                             \
        .offset_more = offsetof(struct config, b.n_##f))
#define WORDS(b, f, ...) WORDS_ROW(b, f, __VA_ARGS__, .like = NULL)
#define WORDS_ROW(b, f, def, help, ...)                                                \
    ROW(b, f, OPTION_WORDS, def, NULL, NULL, RELOAD, help, ,                           \
        .offset_more = offsetof(struct config, b.n_##f), __VA_ARGS__)
#include "config/config.def"

#define BLOCK(block, help) {#block, help, block##_options, NULL, NULL},
const struct block blocks_single[] = {
#include "config/config.def"
    {.name = NULL},
};

static bool
is_same_name(const char *known, const char *name, size_t n)
{
    return strncmp(known, name, n) == 0 && known[n] == '\0';
}

const struct block *
block_in(const struct block *list, const char *name, size_t n)
{
    for (const struct block *b = list; b->name != NULL; b++)
        if (is_same_name(b->name, name, n))
            return b;
    return NULL;
}

const struct option *
option_find(const struct block *b, const char *name, size_t n)
{
    for (const struct option *o = b->options; o->name != NULL; o++)
        if (is_same_name(o->name, name, n))
            return o;
    return NULL;
}

const struct option *
option_like(const struct option *o)
{
    if (o->like == NULL)
        return o;
    const struct block *of = block_in(blocks_single, o->like, strlen(o->like));
    assert(of != NULL); /* `like` of a row is the name of a block */
    return option_find(of, o->name, strlen(o->name));
}
