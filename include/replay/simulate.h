/* ircd --simulate TRACE */
#ifndef REPLAY_SIMULATE_H
#define REPLAY_SIMULATE_H

#include <stdbool.h>

struct config;
struct tally;

/* Replays the file trace ("-": standard input) against a configuration, which is the
 * session's from now on, and the text of the MOTD (borrowed; NULL: none), and counts
 * into *out (tally_free). False when the trace is wrong, after all its faults are told
 * on standard error. However far apart its events are, only they and the tries to
 * connect again, a million at most, take time. */
bool simulate(struct config *config, const char *motd, const char *trace,
              struct tally *out);

#endif
