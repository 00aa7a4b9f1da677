/* The rows of load in which clients talk: a closed loop, in which a client that talks
 * waits for the answer to its PING before it goes on, so that a slow server is asked
 * less and never flooded. A row must never end before every delivery has arrived and
 * been counted. */
#include "load.h"

#include <stdio.h>

enum {
    STRIDE = 97,       /* spreads the members of a channel over the clients */
    BATCH_SIZE = 8192, /* what one client sends in one write */
    TEXT_MIN = 60,
    TEXT_MAX = 100, /* bytes of a PRIVMSG line */
    WAVE = 100,     /* clients that join a large channel at a time */
    SMALL = 1000,   /* members of the channel with which a crowd is compared */
};

static unsigned
target_channel(const struct load *l, unsigned sender, unsigned line)
{
    const struct row *row = l->row;

    return (sender + line * row->clients) % row->channels;
}

static unsigned
member(const struct row *row, unsigned channel, unsigned slot)
{
    return (channel + slot * STRIDE) % row->clients;
}

static size_t
write_line(char *out, size_t size, const char *target, unsigned number)
{
    static const char FILL[] = "the quick brown fox jumps over the lazy dog and then "
                               "over the moon, and over all of it again";
    int want = TEXT_MIN + (int)(number * 13 % (TEXT_MAX - TEXT_MIN + 1));
    int head = snprintf(out, size, "PRIVMSG %s :%06u ", target, number);

    return (size_t)(head + snprintf(out + head, size - (size_t)head, "%.*s\r\n",
                                    want - head - 2, FILL));
}

void
send_window(struct load *l, struct client *c)
{
    const struct row *row = l->row;
    char batch[BATCH_SIZE], target[32];
    size_t n = 0;

    for (unsigned i = 0; i < l->window && c->sent < c->lines; i++) {
        if (row->channels > 0)
            snprintf(target, sizeof target, "#bench%u",
                     target_channel(l, c->id, c->sent));
        else
            snprintf(target, sizeof target, "b%05u", c->id ^ 1U);
        n += write_line(batch + n, sizeof batch - n, target, c->sent++);
    }
    n += (size_t)snprintf(batch + n, sizeof batch - n, "PING :w%u\r\n", c->sent);
    say(c, batch, n);
}

void
join_all(struct load *l, unsigned first)
{
    const struct row *row = l->row;
    uint64_t names = l->seen.names;
    char line[64];

    for (unsigned channel = 0; channel < row->channels; channel++) {
        int n = snprintf(line, sizeof line, "JOIN #bench%u\r\n", first + channel);
        for (unsigned slot = 0; slot < row->members; slot++)
            say(&l->clients[member(row, channel, slot)], line, (size_t)n);
    }
    wait_for(l, "joined", &l->seen.names,
             names + (uint64_t)row->channels * row->members);
}

/* In parts, so that no queue gets long: a crowd at once is another row. */
void
join_in_waves(struct load *l)
{
    uint64_t n = 0, all = l->row->clients;
    uint64_t joins = l->seen.joins, names = l->seen.names;

    while (n < all) {
        for (unsigned i = 0; i < WAVE && n < all; i++, n++)
            say(&l->clients[n], "JOIN #bench0\r\n", 14);
        wait_for(l, "joined", &l->seen.names, names + n);
        wait_for(l, "joins", &l->seen.joins, joins + n * (n + 1) / 2);
    }
}

/* Fills in the lines that each client must get and returns their sum. */
static uint64_t
plan(struct load *l)
{
    const struct row *row = l->row;
    uint64_t total = 0;

    for (unsigned id = 0; id < row->senders; id++)
        l->clients[id].lines = row->lines;
    for (unsigned i = 0; i < row->senders * row->lines; i++) {
        unsigned sender = i / row->lines;
        if (row->channels == 0) {
            l->clients[sender ^ 1U].expected++;
            total++;
            continue;
        }
        unsigned channel = target_channel(l, sender, i % row->lines);
        for (unsigned slot = 0; slot < row->members; slot++) {
            unsigned to = member(row, channel, slot);
            l->clients[to].expected += to != sender;
            total += to != sender;
        }
    }
    return total;
}

void
check_deliveries(const struct load *l)
{
    for (unsigned id = 0; id < l->row->clients; id++) {
        const struct client *c = &l->clients[id];
        if (c->got != c->expected)
            die("client %u got %u of %u lines", id, c->got, c->expected);
    }
}

/* The conversation of the row, counted anew. */
static void
converse(struct load *l)
{
    const struct row *row = l->row;
    uint64_t before = l->seen.delivered, finished = l->finished;

    for (unsigned id = 0; id < row->clients; id++) {
        l->clients[id].sent = l->clients[id].expected = l->clients[id].got = 0;
        memset(l->clients[id].next, 0, sizeof l->clients[id].next);
    }
    uint64_t expected = plan(l);
    l->talking = true;
    l->window = row->window;
    start_measuring(l);
    for (unsigned id = 0; id < row->senders; id++)
        send_window(l, &l->clients[id]);
    wait_for(l, "senders", &l->finished, finished + row->senders);
    wait_for(l, "deliveries", &l->seen.delivered, before + expected);
    stop_measuring(l, expected);
    l->talking = false;
    barrier(l, row->clients);
    check_deliveries(l);
}

static void
gather_talkers(struct load *l)
{
    open_clients(l, 0, l->row->clients);
    join_all(l, 0);
    barrier(l, l->row->clients);
}

void
talk(struct load *l)
{
    take_turns(l, gather_talkers, converse);
}

static void
gather_crowd(struct load *l)
{
    open_clients(l, 0, l->row->clients);
    join_in_waves(l);
    barrier(l, l->row->clients);
}

/* All clients are on one channel; on the other process there are a thousand, which
 * receive as many lines. */
void
crowd(struct load *l)
{
    struct row small = *l->row;

    small.lines *= small.clients / SMALL;
    small.clients = small.members = SMALL;
    l->other->row = &small;
    take_turns(l, gather_crowd, converse);
}
