/* Numbers that look random and are the same in each run: a seed names the run. */
#ifndef TESTS_DICE_H
#define TESTS_DICE_H

#include <stdint.h>

/* The next number below `sides` (1 or more). */
static inline unsigned
dice(uint64_t *seed, unsigned sides)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*seed >> 33) % sides;
}

#endif
