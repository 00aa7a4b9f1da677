/* Shared by the files of load: the plan of a row, its clients, and the functions that
 * drive them. Each function ends the program with a sentence if the server does not do
 * as the plan says. */
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
    WS_SAID = 32768,    /* bytes of masked frames that a client sends at once */
    CALLS_TASKS = 16,   /* threads with counted system calls */
    NOT_OFFERED = 3,    /* exit status: the server lacks what the row needs */
    STATE_CHANNELS = 5, /* of each client, with so many members each: */
    STATE_MEMBERS = 50,
    ORDERED_SENDERS = 4, /* of a row that is ROW_ORDERED, at most */
};

enum row_flag {
    ROW_TAGGED = 1 << 0,  /* message-tags and server-time for all clients */
    ROW_CALLS = 1 << 1,   /* the cost is system calls, not CPU time */
    ROW_SERVERS = 1 << 2, /* not on the floor, which has no such commands */
    ROW_BASED = 1 << 3,   /* in turns with a second process of the same server */
    ROW_PAIRED = 1 << 4,  /* in turns with the floor */
    ROW_TLS = 1 << 5,     /* some clients have TLS: at load.tls */
    ROW_WS = 1 << 6,      /* the clients of the first process speak WebSocket */
    ROW_ORDERED = 1 << 7, /* one channel: the lines of each sender come in order */
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
    unsigned turns;              /* ROW_TWO: lines that are counted of each */
    double max_ratio, max_value; /* the limit that ircd must keep; 0: none */
    unsigned max_ms;             /* of wall time; 0: any */
};

struct client {
    int fd;
    unsigned id;
    unsigned sent;          /* PRIVMSG lines */
    unsigned lines;         /* lines that it has to send */
    unsigned expected, got; /* deliveries */
    unsigned rows;          /* lines of the long answer for which it waits */
    /* ROW_ORDERED: the number of the next line of each. */
    unsigned next[ORDERED_SENDERS];
    bool framed;          /* a WebSocket: lines are frames */
    size_t tail;          /* bytes in rest */
    char rest[LINE_SIZE]; /* an unfinished line */
};

/* Lines that have arrived since the start, of all clients. */
struct seen {
    uint64_t ready, names, joins, delivered, pongs, closed, reads, answers;
};

/* The measurements, of all times together. */
struct spent {
    uint64_t count, cost, reads;
    int64_t wall; /* nanoseconds */
};

struct load {
    const struct row *row;
    struct sockaddr_in to;
    struct sockaddr_in tls; /* ROW_TLS: where the server has TLS */
    clockid_t cpu;          /* the server's, all threads, in nanoseconds */
    long pid;
    int epoll;
    unsigned pace; /* connections a millisecond; 0: as fast as it goes */
    bool talking, leaving;
    bool in_turns;   /* all CPU time of the server counts */
    unsigned window; /* PRIVMSG lines before a PING; 0: sent by the clock */
    void (*answered)(struct load *, struct client *); /* a long answer has ended */
    time_t deadline;                                  /* monotonic, in seconds */
    struct seen seen;
    uint64_t finished; /* senders with all lines answered */
    unsigned joined;   /* channels that all clients have joined */
    struct spent spent;
    struct load *other; /* ROW_BASED, ROW_PAIRED: what drives the second process */
    uint64_t reads_start;
    int64_t cost_start, wall_start;
    int calls[CALLS_TASKS]; /* ROW_CALLS: a counter for each thread */
    unsigned n_calls;
    struct client *clients;
    char in[LINE_SIZE + READ_SIZE + 1]; /* room for a NUL */
};

/* --- engine.c: connections and the loop ------------------------------------------- */

/* The row's clock runs between the two, and adds up what it has measured; count: what
 * the cost is divided by. */
void start_measuring(struct load *l);
void stop_measuring(struct load *l, uint64_t count);

/* Sends at once, or ends the program. Whole lines, which are masked frames if the client
 * is framed. */
void say(struct client *c, const char *bytes, size_t n);

/* Reads all that comes within this many milliseconds. */
void receive_some(struct load *l, int milliseconds);

