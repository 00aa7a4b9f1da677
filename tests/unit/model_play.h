/* The model and the server side by side: random commands to both, and the questions
 * that compare them. */
#ifndef TESTS_MODEL_PLAY_H
#define TESTS_MODEL_PLAY_H

#include "model.h"
#include "world.h"

#include <stdbool.h>
#include <stdint.h>

enum { PLAY_TRAIL = 12 };

struct play {
    struct world *w;
    struct model m;
    struct actor *actor[M_PEOPLE]; /* NULL: never came */
    uint64_t dice;
    unsigned long seed, done; /* commands since the start of this world */
    bool failed;
    int by;     /* who spoke last */
    int talker; /* who talked last, and to whom */
    char target[M_WORD + 1];
    char sign[M_WORD];    /* the command is told with it in a line; "": to nobody */
    bool heard[M_PEOPLE]; /* to whom, by the model */
    char trail[PLAY_TRAIL][600]; /* the last commands, by done % PLAY_TRAIL */
};

void play_begin(struct play *p, unsigned long seed);
void play_end(struct play *p);

/* One random command to both; who is on is compared at once. */
void play_step(struct play *p);
/* True while another world is not needed (connections are limited). */
bool play_has_room(const struct play *p);

/* Everything is compared, by what the server answers to an operator who sees all. */
void play_audit(struct play *p);

/* Says what differs, with the seed and the last commands; the test fails, once. */
void play_fail(struct play *p, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* --- between the files of the play --- */

/* What is done at random: one row a command, with its chance in all of them. */
struct play_act {
    unsigned chance;
    bool oper; /* mostly said by an operator */
    void (*run)(struct play *p, int i);
};
/* Each ends with a row of zeros; by people, and by operators, time and chance. */
extern const struct play_act play_acts[], play_oper_acts[];
/* For who is not on. */
void play_connect(struct play *p, int i);

unsigned play_roll(struct play *p, unsigned sides); /* 0 to sides - 1 */
/* Person i says it, to the server. */
void play_say(struct play *p, int i, const char *fmt, ...) ATTR_PRINTF(3, 4);
void play_note(struct play *p, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* Time passes for both; nobody falls asleep over it. */
void play_pass_time(struct play *p, msec ms);
void play_pass_some_time(struct play *p);

void play_any_nick(struct play *p, char out[M_WORD]);
/* For i to name: mostly of somebody who is on, often of the same few, or its own. */
void play_some_nick(struct play *p, int i, char out[M_WORD]);
/* Mostly one that i is on. */
void play_some_channel(struct play *p, int i, char out[M_WORD]);
/* For i to name on this channel: mostly of a member, i among them. */
void play_some_member(struct play *p, int i, const char *name, char out[M_WORD]);
/* For a list of a channel, as it is listed. */
void play_some_mask(struct play *p, char out[M_TEXT]);
void play_some_real(struct play *p, char out[M_WORD]);
/* For a ban of this kind, as STATS lists it. */
void play_some_ban(struct play *p, char kind, char out[M_TEXT]);

#endif
