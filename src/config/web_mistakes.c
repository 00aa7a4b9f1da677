/* What `ircd -t` tells of the listeners that serve HTTP, and of what belongs to them:
 * options that are no faults, but make another server than the operator expects. */
#include "config/config.h"

#include "base/str.h"

#include <stddef.h>

/* Tells of roles that other machines reach without TLS. */
static void
tell_public_roles(const struct config_listen *l, config_fault *fn, void *ctx)
{
    static const struct {
        unsigned roles;
        const char *what;
    } rows[] = {
        {SERVES_METRICS, "the figures of the server can be read on the way"},
        {SERVES_API | SERVES_ADMIN,
         "requests with a token are refused there (403), so that no token can be read "
         "on the way"},
        {SERVES_CHAT | SERVES_WEBSOCKET,
         "passwords and messages can be read on the way"},
    };
    char text[500], roles[CONFIG_SERVES_TEXT];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if ((l->serves & rows[i].roles) == 0)
            continue;
        str_format(text, sizeof text,
                   "listen \"%s\": other machines use %s without TLS: %s; write tls = "
                   "true, or listen on 127.0.0.1 only",
                   SHOWN(l->text), config_serves_text(l->serves & rows[i].roles, roles),
                   rows[i].what);
        fn(ctx, text);
    }
}

/* A proxy block of HTTP whose proxy is on this machine; NULL: there is none. */
static const struct config_proxy *
find_local_proxy(const struct config *c)
{
    static const struct addr local[] = {
        {{[10] = 0xff, 0xff, 127, 0, 0, 1}},
        {{[15] = 1}},
    };
    for (size_t i = 0; i < c->n_proxy; i++) {
        const struct config_proxy *p = &c->proxy[i];
        for (size_t j = 0; p->accepts & ACCEPTS_FORWARDED && j < p->n_match; j++)
            if (prefix_match(&p->match[j], &local[0]) ||
                prefix_match(&p->match[j], &local[1]))
                return p;
    }
    return NULL;
}

/* Tells of a listener whose proxy asks for names that it refuses. */
static void
tell_unknown_names(const struct config *c, const struct config_listen *l,
                   config_fault *fn, void *ctx)
{
    char text[500];
    const struct config_proxy *p = find_local_proxy(c);
    if (p == NULL || c->web.n_hosts > 0 || l->path != NULL || l->proxy ||
        !addr_is_loopback(&l->addr))
        return;
    str_format(text, sizeof text,
               "listen \"%s\": requests that proxy \"%s\" passes on are refused (421), "
               "because they are for its name; write that name into web.hosts",
               SHOWN(l->text), SHOWN(p->name));
    fn(ctx, text);
}

/* Tells of a page that finds no WebSocket at its own address. */
static void
tell_page_without_socket(const struct config *c, const struct config_listen *l,
                         config_fault *fn, void *ctx)
{
    char text[300];
    if ((l->serves & (SERVES_CHAT | SERVES_WEBSOCKET)) != SERVES_CHAT)
        return;
    if (find_local_proxy(c) != NULL && config_has_role(c, SERVES_WEBSOCKET))
        return; /* the proxy may join two listeners */
    str_format(text, sizeof text,
               "listen \"%s\": the chat page connects to its own address, which does "
               "not serve websocket; add it to serves",
               SHOWN(l->text));
    fn(ctx, text);
}

/* Tells of a written listener (the built-in one is not asked for) whose API no program
 * can use. */
static void
tell_api_without_token(const struct config *c, const struct config_listen *l,
                       config_fault *fn, void *ctx)
{
    char text[300];
    if (l->line == 0 || (l->serves & SERVES_API) == 0)
        return;
    for (size_t i = 0; i < c->n_oper; i++)
        if (c->oper[i].token != NULL)
            return;
    str_format(text, sizeof text,
               "listen \"%s\": no program can use its api, because no oper block has a "
               "token; `ircd --make-token` makes one",
               SHOWN(l->text));
    fn(ctx, text);
}

static void
tell_useless_proxies(const struct config *c, config_fault *fn, void *ctx)
{
    char text[300];
    for (size_t i = 0; i < c->n_proxy; i++) {
        if ((c->proxy[i].accepts & ACCEPTS_FORWARDED) == 0)
            continue;
        str_format(text, sizeof text,
                   "proxy \"%s\": \"forwarded\" has no effect, because no listener "
                   "serves HTTP (serves)",
                   SHOWN(c->proxy[i].name));
        fn(ctx, text);
    }
}

static void
tell_useless_tokens(const struct config *c, config_fault *fn, void *ctx)
{
    char text[300];
    for (size_t i = 0; i < c->n_oper; i++) {
        if (c->oper[i].token == NULL)
            continue;
        str_format(text, sizeof text,
                   "oper \"%s\": its token works nowhere, because no listener serves "
                   "api or admin",
                   SHOWN(c->oper[i].name));
        fn(ctx, text);
    }
}

void
config_web_mistakes(const struct config *c, config_fault *fn, void *ctx)
{
    for (size_t i = 0; i < c->n_listen; i++) {
        const struct config_listen *l = &c->listen[i];
        if (!config_is_web(l))
            continue;
        if (!l->tls && config_is_public(l))
            tell_public_roles(l, fn, ctx);
        tell_unknown_names(c, l, fn, ctx);
        tell_page_without_socket(c, l, fn, ctx);
        tell_api_without_token(c, l, fn, ctx);
    }
    if (!config_has_role(c, SERVES_ALL_WEB))
        tell_useless_proxies(c, fn, ctx);
    if (!config_has_role(c, SERVES_API | SERVES_ADMIN))
        tell_useless_tokens(c, fn, ctx);
}
