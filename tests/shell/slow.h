/* A transport for tests: it takes all bytes of its socket and gives a few at a time, as
 * a transport that decrypts may do. The fields of slow_way choose what else it does. */
#ifndef TESTS_SLOW_H
#define TESTS_SLOW_H

#include "../../src/net/transport.h"

#include <stddef.h>
#include <stdint.h>

#define SLOW_READS 4096

/* The behaviour of all slow connections, and counts of their calls. */
struct slow {
    size_t gives;              /* bytes a read gives at most */
    size_t takes;              /* bytes a write takes at most; 0: all */
    unsigned read_waits_write; /* reads that wait for room to write first */
    unsigned write_waits_read; /* writes that wait for input first */
    int read_error;    /* errno with which the next read fails; 0: it does not */
    const char *peer;  /* address that a handshake tells; NULL: none */
    unsigned turn;     /* of the loop; looped_turn counts */
    const char *fault; /* the reason of failures; NULL: none */
    unsigned unmade;   /* of `closed`: the connections whose handshake was not done */
    unsigned opened, finished, closed; /* connections that got memory, gave it back */
    size_t n;                          /* reads that gave bytes, */
    struct slow_read {
        int fd;
        unsigned turn;
        size_t n;
    } reads[SLOW_READS];               /* the first of them */
    size_t steps;                      /* of handshakes, */
    struct slow_read step[SLOW_READS]; /* the first of them */
};
extern struct slow slow;

/* Without a handshake. finish says "BYE" to a client that the server ends,
 * "END" to others. */
extern const struct transport slow_transport;
/* The same behind one: "HELLO" is answered by "WELCOME", any other line is an error. A
 * peer has the certificate "0123abcd" and comes by the gateway "kiwi". */
extern const struct transport slow_greeted;

#endif
