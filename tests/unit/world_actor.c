/* The clients of a world: they connect, register, send lines and leave. */
#include "world.h"

#include "base/mem.h"
#include "config/config.h"
#include "policy/client_policy.h"
#include "state/channel.h"

#include <stdarg.h>

struct actor *
world_connect_with(struct world *w, const char *address, struct connection_info info)
{
    char refusal[512];
    if (!addr_parse(address, &info.addr) || w->n_actors == WORLD_CLIENTS)
        world_stop(address);
    struct actor *a = &w->actors[w->n_actors++];
    a->inbox = xcalloc(1, a->cap = 64);
    a->client = session_open(w->srv, &info, a, refusal, sizeof refusal);
    if (a->client == NULL) {
        a->closed = true;
        a->len = strlen(refusal);
        a->inbox = xrealloc(a->inbox, a->cap = a->len + 1);
        memcpy(a->inbox, refusal, a->len + 1);
    }
    world_settle(w);
    return a;
}

struct actor *
world_connect(struct world *w, const char *address)
{
    return world_connect_with(w, address, (struct connection_info){.listener = "test"});
}

void
world_send(struct world *w, struct actor *a, const char *bytes, size_t n)
{
    if (a->client == NULL)
        return;
    char *room = xmalloc(n + 1);
    memcpy(room, bytes, n);
    session_clock(w->srv, w->srv->now, w->srv->wall); /* a turn of its own */
    session_input(w->srv, a->client, room, n);
    mem_wipe(room, n); /* as the loop does with its buffer */
    free(room);
    world_settle(w);
    if (!w->verify_later)
        world_verify(w);
}

void
world_say(struct world *w, struct actor *a, const char *line)
{
    size_t n = strlen(line);
    char *room = xmalloc(n + 3);
    snprintf(room, n + 3, "%s\r\n", line);
    world_send(w, a, room, n + 2);
    mem_wipe(room, n + 2);
    free(room);
}

void
world_sayf(struct world *w, struct actor *a, const char *fmt, ...)
{
    char line[8192];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    world_say(w, a, line);
}

void
world_inputf(struct world *w, struct actor *a, const char *fmt, ...)
{
    char line[9000];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line, sizeof line - 3, fmt, args);
    va_end(args);
    memcpy(line + n, "\r\n", 3);
    if (a->client)
        session_input(w->srv, a->client, line, (size_t)n + 2);
}

void
world_say_times(struct world *w, struct actor *a, const char *line, int times)
{
    for (int i = 0; i < times; i++)
        world_say(w, a, line);
}

static struct actor *
register_actor(struct world *w, struct actor *a, const char *nick)
{
    world_sayf(w, a, "NICK %s", nick);
    world_sayf(w, a, "USER %s 0 * :Real %s", nick, nick);
    world_drain(a);
    if (a->client) {
        /* As a client that has been on for a while. */
        policy_of(a->client)->counters[COUNTER_lines].full_at = 0;
        policy_of(a->client)->joinable = 0;
    }
    return a;
}

struct actor *
world_user_at(struct world *w, const char *nick, const char *address)
{
    return register_actor(w, world_connect(w, address), nick);
}

static void
format_own_address(const struct world *w, char out[32])
{
    int n = w->n_actors;
    snprintf(out, 32, "10.%d.%d.1", 1 + n / 250, 1 + n % 250);
}

struct actor *
world_user(struct world *w, const char *nick)
{
    char address[32];
    format_own_address(w, address);
    return world_user_at(w, nick, address);
}

struct actor *
world_user_with(struct world *w, const char *nick, struct connection_info info)
{
    char address[32];
    format_own_address(w, address);
    return register_actor(w, world_connect_with(w, address, info), nick);
}

struct actor *
world_oper_as(struct world *w, const char *nick, const char *block)
{
    struct actor *a = world_user(w, nick);
    world_sayf(w, a, "OPER %s secret", block);
    if (a->client == NULL || a->client->user.oper == NULL)
        world_stop("OPER failed: is the block in the configuration?");
    world_drain_all(w);
    return a;
}

struct actor *
world_oper(struct world *w, const char *nick)
{
    return world_oper_as(w, nick, "alice");
}

size_t
world_work(struct world *w, struct actor *a, const char *line)
{
    world_say(w, a, line);
    return w->srv->work;
}

int
world_owed(const struct world *w, const struct actor *a)
{
    msec full_at = policy_of(a->client)->counters[COUNTER_lines].full_at;
    return (int)((full_at - w->srv->now) / w->srv->config->flood.interval);
}

static struct actor *
find_actor(struct world *w, const char *nick)
{
    struct client *c = client_find(w->srv, nick);
    return c && c->session ? session_conn(c) : NULL;
}

struct actor *
world_actor(struct world *w, const char *nick)
{
    struct actor *a = find_actor(w, nick);
    if (a == NULL)
        world_stop(nick);
    return a;
}

/* The member has the prefixes in `symbols` and no others; no client is told. */
static void
set_prefixes(struct world *w, const char *channel, struct actor *a, const char *symbols)
{
    struct channel *chan = channel_find(w->srv, channel);
    struct member *m = chan ? channel_member(chan, a->client) : NULL;
    if (m == NULL)
        world_stop(channel);
    m->modes = (strchr(symbols, '@') ? CHAN_OP : 0) |
               (strchr(symbols, '%') ? CHAN_HALFOP : 0) |
               (strchr(symbols, '+') ? CHAN_VOICE : 0);
}

void
world_join_all(struct world *w, const char **channel_and_members)
{
    const char *channel = channel_and_members[0];
    for (const char **at = channel_and_members + 1; *at; at++) {
        char nick[64];
        size_t n = strcspn(*at, "@%+");
        snprintf(nick, sizeof nick, "%.*s", (int)n, *at);
        struct actor *a = find_actor(w, nick);
        a = a ? a : world_user(w, nick);
        world_sayf(w, a, "JOIN %s", channel);
        set_prefixes(w, channel, a, *at + n);
    }
    world_drain_all(w);
}

struct world *
world_three(struct actor **ann, struct actor **bob, struct actor **eve)
{
    struct world *w = world_new(world_easy);
    *ann = world_user(w, "ann");
    *bob = world_user(w, "bob");
    *eve = world_user(w, "eve");
    world_channel(w, "#a", "ann@", "bob");
    return w;
}

struct world *
world_with_oper(const char *config, struct actor **alice)
{
    struct world *w = world_new(config);
    *alice = world_oper(w, "alice");
    return w;
}

void
world_close(struct world *w, struct actor *a)
{
    if (a->client)
        session_close(w->srv, a->client, NULL);
    world_settle(w);
}

void
world_enact(struct world *w, struct actor *a, const char *line)
{
    world_drain_all(w);
    world_say(w, a, line);
    world_store_news(w);
}
