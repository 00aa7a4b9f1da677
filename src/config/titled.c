/* Listeners, exemptions, classes, operclasses and opers: the blocks with a title, which
 * fill lists of the configuration. An address or a prefix can be spelled in several
 * ways, so titles are compared in parsed form: no second listener or exemption hides
 * behind another spelling. */
#include "titled.h"

#include "base/mem.h"
#include "base/str.h"
#include "check.h"
#include "config/source.h"
#include "listener.h"
#include "proxy.h"
#include "seen.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

/* Titles. */

static void *
add_listen(const struct reading *r)
{
    struct config *c = r->base;
    char place[240];
    struct config_listen l = {.v6only = true, .mode = LISTENER_MODE, .line = r->line};
    if (strncmp(r->text, LISTENER_UNIX, strlen(LISTENER_UNIX)) == 0)
        return listener_add_unix(r, &l);
    if (!check_endpoint(r->text, &l.addr, &l.port, r->err, r->errlen))
        return NULL;
    for (size_t i = 0; i < c->n_listen; i++)
        if (c->listen[i].port == l.port && addr_equal(&c->listen[i].addr, &l.addr)) {
            str_format(r->err, r->errlen, "the same address and port as on %s",
                       config_line(&c->source, c->listen[i].line, r->line, place,
                                   sizeof place));
            return NULL;
        }
    l.text = xstrdup(r->text);
    return VALUE_ADD(c->listen, c->n_listen, l);
}

/* DNS compares names without case. */
static void *
add_tls(const struct reading *r)
{
    struct config *c = r->base;
    char place[240];
    if (!check_tls_name(r->text, r->err, r->errlen))
        return NULL;
    struct config_tls own = {.name = xstrdup(r->text), .line = r->line, .sts = -1};
    for (char *at = own.name; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at += 'a' - 'A';
    for (size_t i = 0; i < c->n_tls; i++)
        if (strcmp(c->tls[i].name, own.name) == 0) {
            str_format(
                r->err, r->errlen, "the same name as on %s",
                config_line(&c->source, c->tls[i].line, r->line, place, sizeof place));
            free(own.name);
            return NULL;
        }
    return VALUE_ADD(c->tls, c->n_tls, own);
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
    return VALUE_ADD(c->exempt, c->n_exempt, e);
}

static void *
add_class(const struct reading *r)
{
    struct config *c = r->base;
    if (!check_name(r->text, r->err, r->errlen))
        return NULL;
    struct config_class own = {
        .name = xstrdup(r->text),
        .per_host = -1,
        .per_network = -1,
        .unregistered_per_host = -1,
        .burst = -1,
        .hold = -1,
        .unregistered = -1,
    };
    return VALUE_ADD(c->class, c->n_class, own);
}

static void *
add_operclass(const struct reading *r)
{
    struct config *c = r->base;
    if (!check_name(r->text, r->err, r->errlen))
        return NULL;
    struct config_operclass own = {.name = xstrdup(r->text)};
    return VALUE_ADD(c->operclass, c->n_operclass, own);
}

static void *
add_oper(const struct reading *r)
{
    struct config *c = r->base;
    if (!check_name(r->text, r->err, r->errlen))
        return NULL;
    struct config_oper own = {.name = xstrdup(r->text), .line = r->line};
    return VALUE_ADD(c->oper, c->n_oper, own);
}

/* Options that have a function of their own. */

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
    VALUE_ADD(c->match, c->n_match, p);
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
    VALUE_ADD(o->hosts, o->n_hosts, xstrdup(r->text));
    return true;
}

/* Adds a fingerprint to a list. */
static bool
add_certfp(const struct reading *r, char ***list, size_t *n)
{
    char digits[CONFIG_CERTFP];
    if (!check_certfp(r->text, digits, r->err, r->errlen))
        return false;
    VALUE_ADD(*list, *n, xstrdup(digits));
    return true;
}

static bool
read_class_certfp(const struct reading *r)
{
    struct config_class *own = r->base;
    return add_certfp(r, &own->certfp, &own->n_certfp);
}

static bool
read_oper_certfp(const struct reading *r)
{
    struct config_oper *o = r->base;
    return add_certfp(r, &o->certfp, &o->n_certfp);
}

static bool
read_oper_token(const struct reading *r)
{
    struct config_oper *o = r->base;
    return value_token(r, &o->token);
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

#define OWN(b, f, k, ...)                                                              \
    {                                                                                  \
        .block = #b, .name = #f, .kind = k, __VA_ARGS__                                \
    }
#define AT(b, f) .offset = offsetof(struct config_##b, f)
#define MORE(b, f) .offset_more = offsetof(struct config_##b, f)
#include "titled.def"

const struct block *
block_find(const char *name, size_t n)
{
    const struct block *b = block_in(blocks_single, name, n);
    return b != NULL ? b : block_in(blocks_titled, name, n);
}

/* A gateway and an oper may have one token: their commands differ. */
void
oper_check_all(struct config *c, struct faults *faults)
{
    char place[240];
    for (size_t i = 0; i < c->n_oper; i++) {
        struct config_oper *o = &c->oper[i];
        o->token_only =
            o->token && !o->password && !o->password_file && o->n_certfp == 0;
        for (size_t j = 0; j < i; j++)
            if (o->token && c->oper[j].token && strcmp(o->token, c->oper[j].token) == 0)
                fault_add(faults, o->line,
                          "oper \"%s\" token: the oper block on %s has the same one",
                          SHOWN(o->name),
                          config_line(&c->source, c->oper[j].line, o->line, place,
                                      sizeof place));
    }
}

static void
add_built_in(struct config *c, const char *text, bool tls, unsigned serves)
{
    struct config_listen *l = add_listen(&(struct reading){.base = c, .text = text});
    if (l == NULL)
        return;
    l->tls = tls;
    l->serves = serves;
}

void
titled_done(struct config *c)
{
    if (c->n_listen > 0)
        return;
    add_built_in(c, "127.0.0.1:6667", false, SERVES_IRC);
    add_built_in(c, "[::1]:6667", false, SERVES_IRC);
    if (c->n_tls > 0 || c->tls_limits.self_signed) {
        add_built_in(c, "127.0.0.1:6697", true, SERVES_IRC);
        add_built_in(c, "[::1]:6697", true, SERVES_IRC);
    }
    add_built_in(c, "127.0.0.1:8067", false, SERVES_ALL_WEB);
}