/* Reads until the counter reaches the goal; too much is as wrong as too little. */
void wait_for(struct load *l, const char *what, const uint64_t *counter, uint64_t goal);

/* Connects and registers the clients from ... to - 1. */
void open_clients(struct load *l, unsigned from, unsigned to);

/* Behind it, each of the first clients has read all lines that the server had for it.
 * In turns it is not counted. */
void barrier(struct load *l, unsigned clients);

/* Gathers the clients, runs the function once and counts it. If there is a second
 * process, gathers on both and runs it row->turns times on each, in changing order, so
 * that the ratio is of one run. Work that a server puts off until the other's turn
 * counts as well; a barrier, and the work during it, does not. A third as many turns
 * before that are not counted: the kernel acknowledges the first 16 segments of a
 * connection at once, and later ones together with data. */
void take_turns(struct load *l, void (*gather)(struct load *),
                void (*once)(struct load *));

/* --- ws.c: frames of a client ------------------------------------------------------ */

/* The request of an upgrade to WebSocket. */
extern const char ws_request[];
/* The answer to it in bytes[0..n), a NUL behind it; the bytes that it has. 0: it is not
 * whole. */
size_t ws_take_answer(const char *bytes, size_t n);

/* Writes the lines in bytes[0..n) as masked frames and returns their size; `out` has room
 * for WS_SAID bytes. */
size_t ws_mask_lines(const char *bytes, size_t n, char *out);

/* The payload of the whole frame at the start of bytes[0..n), *size bytes, and what is
 * behind it; NULL: no frame is whole. */
char *ws_take_frame(char *bytes, size_t n, size_t *size);

/* --- calls.c ------------------------------------------------------------------------
 */

/* Counts the system calls of all threads of the server, by a tracepoint of the kernel.
 */
void calls_open(struct load *l);
uint64_t calls_read(const struct load *l);

/* --- talk.c: the cost of a line --------------------------------------------------- */

void send_window(struct load *l, struct client *c);
void talk(struct load *l);
void crowd(struct load *l);

/* Joins the row's channels, all at once; `first` is the number of the first. */
void join_all(struct load *l, unsigned first);

/* All clients join #bench0, some at a time. */
void join_in_waves(struct load *l);

/* Each client has received exactly the lines of the plan. */
void check_deliveries(const struct load *l);

/* --- stay.c: the cost of a client that is on -------------------------------------- */

void join_burst(struct load *l);
void churn(struct load *l);
void idle(struct load *l);
void state(struct load *l);
/* What a WebSocket costs beside a plain connection to the second process. */
void ws_idle(struct load *l);

/* Opens clients and joins each to STATE_CHANNELS channels of STATE_MEMBERS. */
void open_state(struct load *l, unsigned from, unsigned to);
/* The number of a channel of client id; which: 0 ... STATE_CHANNELS - 1. */
unsigned state_channel(unsigned id, unsigned which);
/* The JOIN for all channels of the client. Returns its length. */
size_t state_join_line(unsigned id, char line[LINE_SIZE]);
/* Its members, of `clients`, are the clients *from ... *to - 1. */
void state_members(unsigned clients, unsigned id, unsigned which, unsigned *from,
                   unsigned *to);

/* --- reconnect.c: clients that come and go over TLS -------------------------------- */

struct reconnects {
    pid_t pid;
    int to, from; /* pipes */
};

/* Begins a process of its own, while few descriptors are open. */
struct reconnects reconnect_begin(const struct load *l);

/* Lets clients connect over TLS, and returns when they have. From then on, for so many
 * seconds, one in a hundred of the row's clients loses its connection each second and
 * connects anew. */
void reconnect_go(const struct reconnects *r, unsigned seconds);

/* Waits for its end, and ends the program if a connection of the plan was not made. */
void reconnect_end(const struct reconnects *r);

/* --- canary.c: how long another client waits meanwhile ---------------------------- */

void hold(struct load *l);
/* As hold, and one in a hundred clients more come and go over TLS. */
void tls_hold(struct load *l);
void queries(struct load *l);

#endif
