/* The part of a client that a fan-out reads and writes: one cache line. */
#ifndef STATE_OUTPUT_H
#define STATE_OUTPUT_H

#include "base/list.h"
#include "base/sendq.h"

#include <stdint.h>

struct output {
    struct sendq sendq;
    struct list dirty; /* in srv->dirty if CLIENT_DIRTY */
    uint64_t caps;     /* CAP_* */
    uint32_t flags;    /* CLIENT_* */
    uint32_t epoch;    /* == srv->epoch: this relay has reached it already */
};

_Static_assert(sizeof(struct output) == 64, "a fan-out touches one cache line");

#endif
