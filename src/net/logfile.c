/* Where log lines go.
 *
 * Writing must never stop the server: a pipe that nobody reads is asked first whether
 * it takes a line, a full disk loses lines, and how many were lost is said when it
 * works again. Lines are written whole with one call, so that two servers may append to
 * one file. */
#include "net/logfile.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct logfile {
    struct log *log;
    char *path;     /* "": standard error */
    int fd;         /* STDERR_FILENO is not ours to close */
    bool may_block; /* not a regular file */
    unsigned lost;  /* lines since one was last written */
};

static bool
takes(const struct logfile *f)
{
    struct pollfd p = {.fd = f->fd, .events = POLLOUT};
    return !f->may_block || (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT));
}

static void
write_line(void *ctx, const char *line, size_t n)
{
    struct logfile *f = ctx;
    if (!takes(f) || write(f->fd, line, n) != (ssize_t)n) {
        f->lost++;
        return;
    }
    if (f->lost == 0)
        return;
    char lost[16];
    str_format(lost, sizeof lost, "%u", f->lost);
    f->lost = 0;
    log_event(f->log, LOG_LEVEL_WARN, "log-lost", "lines", lost, NULL);
}

static void
use(struct logfile *f, int fd)
{
    struct stat st;
    if (f->fd != STDERR_FILENO)
        close(f->fd);
    f->fd = fd;
    f->may_block = fstat(fd, &st) != 0 || !S_ISREG(st.st_mode);
}

struct logfile *
logfile_new(struct log *log)
{
    struct logfile *f = xcalloc(1, sizeof *f);
    f->log = log;
    f->path = xstrdup("");
    f->fd = STDERR_FILENO;
    use(f, STDERR_FILENO);
    log->write = write_line;
    log->ctx = f;
    return f;
}

bool
logfile_open(struct logfile *f, const char *path, char *err, size_t errlen)
{
    int fd = STDERR_FILENO;
    if (*path)
        fd = open(path,
                  O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                  0640);
    if (fd < 0) {
        str_format(err, errlen, "cannot open log file %s: %s", path, strerror(errno));
        return false;
    }
    use(f, fd);
    xreplace(&f->path, path);
    return true;
}

bool
logfile_reopen(struct logfile *f, char *err, size_t errlen)
{
    return logfile_open(f, f->path, err, errlen);
}

void
logfile_free(struct logfile *f)
{
    if (f == NULL)
        return;
    f->log->write = NULL;
    f->log->ctx = NULL;
    if (f->fd != STDERR_FILENO)
        close(f->fd);
    free(f->path);
    free(f);
}
