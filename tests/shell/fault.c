/* A disk that fails on command; see fault.h. Pipes, sockets and terminals are not
 * touched, so other tests in the program and its own output work. */
#define _DEFAULT_SOURCE /* syscall */
#include "fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 4096, MAKES = 0100 /* O_CREAT */, HERE = -100 /* AT_FDCWD */ };

static atomic_int left = -1; /* operations that still succeed; -1: unarmed */
static atomic_int error_to_give, seen, hang, torn = -1;
static atomic_bool hit, once;

void
fault_arm(int after, int error)
{
    error_to_give = error;
    seen = 0;
    hit = once = false;
    torn = -1;
    left = after;
}

void
fault_once(int after, int error)
{
    fault_arm(after, error);
    once = true;
}

void
fault_hang(int milliseconds)
{
    hang = milliseconds;
}

void
fault_disarm(void)
{
    left = -1;
    hang = 0;
}

bool
fault_hit(void)
{
    return hit;
}

int
fault_seen(void)
{
    return seen;
}

/* True if this operation is to fail. The thread of the store may be here while the test
 * disarms: after that no operation may fail. */
static bool
fails(void)
{
    int n = left, last = 0;
    while (n > 0 && !atomic_compare_exchange_weak(&left, &n, n - 1))
        continue;
    if (n < 0)
        return false;
    seen++;
    if (n > 0)
        return false;
    hit = true;
    if (once)
        atomic_compare_exchange_strong(&left, &last, -1);
    return true;
}

/* Pipes and terminals do not count. Nor does the making of an empty database, because
 * libgdbm leaks 4 KiB of memory when that fails: the store has tried the disk with a
 * larger write before. */
static bool
is_meant(int fd, size_t n)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
           (st.st_size >= 4 * BLOCK || n > BLOCK);
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
    if (left < 0 || !is_meant(fd, n) || !fails())
        return syscall(SYS_write, fd, bytes, n);
    if (!once && n > 1 && torn != fd) {
        torn = fd; /* the rest of it fails */
        return syscall(SYS_write, fd, bytes, n / 2);
    }
    errno = error_to_give;
    return -1;
}

int
ftruncate(int fd, off_t length)
{
    if (left >= 0 && fails()) {
        errno = error_to_give;
        return -1;
    }
    return (int)syscall(SYS_ftruncate, fd, length);
}

/* Only the making of a file counts; <fcntl.h> would bring a definition of its own. */
int open(const char *path, int flags, ...);

int
open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = flags & MAKES ? va_arg(args, int) : 0;
    va_end(args);
    if (left >= 0 && flags & MAKES && access(path, F_OK) != 0 && fails()) {
        errno = error_to_give;
        return -1;
    }
    return (int)syscall(SYS_openat, HERE, path, flags, mode);
}

int
fsync(int fd)
{
    if (hang > 0) {
        struct timespec t = {.tv_sec = hang / 1000, .tv_nsec = hang % 1000 * 1000000};
        nanosleep(&t, NULL);
    }
    if (left >= 0 && fails()) {
        errno = error_to_give;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

int
rename(const char *from, const char *to)
{
    if (left >= 0 && fails()) {
        errno = error_to_give;
        return -1;
    }
    return (int)syscall(SYS_renameat2, HERE, from, HERE, to, 0);
}
