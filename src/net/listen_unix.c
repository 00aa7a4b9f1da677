/* Unix sockets that listen.
 *
 * The file of a socket outlives a server that was killed, so the next server removes
 * it; but only if nothing answers there, or two servers could take each other's
 * clients. The file is made with its access mode, so it is never open to others. */
#include "listen_unix.h"

#include "base/str.h"
#include "net/os.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool
explain_socket(const char *why, char *err, size_t errlen)
{
    str_format(err, errlen, "%s", why);
    return false;
}

/* Removes the socket file of a server that is gone. */
static bool
remove_stale(const struct sockaddr_un *at, char *err, size_t errlen)
{
    struct stat st;
    if (lstat(at->sun_path, &st) != 0)
        return explain_socket(strerror(errno), err, errlen);
    if (!S_ISSOCK(st.st_mode))
        return explain_socket("another file has this path", err, errlen);
    int fd = os_stream_socket(AF_UNIX);
    if (fd < 0)
        return explain_socket(strerror(errno), err, errlen);
    bool refused = connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 &&
                   errno == ECONNREFUSED;
    bool unknown = errno == ENOSYS || errno == EPERM || errno == EACCES;
    close(fd);
    if (!refused && unknown)
        return explain_socket("a socket is there already, and the sandbox does not let "
                              "the server ask whether a process listens on it; remove "
                              "it first",
                              err, errlen);
    if (!refused)
        return explain_socket("a process listens there already", err, errlen);
    if (unlink(at->sun_path) != 0)
        return explain_socket(strerror(errno), err, errlen);
    return true;
}

/* Binds the socket. The umask is changed meanwhile; other threads give each file that
 * they make a mode of its own. */
static bool
bind_path(int fd, const struct sockaddr_un *at, int mode, char *err, size_t errlen)
{
    if (os_bind_unix(fd, at, mode) == 0)
        return true;
    if (errno != EADDRINUSE)
        return explain_socket(strerror(errno), err, errlen);
    if (!remove_stale(at, err, errlen))
        return false;
    return os_bind_unix(fd, at, mode) == 0 ||
           explain_socket(strerror(errno), err, errlen);
}

/* Sets the owner of the file, and notes what was made. */
static bool
finish_file(const char *path, int mode, const char *user, struct unix_file *file,
            char *err, size_t errlen)
{
    struct stat st;
    const struct passwd *owner = NULL;
    if (user && *user && geteuid() == 0)
        owner = getpwnam(user); /* an unknown user is reported by the sandbox */
    if (lstat(path, &st) != 0)
        return explain_socket(strerror(errno), err, errlen);
    *file = (struct unix_file){.device = st.st_dev, .number = st.st_ino};
    if ((st.st_mode & 07777) != (mode_t)mode && chmod(path, (mode_t)mode) != 0)
        return explain_socket(strerror(errno), err, errlen);
    bool ok = !owner || lchown(path, owner->pw_uid, owner->pw_gid) == 0;
    return ok || explain_socket(strerror(errno), err, errlen);
}

/* A bound socket that does not listen yet looks like that of a server that is gone. So it
 * listens before the server serves it: connections wait until then. */
static bool
answer_at_once(int fd, char *err, size_t errlen)
{
    return listen(fd, SOMAXCONN) == 0 || explain_socket(strerror(errno), err, errlen);
}

int
listen_unix_bind(const char *path, int mode, const char *user, struct unix_file *file,
                 char *err, size_t errlen)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    *file = (struct unix_file){0};
    str_format(at.sun_path, sizeof at.sun_path, "%s", path);
    int fd = os_stream_socket(AF_UNIX);
    if (fd < 0) {
        explain_socket(strerror(errno), err, errlen);
        return -1;
    }
    if (bind_path(fd, &at, mode, err, errlen) &&
        finish_file(path, mode, user, file, err, errlen) &&
        answer_at_once(fd, err, errlen))
        return fd;
    close(fd);
    listen_unix_remove(path, file);
    return -1;
}

/* Whether path is the file that was made. */
static bool
is_own_file(const char *path, const struct unix_file *file)
{
    struct stat st;
    return file->number != 0 && lstat(path, &st) == 0 && st.st_dev == file->device &&
           st.st_ino == file->number;
}

bool
listen_unix_set_mode(const char *path, const struct unix_file *file, int mode)
{
    if (is_own_file(path, file))
        return chmod(path, (mode_t)mode) == 0;
    errno = ENOENT;
    return false;
}

void
listen_unix_remove(const char *path, const struct unix_file *file)
{
    if (is_own_file(path, file))
        unlink(path);
}
