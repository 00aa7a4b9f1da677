/* Restricts which files, sockets and processes the process may reach (Landlock). */
#ifndef SRC_MAIN_LANDLOCK_H
#define SRC_MAIN_LANDLOCK_H

struct sandbox_plan;

/* The version of Landlock; 0: the kernel has none. */
int landlock_version(void);

/* From now on this thread and the threads that it starts reach only the files of the
 * plan. They read in the directories of the configuration, the motd and the
 * certificates, write in those of the log, the recordings and the pid file, make and
 * remove sockets in those of the unix sockets, read and write in that of the data, and read
 * the log file if it exists. The directory of a link's target counts too. If the kernel
 * can refuse them, new TCP connections (version 4), and signals and abstract sockets to
 * processes outside (version 6), are refused too. PR_SET_NO_NEW_PRIVS must be set.
 * Returns Landlock's version; 0: the kernel has none, or a directory of the plan is
 * missing, and nothing is restricted. */
int landlock_lock(const struct sandbox_plan *plan);

#endif
