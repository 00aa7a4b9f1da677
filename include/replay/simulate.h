/* ircd --simulate TRACE */
#ifndef REPLAY_SIMULATE_H
#define REPLAY_SIMULATE_H

#include <stdbool.h>

struct config;
struct tally;

/* Replays the trace in a file ("-": standard input) against a configuration and counts
 * into *out (to be freed with tally_free). The simulation frees config; motd is the
 * text of the MOTD (borrowed; NULL: none). False if the trace is wrong, after all its
 * faults are printed on standard error. The time it takes depends on the events and on
 * the retries of clients (a million at most), and not on the time between events. */
bool simulate(struct config *config, const char *motd, const char *trace,
              struct tally *out);

#endif
