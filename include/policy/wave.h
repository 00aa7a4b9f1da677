/* Waves: many hosts that do the same at once, each of them slowly enough to be struck
 * for nothing. A wave is told and logged once when it is seen and once when it ends;
 * nothing is refused for it. Kinds: one text, one real name, and new hosts. */
#ifndef POLICY_WAVE_H
#define POLICY_WAVE_H

#include <stddef.h>

struct client;
struct host;
struct policy;
struct server;
struct subsystem;

#define WAVE_HOSTS 24 /* hosts of one text or name that are counted, at most */
#define WAVE_TEXT_MIN                                                                  \
    20 /* bytes: shorter texts are alike by chance ("good morning")                    \
        */

/* c, which is registered, says text in a message. Costs a hash of the text. */
void wave_text(struct server *srv, const struct client *c, const char *text);
/* c has just registered. */
void wave_registered(struct server *srv, const struct client *c);
/* The last client of h that was registered leaves: for ten minutes h is no new host. */
void wave_left(struct server *srv, const struct host *h);
/* Tells of waves that have ended; once a second. */
void wave_tick(struct server *srv);

/* Nothing is allocated before the first text or client. */
void wave_free(struct policy *p);
size_t wave_memory(const struct policy *p);

extern const struct subsystem wave_subsystem;

#endif
