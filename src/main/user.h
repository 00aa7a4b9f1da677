/* process.user: what root gives it, and becoming it. */
#ifndef SRC_MAIN_USER_H
#define SRC_MAIN_USER_H

#include <stdbool.h>
#include <stddef.h>

struct sandbox_plan;

/* Becomes plan->user ("": stays what it is). As root it first gives that user the data
 * directory if plan->made, and makes the log file (mode 0640) and the pid file (mode
 * 0644) for it where they are missing; plan->made_pid_file says so. A file or directory
 * that was there before never changes its owner. False with a sentence in err that
 * names the path, the user and the cure: the user does not exist, or may not use what
 * the plan names. */
bool user_become(struct sandbox_plan *plan, char *err, size_t errlen);

#endif
