/* The rows of load in which clients are on, come or go.
 *
 * Memory is the server's resident set, without the memory of the kernel for its
 * sockets. The first IDLE_BASE clients are on before the first measurement, so that the
 * program itself is not counted. It must never count clients that have not been told
 * that they are registered. */
#include "load.h"

#include <stdio.h>

enum {
    IDLE_BASE = 500, /* clients before the first measurement */
    RESERVE = 200,   /* descriptors that are not for clients */
    SHIFT = 10,      /* the shift of the groups from one set to the next, in clients */
    SET = 1000,      /* channels in a set at most */
};

/* All clients join the next channel at once; each JOIN line that any client receives
 * counts. */
static void
join_once(struct load *l)
{
    uint64_t n = l->row->members, before = l->seen.joins;
    uint64_t lines = l->row->channels * n * (n + 1) / 2;

    start_measuring(l);
    join_all(l, l->joined);
    l->joined += l->row->channels;
    wait_for(l, "joins", &l->seen.joins, before + lines);
    stop_measuring(l, lines);
}

static void
gather_joiners(struct load *l)
{
    open_clients(l, 0, l->row->clients);
    barrier(l, l->row->clients);
}

void
join_burst(struct load *l)
{
    take_turns(l, gather_joiners, join_once);
}

/* Connect, register, QUIT, wait for the end; `lines` times, `window` at a time. */
void
churn(struct load *l)
{
    start_measuring(l);
    for (unsigned done = 0; done < l->row->lines; done += l->row->window) {
        open_clients(l, 0, l->row->window);
        l->leaving = true;
        for (unsigned id = 0; id < l->row->window; id++)
            say(&l->clients[id], "QUIT\r\n", 6);
        wait_for(l, "closed", &l->seen.closed, l->seen.closed + l->row->window);
        l->leaving = false;
    }
    stop_measuring(l, l->seen.closed);
}

unsigned
state_channel(unsigned id, unsigned which)
{
    return which * SET + (id + which * SHIFT) / STATE_MEMBERS;
}

void
state_members(unsigned clients, unsigned id, unsigned which, unsigned *from,
              unsigned *to)
{
    unsigned group = (id + which * SHIFT) / STATE_MEMBERS * STATE_MEMBERS;

    *from = group > which * SHIFT ? group - which * SHIFT : 0;
    *to = group + STATE_MEMBERS - which * SHIFT;
    if (*to > clients)
        *to = clients;
}

size_t
state_join_line(unsigned id, char line[LINE_SIZE])
{
    size_t n = (size_t)snprintf(line, LINE_SIZE, "JOIN ");

    for (unsigned i = 0; i < STATE_CHANNELS; i++)
        n += (size_t)snprintf(line + n, LINE_SIZE - n, "%s#bench%u", i ? "," : "",
                              state_channel(id, i));
    return n + (size_t)snprintf(line + n, LINE_SIZE - n, "\r\n");
}

static void
join_state(struct client *c)
{
    char line[LINE_SIZE];
    say(c, line, state_join_line(c->id, line));
}

void
open_state(struct load *l, unsigned from, unsigned to)
{
    while (from < to) {
        unsigned n = to - from < IDLE_BASE ? to - from : IDLE_BASE;
        uint64_t names = l->seen.names;
        open_clients(l, from, from + n);
        for (unsigned id = from; id < from + n; id++)
            join_state(&l->clients[id]);
        wait_for(l, "joined", &l->seen.names, names + (uint64_t)n * STATE_CHANNELS);
        from += n;
    }
}

/* As many as there are descriptors for. */
static unsigned
clients_possible(const struct load *l)
{
    unsigned most = descriptors(), clients = l->row->clients;

    if (most < clients + RESERVE)
        clients = most > RESERVE ? most - RESERVE : 0;
    if (clients < 2 * IDLE_BASE)
        die("descriptors for only %u clients; %d are the least", clients,
            2 * IDLE_BASE);
    if (clients < l->row->clients)
        fprintf(stderr, "%s: only %u clients; the descriptors are not enough for %u\n",
                l->row->name, clients, l->row->clients);
    return clients;
}

static void
measure_memory(struct load *l, void (*open)(struct load *, unsigned, unsigned))
{
    unsigned clients = clients_possible(l);
    uint64_t before, after;

    open(l, 0, IDLE_BASE);
    barrier(l, IDLE_BASE);
    start_measuring(l);
    before = resident(l->pid);
    open(l, IDLE_BASE, clients);
    barrier(l, clients);
    after = resident(l->pid);
    stop_measuring(l, clients - IDLE_BASE);
    l->spent.cost = after > before ? after - before : 0;
}

void
idle(struct load *l)
{
    measure_memory(l, open_clients);
}

void
state(struct load *l)
{
    measure_memory(l, open_state);
}

void
ws_idle(struct load *l)
{
    uint64_t bare;

    idle(l->other);
    idle(l);
    bare = l->other->spent.cost;
    l->spent.cost = l->spent.cost > bare ? l->spent.cost - bare : 0;
}
