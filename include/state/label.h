/* labeled-response (IRCv3): all that a labelled command answers, as one line, one
 * batch, or ACK.
 *
 * While a request with a label is at work, all that its client is sent is taken here
 * instead of by its queue: the tags and the text of a line apart, so that no line is
 * read again. */
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

/* A label that has taken nothing; the caller owns it. */
struct label *label_new(const char *text);
void label_free(struct label *label);

/* Takes what would be queued for c. */
void label_take(struct server *srv, struct client *c, struct label *label,
                const struct label_line *line);

/* The command has ended: sends what was taken, or ACK when there was nothing; also to a
 * client that is doomed since. The label takes nothing more. */
void label_close(struct server *srv, struct client *c, struct label *label);

/* Memory that it takes, a sum of mem_block; NULL: none. */
size_t label_memory(const struct label *label);

/* What answers the label from here on is a batch of its own, or one line: its first
 * line carries the label. Does nothing when it has an answer already. */
void label_whole(struct label *label);

#endif
