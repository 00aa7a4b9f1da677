/* ircd ctl: commands to a server that runs. */
#ifndef SRC_MAIN_CTL_H
#define SRC_MAIN_CTL_H

struct args;

/* Runs the command of the command line. Returns the exit code: 0 done, 1 refused or wrong
 * arguments, 2 no server answers, 3 `status` names something that is wrong. */
int ctl_run(const struct args *args);

#endif
