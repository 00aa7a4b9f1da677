/* A message of several lines (draft/multiline): what its client has sent of it. */
#ifndef SRC_CMD_CHAT_LINES_H
#define SRC_CMD_CHAT_LINES_H

#include "proto/name.h"
#include "state/event.h"
#include "state/request.h"

#include <stdbool.h>
#include <stdint.h>

struct relay;
struct str;

#define LINES_REFERENCE 64                  /* bytes of a client's reference */
#define LINES_TARGET (NAME_CHANNEL_MAX + 1) /* "@#channel" */
#define LINES_TYPE "draft/multiline"

/* Adds the line of an event, without its source and without CRLF. */
typedef void lines_write(struct str *out, const struct irc_event *e);

/* The texts are in data: a byte that says whether the line continues the one before,
 * then the line and a NUL; before the first stand the client-only tags and a NUL. */
struct multiline {
    char reference[LINES_REFERENCE + 1]; /* the client's */
    char target[LINES_TARGET + 1];       /* as the client wrote it */
    struct request opening;              /* deferred until the batch is answered */
    char relayed[20];                    /* the server's reference */
    enum irc_event_kind kind;            /* PRIVMSG or NOTICE, once there is a line */
    bool failed;                         /* the client knows; the rest is swallowed */
    bool has_text;                       /* not all lines are blank */
    unsigned lines, bytes;
    const struct irc_event *event; /* of the relay at work */
    lines_write *write;            /* of that relay */
    uint32_t len, cap;             /* of data */
    char data[];
};

enum { LINES_STARTS = 'n', LINES_CONTINUES = 'c' };

/* The texts one after the other: NULL gives the first; NULL at the end. */
const char *lines_next(const struct multiline *b, const char *text);

/* Gives a relay of e (begun, with its tags) the lines instead of its own text; both
 * forms, as a batch and as separate lines. e lives until relay_end. */
void lines_form(struct multiline *b, struct relay *r, const struct irc_event *e,
                lines_write *write);

#endif
