/* labeled-response (IRCv3): the answer to a labelled command is one line, one batch or
 * ACK.
 *
 * While a request with a label is at work, the label takes all lines to its client in
 * the place of the queue. It gets the tags and the text of a line apart, so that no
 * line is parsed again. */
#ifndef STATE_LABEL_H
#define STATE_LABEL_H

#include <stdbool.h>
#include <stddef.h>

#define LABEL_MAX 64 /* bytes of a label */

struct client;
struct label;
struct server;

/* The role of a line in a batch other than that of the label. */
enum label_part {
    LABEL_PLAIN,   /* none, or a message of several lines that includes its batch */
    LABEL_OPENS,   /* opens a batch */
    LABEL_BATCHED, /* has the tag of a batch */
    LABEL_CLOSES,  /* ends a batch */
};

/* One line, or a message of several lines. All is borrowed for the call. */
struct label_line {
    const char *tags; /* of the first line, as tags_list writes them; may be "" */
    const char *text; /* the line after the tags, with CRLF */
    size_t len;       /* of text */
    enum label_part part;
    const char *reference; /* LABEL_OPENS, LABEL_CLOSES: of the batch */
};

/* A label that has taken nothing; the caller owns it. */
struct label *label_new(const char *text);
void label_free(struct label *label);

/* Takes a line to c in the place of its queue. */
void label_take(struct server *srv, struct client *c, struct label *label,
                const struct label_line *line);

/* The command has ended: sends the lines that were taken, or ACK if there was none,
 * also to a client that is doomed by now. The label takes no line after this. */
void label_close(struct server *srv, struct client *c, struct label *label);

/* Memory of the label, a sum of mem_block; NULL: 0. */
size_t label_memory(const struct label *label);

/* All lines of the answer from here on are one line or one batch: the first one carries
 * the label. Does nothing if the label has taken a line already. */
void label_whole(struct label *label);

#endif
