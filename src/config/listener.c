/* Listeners: unix sockets, access modes, classes, and the checks of all listen blocks
 * together. An option that could have no effect is a fault, because the operator
 * expects one. */
#include "listener.h"

#include "base/mem.h"
#include "base/str.h"
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
    for (size_t i = 0; i < c->n_listen; i++) {
        struct config_listen *l = &c->listen[i];
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
