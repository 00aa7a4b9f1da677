/* labeled-response (IRCv3): all that a labelled command answers, as one line, one
 * batch, or ACK.
 *
 * While a client has an open label, all that is sent to it is taken here instead of its
 * queue: the tags and the text of a line apart, so that no line is read again. */
#ifndef STATE_LABEL_H
#define STATE_LABEL_H

#include <stdbool.h>
#include <stddef.h>

#define LABEL_MAX 64 /* bytes of a label */

struct client;
struct label;
struct server;

/* What a line is to a batch of its own (not the label's). */
enum label_part {
    LABEL_PLAIN,   /* nothing, or a message of several lines that holds its batch */
    LABEL_OPENS,   /* opens one */
    LABEL_BATCHED, /* has the tag of one */
    LABEL_CLOSES,  /* ends one */
};

/* One line, or a message of several lines. All is borrowed for the call. */
struct label_line {
    const char *tags; /* of the first line, as tags_list writes them; may be "" */
    const char *text; /* what follows the tags, with CRLF */
    size_t len;       /* of text */
    enum label_part part;
    const char *reference; /* of the batch that the line opens or closes */
};

/* Opens a label for the command of c that runs next; c has none open. */
void label_begin(struct client *c, const char *text);

/* Takes what would be queued for c, which has an open label. */
void label_take(struct server *srv, struct client *c, const struct label_line *line);

/* The command of c has ended, or c is about to go: sends what was taken, or ACK when
 * there was nothing. Does nothing when no label is open. */
void label_end(struct server *srv, struct client *c);

/* The answer comes later (a worker's, a cursor's): closes the label without an answer
 * and returns it, or NULL when none is open; the caller owns it. label_resume opens it
 * again and takes it (NULL: none is open); label_free forgets it. */
struct label *label_defer(struct client *c);
void label_resume(struct client *c, struct label *label);
void label_free(struct label *label);
/* Memory that it takes, a sum of mem_block; NULL: none. */
size_t label_memory(const struct label *label);

/* Takes the text of the open label ("": none is open) and closes it without an answer:
 * another command will answer it (label_begin). */
void label_keep(struct client *c, char text[LABEL_MAX + 1]);

/* What answers the open label from here on is a batch of its own, or one line: its
 * first line carries the label. Does nothing when none is open, or it has an answer
 * already. */
void label_whole(struct client *c);

#endif
