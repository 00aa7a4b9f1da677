/* Listeners and certificates: what the rest of the server asks of them, and options that
 * contradict each other.
 *
 * A client that got a port or a duration (IRCv3 sts) believes it for a long time, so an
 * option that cannot work is a fault. */
#include "tls.h"

#include "base/str.h"

#include <string.h>
#include <strings.h>

bool
config_is_public(const struct config_listen *l)
{
    return l->path == NULL && !l->proxy && !addr_is_loopback(&l->addr);
}

const struct config_listen *
config_listener(const struct config *c, const char *text)
{
    for (size_t i = 0; text != NULL && i < c->n_listen; i++)
        if (strcmp(c->listen[i].text, text) == 0)
            return &c->listen[i];
    return NULL;
}

const struct config_listen *
config_tls_listener(const struct config *c)
{
    for (size_t i = 0; i < c->n_listen; i++)
        if (c->listen[i].tls)
            return &c->listen[i];
    return NULL;
}

static bool
is_irc_tls(const struct config_listen *l)
{
    return l->tls && !config_is_web(l);
}

uint16_t
config_public_tls_port(const struct config *c)
{
    for (size_t i = 0; i < c->n_listen; i++)
        if (is_irc_tls(&c->listen[i]) && config_is_public(&c->listen[i]))
            return c->listen[i].port;
    return 0;
}

uint16_t
config_tls_port(const struct config *c, bool local)
{
    uint16_t port = config_public_tls_port(c);
    for (size_t i = 0; local && port == 0 && i < c->n_listen; i++)
        if (is_irc_tls(&c->listen[i]) && !c->listen[i].proxy)
            port = c->listen[i].port;
    return port;
}

size_t
config_name_find(config_name_at *name_at, const void *list, size_t n, const char *asked)
{
    size_t found = n;
    const char *dot = strchr(asked, '.');
    for (size_t i = 0; i < n; i++) {
        const char *own = name_at(list, i);
        if (strcasecmp(own, asked) == 0)
            return i;
        if (own[0] == '*' && dot != NULL && dot != asked &&
            strcasecmp(own + 1, dot) == 0)
            found = i;
    }
    return found;
}

static const char *
name_of_block(const void *list, size_t i)
{
    const struct config_tls *blocks = list;
    return blocks[i].name;
}

const struct config_tls *
config_tls_find(const struct config *c, const char *name)
{
    size_t i = config_name_find(name_of_block, c->tls, c->n_tls, name);
    return i < c->n_tls ? &c->tls[i] : NULL;
}

static void
check_redirect(const struct config *c, const struct config_listen *l,
               struct faults *faults)
{
    bool local = addr_is_loopback(&l->addr) && !l->proxy;
    if (l->tls)
        fault_add(faults, l->line,
                  "listen \"%s\" redirect: a listener with tls = true has nothing to "
                  "redirect",
                  l->text);
    else if (config_tls_port(c, local) == 0)
        fault_add(faults, l->line,
                  "listen \"%s\" redirect: there is no listener with tls = true that "
                  "%s",
                  l->text,
                  config_tls_port(c, true) ? "other machines reach"
                                           : "clients could use instead");
}

void
tls_check_all(const struct config *c, struct faults *faults)
{
    for (size_t i = 0; i < c->n_listen; i++)
        if (c->listen[i].redirect && !config_is_web(&c->listen[i]))
            check_redirect(c, &c->listen[i], faults);
    for (size_t i = 0; i < c->n_tls; i++)
        if (c->tls[i].preload && c->tls[i].sts <= 0)
            fault_add(faults, c->tls[i].line,
                      "tls \"%s\" preload: it needs sts with a duration above 0s",
                      c->tls[i].name);
}

/* Whether the listener has clients of IPv4 (else: of IPv6). */
static bool
takes_family(const struct config_listen *l, bool v4)
{
    static const uint8_t all[16] = {0};
    bool is_v4 = addr_is_v4(&l->addr);
    bool both = !is_v4 && !l->v6only && memcmp(l->addr.ip, all, sizeof all) == 0;
    return both || is_v4 == v4;
}

static bool
has_public_tls(const struct config *c, bool v4)
{
    for (size_t i = 0; i < c->n_listen; i++)
        if (is_irc_tls(&c->listen[i]) && config_is_public(&c->listen[i]) &&
            takes_family(&c->listen[i], v4))
            return true;
    return false;
}

/* The family whose clients can use l and no public listener with TLS; NULL: none. */
static const char *
find_family_without_tls(const struct config *c, const struct config_listen *l)
{
    if (takes_family(l, true) && !has_public_tls(c, true))
        return "IPv4";
    return takes_family(l, false) && !has_public_tls(c, false) ? "IPv6" : NULL;
}

/* Tells of a listener without TLS, or of one that sends clients to a port that they do
 * not reach, and what to do. */
