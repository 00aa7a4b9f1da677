/* The tags of outgoing messages, one row each. */
#ifndef STATE_TAGS_H
#define STATE_TAGS_H

#include "base/str.h"
#include "proto/cap.h"

#include <stdbool.h>
#include <stdint.h>

/* A client without any of these never gets a tag. */
#define TAGS_CAPS (CAP_TAGS | CAP_BATCH)

struct server;

/* The tags of one message. */
struct tagging {
    const char *client; /* client-only tags as they were sent, borrowed; NULL: none */
    const char *batch;  /* reference of the batch that it is part of; NULL: none */
    uint64_t msgid;     /* 0: none */
    bool bot;           /* its sender is marked as a bot (bot mode) */
};

/* Writes the tag section for one set of capabilities: "@time=... ", or nothing. tagging
 * NULL: a message without tags of its own. */
void tags_write(struct str *out, struct server *srv, uint64_t caps,
                const struct tagging *tagging);

/* Writes the same tags without '@' and without the space after them. */
void tags_list(struct str *out, struct server *srv, uint64_t caps,
               const struct tagging *tagging);

/* Writes the tag section of a line: a tag key=value (value NULL: none) before a list
 * that tags_list wrote. Writes nothing if there is no tag. */
void tags_front(struct str *out, const char *key, const char *value, const char *list);

/* The form for `caps`: its tag capabilities, without those that change nothing in this
 * message. */
uint64_t tags_form(uint64_t caps, const struct tagging *tagging);

#endif
