/* The change from root to process.user, and the files that root gives to that user. */
#ifndef SRC_MAIN_USER_H
#define SRC_MAIN_USER_H

#include <stdbool.h>
#include <stddef.h>

struct sandbox_plan;

/* What an administrator can do about a path that the user cannot use. */
enum user_cure {
    CURE_OWN,       /* an existing file becomes the user's */
    CURE_OWN_ALL,   /* an existing directory and all files in it become the user's */
    CURE_READ,      /* an existing file becomes readable through its group */
    CURE_DIRECTORY, /* a directory that is missing is made */
    CURE_PLACE,     /* a directory of another user: a new one is made below it */
};

#define USER_CURE 8600      /* bytes of a cure */
#define USER_DATA_PATH 4200 /* bytes of the path of a database file */

/* Writes the shell commands of the cure to out (USER_CURE bytes). If the effective user
 * cannot enter a directory on the way to path, out instead names that directory and
 * advises another path or a chmod. */
void user_cure(enum user_cure cure, const char *user, const char *path, char *out);

/* True if the effective user may read and write each existing file of the database in
 * directory. (If root has restored a backup, the files belong to root.) Otherwise path
 * (USER_DATA_PATH bytes) names the first file that it may not use. */
bool user_may_use_data(const char *directory, char *path);

/* Becomes plan->user ("": no change). Before that, as root, it gives the user the data
 * directory if plan->made is true. It also makes the log file (mode 0640) and the pid
 * file (mode 0644) for the user if they are missing, and sets plan->made_pid_file if it
 * made that one. A file or directory that existed before never changes its owner. False
 * with a sentence in err that names the path, the user and the cure: the user does not
 * exist, or may not use a path of the plan or a file of the database. */
bool user_become(struct sandbox_plan *plan, char *err, size_t errlen);

#endif
