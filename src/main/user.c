/* The change from root to process.user.
 *
 * A missing file is made as root, because /var/log and /run belong to root, and is
 * given away through its descriptor. An existing file is never given away and never
 * opened as root: the user may own the directory, and could have put a link to a file
 * of root there. */
#include "user.h"

#include "base/str.h"
#include "config/config.h"
#include "directory.h"
#include "includes.h"
#include "sandbox.h"
#include "sandbox_system.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_MODE 0640
#define PID_MODE 0644

/* The first directory on the way to path that the effective user may not pass. */
static bool
find_closed(const char *path, char *directory, size_t n)
{
    char cwd[PATH_MAX] = "";
    bool whole = *path == '/' || getcwd(cwd, sizeof cwd) == NULL;
    str_format(directory, n, "%s%s%s", cwd, whole ? "" : "/", path);
    for (char *at = directory; (at = strchr(at + 1, '/')) != NULL; *at = '/') {
        *at = '\0';
        if (faccessat(AT_FDCWD, directory, X_OK, AT_EACCESS) != 0 && errno == EACCES)
            return true;
    }
    return false;
}

void
user_cure(enum user_cure cure, const char *user, const char *path, char *out)
{
    char closed[USER_DATA_PATH];
    if (find_closed(path, closed, sizeof closed)) {
        str_format(out, USER_CURE,
                   "it cannot enter the directory %s: choose a path outside, such as "
                   "/etc/ircd or /var/lib/ircd, or chmod o+x %s",
                   closed, closed);
        return;
    }
    switch (cure) {
    case CURE_OWN:
        str_format(out, USER_CURE, "chown %s %s", user, path);
        return;
    case CURE_OWN_ALL:
        str_format(out, USER_CURE, "chown -R %s %s", user, path);
        return;
    case CURE_READ:
        str_format(out, USER_CURE, "chgrp %s %s && chmod g+r %s", user, path, path);
        return;
    case CURE_DIRECTORY:
        str_format(out, USER_CURE, "install -d -o %s %s", user, path);
        return;
    case CURE_PLACE:
        str_format(out, USER_CURE,
                   "give it a directory of its own: install -d -o %s %s/ircd", user,
                   strcmp(path, "/") == 0 ? "" : path);
        return;
    }
}

/* Makes a file for the user. 1: it is new. 0: it existed. -1 with err. */
static int
give_file(const char *path, mode_t mode, const struct passwd *user, char *err,
          size_t errlen)
{
    char directory[SANDBOX_PATH], cure[USER_CURE];
    if (path == NULL || *path == '\0')
        return 0;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY,
                  mode);
    if (fd < 0 && errno == EEXIST)
        return 0;
    if (fd >= 0 && fchown(fd, user->pw_uid, user->pw_gid) == 0) {
        close(fd);
        return 1;
    }
    int error = errno;
    if (fd >= 0)
        close(fd);
    directory_of(path, directory, sizeof directory);
    user_cure(error == ENOENT ? CURE_DIRECTORY : CURE_PLACE, user->pw_name, directory,
              cure);
    str_format(err, errlen, "cannot make %s for the user %s (uid %u): %s; %s", path,
               user->pw_name, (unsigned)user->pw_uid, strerror(error), cure);
    return -1;
}

static bool
give_files(struct sandbox_plan *plan, const struct passwd *user, char *err,
           size_t errlen)
{
    if (plan->made && chown(plan->data, user->pw_uid, user->pw_gid) != 0) {
        str_format(err, errlen, "%s: cannot give it to the user %s: %s", plan->data,
                   user->pw_name, strerror(errno));
        return false;
    }
    int pid = give_file(plan->pid_file, PID_MODE, user, err, errlen);
    plan->made_pid_file = pid == 1;
    return pid >= 0 && give_file(plan->log, LOG_MODE, user, err, errlen) >= 0;
}

static bool
change_identity(const struct passwd *user, char *err, size_t errlen)
{
    if (sandbox_system_become(user->pw_uid, user->pw_gid))
        return true;
    str_format(err, errlen, "cannot become process.user '%s' (start as root): %s",
               user->pw_name, strerror(errno));
    return false;
}

