/* Running in the background.
 *
 * The parent stays until the child has bound its addresses and opened its store, so
 * that the program that started the server sees every error and the exit code. The
 * working directory stays the same: the path of the configuration file may be relative
 * to it, also at the next REHASH. */
#include "detach.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int
exit_code_of(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return 2;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        return WEXITSTATUS(status);
    fputs("ircd: the server ended before it was ready\n", stderr);
    return 2;
}

static void
wait_until_ready(pid_t child, int fd)
{
    char ready;
    ssize_t got;
    do
        got = read(fd, &ready, 1);
    while (got < 0 && errno == EINTR);
    _exit(got == 1 ? 0 : exit_code_of(child));
}

/* The sockets that a service manager has passed to the parent (LISTEN_PID) are now the
 * child's. */
static void
take_over_sockets(pid_t parent)
{
    char id[24];
    const char *of = getenv("LISTEN_PID");
    str_format(id, sizeof id, "%ld", (long)parent);
    if (of == NULL || strcmp(of, id) != 0)
        return;
    str_format(id, sizeof id, "%ld", (long)getpid());
    setenv("LISTEN_PID", id, 1);
}

int
detach_begin(void)
{
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fflush(NULL);
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        return -1;
    if (child > 0) {
        close(ends[1]);
        wait_until_ready(child, ends[0]);
    }
    close(ends[0]);
    take_over_sockets(parent);
    setsid();
    return ends[1];
}

void
detach_ready(int fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int std = STDIN_FILENO; null >= 0 && std <= STDERR_FILENO; std++)
        dup2(null, std);
    if (null > STDERR_FILENO)
        close(null);
    ssize_t ignored = write(fd, "", 1);
    (void)ignored; /* the parent may have been killed; the server runs on */
    close(fd);
}

bool
pid_file_write(const char *path, char *err, size_t errlen)
{
    char text[24];
    str_format(text, sizeof text, "%ld\n", (long)getpid());
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
        close(fd) == 0)
        return true;
    str_format(err, errlen, "cannot write %s: %s", path, strerror(errno));
    return false;
}

void
pid_file_remove(const char *path)
{
    if (unlink(path) == 0)
        return;
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
}
