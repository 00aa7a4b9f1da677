/* The file of a journal. Each turn is one write without a buffer, so that after a crash
 * the file lacks only the turn that was running. A file that cannot be written ends the
 * journal; it must never stop the server. */
#include "replay/journal_file.h"

#include "base/duration.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "session/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct journal_file {
    struct journal journal;
    struct log *log;
    int fd;
    off_t written; /* bytes of whole turns */
    char name[PATH_MAX];
};

static void
write_journal(void *ctx, const void *bytes, size_t n)
{
    struct journal_file *f = ctx;
    errno = ENOSPC; /* errno of a short write: no room is left */
    if (write(f->fd, bytes, n) == (ssize_t)n) {
        f->written += (off_t)n;
        return;
    }
    const char *why = strerror(errno);
    if (ftruncate(f->fd, f->written) != 0)
        why = "its last turn is incomplete";
    f->journal.stopped = true;
    LOG_EVENT(f->log, journal_ended, .file = f->name, .why = why);
}

/* The moment makes the file a new one, so that a journal never continues another. */
static bool
make_journal_file(struct journal_file *f, const char *path, char *err, size_t errlen)
{
    char moment[MOMENT_TEXT];
    struct str s;
    moment_format_iso(f->log->wall, moment, sizeof moment);
    str_init(&s, f->name, sizeof f->name);
    str_addf(&s, "%s-", path);
    for (const char *at = moment; *at; at++)
        if (*at != '-' && *at != ':')
            str_addc(&s, *at);
    str_add(&s, ".journal");
    errno = ENAMETOOLONG;
    if (!s.cut)
        f->fd = open(f->name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (f->fd < 0)
        str_format(err, errlen, "log.journal: cannot make %s: %s", f->name,
                   strerror(errno));
    return f->fd >= 0;
}

struct journal_file *
journal_file_open(struct log *log, const char *path, char *err, size_t errlen)
{
    struct journal_file *f = xcalloc(1, sizeof *f);
    f->log = log;
    f->fd = -1;
    f->journal.write = write_journal;
    f->journal.ctx = f;
    f->journal.out_every = 1;
    if (!make_journal_file(f, path, err, errlen)) {
        free(f);
        return NULL;
    }
    LOG_EVENT(log, journal, .file = f->name,
              .note = "all that clients send is recorded, passwords included");
    return f;
}

struct journal *
journal_file_journal(struct journal_file *f)
{
    return f ? &f->journal : NULL;
}

void
journal_file_close(struct journal_file *f)
{
    if (f == NULL)
        return;
    close(f->fd);
    free(f);
}
