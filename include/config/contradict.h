/* Finds limits of a configuration that another limit makes pointless. */
#ifndef CONFIG_CONTRADICT_H
#define CONFIG_CONTRADICT_H

#include "config/config.h"

/* Calls fn for each limit that can never be reached, because another one is lower, with
 * a sentence: names, values and what to do. Two defaults are never reported. */
void config_contradictions(const struct config *c, config_fault *fn, void *ctx);

#endif
