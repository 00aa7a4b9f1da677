/* Messages of several lines (draft/multiline): the batch a client has open. */
#ifndef CMD_MULTILINE_H
#define CMD_MULTILINE_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct request;
struct server;

/* What the capability's value says. */
#define MULTILINE_BYTES 4096 /* of all texts, a byte for each line break included */
#define MULTILINE_LINES 24

/* Looks at a line of a client with the capability before its command runs: true when it
 * belongs to a batch and is dealt with (req->row is set). */
bool multiline_take(struct request *req);

/* Memory of the batch that c has open, a sum of mem_block; 0: none. */
size_t multiline_memory(const struct client *c);

/* Frees it, unanswered; the caller counts. */
void multiline_free(struct client *c);

/* A line of c was refused unread: a batch that is not whole must not be sent. */
void multiline_spoil(struct client *c);

#endif
