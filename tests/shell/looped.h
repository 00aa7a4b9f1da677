/* A server behind the real loop, turn by turn: connections are socket pairs, and the
 * tests hold the other ends. */
#ifndef TESTS_LOOPED_H
#define TESTS_LOOPED_H

#include "../../src/net/loop_state.h"
#include "slow.h"
#include "world.h"

/* The transports of the listeners, in the order of `rows` in looped.c. */
enum {
    LOOPED_PLAIN,
    LOOPED_SLOW,
    LOOPED_GREETED,
    LOOPED_FRAMED,
    LOOPED_TLS,
    LOOPED_WS,
    LOOPED_WS_BINARY,
    LOOPED_WSS,
    LOOPED_WS_SLOW,  /* over the slow transport */
    LOOPED_WEB,      /* speaks HTTP, with all web roles */
    LOOPED_WEBS,     /* the same with TLS */
    LOOPED_LISTENERS /* their number */
};

struct looped {
    struct world *world; /* its clock and its actors are not used */
    struct server *srv;
    struct loop *loop;
    int answers;  /* calls of hooks.answer */
    int requests; /* calls of hooks.web */
    /* hooks.web; NULL: it has nothing. ctx is this struct. */
    void (*web)(struct looped *x, enum web_route route, const struct web_request *r,
                struct web_answer *out);
    struct listener listeners[LOOPED_LISTENERS]; /* a row for each transport */
    char got[1 << 16]; /* the last bytes of looped_read, as text */
};

struct looped *looped_new(const char *config);
/* Ends the server as SIGTERM does. */
void looped_free(struct looped *x);

/* Loads the certificates of a configuration and puts them into force. */
void looped_use_tls(struct looped *x, const char *config);

/* The other end of a new connection from this address, which the loop serves. If the
 * listener has `proxy`, the address is that of the proxy. */
int looped_connect(struct looped *x, int listener, const char *address);
/* The client of the latest connection. */
struct client *looped_client(const struct looped *x);

/* The registered client that was silent for the shortest time. */
struct client *looped_registered(const struct looped *x);

void looped_send(int fd, const char *text);
/* All bytes that have come so far; NULL: the connection has ended. */
const char *looped_read(struct looped *x, int fd);

/* One turn of the loop, which does not wait for any event; or n turns. */
void looped_turn(struct looped *x);
void looped_turns(struct looped *x, int n);

#endif
