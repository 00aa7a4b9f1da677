/* What may stand in a configuration, as const tables. The single blocks come from
 * config.def alone; the blocks with a title fill lists of structs and are few, so their
 * rows stand here. No other file may know an option's name, default or range. */
#include "option.h"

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
#define ROW(b, f, k, d, lo, hi, r, h)                                                  \
    {.block = #b,                                                                      \
     .name = #f,                                                                       \
     .kind = k,                                                                        \
     .offset = offsetof(struct config, b.f),                                           \
     .def = d,                                                                         \
     .min = lo,                                                                        \
     .max = hi,                                                                        \
     .fixed = r,                                                                       \
     .help = h},
#define TEXT(b, f, def, reload, help)                                                  \
    ROW(b, f, OPTION_TEXT, def, NULL, NULL, reload, help)
#define BOOL(b, f, def, reload, help)                                                  \
    ROW(b, f, OPTION_BOOL, #def, NULL, NULL, reload, help)
#define COUNT(b, f, def, min, max, reload, help)                                       \
    ROW(b, f, OPTION_COUNT, #def, #min, #max, reload, help)
#define SPAN(b, f, def, min, max, reload, help)                                        \
    ROW(b, f, OPTION_SPAN, def, min, max, reload, help)
#define RATE(b, f, def, reload, help)                                                  \
    ROW(b, f, OPTION_RATE, def, NULL, NULL, reload, help)
#define SPANS(b, f, d, r, h)                                                           \
    {.block = #b,                                                                      \
     .name = #f,                                                                       \
     .kind = OPTION_SPANS,                                                             \
     .offset = offsetof(struct config, b.f),                                           \
     .offset_n = offsetof(struct config, b.n_##f),                                     \
     .def = d,                                                                         \
     .min = "1s",                                                                      \
     .max = "3650d",                                                                   \
     .fixed = r,                                                                       \
     .help = h},
#include "config/config.def"
#undef BLOCK
#undef END
#undef ROW
#undef TEXT
#undef BOOL
#undef COUNT
#undef SPAN
#undef RATE
#undef SPANS

/* The second pass lists the blocks. */
#define BLOCK(block, help) {#block, NULL, help, block##_options},
#define END(block)
#define TEXT(b, f, def, reload, help)
#define BOOL(b, f, def, reload, help)
#define COUNT(b, f, def, min, max, reload, help)
#define SPAN(b, f, def, min, max, reload, help)
#define RATE(b, f, def, reload, help)
#define SPANS(b, f, def, reload, help)
const struct block blocks_single[] = {
#include "config/config.def"
    {NULL, NULL, NULL, NULL},
};

/* clang-format off */
#define OWN(b, f, k, ...) {.block = #b, .name = #f, .kind = k, __VA_ARGS__}
#define AT(b, f) .offset = offsetof(struct config_##b, f)

static const struct option listen_options[] = {
    OWN(listen, v6only, OPTION_BOOL, AT(listen, v6only), .def = "true",
        .help = "an IPv6 listener takes IPv6 alone; false: IPv4 as well"),
    {.name = NULL},
};

static const struct option exempt_options[] = {
    OWN(exempt, from, OPTION_WORDS, .read = read_exempt_from,
        .help = "what these addresses are free of"),
    {.name = NULL},
};

static const struct option class_options[] = {
    OWN(class, match, OPTION_WORDS, .read = read_class_match,
        .help = "addresses and prefixes"),
    OWN(class, per_host,     OPTION_COUNT, AT(class, per_host),     .like = "limits"),
    OWN(class, per_network,  OPTION_COUNT, AT(class, per_network),  .like = "limits"),
    OWN(class, unregistered_per_host, OPTION_COUNT, AT(class, unregistered_per_host), .like = "limits"),
    OWN(class, connect_rate, OPTION_RATE,  AT(class, connect_rate), .like = "limits"),
    OWN(class, burst,        OPTION_COUNT, AT(class, burst),        .like = "flood"),
    OWN(class, interval,     OPTION_SPAN,  AT(class, interval),     .like = "flood"),
    OWN(class, hold,         OPTION_COUNT, AT(class, hold),         .like = "flood"),
    OWN(class, unregistered, OPTION_COUNT, AT(class, unregistered), .like = "flood"),
    OWN(class, nick,         OPTION_RATE,  AT(class, nick),         .like = "flood"),
    OWN(class, away,         OPTION_RATE,  AT(class, away),         .like = "flood"),
    OWN(class, invite,       OPTION_RATE,  AT(class, invite),       .like = "flood"),
    OWN(class, knock,        OPTION_RATE,  AT(class, knock),        .like = "flood"),
    OWN(class, join,         OPTION_RATE,  AT(class, join),         .like = "flood"),
    OWN(class, targets,      OPTION_RATE,  AT(class, targets),      .like = "flood"),
    OWN(class, ctcp,         OPTION_RATE,  AT(class, ctcp),         .like = "flood"),
    OWN(class, strikes,      OPTION_TEXT,  .read = read_class_strikes, .def = "ban",
        .help = "what the limit of strikes brings: \"ban\" for the address, or \"disconnect\" for the one client"),
    {.name = NULL},
};

static const struct option oper_options[] = {
    OWN(oper, password,   OPTION_TEXT,  .read = read_oper_password,
        .help = "argon2id string (ircd --hash-password)"),
    OWN(oper, hosts,      OPTION_WORDS, .read = read_oper_host,
        .help = "user@host masks from which OPER works"),
    OWN(oper, class,      OPTION_TEXT,  .read = read_oper_class,
        .help = "operclass whose privileges it has"),
    OWN(oper, privileges, OPTION_WORDS, .read = read_oper_privilege,
        .help = "what this oper may do, beside what its class may; without both nothing"),
    {.name = NULL},
};

static const struct option operclass_options[] = {
    OWN(operclass, extends,    OPTION_TEXT,  .read = read_operclass_extends,
        .help = "operclass whose privileges it has as well"),
    OWN(operclass, privileges, OPTION_WORDS, .read = read_operclass_privilege,
        .help = "what its operators may do"),
    {.name = NULL},
};

const struct block blocks_titled[] = {
    {"listen", "ADDRESS:PORT", "Where the server listens; only a restart changes it. Without any, only this machine can connect: the two lines below. \"0.0.0.0:6667\" is all of IPv4, \"[::]:6667\" all of IPv6.",
     listen_options},
    {"exempt", "PREFIX", "Who is free of what. Nobody is unless it says so here, loopback included.",
     exempt_options},
    {"class", "NAME", "Other limits for some addresses; the first class that matches counts. What is left out\n"
     "# is as in limits and flood.", class_options},
    {"operclass", "NAME", "Privileges under one name, for the class of oper blocks.", operclass_options},
    {"oper", "NAME", "Who may become an operator with OPER NAME PASSWORD.", oper_options},
    {NULL, NULL, NULL, NULL},
};
/* clang-format on */

static const struct block *
find_in(const struct block *list, const char *name)
{
    for (const struct block *b = list; b->name != NULL; b++)
        if (strcmp(b->name, name) == 0)
            return b;
    return NULL;
}

const struct block *
block_find(const char *name)
{
    const struct block *b = find_in(blocks_single, name);
    return b != NULL ? b : find_in(blocks_titled, name);
}

const struct option *
option_find(const struct block *b, const char *name)
{
    for (const struct option *o = b->options; o->name != NULL; o++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

const struct option *
option_like(const struct option *o)
{
    if (o->like == NULL)
        return o;
    const struct block *of = block_find(o->like);
    assert(of != NULL); /* a row that names a block which is none */
    return option_find(of, o->name);
}

bool
option_is_list(const struct option *o)
{
    return o->kind == OPTION_SPANS || o->kind == OPTION_WORDS;
}
