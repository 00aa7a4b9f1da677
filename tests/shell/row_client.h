/* A client of each transport that the loop serves: the same text, in the bytes of its
 * row. The bytes of both ways are in the hands of the test. */
#ifndef TESTS_ROW_CLIENT_H
#define TESTS_ROW_CLIENT_H

#include "tls_client.h"

/* A row of the table of all transports; the plain one is the first. */
struct row {
    const char *name;
    int listener;      /* LOOPED_* */
    const char *hello; /* what the client sends first; NULL: nothing */
    char mark_in;      /* first byte of each line to the server; 0: none */
    char mark_out;     /* the same of each line from the server */
    int opcode;        /* of the messages of WebSocket in both ways; 0: none */
};

#define ROWS 9
extern const struct row rows[ROWS];

struct row_client {
    struct looped *x;
    const struct row *row;
    struct tls_client *tls; /* NULL: no TLS */
    int fd;
    char waiting[1 << 16]; /* bytes that are said and not sent, not of TLS */
    size_t at, n_waiting;
    char got[1 << 18]; /* the text that has come, all of it */
    size_t n;
    bool ended; /* the connection has ended */
    /* Of WebSocket: the bytes that have come and are no whole frame yet, */
    char raw[1 << 16];
    size_t n_raw;
    /* the code of the close frame; 0: none has come, 1: no code, -1: a wrong frame */
    int closed;
    char said[130]; /* its reason, or the payload of the last pong */
    unsigned pongs; /* frames of this kind */
};

/* A connection behind its handshake. */
struct row_client *row_client_new(struct looped *x, const struct row *row,
                                  const char *address);
void row_client_free(struct row_client *c);

/* Puts n bytes behind those that are to be sent, as they are. */
void row_client_raw(struct row_client *c, const char *bytes, size_t n);

/* Makes the bytes of whole lines, to be sent. */
void row_client_say(struct row_client *c, const char *lines);
/* Sends at most `most` of these bytes; how many. */
size_t row_client_send(struct row_client *c, size_t most);
/* Reads all that has come: the text so far, without marks. */
const char *row_client_read(struct row_client *c);
/* Sends all, and makes turns until nothing more comes. */
const char *row_client_settle(struct row_client *c);
/* Says the end of its stream, behind all that it has said. */
void row_client_half_close(struct row_client *c);

#endif
