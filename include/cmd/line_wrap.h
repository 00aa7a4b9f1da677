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
/* Adds a word, after the line so far is sent if the word does not fit in it. */
void line_wrap_add(struct line_wrap *w, const char *word);
/* Sends the words that were not sent yet, if any. */
void line_wrap_end(struct line_wrap *w);

/* Joins the parameters from number `from` on into one text, cut at a character to size:
 * for a text that a client has sent without its ':'. */
void words_rest(const struct message *m, int from, char *out, size_t size);

/* Splits "reason|for operators" at its first bar. The blanks beside the bar are left out,
 * and each part is cut at a character to its size. `hidden` is "" if there is no bar;
 * only operators and the log may read it. */
void words_split_reason(const char *text, char *shown, size_t size, char *hidden,
                        size_t hidden_size);

#endif
