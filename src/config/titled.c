/* Listeners, exemptions, classes and opers: the blocks with a title, which fill lists
 * of the configuration. What is written in two ways but means the same (an address, a
 * prefix) is compared in parsed form, so that no second listener or exemption hides
 * behind another spelling. */
#include "titled.h"

#include "base/mem.h"
#include "base/str.h"
#include "check.h"
#include "seen.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 50

const struct exempt_word exempt_words[] = {
    {"connections", EXEMPT_CONNECTIONS, "per_host, per_network, unregistered_per_host"},
    {"throttle", EXEMPT_THROTTLE, "connect_rate"},
    {"flood", EXEMPT_FLOOD, "the block flood"},
    {"strikes", EXEMPT_STRIKES, "strikes of any cause"},
    {"bans", EXEMPT_BANS, "K-lines, D-lines and the other bans"},
    {NULL, 0, NULL},
};

/* Titles. */

/* "192.0.2.1:6667" or "[2001:db8::1]:6667". */
static bool
parse_endpoint(const char *text, struct addr *addr, uint16_t *port)
{
    char host[ADDR_TEXT];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text)
        return false;
    bool brackets = text[0] == '[' && colon[-1] == ']';
    const char *from = brackets ? text + 1 : text;
    const char *to = brackets ? colon - 1 : colon;
    if (to <= from || (size_t)(to - from) >= sizeof host)
        return false;
    str_format(host, sizeof host, "%.*s", (int)(to - from), from);
    bool v6_text = strchr(host, ':') != NULL;
    uint64_t n;
    if (v6_text != brackets || !addr_parse(host, addr))
        return false;
    if (!str_to_uint(colon + 1, 1, UINT16_MAX, &n))
        return false;
    *port = (uint16_t)n;
    return true;
}

static void *
add_listen(const struct reading *r)
{
    struct config *c = r->base;
    struct config_listen l = {.v6only = true, .line = r->line};
    if (!parse_endpoint(r->text, &l.addr, &l.port)) {
        str_format(r->err, r->errlen, "%s", check_endpoint(r->text));
        return NULL;
    }
    for (size_t i = 0; i < c->n_listen; i++)
        if (c->listen[i].port == l.port && addr_equal(&c->listen[i].addr, &l.addr)) {
            str_format(r->err, r->errlen, "the same address and port as on line %d",
                       c->listen[i].line);
            return NULL;
        }
    l.text = xstrdup(r->text);
    c->listen = value_room(c->listen, c->n_listen, sizeof l);
    c->listen[c->n_listen] = l;
    return &c->listen[c->n_listen++];
}

static void *
add_exempt(const struct reading *r)
{
    struct config *c = r->base;
    struct config_exemption e = {.from = 0};
    if (!check_prefix(r->text, &e.prefix, r->err, r->errlen))
        return NULL;
    if (seen_before(r->prefixes, &e.prefix, sizeof e.prefix, r->line)) {
        char text[PREFIX_TEXT];
        prefix_format(&e.prefix, text, sizeof text);
        str_format(r->err, r->errlen, "%s has an exempt block already", text);
        return NULL;
    }
    c->exempt = value_room(c->exempt, c->n_exempt, sizeof e);
    c->exempt[c->n_exempt] = e;
    return &c->exempt[c->n_exempt++];
}

static bool
is_name(const struct reading *r)
{
    size_t n = strlen(r->text);
    if (n > 0 && n <= NAME_MAX_BYTES && r->text[0] != ':' && !strchr(r->text, ' '))
        return true;
    str_format(r->err, r->errlen, "not a name: one word of 1 to %d bytes",
               NAME_MAX_BYTES);
    return false;
}

static void *
add_class(const struct reading *r)
{
    struct config *c = r->base;
    if (!is_name(r))
        return NULL;
    c->class = value_room(c->class, c->n_class, sizeof *c->class);
    c->class[c->n_class] = (struct config_class){
        .name = xstrdup(r->text),
        .per_host = -1,
        .per_network = -1,
        .unregistered_per_host = -1,
        .burst = -1,
        .hold = -1,
        .unregistered = -1,
    };
    return &c->class[c->n_class++];
}

static void *
add_operclass(const struct reading *r)
{
    struct config *c = r->base;
    if (!is_name(r))
        return NULL;
    c->operclass = value_room(c->operclass, c->n_operclass, sizeof *c->operclass);
    c->operclass[c->n_operclass] = (struct config_operclass){.name = xstrdup(r->text)};
    return &c->operclass[c->n_operclass++];
}

static void *
add_oper(const struct reading *r)
{
    struct config *c = r->base;
    if (!is_name(r))
        return NULL;
    c->oper = value_room(c->oper, c->n_oper, sizeof *c->oper);
    c->oper[c->n_oper] =
        (struct config_oper){.name = xstrdup(r->text), .line = r->line};
    return &c->oper[c->n_oper++];
}

/* What a finished block must hold. */

static const char *
exempt_lacks(const void *entry)
{
    const struct config_exemption *e = entry;
    return e->from ? NULL : "option from is missing: what the addresses are free of";
}

static const char *
class_lacks(const void *entry)
{
    const struct config_class *c = entry;
    return c->n_match > 0 ? NULL : "option match is missing: the addresses it is for";
}

static const char *
operclass_lacks(const void *entry)
{
    const struct config_operclass *o = entry;
    return o->privileges != 0 || o->extends != NULL
               ? NULL
               : "option privileges is missing: what its operators may do";
}

