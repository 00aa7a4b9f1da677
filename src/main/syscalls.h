/* Which system calls the process may make once it serves (seccomp). */
#ifndef SRC_MAIN_SYSCALLS_H
#define SRC_MAIN_SYSCALLS_H

#include <stdbool.h>

/* Whether the kernel has seccomp. */
bool syscalls_can_lock(void);

/* From now on this thread and the threads that it starts make only the system calls of
 * the list in syscalls.c. Any other call fails with ENOSYS and changes nothing, and the
 * kernel's audit log names it. PR_SET_NO_NEW_PRIVS must be set. False: the kernel or
 * the library refuses the filter, and nothing is restricted. */
bool syscalls_lock(void);

#endif
