/* A transport for tests: it takes all that its socket has and gives a few bytes at a
 * time, as one that decrypts may, and does whatever else a transport may do. */
#ifndef TESTS_SLOW_H
#define TESTS_SLOW_H

#include "../../src/net/transport.h"

#include <stddef.h>
#include <stdint.h>

#define SLOW_READS 4096

/* What all slow connections do, and what was done with them. */
struct slow {
    size_t gives;              /* bytes a read gives at most */
    size_t takes;              /* bytes a write takes at most; 0: all */
    unsigned read_waits_write; /* so many reads wait for room to write first */
    unsigned write_waits_read; /* so many writes wait for input first */
    int read_error;    /* errno with which the next read fails; 0: it does not */
    const char *peer;  /* address that a handshake tells; NULL: none */
    unsigned turn;     /* of the loop; looped_turn counts */
    const char *fault; /* words for what fails; NULL: none */
    unsigned unmade;   /* of closed: those whose handshake was not done */
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