static void
tell_plaintext(const struct config *c, const struct config_listen *l, config_fault *fn,
               void *ctx)
{
    char text[400], advice[100] = "add a listener with tls = true";
    unsigned port = config_public_tls_port(c);
    const char *family = find_family_without_tls(c, l);
    if (port && family)
        str_format(advice, sizeof advice, "add a listener with tls = true for %s",
                   family);
    else if (port)
        str_format(advice, sizeof advice, "redirect = true sends them to port %u",
                   port);
    const char *what = l->redirect ? "its clients cannot reach the port with TLS"
                                   : "other machines connect without TLS, so passwords "
                                     "and messages can be read on the way";
    str_format(text, sizeof text, "listen \"%s\": %s; %s", l->text, what, advice);
    if (!l->redirect || family)
        fn(ctx, text);
}

/* Whether a listener takes clients whose proxy may have ended TLS. */
static bool
has_proxy_listener(const struct config *c)
{
    for (size_t i = 0; i < c->n_listen; i++)
        if (c->listen[i].proxy)
            return true;
    return false;
}

/* Whether a proxy may say that the way from its client is encrypted. */
static bool
has_secure_proxy(const struct config *c)
{
    if (has_proxy_listener(c))
        return true;
    for (size_t i = 0; i < c->n_proxy; i++)
        if (c->proxy[i].accepts & ACCEPTS_WEBIRC ||
            (c->proxy[i].accepts & ACCEPTS_FORWARDED &&
             config_has_role(c, SERVES_WEBSOCKET)))
            return true;
    return false;
}

/* Whether a gateway may tell the fingerprint of the certificate of its client. */
static bool
has_trusted_gateway(const struct config *c)
{
    for (size_t i = 0; i < c->n_proxy; i++)
        if (c->proxy[i].trusts & TRUSTS_CERTFP)
            return true;
    return false;
}

/* Whether clients of IRC can come by TLS, also inside of WebSocket. `public`: those of
 * other machines. */
static bool
has_tls_clients(const struct config *c, bool public)
{
    for (size_t i = 0; i < c->n_listen; i++) {
        const struct config_listen *l = &c->listen[i];
        if (l->tls && l->serves & (SERVES_IRC | SERVES_WEBSOCKET) &&
            (!public || config_is_public(l)))
            return true;
    }
    return false;
}

static bool
is_class_of_listener(const struct config *c, const struct config_class *class)
{
    for (size_t i = 0; i < c->n_listen; i++)
        if (c->listen[i].class && strcmp(c->listen[i].class, class->name) == 0)
            return true;
    return false;
}

/* Tells of a class that no client can have. */
static void
tell_class_without_tls(const struct config *c, const struct config_class *class,
                       config_fault *fn, void *ctx)
{
    char text[300];
    bool tls = class->tls && !has_secure_proxy(c);
    bool certfp = class->n_certfp > 0 && !has_trusted_gateway(c);
    if (is_class_of_listener(c, class) || !(tls || certfp))
        return;
    str_format(
        text, sizeof text,
        "class \"%s\": no client is of this class, because no listener has tls = "
        "true, and no proxy may tell %s",
        class->name,
        certfp ? "the fingerprint of a certificate" : "that a client has TLS");
    fn(ctx, text);
}

/* Whether OPER works with any block. */
static bool
has_oper(const struct config *c)
{
    for (size_t i = 0; i < c->n_oper; i++)
        if (!c->oper[i].token_only)
            return true;
    return false;
}

/* Tells where OPER cannot work. `public`: other machines connect without TLS. */
static void
tell_plaintext_opers(const struct config *c, bool public, config_fault *fn, void *ctx)
{
    const char *plaintext = c->opers.plaintext;
    if (!has_oper(c))
        return;
    if (strcmp(plaintext, "never") == 0 && !has_tls_clients(c, false) &&
        !has_secure_proxy(c))
        fn(ctx, "opers.plaintext = never: OPER works nowhere, because no listener has "
                "tls = true");
    if (strcmp(plaintext, "loopback") == 0 && public && !has_tls_clients(c, true) &&
        !has_secure_proxy(c))
        fn(ctx, "opers.plaintext = loopback: OPER works from this machine alone, "
                "because no listener with tls = true is for other machines");
}

/* Tells of certificates that no client can ask for. */
static void
tell_unused_certificate(const struct config *c, config_fault *fn, void *ctx)
{
    char text[400];
    if (c->n_tls == 0 || config_tls_listener(c) || has_proxy_listener(c))
        return;
    str_format(text, sizeof text,
               "tls \"%s\": no client gets this certificate, because no listener has "
               "tls = true; add one, as in listen \"[::]:6697\" { tls = true }",
               c->tls[0].name);
    fn(ctx, text);
}

void
config_plaintext(const struct config *c, config_fault *fn, void *ctx)
{
    bool public = false;
    for (size_t i = 0; i < c->n_listen; i++) {
        const struct config_listen *l = &c->listen[i];
        if (l->tls || config_is_web(l) || !config_is_public(l))
            continue;
        public |= !l->redirect;
        tell_plaintext(c, l, fn, ctx);
    }
    tell_plaintext_opers(c, public, fn, ctx);
    tell_unused_certificate(c, fn, ctx);
    for (size_t i = 0; i < c->n_class && !has_tls_clients(c, false); i++)
        tell_class_without_tls(c, &c->class[i], fn, ctx);
}
