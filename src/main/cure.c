/* Cures for the errors of a start, from one table.
 *
 * Errors come as text from all layers, and those of the system have the words of
 * strerror, so the table is searched for these words. A restart by the service
 * manager removes causes that pass, such as a port that is in use; it must not repeat
 * a start that cannot succeed. */
#include "cure.h"

#include "base/str.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define LEAST_DESCRIPTORS 32 /* of a server with a few clients */
#define RAISE_LIMIT "raise the limit (ulimit -n, LimitNOFILE=)"

struct cure_row {
    int error;        /* of the system; 0: only the part is asked for */
    const char *part; /* of the text; NULL: any text */
    bool needed;      /* another start fails in the same way */
    const char *cure; /* NULL: to have the right */
};

/* The first row that fits is used. */
static const struct cure_row rows[] = {
    {EACCES, "cannot listen on unix:", true, NULL},
    {EACCES, "cannot listen on ", true,
     "a port below 1024 needs root or CAP_NET_BIND_SERVICE at the start; or let "
     "ircd.socket open it"},
    {EINVAL, "cannot listen on ", true,
     "the server cannot listen on an address for one link or for a group (fe80:, ff)"},
    {0, "another file has this path", true, "move it away, or name another"},
    {0, "a process listens there already", false, "end it, or name another path"},
    {0, "another server is using", false,
     "end that server, or name another database.path"},
    {0, "it is not a regular file", true, "name another path"},
    {0, "a newer version of this server wrote it", true,
     "start the newer version, or go back to a copy of the older one's files"},
    {0, "there is no user ", true, NULL},
    {0, "cannot become process.user", true, "or leave the option out"},
    {0, "; nothing was changed. ", true, NULL}, /* two files that differ */
    {EACCES, NULL, true, NULL},
    {EPERM, NULL, true, NULL},
    {EROFS, NULL, true,
     "the file system can only be read: mount it with `-o rw`, or name another path"},
    {ENOENT, NULL, true, "make what is missing of this path, or name another"},
    {ENOTDIR, NULL, true,
     "a file has the place of a directory: remove it, or name another path"},
    {EISDIR, NULL, true,
     "a directory has the place of a file: remove it, or name another path"},
    {ELOOP, NULL, true, "name another path"},
    {ENAMETOOLONG, NULL, true, "name a shorter path"},
    {EAFNOSUPPORT, NULL, true, "leave the addresses of that family out"},
    {ENXIO, NULL, false, "start the program that reads it first"},
    {ENOSPC, NULL, false, "remove files there, or name another path"},
    {EDQUOT, NULL, false, "remove files there, or name another path"},
    {EADDRNOTAVAIL, NULL, false,
     "this machine does not have that address; `ip address` shows those it has"},
    {EADDRINUSE, NULL, false, "`ss -ltnp` shows the program that uses it"},
    {EMFILE, NULL, true, RAISE_LIMIT},
    {ENFILE, NULL, false, "raise the limit of the machine (fs.file-max)"},
    {EAGAIN, NULL, false,
     "raise the limits of processes and memory (ulimit -u, ulimit -v, TasksMax=)"},
    {ENOMEM, NULL, false, "free memory, or raise its limit (ulimit -v, MemoryMax=)"},
};

static const struct cure_row *
find_cure(const char *err)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct cure_row *row = &rows[i];
        if ((row->error == 0 || strstr(err, strerror(row->error))) &&
            (row->part == NULL || strstr(err, row->part)))
            return row;
    }
    return NULL;
}

void
cure_add(char *err, size_t errlen)
{
    size_t n = strlen(err);
    const struct cure_row *row = find_cure(err);
    if (row == NULL || strstr(err, "; "))
        return;
    if (row->cure)
        str_format(err + n, errlen - n, "; %s", row->cure);
    else
        str_format(err + n, errlen - n,
                   "; the server runs as the user with the id %u: give it the right to "
                   "this path (chown, chmod), or name another",
                   (unsigned)geteuid());
}

bool
cure_is_needed(const char *err)
{
    const struct cure_row *row = find_cure(err);
    return row && row->needed;
}

bool
cure_check_descriptors(char *err, size_t errlen)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max >= LEAST_DESCRIPTORS)
        return true;
    str_format(err, errlen,
               "this process may have %llu descriptors, and a server needs %d and one "
               "for each client; " RAISE_LIMIT,
               (unsigned long long)limit.rlim_max, LEAST_DESCRIPTORS);
    return false;
}

bool
cure_check_room(int room, char *err, size_t errlen)
{
    if (room > 0)
        return true;
    str_format(err, errlen,
               "the listeners and files need all descriptors that this process may "
               "have, and leave none for a client; " RAISE_LIMIT);
    return false;
}
