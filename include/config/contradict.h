/* Limits of a configuration of which one makes another pointless. */
#ifndef CONFIG_CONTRADICT_H
#define CONFIG_CONTRADICT_H

#include "config/config.h"

/* Calls fn with a sentence for each limit that can never be reached, because another
 * one is lower: names, values and what to do. Pairs that are both as built in are
 * silent. */
void config_contradictions(const struct config *c, config_fault *fn, void *ctx);

#endif
