/* process.user: becoming it, and the files that root gives it. */
#ifndef SRC_MAIN_USER_H
#define SRC_MAIN_USER_H

#include <stdbool.h>
#include <stddef.h>

struct sandbox_plan;

/* Cures for a path that a user cannot use. */
enum user_cure {
    CURE_OWN,       /* an existing file becomes the user's */
    CURE_OWN_ALL,   /* an existing directory and what is in it */
    CURE_READ,      /* an existing file becomes readable through its group */
    CURE_DIRECTORY, /* a directory that is missing is made */
    CURE_PLACE,     /* the directory is another user's: a new one is made below it */
};

#define USER_CURE 8600      /* bytes of a cure */
#define USER_DATA_PATH 4200 /* bytes of the path of a database file */

/* Writes the shell commands of the cure to out (USER_CURE bytes). If a directory on the
 * way is closed to the effective user, no command helps: then out names that
 * directory. */
void user_cure(enum user_cure cure, const char *user, const char *path, char *out);

/* Whether the effective user may read and write each existing file of the database in
 * directory (a backup that root has copied back belongs to root). If not, path
 * (USER_DATA_PATH bytes) names the first such file. */
bool user_may_use_data(const char *directory, char *path);

/* Becomes plan->user ("": no change). As root it first gives the user the data
 * directory if plan->made, and makes the log file (mode 0640) and the pid file (mode
 * 0644) for it if they are missing; plan->made_pid_file says so. A file or directory
 * that existed before never changes its owner. False with a sentence in err that names
 * the path, the user and the cure: the user does not exist, or may not use a path of
 * the plan or a file of the database. */
bool user_become(struct sandbox_plan *plan, char *err, size_t errlen);

#endif
