/* Which files, sockets and processes the process may still reach (Landlock). */
#ifndef SRC_MAIN_LANDLOCK_H
#define SRC_MAIN_LANDLOCK_H

struct sandbox_plan;

/* From now on this thread and the threads that it starts reach only the files of the
 * plan: it reads in the directories of the configuration and the motd, writes in those
 * of the log, the recordings and the pid file, does both in the data's, and reads the
 * log file that is there. The directory of what a link leads to counts too. Where the
 * kernel knows them, new TCP connections and ports (version 4), and signals and
 * abstract sockets to processes outside (version 6), are refused too.
 * PR_SET_NO_NEW_PRIVS must be set. Returns Landlock's version; 0: the kernel has none,
 * or a directory of the plan is missing, and nothing is restricted. */
int landlock_lock(const struct sandbox_plan *plan);

#endif
