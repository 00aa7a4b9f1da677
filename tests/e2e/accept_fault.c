/* Loaded before the C library: accept4 fails when a test says so.
 *
 * The test writes error and count into a file that is mapped here before the sandbox
 * begins. Each failing call lowers count by one and adds one to calls. The connection
 * stays in the listen queue, as it does when memory or descriptors run out. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile struct fault {
    int error, count, calls;
} * fault;

__attribute__((constructor)) static void
map_fault(void)
{
    int fd = open(getenv("IRCD_TEST_ACCEPT_FAULT"), O_RDWR | O_CLOEXEC);
    void *at =
        mmap(NULL, sizeof(struct fault), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at == MAP_FAILED)
        abort();
    fault = at;
}

int
accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
    if (fault->count > 0) {
        fault->count--;
        fault->calls++;
        errno = fault->error;
        return -1;
    }
    return (int)syscall(SYS_accept4, fd, addr, len, flags);
}
