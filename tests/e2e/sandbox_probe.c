/* Tries, inside the sandbox, what it must refuse and what it must allow.
 *
 * usage: sandbox_probe DATA FORBIDDEN [open]
 * DATA is the server's directory, FORBIDDEN a file that exists elsewhere. A line for
 * each attempt, "name: refused" or "name: done". With "open" nothing is locked, which
 * shows that each attempt would succeed without the sandbox. It must be run by its test
 * only. */
#define _GNU_SOURCE /* unshare, execveat */
#include "main/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *data, *forbidden;

static bool
reads_another_file(void)
{
    return open(forbidden, O_RDONLY) >= 0;
}

static bool
writes_another_file(void)
{
    return open(forbidden, O_WRONLY | O_APPEND) >= 0;
}

static bool
lists_another_directory(void)
{
    return open("/", O_RDONLY | O_DIRECTORY) >= 0;
}

static bool
forks(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child > 0 && waitpid(child, NULL, 0) == child;
}

static bool
signals_another(void)
{
    return kill(getppid(), 0) == 0;
}

static bool
changes_modes(void)
{
    return chmod(forbidden, 0644) == 0;
}

static void *
nothing(void *arg)
{
    return arg;
}

static bool
starts_a_thread(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, nothing, NULL) == 0 &&
           pthread_join(thread, NULL) == 0;
}

/* Another program would end this one, so success is told by one that cannot start. */
static bool
executes(void)
{
    char *argv[] = {NULL};
    syscall(SYS_execve, "/dev/null/none", argv, argv);
    return errno == ENOTDIR;
}

static bool
opens_a_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool
traces(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool
unshares(void)
{
    return unshare(CLONE_FILES) == 0;
}

static bool
makes_a_file_in_data(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/probe", data);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    return fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0 && close(fd) == 0;
}

static bool
renames_and_removes_in_data(void)
{
    char from[4096], to[4096];
    snprintf(from, sizeof from, "%s/probe", data);
    snprintf(to, sizeof to, "%s/probe2", data);
    return rename(from, to) == 0 && unlink(to) == 0;
}

static const struct {
    const char *name;
    bool (*try)(void);
} attempts[] = {
    {"makes a file in data", makes_a_file_in_data},
    {"renames and removes in data", renames_and_removes_in_data},
    {"starts a thread", starts_a_thread},
    {"reads another file", reads_another_file},
    {"writes another file", writes_another_file},
    {"lists another directory", lists_another_directory},
    {"opens a socket", opens_a_socket},
    {"unshares", unshares},
    {"forks", forks},
    {"signals another", signals_another},
    {"changes modes", changes_modes},
    {"executes", executes},
    {"traces", traces},
};

int
main(int argc, char **argv)
{
    char what[SANDBOX_TEXT], err[512];
    if (argc < 3)
        return 2;
    data = argv[1];
    forbidden = argv[2];
    struct sandbox_plan plan = {
        .user = "", .data = data, .log = "", .locked = argc == 3};
    if (!sandbox_enter(&plan, what, err, sizeof err)) {
        printf("%s\n", err);
        return 1;
    }
    printf("%s\n", what);
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        printf("%s: %s\n", attempts[i].name, attempts[i].try() ? "done" : "refused");
    return 0;
}
