/* A request: one command of one client, from dispatch to the end of its answer. */
#ifndef STATE_REQUEST_H
#define STATE_REQUEST_H

#include "state/out.h"

struct client;
struct message;
struct server;

/* What a handler gets. Borrowed: it ends when the handler returns. */
struct request {
    struct server *srv;
    struct client *client;   /* that sent the command, and reads its answer */
    struct message *message; /* the command; its parameters may be cut in place */
};

/* The answer to a request: a numeric, a notice, a standard reply (state/out.h). */
#define reply(req, ...) out_numeric((req)->srv, (req)->client, __VA_ARGS__)
#define reply_notice(req, ...) out_notice((req)->srv, (req)->client, __VA_ARGS__)
#define reply_standard(req, ...) out_standard((req)->srv, (req)->client, __VA_ARGS__)

#endif
