/* A message of several lines (draft/multiline): what its client has sent of it. */
#ifndef SRC_CMD_CHAT_LINES_H
#define SRC_CMD_CHAT_LINES_H

#include "proto/name.h"
#include "state/label.h"

#include <stdbool.h>
#include <stdint.h>

struct client;
struct relay;

#define LINES_REFERENCE 64                  /* bytes of a client's reference */
#define LINES_TARGET (NAME_CHANNEL_MAX + 1) /* "@#channel" */
#define LINES_TYPE "draft/multiline"

/* The texts are in data: a byte that says whether the line continues the one before,
 * then the line and a NUL; before the first stand the client-only tags and a NUL. */
struct multiline {
    char reference[LINES_REFERENCE + 1]; /* the client's */
    char target[LINES_TARGET + 1];       /* as the client wrote it */
    char label[LABEL_MAX + 1];           /* of its opening; "": none */
    char relayed[20];                    /* the server's reference */
    const char *verb;                    /* "PRIVMSG" or "NOTICE"; NULL: no line yet */
    bool failed;                         /* the client knows; the rest is swallowed */
    bool has_text;                       /* not all lines are blank */
    unsigned lines, bytes;
    const struct client *from; /* of the relay at work */
    const char *shown;         /* its target */
    uint32_t len, cap;         /* of data */
    char data[];
};

enum { LINES_STARTS = 'n', LINES_CONTINUES = 'c' };

/* The texts one after the other: NULL gives the first; NULL at the end. */
const char *lines_next(const struct multiline *b, const char *text);

/* Gives a relay (begun, with its tags) the lines instead of its own text; both forms,
 * as a batch and as separate lines. from and target live until relay_end. */
void lines_form(struct multiline *b, struct relay *r, struct client *from,
                const char *target);

#endif
