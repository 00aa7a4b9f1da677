/* The kinds of refusals that are counted (refusals.def). */
#ifndef STATE_REFUSAL_H
#define STATE_REFUSAL_H

enum refusal {
#define REFUSAL(name, text) REFUSAL_##name,
#include "state/refusals.def"
#undef REFUSAL
    REFUSALS
};

#endif
