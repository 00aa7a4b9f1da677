/* Waves: many hosts do the same at once, each so slowly that it gets no strike.
 * Operators are told and the log is written once when a wave is seen and once when it
 * ends. Nothing is refused because of a wave. Kinds: one text, one real name, new
 * hosts. */
#ifndef POLICY_WAVE_H
#define POLICY_WAVE_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;

#define WAVE_HOSTS 24 /* at most so many hosts of one text or name are counted */
/* Bytes; shorter texts are often equal by chance ("good morning"). */
#define WAVE_TEXT_MIN 20

/* A wave that begins or ends. */
enum wave_kind { WAVE_OF_TEXT, WAVE_OF_NAME, WAVE_OF_HOSTS };
struct wave_news {
    enum wave_kind kind;
    unsigned hosts; /* hosts that take part */
    unsigned lines; /* of one text or name: the number of times it was sent so far */
    /* Of hosts: the usual number of new hosts in a window of this length. */
    unsigned usual;
    bool one_name;        /* of one text: all its senders have the same real name */
    char text[STR_SHOWN]; /* the text or the name */
};

/* Each function counts one message or registration and returns true, once, if a wave
 * begins with it; *out is the wave. wave_note_text: c, which is registered, sends this
 * text in a message (the cost is one hash of the text). wave_note_name: c has just
 * registered with its real name. */
bool wave_note_text(struct server *srv, const struct client *c, const char *text,
                    struct wave_news *out);
bool wave_note_name(struct server *srv, const struct client *c, struct wave_news *out);

/* wave_is_new_host: true if c, which has just registered, is the only client of its
 * host and the host had no client in the last ten minutes; false in the first minute
 * after the start. wave_note_host counts such a host; true: a wave begins.
 * wave_end_window ends the time window of this count if it is over; true: a wave ends.
 * Call it before wave_note_host and each second. */
bool wave_is_new_host(const struct server *srv, const struct client *c);
bool wave_end_window(struct server *srv, struct wave_news *out);
bool wave_note_host(struct server *srv, struct wave_news *out);

/* The next wave of a text or name that has ended; false: there is no other. */
bool wave_next_ended(struct server *srv, struct wave_news *out);

/* The bytes of all, as mem_block; 0 before the first text or client. */
size_t wave_memory(const struct server *srv);

#endif
