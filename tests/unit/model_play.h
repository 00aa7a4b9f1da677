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

#endif
