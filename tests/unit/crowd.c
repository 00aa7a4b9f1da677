/* Crowds for session tests: clients are registered in bulk, without a check after every
 * step. */
#include "crowd.h"
#include "state/cursor.h"

#include "base/mem.h"
#include "base/str.h"
#include "state/channel.h"

#define PER_CLIENT 1000 /* channels of one client of the crowd */

static struct actor *
deaf_actor(struct world *w)
{
    struct actor *a = &w->actors[w->n_actors++];
    a->inbox = xcalloc(1, a->cap = 64);
    a->deaf = true;
    return a;
}

static struct client *
register_one(struct world *w, struct actor *a, int i)
{
    struct connection_info info = {.listener = "test"};
    char text[64], refusal[512];
    str_format(text, sizeof text, "10.%d.%d.1", 100 + i / 250, i % 250);
    CU_ASSERT_FATAL(addr_parse(text, &info.addr));
    struct client *c = session_open(w->srv, &info, a, refusal, sizeof refusal);
    CU_ASSERT_FATAL(c != NULL);
    str_format(text, sizeof text, "NICK u%05d\r\nUSER u 0 * :r\r\n", i);
    session_input(w->srv, c, text, strlen(text));
    CU_ASSERT_FATAL(client_is_registered(c));
    return c;
}

void
crowd_people(struct world *w, int n, const char *channel)
{
    struct actor *a = deaf_actor(w);
    struct channel *chan = NULL;
    /* No test reads the events of ten thousand connects. */
    w->log.level = LOG_LEVEL_WARN;
    for (int i = 0; i < n; i++) {
        struct client *c = register_one(w, a, i);
        if (channel == NULL)
            continue;
        if (chan == NULL && (chan = channel_find(w->srv, channel)) == NULL)
            chan = channel_new(w->srv, channel);
        channel_join(w->srv, chan, c, 0);
    }
    world_sleep(w, 0);
}

void
crowd_people_from(struct world *w, int first, int n)
{
    struct actor *a = deaf_actor(w);
    for (int i = first; i < first + n; i++)
        register_one(w, a, i);
    world_sleep(w, 0);
}

void
crowd_channels(struct world *w, int n)
{
    char text[64];
    for (int i = 0; i < n; i++) {
        str_format(text, sizeof text, "u%05d", i / PER_CLIENT);
        struct client *c = client_find(w->srv, text);
        CU_ASSERT_FATAL(c != NULL);
        str_format(text, sizeof text, "#c%05d", i);
        channel_join(w->srv, channel_new(w->srv, text), c, 0);
    }
    world_sleep(w, 0);
}

size_t
crowd_turn(struct world *w, struct actor *a)
{
    size_t before = a->len;
    world_sleep(w, 0);
    return a->len - before;
}

bool
crowd_waits(const struct world *w)
{
    return !list_empty(&cursors_of(w->srv)->all);
}
