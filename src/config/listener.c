/* Listeners: unix sockets, access modes, classes, and the checks of all listen blocks
 * together. An option that could have no effect is a fault, because the operator
 * expects one. */
#include "listener.h"

#include "base/mem.h"
#include "base/str.h"
#include "titled.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

struct config_listen *
listener_add_unix(const struct reading *r, const struct config_listen *base)
{
    static const struct addr loopback = {{[15] = 1}};
    struct config *c = r->base;
    const char *path = r->text + strlen(LISTENER_UNIX);
    struct config_listen l = *base;
    if (*path == '\0' || path[strlen(path) - 1] == '/') {
        str_format(
            r->err, r->errlen,
            "the path of the socket is missing, as in \"unix:/run/ircd/irc.sock\"");
        return NULL;
    }
    l.addr = loopback;
    l.text = xstrdup(r->text);
    l.path = xstrdup(path);
    return VALUE_ADD(c->listen, c->n_listen, l);
}

const char *
listener_check_mode(const char *text)
{
    size_t n = strlen(text);
    if (text[0] == '0' && n >= 3 && n <= 4 && strspn(text, "01234567") == n)
        return NULL;
    return "an access mode in octal digits, as in \"0660\"";
}

const char *
listener_check_class(const char *text)
{
    return *text != '\0' ? NULL : "the name of a class block";
}

const struct serves_word serves_words[] = {
    {"irc", SERVES_IRC, "IRC; alone"},
    {"chat", SERVES_CHAT, "the chat page, at /"},
    {"websocket", SERVES_WEBSOCKET,
     "IRC over WebSocket, at /irc; the chat page needs it"},
    {"metrics", SERVES_METRICS, "figures for Prometheus, at /metrics"},
    {"health", SERVES_HEALTH, "whether the server is well, at /health"},
    {"api", SERVES_API,
     "operator commands and lists, at /api, with a token of an oper block"},
    {"admin", SERVES_ADMIN, "the page of operators, at /admin"},
    {NULL, 0, NULL},
};

/* What is wrong with a further word in a list; NULL: nothing. */
static const char *
find_wrong_role(unsigned before, unsigned bit)
{
    if (before & bit)
        return "is there twice";
    if (before & SERVES_IRC || (bit == SERVES_IRC && before != 0))
        return "cannot be in one list with irc, because a listener speaks either IRC "
               "or "
               "HTTP; write a second listen block";
    return NULL;
}

bool
listener_read_serves(const struct reading *r)
{
    struct config_listen *l = r->base;
    const struct serves_word *w = serves_words;
    char expected[200];
    struct str s;
    str_init(&s, expected, sizeof expected);
    str_add(&s, "one of");
    while (w->word != NULL && strcmp(w->word, r->text) != 0) {
        str_addf(&s, "%s %s", w == serves_words ? "" : ",", w->word);
        w++;
    }
    if (w->word == NULL)
        return value_refuse(r, expected);
    const char *wrong = find_wrong_role(l->serves, (unsigned)w->bit);
    if (wrong == NULL)
        l->serves |= (unsigned)w->bit;
    else
        str_format(r->err, r->errlen, "\"%s\" %s", w->word, wrong);
    return wrong == NULL;
}

const char *
config_serves_text(unsigned serves, char out[CONFIG_SERVES_TEXT])
{
    struct str s;
    str_init(&s, out, CONFIG_SERVES_TEXT);
    for (const struct serves_word *w = serves_words; w->word != NULL; w++)
        if (serves & (unsigned)w->bit)
            str_addf(&s, "%s%s", s.len > 0 ? "," : "", w->word);
    return out;
}

bool
config_has_role(const struct config *c, unsigned serves)
{
    for (size_t i = 0; i < c->n_listen; i++)
        if (c->listen[i].serves & serves)
            return true;
    return false;
}

/* Proxies of HTTP end a connection that is silent for 60 seconds (nginx). */
#define WEBSOCKET_PING (45 * MSEC_SECOND)

