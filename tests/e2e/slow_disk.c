/* Loaded before the C library: each fsync takes IRCD_TEST_SLOW_SYNC milliseconds more,
 * and each write of a thread other than the first one, which is the thread of the
 * store, takes IRCD_TEST_SLOW_WRITE more, as on a disk that others use, too.
 *
 * This gives a test the time to kill the server between an early report of «saved» and
 * the save itself. It must never change the bytes that are written. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void
wait_for(const char *name)
{
    const char *text = getenv(name);
    long ms = text ? strtol(text, NULL, 10) : 0;
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

int
fsync(int fd)
{
    wait_for("IRCD_TEST_SLOW_SYNC");
    return (int)syscall(SYS_fsync, fd);
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
    if (syscall(SYS_gettid) != getpid())
        wait_for("IRCD_TEST_SLOW_WRITE");
    return syscall(SYS_write, fd, bytes, n);
}
