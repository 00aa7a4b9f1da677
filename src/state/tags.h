/* The tags a relayed message carries, one row each. */
#ifndef STATE_TAGS_H
#define STATE_TAGS_H

#include "base/str.h"

#include <stdint.h>

struct server;

/* Writes the tag section for one set of capabilities: "@time=… " or nothing.
 * client_tags are the raw client-only tags that came with the message, or NULL. */
void tags_write(struct str *out, struct server *srv, uint32_t caps,
                const char *client_tags);

/* The form that serves `caps`: its tag capabilities, less those that add nothing here.
 */
uint32_t tags_form(uint32_t caps, const char *client_tags);

#endif
