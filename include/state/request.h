/* A request: one command of one client, from dispatch to the end of its answer.
 *
 * An answer that comes later (from a worker, the disk or a cursor) has a request of its
 * own, a member of the struct that waits. request_defer fills it; request_begin and
 * request_end (or request_pause) enclose each part of the answer; request_drop forgets
 * it. */
#ifndef STATE_REQUEST_H
#define STATE_REQUEST_H

#include "base/attr.h"
#include "state/origin.h"

#include <stdbool.h>
#include <stddef.h>

struct client;
struct command;
struct label;
struct message;
struct server;

/* The argument of a handler, borrowed until it returns. */
struct request {
    struct server *srv;
    struct client *client; /* it sent the command and reads the answer */
    /* The command; a handler may write to its parameters. NULL in a deferred request:
     * no line outlives its handler. */
    struct message *message;
    /* Owned. Takes all lines to the client while the request is at work. NULL: the
     * command has no label, or its answer is deferred. */
    struct label *label;
    struct request *outer;     /* at work before this one began; NULL: none */
    const struct command *row; /* cmd/command.h; NULL in a deferred request */
    bool paid;                 /* a credit paid for the command (session/price.h) */
    /* reference of the batch of its replies; "": none */
    char batch[ORIGIN_REFERENCE_TEXT];
};

/* Answers a request with a numeric, a notice or a standard reply (state/out.h). */
#define reply(req, ...) reply_numeric((req), __VA_ARGS__)
void reply_numeric(const struct request *req, int number, const char *fmt, ...)
    ATTR_PRINTF(3, 4);
void reply_notice(const struct request *req, const char *fmt, ...) ATTR_PRINTF(2, 3);
void reply_standard(const struct request *req, const char *type, const char *command,
                    const char *code, const char *context, const char *fmt, ...)
    ATTR_PRINTF(6, 7);

/* The replies from here to request_batch_end are one batch of this type (IRCv3 batch).
 * For a client without the capability, both functions do nothing. */
void request_batch_begin(struct request *req, const char *type);
void request_batch_end(struct request *req);

/* request_begin puts a request to work: all lines to its client are part of the answer
 * then. request_pause takes it from work: more of the answer comes later. request_end
 * does the same after the last part and closes the label. Requests nest: one that
 * begins while another is at work ends or pauses first. */
void request_begin(struct request *req);
void request_pause(struct request *req);
void request_end(struct request *req);

/* Defers the answer to the request of c that is at work: `later`, which is not
 * initialised, takes over its label. */
void request_defer(struct request *later, struct server *srv, struct client *c);

/* Forgets the client and the label: the client has left or gets no answer. */
void request_drop(struct request *later);

/* Memory of a deferred request outside of its struct, a sum of mem_block. */
size_t request_memory(const struct request *later);

#endif
