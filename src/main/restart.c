/* RESTART: executes the same program again in the same process, with the same arguments
 * and the same working directory.
 *
 * The path is looked up when the program starts, so the new program is the file that is
 * there at the restart. In the background, a mark in the environment keeps the new
 * program from forking again; the mark is valid for this process only. Every descriptor
 * is closed on exec, except the sockets that a service manager has passed: the new
 * program takes them again. */
#include "restart.h"

#include "base/str.h"
#include "net/os.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK "IRCD_RESTARTED" /* the id of the process that has set it */

static void
write_own_id(char out[24])
{
    str_format(out, 24, "%ld", (long)getpid());
}

static void
end_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
}

void
restart_begin(struct restart *r, char **argv)
{
    char id[24];
    sigset_t held;
    const char *mark = getenv(MARK);
    *r = (struct restart){.argv = argv};
    if (strchr(argv[0], '/'))
        str_format(r->program, sizeof r->program, "%s", argv[0]);
    else
        os_find_program(argv[0], r->program, sizeof r->program);
    write_own_id(id);
    if (mark == NULL)
        return;
    r->detached = strcmp(mark, id) == 0;
    unsetenv(MARK);
    end_signals(&held);
    sigprocmask(SIG_UNBLOCK, &held, NULL);
}

bool
restart_check(const struct restart *r, char *err, size_t errlen)
{
    if (r->program[0] && access(r->program, X_OK) == 0)
        return true;
    str_format(err, errlen, "cannot start %s anew: %s",
               r->program[0] ? r->program : r->argv[0],
               r->program[0] ? strerror(errno) : "its path is not known");
    return false;
}

void
restart_hold(void)
{
    sigset_t held;
    end_signals(&held);
    sigprocmask(SIG_BLOCK, &held, NULL);
}

void
restart_run(const struct restart *r, char *err, size_t errlen)
{
    char id[24];
    write_own_id(id);
    if (setenv(MARK, id, 1) == 0)
        execv(r->program, r->argv);
    str_format(err, errlen, "cannot start %s anew: %s", r->program, strerror(errno));
}