/* An access to a path that the user must have. */
struct need {
    const char *path;
    int how; /* mode of access(2) */
    const char *what;
    enum user_cure cure;
};

static bool
check_need(const struct need *n, const struct passwd *user, char *err, size_t errlen)
{
    char cure[USER_CURE];
    if (n->path == NULL || *n->path == '\0' || access(n->path, n->how) == 0)
        return true;
    const char *why = strerror(errno);
    user_cure(n->cure, user->pw_name, n->path, cure);
    str_format(err, errlen, "%s: the user %s (uid %u) may not %s: %s; %s", n->path,
               user->pw_name, (unsigned)user->pw_uid, n->what, why, cure);
    return false;
}

bool
user_may_use_data(const char *directory, char *path)
{
    static const char *const names[] = {"ircd.a.gdbm", "ircd.b.gdbm", "lock"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        str_format(path, USER_DATA_PATH, "%s/%s", directory, names[i]);
        if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) != 0 && errno == EACCES)
            return false;
    }
    return true;
}

static bool
check_data_files(const char *directory, const struct passwd *user, char *err,
                 size_t errlen)
{
    char path[USER_DATA_PATH], cure[USER_CURE];
    if (*directory == '\0' || user_may_use_data(directory, path))
        return true;
    user_cure(CURE_OWN_ALL, user->pw_name, directory, cure);
    str_format(err, errlen, "%s: the user %s (uid %u) may not write to it: %s; %s",
               path, user->pw_name, (unsigned)user->pw_uid, strerror(EACCES), cure);
    return false;
}

static bool
check_needs(const struct sandbox_plan *plan, const struct passwd *user, char *err,
            size_t errlen)
{
    char recordings[SANDBOX_PATH] = "", journals[SANDBOX_PATH] = "";
    if (*plan->trace)
        directory_of(plan->trace, recordings, sizeof recordings);
    if (*plan->journal)
        directory_of(plan->journal, journals, sizeof journals);
    const struct need needs[] = {
        {plan->data, R_OK | W_OK | X_OK, "write there", CURE_OWN_ALL},
        {plan->config, R_OK, "read it again at a REHASH", CURE_READ},
        {plan->motd, R_OK, "read it again at a REHASH", CURE_READ},
        {plan->log, W_OK, "write to it", CURE_OWN},
        {recordings, W_OK | X_OK, "make recordings there (log.trace)", CURE_PLACE},
        {journals, W_OK | X_OK, "make journals there (log.journal)", CURE_PLACE},
        {plan->pid_file, W_OK, "write to it", CURE_OWN},
    };
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (!check_need(&needs[i], user, err, errlen))
            return false;
    for (size_t i = 0; plan->includes != NULL && i < plan->includes->n; i++) {
        const struct need file = {plan->includes->files[i].path, R_OK,
                                  "read it again at a REHASH", CURE_READ};
        if (!check_need(&file, user, err, errlen))
            return false;
    }
    for (size_t i = 0; i < plan->n_tls; i++) {
        const struct need files[] = {
            {plan->tls[i].certificate, R_OK, "read the certificate", CURE_READ},
            {plan->tls[i].key, R_OK, "read the key", CURE_READ},
        };
        if (!check_need(&files[0], user, err, errlen) ||
            !check_need(&files[1], user, err, errlen))
            return false;
    }
    return check_data_files(plan->data, user, err, errlen);
}

bool
user_become(struct sandbox_plan *plan, char *err, size_t errlen)
{
    if (*plan->user == '\0')
        return true;
    const struct passwd *user = getpwnam(plan->user);
    if (user == NULL) {
        str_format(err, errlen, "process.user: there is no user '%s'; useradd -r %s",
                   plan->user, plan->user);
        return false;
    }
    if (user->pw_uid == geteuid())
        return true;
    if (geteuid() == 0 && !give_files(plan, user, err, errlen))
        return false;
    return change_identity(user, err, errlen) && check_needs(plan, user, err, errlen);
}
