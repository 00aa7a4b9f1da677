/* ircd --health: the check of a container or of a monitor, by the control socket. It
 * reads the status of the server and no more: a certificate that ends soon is a matter of
 * `ircd ctl status`, and a restart would not mend it. */
#include "health.h"

#include "base/str.h"
#include "ctl_link.h"
#include "ctl_place.h"

#include <stdio.h>
#include <string.h>

/* What the status says. */
struct health {
    char name[128], clients[128], data[256];
};

static void
read_health_line(void *ctx, const struct control_text *line)
{
    struct health *h = ctx;
    const struct {
        const char *key;
        char *value;
        size_t size;
    } parts[] = {{"s server: ", h->name, sizeof h->name},
                 {"s clients: ", h->clients, sizeof h->clients},
                 {"s data: ", h->data, sizeof h->data}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = strlen(parts[i].key);
        if (strncmp(line->text, parts[i].key, n) == 0)
            str_format(parts[i].value, parts[i].size, "%s", line->text + n);
    }
}

static int
tell_unhealthy(const char *why)
{
    printf("unhealthy: %s\n", why);
    return 1;
}

/* Asks the server. False with the reason in l->why. */
static bool
ask_health(struct ctl_link *l, const char *data, struct health *h)
{
    const struct ctl_link_way way = {.user = "health", .whole = HEALTH_WAIT};
    return ctl_link_open(l, data, &way) &&
           ctl_link_run(l, "STATS s", read_health_line, h) == CTL_DONE;
}

int
health_run(const struct args *args)
{
    static struct ctl_link l; /* too large for the stack */
    struct ctl_place place;
    struct health h = {.data = ""};
    char err[512];
    if (!ctl_place_find(args, &place, err, sizeof err))
        return tell_unhealthy(err);
    bool answers = ask_health(&l, place.data, &h);
    ctl_link_close(&l);
    if (!answers)
        return tell_unhealthy(*l.why ? l.why : "the server refuses to tell its status");
    if (strncmp(h.data, "not saved", strlen("not saved")) == 0 || *h.data == '\0') {
        str_format(err, sizeof err, "%s cannot save its data: %s", h.name, h.data);
        return tell_unhealthy(err);
    }
    printf("healthy: %s; %.*s clients; data %s\n", h.name, (int)strcspn(h.clients, " "),
           h.clients, h.data);
    return 0;
}
