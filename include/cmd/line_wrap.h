/* A list of words in one or more replies: no word is split over two of them. */
#ifndef CMD_LINE_WRAP_H
#define CMD_LINE_WRAP_H

#include "base/str.h"
#include "proto/message.h"

struct request;

struct line_wrap {
    const struct request *req; /* borrowed: the command that the words answer */
    char separator;
    size_t room; /* bytes of words in a line */
    void (*send)(const struct request *req, const char *line);
    struct str line;
    char text[MESSAGE_LINE];
};

/* Begins an empty list. `send` sends one line of words. `around`: bytes of the reply
 * without ":server 123 nick :" and the words. */
void line_wrap_begin(struct line_wrap *w, const struct request *req, char separator,
                     size_t around, void (*send)(const struct request *, const char *));
/* Adds a word. If it does not fit in the line, the line is sent first. */
void line_wrap_add(struct line_wrap *w, const char *word);
/* Sends the words that were not sent yet, if any. */
void line_wrap_end(struct line_wrap *w);

#endif
