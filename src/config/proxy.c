/* Proxies and gateways. A client behind one has the address that the proxy tells, so a
 * block that trusts too much lets clients choose their addresses: what is missing or
 * has no effect is a fault. */
#include "proxy.h"

#include "base/mem.h"
#include "base/str.h"
#include "check.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

void *
proxy_add(const struct reading *r)
{
    struct config *c = r->base;
    if (!check_name(r->text, r->err, r->errlen))
        return NULL;
    struct config_proxy own = {.name = xstrdup(r->text), .line = r->line};
    return VALUE_ADD(c->proxy, c->n_proxy, own);
}

bool
proxy_read_match(const struct reading *r)
{
    struct config_proxy *p = r->base;
    struct prefix prefix;
    if (!check_prefix(r->text, &prefix, r->err, r->errlen))
        return false;
    if (prefix_length(&prefix) == 0)
        return value_refuse(r, "the address of a proxy; it is every address, so every "
                               "client could name any address as its own");
    VALUE_ADD(p->match, p->n_match, prefix);
    return true;
}

static const struct {
    const char *word;
    unsigned bit;
} accepts_words[] = {
    {"proxy-protocol", ACCEPTS_PROXY_PROTOCOL},
    {"webirc", ACCEPTS_WEBIRC},
    {"forwarded", ACCEPTS_FORWARDED},
};

bool
proxy_read_accepts(const struct reading *r)
{
    struct config_proxy *p = r->base;
    for (size_t i = 0; i < sizeof accepts_words / sizeof *accepts_words; i++)
        if (strcmp(accepts_words[i].word, r->text) == 0) {
            p->accepts |= accepts_words[i].bit;
            return true;
        }
    return value_refuse(r, "\"proxy-protocol\", \"webirc\" or \"forwarded\"");
}

bool
proxy_read_token(const struct reading *r)
{
    struct config_proxy *p = r->base;
    p->has_secret = true;
    return value_token(r, &p->token);
}

bool
proxy_read_certfp(const struct reading *r)
{
    struct config_proxy *p = r->base;
    char digits[CONFIG_CERTFP];
    p->has_secret = true;
    if (!check_certfp(r->text, digits, r->err, r->errlen))
        return false;
    VALUE_ADD(p->certfp, p->n_certfp, xstrdup(digits));
    return true;
}

bool
proxy_read_trusts(const struct reading *r)
{
    struct config_proxy *p = r->base;
    if (strcmp(r->text, "certfp") != 0)
        return value_refuse(r, "\"certfp\"");
    p->trusts |= TRUSTS_CERTFP;
    return true;
}

static void
check_secrets(const struct config_proxy *p, struct faults *faults)
{
    bool webirc = p->accepts & ACCEPTS_WEBIRC;
    if (webirc && !p->has_secret)
        fault_add(faults, p->line,
                  "proxy \"%s\": webirc needs a token or a certfp; `ircd --make-token` "
                  "makes a token",
                  SHOWN(p->name));
    if (!webirc && (p->has_secret || p->trusts))
        fault_add(faults, p->line,
                  "proxy \"%s\": token, certfp and trusts are for accepts = { "
                  "\"webirc\" } only",
                  SHOWN(p->name));
}

void
proxy_check_all(const struct config *c, struct faults *faults)
{
    for (size_t i = 0; i < c->n_proxy; i++)
        if (c->proxy[i].accepts != 0) /* else it is reported as missing */
            check_secrets(&c->proxy[i], faults);
}

void
proxy_free_all(struct config *c)
{
    for (size_t i = 0; i < c->n_proxy; i++) {
        struct config_proxy *p = &c->proxy[i];
        free(p->name);
        free(p->match);
        mem_free_secret(p->token);
        for (size_t j = 0; j < p->n_certfp; j++)
            free(p->certfp[j]);
        free(p->certfp);
    }
    free(c->proxy);
}
