/* Words in replies of as many lines as they need, none of them cut. */
#ifndef CMD_LINE_WRAP_H
#define CMD_LINE_WRAP_H

#include "base/str.h"
#include "proto/message.h"

struct request;

struct line_wrap {
    const struct request *req; /* that the words answer; borrowed */
    char separator;
    size_t room; /* bytes of words in a line */
    void (*send)(const struct request *req, const char *line);
    struct str line;
    char text[MESSAGE_LINE];
};

/* `around`: bytes of the reply besides ":server 123 nick :" and the words. */
void line_wrap_begin(struct line_wrap *w, const struct request *req, char separator,
                     size_t around, void (*send)(const struct request *, const char *));
void line_wrap_add(struct line_wrap *w, const char *word);
/* Sends what is left, if anything. */
void line_wrap_end(struct line_wrap *w);

/* The parameters from `from` on as one text, cut at a character to size: for texts that
 * somebody has written without their ':'. */
void words_rest(const struct message *m, int from, char *out, size_t size);

/* Splits "reason|for operators" at its first bar, each part without the blanks beside
 * the bar and cut at a character to its size. `hidden` is "" if there is no bar. What
 * stands behind the bar is for operators and the log alone. */
void words_split_reason(const char *text, char *shown, size_t size, char *hidden,
                        size_t hidden_size);

#endif
