/* ircd --simulate TRACE */
#ifndef SRC_MAIN_SIMULATE_H
#define SRC_MAIN_SIMULATE_H

struct args;

/* Replays the trace against the configuration and prints what the policy would have
 * done. Returns the exit code: 1 when either is wrong, all faults told. */
int simulate_command(const struct args *args);

#endif
