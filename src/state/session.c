/* Facts of a connection: address, certificate, gateway and password. */
#include "state/session.h"

#include "base/mem.h"
#include "proto/mode.h"
#include "state/client.h"

/* The facts of s, allocated at the first call. */
static struct client_known *
get_known(struct session *s)
{
    if (s->known == NULL)
        s->known = xcalloc(1, sizeof *s->known);
    return s->known;
}

void
client_set_connection(struct client *c, const struct connection_facts *facts)
{
    struct session *s = c->session;
    c->user.modes &= ~(uint32_t)USER_SECURE;
    if (facts->secure)
        c->user.modes |= USER_SECURE;
    bool plain = !facts->certfp && !facts->sni && !facts->gateway && !facts->listener &&
                 !facts->oper;
    if (s->known == NULL && plain)
        return;
    xreplace(&get_known(s)->certfp, facts->certfp);
    xreplace(&s->known->sni, facts->sni);
    xreplace(&s->known->gateway, facts->gateway);
    xreplace(&s->known->listener, facts->listener);
    xreplace(&s->known->oper, facts->oper);
}

struct connection_facts
client_facts(const struct client *c)
{
    const struct client_known none = {.password = NULL};
    const struct client_known *known =
        c->session && c->session->known ? c->session->known : &none;
    return (struct connection_facts){.certfp = known->certfp,
                                     .sni = known->sni,
                                     .gateway = known->gateway,
                                     .listener = known->listener,
                                     .oper = known->oper,
                                     .secure = c->user.modes & USER_SECURE,
                                     .owner = c->out.flags & CLIENT_ACTING &&
                                              known->oper == NULL};
}

bool
client_is_local(const struct client *c)
{
    return client_gateway(c) == NULL && addr_is_loopback(&c->session->addr);
}

void
client_set_password(struct client *c, const char *password)
{
    struct session *s = c->session;
    if (s->known == NULL && password == NULL)
        return;
    mem_free_secret(get_known(s)->password);
    s->known->password = password ? xstrdup(password) : NULL;
    if (password || s->known->certfp || s->known->sni || s->known->gateway ||
        s->known->listener || s->known->oper)
        return;
    free(s->known);
    s->known = NULL;
}

const char *
client_password(const struct client *c)
{
    return c->session->known ? c->session->known->password : NULL;
}

const char *
client_certfp(const struct client *c)
{
    return client_facts(c).certfp;
}

const char *
client_gateway(const struct client *c)
{
    return client_facts(c).gateway;
}

void
client_set_address(struct client *c, const struct addr *addr)
{
    char host[CLIENT_HOST_TEXT];
    c->session->addr = *addr;
    xreplace(&c->user.host, client_real_host(c, host));
    xreplace(&c->user.cloak, NULL);
}

void
session_clear(struct session *s)
{
    struct client_known *known = s ? s->known : NULL;
    if (known == NULL)
        return;
    free(known->certfp);
    free(known->sni);
    free(known->gateway);
    free(known->listener);
    free(known->oper);
    mem_free_secret(known->password);
    free(known);
}

const char *
client_real_host(const struct client *c, char out[CLIENT_HOST_TEXT])
{
    if (c->session == NULL)
        return c->user.host;
    out[0] = '0';
    addr_format(&c->session->addr, out + 1, ADDR_TEXT);
    return out[1] == ':' ? out : out + 1;
}
