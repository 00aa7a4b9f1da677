/* The simulation of a trace: ircd --simulate TRACE. */
#ifndef REPLAY_SIMULATE_H
#define REPLAY_SIMULATE_H

#include <stdbool.h>

struct config;
struct tally;

/* Replays the trace in a file ("-": standard input) with a configuration and writes the
 * counts to *out. The caller frees *out with tally_free; the simulation frees config.
 * motd is the text of the MOTD (borrowed; NULL: none). Returns false if the trace
 * cannot be read or has faults, which it prints on standard error. The time it takes
 * depends on the events and on the retries of clients (a million at most), and not on
 * the time between events. */
bool simulate(struct config *config, const char *motd, const char *trace,
              struct tally *out);

#endif
