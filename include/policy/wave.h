/* Waves: many hosts that do the same at once, each of them slowly enough to be struck
 * for nothing. A wave is told and logged once when it is seen and once when it ends;
 * nothing is refused for it. Kinds: one text, one real name, and new hosts. */
#ifndef POLICY_WAVE_H
#define POLICY_WAVE_H

#include <stddef.h>

struct client;
struct server;

#define WAVE_HOSTS 24 /* hosts of one text or name that are counted, at most */
#define WAVE_TEXT_MIN                                                                  \
    20 /* bytes: shorter texts are alike by chance ("good morning")                    \
        */

/* c, which is registered, says text in a message. Costs a hash of the text. */
void wave_text(struct server *srv, const struct client *c, const char *text);
/* Nothing is allocated before the first text or client. */
size_t wave_memory(const struct server *srv);

#endif
