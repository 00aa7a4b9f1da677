/* Messages of several lines (draft/multiline): the open batch of a client. */
#ifndef CMD_MULTILINE_H
#define CMD_MULTILINE_H

#include "state/client.h"

#include <stdbool.h>
#include <stddef.h>

struct multiline;
struct request;
struct server;

/* The part of a session that commands own. */
struct client_cmd {
    struct multiline *multiline; /* the open batch, one block; NULL: none */
};
_Static_assert(sizeof(struct client_cmd) == SESSION_CMD, "state/session.h");

static inline struct client_cmd *
cmd_of(const struct client *c)
{
    return (struct client_cmd *)(void *)c->session->cmd;
}

/* Limits of a message, which the value of the capability tells. */
#define MULTILINE_BYTES 4096 /* of all texts; each line break counts as a byte */
#define MULTILINE_LINES 24

/* Takes a line of a client with the capability if it belongs to a batch: true if it has
 * been handled, so that its command must not run. req->row is set. */
bool multiline_take(struct request *req);

/* Memory of the open batch of c, a sum of mem_block; 0: there is none. */
size_t multiline_memory(const struct client *c);

/* Frees the open batch without an answer. The caller corrects srv->input_bytes. */
void multiline_free(struct client *c);

/* A line of c was refused unread: its open batch lacks a line and must not be sent. */
void multiline_spoil(struct client *c);

#endif
