/* The rows of load that measure how long another client waits meanwhile: the 99th
 * percentile of a canary's PING to PONG. The work beside it is checked as in every row:
 * a server that answers the canary and neglects the others must not pass. */
#include "../canary.h"
#include "load.h"

#include <stdio.h>

#define SECOND 1000000000LL

enum {
    SECONDS = 5,
    TALK_EACH = 500, /* milliseconds between two lines of a client that talks */
    OWN = 2,         /* channels of each client alone */
    QUERIES_LEAST = 3,
};

/* The value is cost / count, so every PING counts as one of 99 % did. */
static void
stop_with(struct load *l, const struct canary *canary)
{
    struct song song = canary_end(canary);

    stop_measuring(l, (uint64_t)song.pings);
    l->spent.cost = (uint64_t)(song.p99 * song.pings);
}

/* --- many clients are on, few talk ------------------------------------------------ */

static uint64_t
say_in_state(struct load *l, struct client *c)
{
    unsigned which = c->sent % STATE_CHANNELS, from, to;
    char line[128];
    int n = snprintf(line, sizeof line,
                     "PRIVMSG #bench%u :%06u is what somebody has to say to others\r\n",
                     state_channel(c->id, which), c->sent++);

    say(c, line, (size_t)n);
    state_members(l->row->clients, c->id, which, &from, &to);
    for (unsigned id = from; id < to; id++)
        l->clients[id].expected += id != c->id;
    return to - from - 1;
}

/* Each sender sends a line every TALK_EACH, one after the other. */
static uint64_t
talk_evenly(struct load *l)
{
    unsigned senders = l->row->senders, apart = l->row->clients / senders;
    int64_t begun = nanoseconds(CLOCK_MONOTONIC), gap = TALK_EACH * 1000000LL / senders;
    uint64_t expected = 0;

    for (int64_t line = 0; line * gap < SECONDS * SECOND; line++) {
        int64_t wait;
        while ((wait = begun + line * gap - nanoseconds(CLOCK_MONOTONIC)) > 0)
            receive_some(l, (int)(wait / 1000000));
        unsigned sender = (unsigned)(line % senders);
        expected += say_in_state(l, &l->clients[sender * apart]);
    }
    return expected;
}

static void
gather_state(struct load *l)
{
    if (descriptors() < l->row->clients + 20)
        die("descriptors for only %u clients", descriptors() - 20);
    open_state(l, 0, l->row->clients);
    barrier(l, l->row->clients);
}

static void
listen_to_canary(struct load *l, const struct canary *canary)
{
    start_measuring(l);
    canary_go(canary, SECONDS * SECOND);
    uint64_t expected = talk_evenly(l);
    stop_with(l, canary);
    wait_for(l, "deliveries", &l->seen.delivered, expected);
    barrier(l, l->row->clients);
    check_deliveries(l);
}

void
hold(struct load *l)
{
    struct canary canary = canary_begin(&l->to);

    gather_state(l);
    listen_to_canary(l, &canary);
}

void
tls_hold(struct load *l)
{
    struct canary canary = canary_begin(&l->to);
    struct reconnects reconnects = reconnect_begin(l);

    gather_state(l);
    reconnect_go(&reconnects, SECONDS + 1);
    listen_to_canary(l, &canary);
    reconnect_end(&reconnects);
}

/* --- long answers -------------------------------------------------------------------
 */

static const struct {
    const char *line;
    bool lists_channels; /* else members */
    unsigned a_row;      /* the fewest names that must be in each line; 0: all */
} QUERIES[] = {
    {"NAMES #bench0\r\n", false, 100},
    {"WHO #bench0\r\n", false, 1},
    {"LIST\r\n", true, 1},
};
enum { QUERY_COUNT = sizeof QUERIES / sizeof *QUERIES };

static void
ask(struct client *c)
{
    const char *line = QUERIES[c->id % QUERY_COUNT].line;

    c->rows = 0;
    say(c, line, strlen(line));
}

/* An answer that leaves something out is none. */
static void
answer_ends(struct load *l, struct client *c)
{
    unsigned i = c->id % QUERY_COUNT, clients = l->row->clients;
    unsigned whole = QUERIES[i].lists_channels ? OWN * clients + 1 : clients;

    if (c->rows * QUERIES[i].a_row < whole) {
        fprintf(stderr, "client %u has got only %u lines to %s", c->id, c->rows,
                QUERIES[i].line);
        exit(NOT_OFFERED);
    }
    l->seen.answers++;
    if (l->talking)
        ask(c);
    else
        l->finished++;
}

static void
join_own(struct load *l)
{
    uint64_t names = l->seen.names;

    for (unsigned id = 0; id < l->row->clients; id++) {
        char line[128];
        int n = snprintf(line, sizeof line, "JOIN #bench%u,#bench%u\r\n", 1 + OWN * id,
                         2 + OWN * id);
        say(&l->clients[id], line, (size_t)n);
        if (id % 256 == 0)
            receive_some(l, 0);
    }
    wait_for(l, "joined", &l->seen.names, names + (uint64_t)OWN * l->row->clients);
}

void
queries(struct load *l)
{
    struct canary canary = canary_begin(&l->to);

    open_clients(l, 0, l->row->clients);
    join_own(l);
    l->seen.joins = 0;
    join_in_waves(l);
    barrier(l, l->row->clients);

    l->answered = answer_ends;
    l->talking = true;
    start_measuring(l);
    canary_go(&canary, SECONDS * SECOND);
    for (unsigned id = 0; id < l->row->senders; id++)
        ask(&l->clients[id]);
    int64_t until = nanoseconds(CLOCK_MONOTONIC) + SECONDS * SECOND;
    while (nanoseconds(CLOCK_MONOTONIC) < until)
        receive_some(l, 10);
    l->talking = false;
    stop_with(l, &canary);
    wait_for(l, "last answers", &l->finished, l->row->senders);
    if (l->seen.answers < QUERIES_LEAST * l->row->senders)
        die("only %ju answers", (uintmax_t)l->seen.answers);
}
