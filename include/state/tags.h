/* The tags a relayed message carries, one row each. */
#ifndef STATE_TAGS_H
#define STATE_TAGS_H

#include "base/str.h"
#include "proto/cap.h"

#include <stdbool.h>
#include <stdint.h>

/* Who has none of these never gets a tag. */
#define TAGS_CAPS (CAP_TAGS | CAP_BATCH)

struct server;

/* Tags of one message. */
struct tagging {
    const char *client; /* client-only tags, raw; NULL: none; borrowed */
    const char *batch;  /* reference of the batch it belongs to; NULL: none */
    uint64_t msgid;     /* 0: it has none */
    bool bot;           /* its sender is marked as a bot (bot mode) */
};

/* Writes the tag section for one set of capabilities: "@time=… " or nothing. tagging
 * may be NULL: a message without tags of its own. */
void tags_write(struct str *out, struct server *srv, uint64_t caps,
                const struct tagging *tagging);

/* The same tags without '@' and the space behind them. */
void tags_list(struct str *out, struct server *srv, uint64_t caps,
               const struct tagging *tagging);

/* The tag section of a line whose own tags are the list that tags_list has written,
 * with one tag more in front (value NULL: none). Writes nothing where there is no tag.
 */
void tags_front(struct str *out, const char *key, const char *value, const char *list);

/* The form that serves `caps`: its tag capabilities, less those that add nothing here.
 */
uint64_t tags_form(uint64_t caps, const struct tagging *tagging);

#endif
