/* A byte queue of [length][line][NUL] in the client, allocated only while lines wait.
 *
 * Lines are kept as they came: they are priced and parsed when they run. */
#include "held.h"

#include "base/mem.h"
#include "state/client.h"
#include "state/server.h"

void
held_wake(struct server *srv, struct client *c)
{
    if (list_empty(&c->holding))
        list_append(&srv->holding, &c->holding);
}

void
held_rest(struct client *c)
{
    if (c->held_lines == 0 && c->untold == 0)
        list_remove(&c->holding);
}

void
held_add(struct server *srv, struct client *c, const char *line, size_t len)
{
    uint16_t n = (uint16_t)len;
    uint32_t need = (uint32_t)(sizeof n + len + 1);
    if (c->held_off > 0) {
        memmove(c->held, c->held + c->held_off, c->held_len - c->held_off);
        c->held_len -= c->held_off;
        c->held_off = 0;
    }
    if (c->held_len + need > c->held_cap) {
        c->held_cap = 2 * (c->held_len + need);
        c->held = xrealloc(c->held, c->held_cap);
    }
    memcpy(c->held + c->held_len, &n, sizeof n);
    memcpy(c->held + c->held_len + sizeof n, line, len);
    c->held[c->held_len + need - 1] = '\0';
    c->held_len += need;
    c->held_lines++;
    held_wake(srv, c);
}

char *
held_first(struct client *c, size_t *len)
{
    uint16_t n;
    if (c->held_lines == 0)
        return NULL;
    memcpy(&n, c->held + c->held_off, sizeof n);
    *len = n;
    return c->held + c->held_off + sizeof n;
}

void
held_drop(struct client *c)
{
    size_t len;
    if (held_first(c, &len) == NULL)
        return;
    c->held_off += (uint32_t)(sizeof(uint16_t) + len + 1);
    c->held_lines--;
    held_rest(c);
}

void
held_trim(struct client *c)
{
    if (c->held_lines > 0)
        return;
    free(c->held);
    c->held = NULL;
    c->held_len = c->held_off = c->held_cap = 0;
}

size_t
held_bytes(const struct client *c)
{
    return c->held_len - c->held_off;
}
