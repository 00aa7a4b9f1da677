/* The part of the sandbox that each system does in its own way. sandbox_linux.c,
 * sandbox_openbsd.c or sandbox_none.c defines these functions; GNUmakefile chooses. */
#ifndef SRC_MAIN_SANDBOX_SYSTEM_H
#define SRC_MAIN_SANDBOX_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct sandbox_plan;
struct str;

/* Restricts this thread and the threads that it starts to the plan, adds to what the
 * words for each part that is in force or missing ("landlock 7, seccomp, no
 * capabilities"), and sets plan->locked and plan->hides_files to what is in force. */
void sandbox_system_lock(struct sandbox_plan *plan, struct str *what);

/* The parts of the sandbox that this kernel cannot offer, in a sentence of at most size
 * bytes. False: it has all of them. */
bool sandbox_system_lacks(char *out, size_t size);

/* Forbids (false) or allows (true) dumps and debuggers, if the system has more than the
 * limit RLIMIT_CORE. */
void sandbox_system_allow_dumps(bool allowed);

/* As root, becomes the user and the group, without other groups and without privileges.
 * False with errno. */
bool sandbox_system_become(uid_t user, gid_t group);

/* Whether the process may bind ports that are kept for privileged ones. */
bool sandbox_system_binds_all_ports(void);

/* Gives up those privileges of root to files that root lacks in the sandbox. Returns
 * what sandbox_system_regain_files takes; NULL: nothing was given up. */
void *sandbox_system_drop_files(void);

/* Takes them back. False with errno: the process remains without. */
bool sandbox_system_regain_files(void *before);

#endif
