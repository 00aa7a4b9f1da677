/* Waves: many hosts that do the same at once, each of them slowly enough to be struck
 * for nothing. A wave is told and logged once when it is seen and once when it ends;
 * nothing is refused for it. Kinds: one text, one real name, and new hosts. */
#ifndef POLICY_WAVE_H
#define POLICY_WAVE_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;

#define WAVE_HOSTS 24 /* hosts of one text or name that are counted, at most */
#define WAVE_TEXT_MIN                                                                  \
    20 /* bytes: shorter texts are alike by chance ("good morning")                    \
        */

/* A wave that is seen, or has ended. */
enum wave_kind { WAVE_OF_TEXT, WAVE_OF_NAME, WAVE_OF_HOSTS };
struct wave_news {
    enum wave_kind kind;
    unsigned hosts;       /* that take part */
    unsigned lines;       /* of one text or name: how often it was said so far */
    unsigned usual;       /* of hosts: new ones in another window of the same length */
    bool one_name;        /* of one text: all who say it have one real name */
    char text[STR_SHOWN]; /* of one text or name */
};

/* Each notes something, and returns true if that is a wave from now on or a wave ends,
 * which is in *out then: it is told once. c, which is registered, says text in a
 * message (costs a hash of the text); c has just registered with its real name. */
bool wave_note_text(struct server *srv, const struct client *c, const char *text,
                    struct wave_news *out);
bool wave_note_name(struct server *srv, const struct client *c, struct wave_news *out);

/* c, which has just registered, is the only one of a host that was not here within the
 * last ten minutes. wave_note_host counts such a one; before that, and each second,
 * wave_end_window ends the window in which they are counted if its time is over. */
bool wave_is_new_host(const struct server *srv, const struct client *c);
bool wave_end_window(struct server *srv, struct wave_news *out);
bool wave_note_host(struct server *srv, struct wave_news *out);

/* The next one of texts and names that has ended; false: no more of them. */
bool wave_next_ended(struct server *srv, struct wave_news *out);

/* Nothing is allocated before the first text or client. */
size_t wave_memory(const struct server *srv);

#endif
