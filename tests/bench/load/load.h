/* What the files of load share: the plan of a row, its clients, and how to drive them.
 * Each function ends the program with a sentence when the server does not do what the
 * plan says. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "../measure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    LINE_SIZE = 1024,
    READ_SIZE = 65536,
    CALLS_TASKS = 16,   /* threads whose system calls are counted */
    NOT_OFFERED = 3,    /* exit status: the server lacks what the row needs */
    STATE_CHANNELS = 5, /* of each client, with so many members each: */
    STATE_MEMBERS = 50,
};

enum row_flag {
    ROW_TAGGED = 1 << 0,  /* message-tags and server-time for everybody */
    ROW_CALLS = 1 << 1,   /* the cost is system calls, not CPU time */
    ROW_SERVERS = 1 << 2, /* not on the floor, which has no such commands */
    ROW_BASED = 1 << 3,   /* in turns with a second process of the same server */
    ROW_PAIRED = 1 << 4,  /* in turns with the floor */
    ROW_TWO = ROW_BASED | ROW_PAIRED,
};

struct load;

struct row {
    const char *name, *unit;
    void (*run)(struct load *);
    unsigned flags; /* ROW_* */
    unsigned clients;
    unsigned channels, members; /* 0 channels: to a partner's nick */
    unsigned senders, lines, window;
    unsigned turns;              /* ROW_TWO: that are counted of each */
    double max_ratio, max_value; /* what ircd must hold; 0: nothing */
    unsigned max_ms;             /* of wall time; 0: any */
};

struct client {
    int fd;
    unsigned id;
    unsigned sent;          /* PRIVMSG lines */
    unsigned lines;         /* it has to send in all */
    unsigned expected, got; /* deliveries */
    unsigned rows;          /* of the long answer it waits for */
    size_t tail;            /* bytes in rest */
    char rest[LINE_SIZE];   /* an unfinished line */
};

/* What has arrived since the start, of all clients. */
struct seen {
    uint64_t ready, names, joins, delivered, pongs, closed, reads, answers;
};

/* What was measured, of all times together. */
struct spent {
    uint64_t count, cost, reads;
    int64_t wall; /* nanoseconds */
};

struct load {
    const struct row *row;
    struct sockaddr_in to;
    clockid_t cpu; /* the server's, all threads, in nanoseconds */
    long pid;
    int epoll;
    unsigned pace; /* connections a millisecond; 0: as fast as it goes */
    bool talking, leaving;
    bool in_turns;   /* all that the server spends counts */
    unsigned window; /* PRIVMSG lines before a PING; 0: the talk has a rhythm instead */
    void (*answered)(struct load *, struct client *); /* a long answer has ended */
    time_t deadline;                                  /* monotonic, in seconds */
    struct seen seen;
    uint64_t finished; /* senders whose lines are all answered */
    unsigned joined;   /* channels that everybody has joined */
    struct spent spent;
    struct load *other; /* ROW_BASED, ROW_PAIRED: what drives the second process */
    uint64_t reads_start;
    int64_t cost_start, wall_start;
    int calls[CALLS_TASKS]; /* ROW_CALLS: a counter for each thread */
    unsigned n_calls;
    struct client *clients;
    char in[LINE_SIZE + READ_SIZE];
};

/* --- engine.c: connections and the loop ------------------------------------------- */

/* The row's clock runs between the two, and adds up what it has measured; count: what
 * the cost is divided by. */
void start_measuring(struct load *l);
void stop_measuring(struct load *l, uint64_t count);

/* Sends at once, or dies. */
void say(struct client *c, const char *bytes, size_t n);

/* Reads what comes within so many milliseconds. */
void receive_some(struct load *l, int milliseconds);

/* Reads until the counter reaches the goal; too much is as wrong as too little. */
void wait_for(struct load *l, const char *what, const uint64_t *counter, uint64_t goal);

/* Connects and registers the clients from ... to - 1. */
void open_clients(struct load *l, unsigned from, unsigned to);

/* Behind it, each of the first clients has read all that the server had for it. In
 * turns it is not counted. */
void barrier(struct load *l, unsigned clients);

/* Gathers the clients, does it once and counts that; or where there is a second
 * process, gathers on both and does it row->turns times on each, now the one first and
 * now the other, so that the ratio is of one run. What a
 * server puts off until the other's turn counts as well; a barrier, and what is done
 * meanwhile, does not. Before that, a third as many turns are not counted: the kernel
 * acknowledges the first 16 segments of a connection at once, and later ones with what
 * comes back. */
void take_turns(struct load *l, void (*gather)(struct load *),
                void (*once)(struct load *));

/* --- calls.c ------------------------------------------------------------------------
 */

/* Counts the system calls of all threads of the server, by a tracepoint of the kernel.
 */
void calls_open(struct load *l);
uint64_t calls_read(const struct load *l);

/* --- talk.c: what a line costs that somebody says -----------------------------------
 */

void send_window(struct load *l, struct client *c);
void talk(struct load *l);
void crowd(struct load *l);

/* Joins the row's channels, all at once; `first` is the number of the first. */
void join_all(struct load *l, unsigned first);

/* Everybody joins #bench0, some at a time. */
void join_in_waves(struct load *l);

/* Each client has got exactly what the plan says. */
void check_deliveries(const struct load *l);

/* --- stay.c: what it costs that somebody is there -----------------------------------
 */

void join_burst(struct load *l);
void churn(struct load *l);
void idle(struct load *l);
void state(struct load *l);

/* Opens clients and joins each to STATE_CHANNELS channels of STATE_MEMBERS. */
void open_state(struct load *l, unsigned from, unsigned to);
/* The number of a channel of client id; which: 0 ... STATE_CHANNELS - 1. */
unsigned state_channel(unsigned id, unsigned which);
/* Its members of `clients` are the clients *from ... *to - 1. */
void state_members(unsigned clients, unsigned id, unsigned which, unsigned *from,
                   unsigned *to);

/* --- canary.c: how long somebody else waits meanwhile -------------------------------
 */

void hold(struct load *l);
void queries(struct load *l);

#endif
