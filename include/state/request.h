/* A request: one command of one client, from dispatch to the end of its answer. */
#ifndef STATE_REQUEST_H
#define STATE_REQUEST_H

#include <stdbool.h>

struct client;
struct message;
struct server;

/* What a handler gets. Borrowed: it ends when the handler returns. */
struct request {
    struct server *srv;
    struct client *client;   /* that sent the command, and reads its answer */
    struct message *message; /* the command; its parameters may be cut in place */
};

#endif