static const char *
oper_lacks(const void *entry)
{
    const struct config_oper *o = entry;
    if (o->password == NULL)
        return "option password is missing; `ircd --hash-password` makes its value";
    return o->n_hosts > 0 ? NULL : "option hosts is missing: from where OPER works";
}

/* Options that are not read as their kind is. */

static bool
read_exempt_from(const struct reading *r)
{
    struct config_exemption *e = r->base;
    char expected[200];
    struct str s;
    str_init(&s, expected, sizeof expected);
    str_add(&s, "one of");
    for (const struct exempt_word *w = exempt_words; w->word != NULL; w++) {
        str_addf(&s, "%s %s", w == exempt_words ? "" : ",", w->word);
        if (strcmp(w->word, r->text) != 0)
            continue;
        e->from |= (unsigned)w->bit;
        return true;
    }
    return value_refuse(r, expected);
}

static bool
read_class_match(const struct reading *r)
{
    struct config_class *c = r->base;
    struct prefix p;
    if (!check_prefix(r->text, &p, r->err, r->errlen))
        return false;
    c->match = value_room(c->match, c->n_match, sizeof p);
    c->match[c->n_match++] = p;
    return true;
}

static bool
read_class_strikes(const struct reading *r)
{
    struct config_class *c = r->base;
    bool disconnect = strcmp(r->text, "disconnect") == 0;
    if (!disconnect && strcmp(r->text, "ban") != 0)
        return value_refuse(r, "\"ban\" or \"disconnect\"");
    c->strikes = disconnect ? STRIKES_DISCONNECT : STRIKES_BAN;
    return true;
}

static bool
read_oper_host(const struct reading *r)
{
    struct config_oper *o = r->base;
    if (*r->text == '\0')
        return value_refuse(r, "a user@host mask");
    if (r->words->host_mask != NULL && !r->words->host_mask(r->text, r->err, r->errlen))
        return false;
    o->hosts = value_room(o->hosts, o->n_hosts, sizeof *o->hosts);
    o->hosts[o->n_hosts++] = xstrdup(r->text);
    return true;
}

static bool
read_privilege(const struct reading *r)
{
    uint64_t *privileges = value_field(r->option, r->base);
    const char *const *names = r->words->privileges;
    char expected[1000];
    struct str s;
    bool all = strcmp(r->text, "all") == 0;
    if (all)
        *privileges = UINT64_MAX;
    str_init(&s, expected, sizeof expected);
    str_add(&s, "a privilege; there are: all");
    for (unsigned i = 0; !all && names[i] != NULL; i++) {
        str_addf(&s, ", %s", names[i]);
        if (strcmp(names[i], r->text) != 0)
            continue;
        *privileges |= UINT64_C(1) << i;
        return true;
    }
    return all || value_refuse(r, expected);
}

/* clang-format off */
#define OWN(b, f, k, ...) {.block = #b, .name = #f, .kind = k, __VA_ARGS__}
#define AT(b, f) .offset = offsetof(struct config_##b, f)
#define MORE(b, f) .offset_more = offsetof(struct config_##b, f)

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
    OWN(oper, password,   OPTION_TEXT,  AT(oper, password),
        .help = "argon2id string (ircd --hash-password)"),
    OWN(oper, hosts,      OPTION_WORDS, .read = read_oper_host,
        .help = "user@host masks from which OPER works"),
    OWN(oper, class,      OPTION_TEXT,  AT(oper, class), MORE(oper, class_line),
        .help = "operclass whose privileges it has"),
    OWN(oper, privileges, OPTION_WORDS, AT(oper, privileges), .read = read_privilege,
        .help = "what this oper may do, beside what its class may; without both nothing"),
    {.name = NULL},
};

static const struct option operclass_options[] = {
    OWN(operclass, extends,    OPTION_TEXT,  AT(operclass, extends), MORE(operclass, extends_line),
        .help = "operclass whose privileges it has as well"),
    OWN(operclass, privileges, OPTION_WORDS, AT(operclass, privileges), .read = read_privilege,
        .help = "what its operators may do"),
    {.name = NULL},
};

const struct block blocks_titled[] = {
    {"listen", "Where the server listens; only a restart changes it. Without any, only this machine can connect: the two lines below. \"0.0.0.0:6667\" is all of IPv4, \"[::]:6667\" all of IPv6.",
     listen_options, "ADDRESS:PORT", add_listen, NULL},
    {"exempt", "Who is free of what. Nobody is unless it says so here, loopback included.",
     exempt_options, "PREFIX", add_exempt, exempt_lacks},
    {"class", "Other limits for some addresses; the first class that matches counts. What is left out\n"
     "# is as in limits and flood.", class_options, "NAME", add_class, class_lacks},
    {"operclass", "Privileges under one name, for the class of oper blocks.",
     operclass_options, "NAME", add_operclass, operclass_lacks},
    {"oper", "Who may become an operator with OPER NAME PASSWORD.",
     oper_options, "NAME", add_oper, oper_lacks},
    {.name = NULL},
};
/* clang-format on */

const struct block *
block_find(const char *name, size_t n)
{
    const struct block *b = block_in(blocks_single, name, n);
    return b != NULL ? b : block_in(blocks_titled, name, n);
}

void
titled_done(struct config *c)
{
    if (c->n_listen > 0)
        return;
    add_listen(&(struct reading){.base = c, .text = "127.0.0.1:6667"});
    add_listen(&(struct reading){.base = c, .text = "[::1]:6667"});
}

void
titled_clear(struct config *c)
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

bool
titled_same_listeners(const struct config *a, const struct config *b)
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
