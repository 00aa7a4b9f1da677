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
    int talker; /* the client that talked last, and its target */
    char target[M_WORD + 1];
    char sign[M_WORD];    /* text of lines about the command; "": there are none */
    bool heard[M_PEOPLE]; /* the clients that are told, by the model */
    char trail[PLAY_TRAIL][600]; /* the last commands, by done % PLAY_TRAIL */
};

void play_begin(struct play *p, unsigned long seed);
void play_end(struct play *p);

/* Sends one random command to both; the clients that are on are compared at once. */
void play_step(struct play *p);
/* True while no other world is needed (connections are limited). */
bool play_has_room(const struct play *p);

/* Compares everything, by the answers of the server to an operator that sees all. */
void play_audit(struct play *p);

/* Prints the difference, with the seed and the last commands; the test fails once. */
void play_fail(struct play *p, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* --- between the files of the play --- */

/* The random acts: one row a command, with its share of all chances. */
struct play_act {
    unsigned chance;
    bool oper; /* mostly sent by an operator */
    void (*run)(struct play *p, int i);
};
/* Each ends with a row of zeros: acts of users, and of operators, time and chance. */
extern const struct play_act play_acts[], play_oper_acts[];
/* For a client that is not on. */
void play_connect(struct play *p, int i);

unsigned play_roll(struct play *p, unsigned sides); /* 0 to sides - 1 */
/* Client i sends it to the server. */
void play_say(struct play *p, int i, const char *fmt, ...) ATTR_PRINTF(3, 4);
void play_note(struct play *p, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* Time passes for both; all clients answer PING. */
void play_pass_time(struct play *p, msec ms);
void play_pass_some_time(struct play *p);

void play_any_nick(struct play *p, char out[M_WORD]);
/* A nick for i to use: mostly of a client that is on, often of the same few clients, or
 * its own. */
void play_some_nick(struct play *p, int i, char out[M_WORD]);
/* Mostly a channel that i is on. */
void play_some_channel(struct play *p, int i, char out[M_WORD]);
/* A nick for i to use on this channel: mostly of a member, i among them. */
void play_some_member(struct play *p, int i, const char *name, char out[M_WORD]);
/* An entry for a list of a channel, in the form in which it is listed. */
void play_some_mask(struct play *p, char out[M_TEXT]);
void play_some_real(struct play *p, char out[M_WORD]);
/* A mask for a ban of this kind, in the form in which STATS lists it. */
void play_some_ban(struct play *p, char kind, char out[M_TEXT]);

#endif
