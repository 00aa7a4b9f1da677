/* ircd --health: whether the server answers and saves. */
#ifndef SRC_MAIN_HEALTH_H
#define SRC_MAIN_HEALTH_H

struct args;

/* Prints one line. Returns the exit code: 0 the server of this configuration answers in
 * HEALTH_WAIT and can save its data; 1 it does not. */
int health_run(const struct args *args);

#define HEALTH_WAIT 5000 /* ms, of the whole check */

#endif
