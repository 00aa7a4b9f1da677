/* The destination of log lines.
 *
 * Writing must never stop the server. A pipe is polled before each line. A full disk
 * loses lines, and their number is logged when writing works again. A line is written
 * whole with one call, so that two servers may append to one file. After a line that
 * was cut short, the next one begins on a line of its own. */
#include "net/logfile.h"

#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct logfile {
    struct log *log;
    char *path;     /* "": standard error */
    int fd;         /* STDERR_FILENO is never closed */
    bool may_block; /* not a regular file */
    bool torn;      /* the last byte is not LF: the next line begins with one */
    unsigned lost;  /* lines lost since a line was last written */
    int error;      /* errno of the last one that was lost */
};

static bool
takes_line(const struct logfile *f)
{
    struct pollfd p = {.fd = f->fd, .events = POLLOUT};
    return !f->may_block || (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT));
}

/* False if the line was not written whole. A full disk can take a part of it. */
static bool
put_line(struct logfile *f, const char *line, size_t n)
{
    char end = '\n';
    struct iovec parts[] = {{.iov_base = &end, .iov_len = 1},
                            {.iov_base = (void *)(uintptr_t)line, .iov_len = n}};
    size_t first = f->torn ? 0 : 1;
    if (!takes_line(f))
        return false;
    errno = ENOSPC; /* also of a line that was cut short */
    ssize_t wrote = writev(f->fd, parts + first, (int)(2 - first));
    f->error = errno;
    if (wrote <= 0)
        return false;
    size_t got = (size_t)wrote - (1 - first); /* bytes of the line */
    f->torn = got > 0 && got < n;
    return got == n;
}

static void
write_log_line(void *ctx, const char *line, size_t n)
{
    struct logfile *f = ctx;
    if (!put_line(f, line, n)) {
        f->lost++;
        return;
    }
    if (f->lost == 0)
        return;
    unsigned lost = f->lost;
    f->lost = 0;
    LOG_EVENT(f->log, log_lost, .lines = lost);
}

/* Whether the file ends in the middle of a line, as after a full disk or a crash. If it
 * is the file in use and may not be read, its last write decides. */
static bool
ends_torn(const struct logfile *f, int fd, const struct stat *st)
{
    struct stat before;
    char last;
    if (!S_ISREG(st->st_mode) || st->st_size == 0)
        return false;
    if (pread(fd, &last, 1, st->st_size - 1) == 1)
        return last != '\n';
    bool same = fstat(f->fd, &before) == 0 && before.st_ino == st->st_ino &&
                before.st_dev == st->st_dev;
    return same && f->torn;
}

static void
use_descriptor(struct logfile *f, int fd)
{
    struct stat st;
    bool known = fstat(fd, &st) == 0;
    f->torn = known && ends_torn(f, fd, &st);
    f->may_block = !known || !S_ISREG(st.st_mode);
    if (f->fd != STDERR_FILENO)
        close(f->fd);
    f->fd = fd;
}

/* Opens a file for appending, and for reading if that is allowed. -1 with errno. */
static int
open_appending(const char *path)
{
    enum { FLAGS = O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK };
    struct stat st;
    bool fifo = stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
    int fd = fifo ? -1 : open(path, O_RDWR | FLAGS, 0640);
    return fd >= 0 ? fd : open(path, O_WRONLY | FLAGS, 0640);
}

struct logfile *
logfile_new(struct log *log)
{
    struct logfile *f = xcalloc(1, sizeof *f);
    f->log = log;
    f->path = xstrdup("");
    f->fd = STDERR_FILENO;
    use_descriptor(f, STDERR_FILENO);
    log->write = write_log_line;
    log->ctx = f;
    return f;
}

bool
logfile_open(struct logfile *f, const char *path, char *err, size_t errlen)
{
    int fd = STDERR_FILENO;
    if (*path)
        fd = open_appending(path);
    if (fd < 0) {
        str_format(err, errlen, "cannot open log file %s: %s", path, strerror(errno));
        return false;
    }
    use_descriptor(f, fd);
    xreplace(&f->path, path);
    return true;
}

bool
logfile_reopen(struct logfile *f, char *err, size_t errlen)
{
    return logfile_open(f, f->path, err, errlen);
}

bool
logfile_is_file(const struct logfile *f)
{
    return f && f->fd != STDERR_FILENO;
}

bool
logfile_is_losing(const struct logfile *f, char *err, size_t errlen)
{
    if (!logfile_is_file(f) || f->may_block || f->lost == 0)
        return false;
    str_format(err, errlen, "cannot write to log file %s: %s", f->path,
               strerror(f->error));
    return true;
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
