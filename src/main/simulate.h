/* ircd --simulate TRACE */
#ifndef SRC_MAIN_SIMULATE_H
#define SRC_MAIN_SIMULATE_H

#include <stdbool.h>

struct args;
struct tally;

/* Replays the file trace ("-": standard input) against the file config (NULL: the
 * built-in one) and counts into *out (tally_free). False when either is wrong, after
 * all its faults are told on standard error. However far apart its events are, only
 * they and the tries to connect again, a million at most, take time. */
bool simulate(const char *config, const char *trace, struct tally *out);

/* Replays the trace against the configuration and prints what the policy would have
 * done. Returns the exit code: 1 when either is wrong, all faults told. */
int simulate_command(const struct args *args);

#endif
