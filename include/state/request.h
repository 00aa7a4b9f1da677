/* A request: one command of one client, from dispatch to the end of its answer.
 *
 * An answer that comes later (a worker's, the disk's, a cursor's) has a request of its
 * own in what waits for it: request_defer fills it, request_begin and request_end
 * stand around each part of the answer, request_drop forgets it. */
#ifndef STATE_REQUEST_H
#define STATE_REQUEST_H

#include "base/attr.h"
#include "state/reference.h"

#include <stdbool.h>
#include <stddef.h>

struct client;
struct command;
struct label;
struct message;
struct server;

/* What a handler gets; borrowed until it returns. */
struct request {
    struct server *srv;
    struct client *client;   /* that sent the command, and reads its answer */
    struct message *message; /* the command; its parameters may be cut in place. NULL in
                              * a deferred request: no line outlives its handler */
    struct label *label;   /* owned: takes what its client is sent while it is at work;
                            * NULL: it has none, or its answer is deferred */
    struct request *outer; /* at work as well, until this one is done; NULL: none */
    const struct command *row;  /* of the command (cmd/command.h); NULL in a deferred
                                 * request */
    bool paid;                  /* a credit has paid for it (session/price.h) */
    char batch[REFERENCE_TEXT]; /* of the batch that holds its replies; "": none */
};

/* The answer to a request: a numeric, a notice, a standard reply (state/out.h). */
#define reply(req, ...) reply_numeric((req), __VA_ARGS__)
void reply_numeric(const struct request *req, int number, const char *fmt, ...)
    ATTR_PRINTF(3, 4);
void reply_notice(const struct request *req, const char *fmt, ...) ATTR_PRINTF(2, 3);
void reply_standard(const struct request *req, const char *type, const char *command,
                    const char *code, const char *context, const char *fmt, ...)
    ATTR_PRINTF(6, 7);

/* Replies until request_batch_end are one batch of this type (IRCv3 batch); without the
 * capability both do nothing. */
void request_batch_begin(struct request *req, const char *type);
void request_batch_end(struct request *req);

/* The request is at work: what its client is sent is a part of its answer, until
 * request_end (the last part: the label is answered) or request_pause (more comes
 * later). One that begins while another is at work ends or pauses before it. */
void request_begin(struct request *req);
void request_pause(struct request *req);
void request_end(struct request *req);

/* The answer to the request of c that is at work comes later: `later`, which is not
 * initialised, takes its label over. */
void request_defer(struct request *later, struct server *srv, struct client *c);

/* The client has gone, or gets no answer: forgets the label. */
void request_drop(struct request *later);

/* Memory that a deferred request holds beside itself, a sum of mem_block. */
size_t request_memory(const struct request *later);

#endif
