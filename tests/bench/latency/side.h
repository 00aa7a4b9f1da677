/* One server of the row, with all members of its channel, as a driver sees it. */
#ifndef BENCH_LATENCY_SIDE_H
#define BENCH_LATENCY_SIDE_H

#include "../tls_end.h"

#include <stdbool.h>

enum {
    TLS_HEADER = 5,
    TURN_MOST = 400, /* lines of a turn */
    SIDE_TEXT = 65536,
};

struct row {
    const char *name;
    unsigned members, rate; /* lines a second */
    unsigned turns, length; /* of a turn, in ms */
    bool tls;
};

struct member {
    struct tls_end end; /* .ssl: only of the witness */
    uint64_t bytes;     /* of text, in this turn */
    unsigned lines;     /* that it has whole, in this turn */
    /* TLS: the record that has begun. */
    unsigned in_header, left, length;
    unsigned char header[TLS_HEADER];
};

struct side {
    const struct row *row;
    struct sockaddr_in to;
    long pid;   /* of the server */
    SSL_CTX *x; /* NULL: plain */
    int epoll, timer;
    struct tls_end sender;
    struct member *members; /* row->members; the first is the witness */
    size_t line;            /* bytes of a line, as members get it; 0: not known */
    /* The turn: lines in all, sent, at all members. */
    unsigned lines, sent, finished;
    int64_t begun, gap;
    unsigned lacking[TURN_MOST]; /* members without that line */
    int64_t took[TURN_MOST];     /* ns */
    /* The witness. */
    char text[SIDE_TEXT];
    size_t kept;
    unsigned next; /* the number in its next line */
    unsigned said; /* the number in the sender's next line */
};

/* Lines of a turn. */
static inline unsigned
row_lines(const struct row *row)
{
    return row->length * row->rate / 1000;
}

/* Connects all members and the sender, and finds out how long a line is. */
void side_gather(struct side *s);

/* Sends the lines of a turn and waits until all members have them: s->took. */
void side_turn(struct side *s);

#endif
