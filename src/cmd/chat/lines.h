/* A message of several lines (draft/multiline): the lines that its client has sent. */
#ifndef SRC_CMD_CHAT_LINES_H
#define SRC_CMD_CHAT_LINES_H

#include "proto/name.h"
#include "state/irc_event.h"
#include "state/origin.h"
#include "state/request.h"

#include <stdbool.h>
#include <stdint.h>

struct relay;
struct str;

#define LINES_REFERENCE 64                  /* bytes of a client's reference, at most */
#define LINES_TARGET (NAME_CHANNEL_MAX + 1) /* bytes of a target: "@#channel" */
#define LINES_TYPE "draft/multiline"

/* Adds the line of an event, without its source and without CRLF. */
typedef void lines_write(struct str *out, const struct irc_event *e);

/* A batch. `data` holds the client-only tags and a NUL, then each line: a byte, the text
 * and a NUL. The byte is LINES_CONTINUES if the line continues the one before, else
 * LINES_STARTS. */
struct multiline {
    char reference[LINES_REFERENCE + 1]; /* the client's */
    char target[LINES_TARGET + 1];       /* as the client wrote it */
    struct request opening;              /* deferred until the batch is answered */
    char relayed[ORIGIN_REFERENCE_TEXT]; /* the server's reference, for receivers */
    enum irc_event_kind kind;            /* PRIVMSG or NOTICE, once there is a line */
    bool failed;   /* a fault was told; further lines are ignored */
    bool has_text; /* not all lines are blank */
    unsigned lines, bytes;
    const struct irc_event *event; /* set by lines_form for the relay */
    lines_write *write;            /* the same */
    uint32_t len, cap;             /* bytes of data: used, and allocated */
    char data[];
};

enum { LINES_STARTS = 'n', LINES_CONTINUES = 'c' };

/* The text after `text`; the first one after NULL. NULL: there are no more. */
const char *lines_next(const struct multiline *b, const char *text);

/* Makes the relay r of e, begun and with its tags, send the lines in place of its own
 * text: as a batch or as separate lines. e and b live until relay_end. */
void lines_form(struct multiline *b, struct relay *r, const struct irc_event *e,
                lines_write *write);

#endif