static void
check_roles(struct config_listen *l, struct faults *faults)
{
    bool websocket = l->serves & SERVES_WEBSOCKET;
    if (l->serves == 0)
        l->serves = SERVES_IRC;
    if (config_is_web(l) && l->redirect)
        fault_add(faults, l->line,
                  "listen \"%s\" redirect: it is for listeners that serve irc",
                  SHOWN(l->text));
    if (config_is_web(l) && !websocket && l->ping_every > 0)
        fault_add(faults, l->line,
                  "listen \"%s\" ping_every: only clients of irc and websocket get a "
                  "PING, and serves has neither",
                  SHOWN(l->text));
    if (websocket && l->ping_every == 0)
        l->ping_every = WEBSOCKET_PING;
}

/* Finds the place of a time among all different ones. */
static void
check_pace(struct config *c, struct config_listen *l, unsigned *n,
           struct faults *faults)
{
    unsigned i = 1;
    if (l->ping_every == 0)
        return;
    while (i < *n && c->paces[i] != l->ping_every)
        i++;
    if (i == CONFIG_PACES) {
        fault_add(faults, l->line,
                  "listen \"%s\" ping_every: listeners may have at most %d different "
                  "times",
                  SHOWN(l->text), CONFIG_PACES - 1);
        return;
    }
    if (i == *n)
        c->paces[(*n)++] = l->ping_every;
    l->pace = i;
}

static void
check_mode_place(const struct config_listen *l, struct faults *faults)
{
    if (l->mode_set != NULL && l->path == NULL)
        fault_add(faults, l->line,
                  "listen \"%s\": option mode is for unix sockets only; an address and "
                  "port have no access mode",
                  SHOWN(l->text));
}

static void
check_class_exists(const struct config *c, const struct config_listen *l,
                   struct faults *faults)
{
    char known[300];
    struct str s;
    str_init(&s, known, sizeof known);
    for (size_t i = 0; i < c->n_class; i++) {
        if (strcmp(c->class[i].name, l->class) == 0)
            return;
        str_addf(&s, "%s \"%s\"", i ? "," : "; there are:", SHOWN(c->class[i].name));
    }
    fault_add(faults, l->class_line, "listen \"%s\" class: \"%s\" is no class block%s",
              SHOWN(l->text), SHOWN(l->class), s.len ? known : "; there is none");
}

static bool
has_header_proxy(const struct config *c)
{
    for (size_t i = 0; i < c->n_proxy; i++)
        if (c->proxy[i].accepts & ACCEPTS_PROXY_PROTOCOL)
            return true;
    return false;
}

/* A unix socket needs no proxy block: its access mode says which processes may name
 * addresses. */
static void
check_proxy_exists(const struct config *c, const struct config_listen *l,
                   struct faults *faults)
{
    if (l->path == NULL && !has_header_proxy(c))
        fault_add(faults, l->line,
                  "listen \"%s\": proxy = true needs a proxy block with accepts = { "
                  "\"proxy-protocol\" }; without one every connection is refused",
                  SHOWN(l->text));
}

void
listener_check_all(struct config *c, struct faults *faults)
{
    unsigned n_paces = 1;
    for (size_t i = 0; i < c->n_listen; i++) {
        struct config_listen *l = &c->listen[i];
        check_roles(l, faults);
        check_pace(c, l, &n_paces, faults);
        check_mode_place(l, faults);
        if (l->class != NULL)
            check_class_exists(c, l, faults);
        if (l->proxy)
            check_proxy_exists(c, l, faults);
        if (l->mode_set != NULL)
            l->mode = (int)strtol(l->mode_set, NULL, 8);
    }
}

void
listener_free_all(struct config *c)
{
    for (size_t i = 0; i < c->n_listen; i++) {
        free(c->listen[i].text);
        free(c->listen[i].path);
        free(c->listen[i].mode_set);
        free(c->listen[i].class);
    }
    free(c->listen);
}
