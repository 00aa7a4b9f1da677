/* Listeners, exemptions, classes and opers: lists of the configuration, filled block by
 * block. What is written in two ways but means the same (an address, a prefix) is
 * compared in parsed form, so that no second listener or exemption hides behind another
 * spelling. An oper's password must never be shown, not even when it is refused. */
#include "titled.h"

#include "base/mem.h"
#include "base/str.h"
#include "check.h"
#include "operclass.h"
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
add_listen(struct config *c, const char *title, int line, char *err, size_t errlen)
{
    struct config_listen l = {.v6only = true, .line = line};
    if (!parse_endpoint(title, &l.addr, &l.port)) {
        str_format(err, errlen, "%s", check_endpoint(title));
        return NULL;
    }
    for (size_t i = 0; i < c->n_listen; i++)
        if (c->listen[i].port == l.port && addr_equal(&c->listen[i].addr, &l.addr)) {
            str_format(err, errlen, "the same address and port as on line %d",
                       c->listen[i].line);
            return NULL;
        }
    l.text = xstrdup(title);
    c->listen = xrealloc(c->listen, (c->n_listen + 1) * sizeof *c->listen);
    c->listen[c->n_listen] = l;
    return &c->listen[c->n_listen++];
}

static void *
add_exempt(struct config *c, const char *title, int line, char *err, size_t errlen)
{
    (void)line;
    struct config_exemption e = {.from = 0};
    if (!check_prefix(title, &e.prefix, err, errlen))
        return NULL;
    if (seen_before(&c->exempted, &e.prefix, sizeof e.prefix, 1)) {
        char text[PREFIX_TEXT];
        prefix_format(&e.prefix, text, sizeof text);
        str_format(err, errlen, "%s has an exempt block already", text);
        return NULL;
    }
    c->exempt = xrealloc(c->exempt, (c->n_exempt + 1) * sizeof *c->exempt);
    c->exempt[c->n_exempt] = e;
    return &c->exempt[c->n_exempt++];
}

static bool
is_name(const char *title, char *err, size_t errlen)
{
    size_t n = strlen(title);
    if (n > 0 && n <= NAME_MAX_BYTES && title[0] != ':' && strchr(title, ' ') == NULL)
        return true;
    str_format(err, errlen, "not a name: one word of 1 to %d bytes", NAME_MAX_BYTES);
    return false;
}

