/* The stored facts of a server as one number: the same before and after a restart. */
#ifndef TESTS_FACTS_H
#define TESTS_FACTS_H

#include "state/server.h"

#include <stdint.h>

/* Bans, strikes and offence levels, and permanent channels with their modes, topics and
 * lists; in any order. */
uint64_t facts_sum(struct server *srv);

#endif
