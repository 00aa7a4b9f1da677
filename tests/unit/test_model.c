/* The server compared with a plain model of it: random commands of 50 clients, and all
 * state is compared after every 1,000. IRCD_TEST_MODEL_COMMANDS and
 * IRCD_TEST_MODEL_SEED choose how many and which commands; a failure prints the seed of
 * its world. IRCD_TEST_MODEL_AUDIT compares more often, to find the command that
 * differs. */
#include "model_play.h"
#include "test.h"

#include <stdlib.h>

enum { WORLD = 20000 };

static unsigned long
number(const char *name, unsigned long usual)
{
    const char *text = getenv(name);
    return text && *text ? strtoul(text, NULL, 10) : usual;
}

/* Plays at most `max` commands in one world. Returns their number. */
static unsigned long
play_world(unsigned long seed, unsigned long max, unsigned long *audits)
{
    static struct play p;
    unsigned long every = number("IRCD_TEST_MODEL_AUDIT", 1000);
    play_begin(&p, seed);
    while (!p.failed && p.done < max && play_has_room(&p)) {
        play_step(&p);
        if (p.done % every != 0 && p.done != max && play_has_room(&p))
            continue;
        play_audit(&p);
        ++*audits;
    }
    unsigned long done = p.failed ? 0 : p.done;
    play_end(&p);
    return done;
}

static void
server_and_model_agree(void)
{
    unsigned long wanted = number("IRCD_TEST_MODEL_COMMANDS", 120000), all = 0,
                  audits = 0;
    unsigned long seed = number("IRCD_TEST_MODEL_SEED", 1);
    while (all < wanted) {
        unsigned long left = wanted - all;
        unsigned long done = play_world(seed, left < WORLD ? left : WORLD, &audits);
        CU_ASSERT_TRUE_FATAL(done > 0);
        all += done;
        seed++;
    }
    printf("model: %lu commands of %d clients, compared %lu times\n", all, M_PEOPLE,
           audits);
}

SUITE(model)
{
    TEST(server_and_model_agree);
}