static void *
add_class(struct config *c, const char *title, int line, char *err, size_t errlen)
{
    (void)line;
    if (!is_name(title, err, errlen))
        return NULL;
    c->class = xrealloc(c->class, (c->n_class + 1) * sizeof *c->class);
    c->class[c->n_class] = (struct config_class){
        .name = xstrdup(title),
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
add_operclass(struct config *c, const char *title, int line, char *err, size_t errlen)
{
    (void)line;
    return is_name(title, err, errlen) ? operclass_add(c, title) : NULL;
}

static void *
add_oper(struct config *c, const char *title, int line, char *err, size_t errlen)
{
    if (!is_name(title, err, errlen))
        return NULL;
    c->oper = xrealloc(c->oper, (c->n_oper + 1) * sizeof *c->oper);
    c->oper[c->n_oper] = (struct config_oper){.name = xstrdup(title), .line = line};
    return &c->oper[c->n_oper++];
}

/* What a finished block must hold. */

static const char *
listen_lacks(const void *entry)
{
    (void)entry;
    return NULL;
}

static const char *
exempt_lacks(const void *entry)
{
    const struct config_exemption *e = entry;
    return e->from != 0 ? NULL
                        : "option from is missing: what the addresses are free of";
}

static const char *
class_lacks(const void *entry)
{
    const struct config_class *c = entry;
    return c->n_match > 0 ? NULL : "option match is missing: the addresses it is for";
}

static const char *
oper_lacks(const void *entry)
{
    const struct config_oper *o = entry;
    if (o->password == NULL)
        return "option password is missing; `ircd --hash-password` makes its value";
    return o->n_hosts > 0 ? NULL : "option hosts is missing: from where OPER works";
}

/* Options. */

bool
read_exempt_from(const struct reading *r)
{
    struct config_exemption *e = r->base;
    char expected[200];
    struct str s;
    for (const struct exempt_word *w = exempt_words; w->word != NULL; w++)
        if (strcmp(w->word, r->text) == 0) {
            e->from |= (unsigned)w->bit;
            return true;
        }
    str_init(&s, expected, sizeof expected);
    str_add(&s, "one of");
    for (const struct exempt_word *w = exempt_words; w->word != NULL; w++)
        str_addf(&s, "%s %s", w == exempt_words ? "" : ",", w->word);
    return value_refuse(r, expected);
}

bool
read_class_match(const struct reading *r)
{
    struct config_class *c = r->base;
    struct prefix p;
    if (!check_prefix(r->text, &p, r->err, r->errlen))
        return false;
    c->match = xrealloc(c->match, (c->n_match + 1) * sizeof *c->match);
    c->match[c->n_match++] = p;
    return true;
}

bool
read_class_strikes(const struct reading *r)
{
    struct config_class *c = r->base;
    bool disconnect = strcmp(r->text, "disconnect") == 0;
    if (!disconnect && strcmp(r->text, "ban") != 0)
        return value_refuse(r, "\"ban\" or \"disconnect\"");
    c->strikes = disconnect ? STRIKES_DISCONNECT : STRIKES_BAN;
    return true;
}

bool
read_oper_password(const struct reading *r)
{
    struct config_oper *o = r->base;
    const char *expected = check_password(r->text);
    if (expected == NULL) {
        xreplace(&o->password, r->text);
        return true;
    }
    str_format(r->err, r->errlen, "the value is not %s", expected);
    return false;
}

bool
read_oper_host(const struct reading *r)
{
    struct config_oper *o = r->base;
    if (*r->text == '\0')
        return value_refuse(r, "a user@host mask");
    if (r->words->host_mask != NULL && !r->words->host_mask(r->text, r->err, r->errlen))
        return false;
    o->hosts = xrealloc(o->hosts, (o->n_hosts + 1) * sizeof *o->hosts);
    o->hosts[o->n_hosts++] = xstrdup(r->text);
    return true;
}

bool
read_oper_privilege(const struct reading *r)
{
    struct config_oper *o = r->base;
    return operclass_read_privilege(r, &o->privileges);
}

bool
read_oper_class(const struct reading *r)
{
    struct config_oper *o = r->base;
    if (*r->text == '\0')
        return value_refuse(r, "the name of an operclass block");
    xreplace(&o->class, r->text);
    o->class_line = r->line;
    return true;
}

static const struct {
    const char *name;
    void *(*add)(struct config *c, const char *title, int line, char *err,
                 size_t errlen);
    const char *(*lacks)(const void *entry);
} rows[] = {
    {"listen", add_listen, listen_lacks}, {"exempt", add_exempt, exempt_lacks},
    {"class", add_class, class_lacks},    {"operclass", add_operclass, operclass_lacks},
    {"oper", add_oper, oper_lacks},
};

static size_t
row_of(const struct block *b)
{
    size_t i = 0;
    while (strcmp(rows[i].name, b->name) != 0)
        i++;
    return i;
}

void *
titled_add(struct config *c, const struct block *b, const char *title, int line,
           char *err, size_t errlen)
{
    return rows[row_of(b)].add(c, title, line, err, errlen);
}

const char *
titled_lacks(const struct block *b, const void *entry)
{
    return rows[row_of(b)].lacks(entry);
}

void
titled_done(struct config *c)
{
    char err[200];
    seen_clear(&c->exempted);
    if (c->n_listen > 0)
        return;
    add_listen(c, "127.0.0.1:6667", 0, err, sizeof err);
    add_listen(c, "[::1]:6667", 0, err, sizeof err);
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
    operclass_clear(c);
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
