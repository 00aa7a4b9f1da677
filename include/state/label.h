/* labeled-response (IRCv3): all that a labelled command answers, as one line, one
 * batch, or ACK.
 *
 * While a label is open, whatever goes to its client is taken here instead of its
 * queue. */
#ifndef STATE_LABEL_H
#define STATE_LABEL_H

#include <stdbool.h>
#include <stddef.h>

#define LABEL_MAX 64 /* bytes of a label */

struct client;
struct label;
struct server;

/* Opens a label for the command of c that runs next. At most one is open in a server.
 */
void label_begin(struct server *srv, struct client *c, const char *text);

/* Takes a line (CRLF at its end) if it answers the open label. False: queue it as
 * usual. */
bool label_take(struct server *srv, const struct client *c, const char *line, size_t n);

/* The command has ended: sends what was taken, or ACK when there was nothing. Does
 * nothing when no label is open. */
void label_end(struct server *srv);

/* The same if the open label is one of c, which is about to go. */
void label_settle(struct server *srv, const struct client *c);

/* The answer comes later (a worker's, a cursor's): closes the label without an answer
 * and returns it, or NULL when none is open. label_resume opens it again; label_free
 * forgets it. */
struct label *label_defer(struct server *srv);
void label_resume(struct server *srv, struct label *label);
void label_free(struct label *label);
/* Memory that it takes, a sum of mem_block; NULL: none. */
size_t label_memory(const struct label *label);

/* Takes the text of the open label ("": none is open) and closes it without an answer:
 * another command will answer it (label_begin). */
void label_keep(struct server *srv, char text[LABEL_MAX + 1]);

/* What answers the open label from here on is a batch of its own, or one line: its
 * first line carries the label. Does nothing when none is open. */
void label_whole(struct server *srv);

#endif
