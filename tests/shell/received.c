/* Counts calls of recv and passes them on (--wrap). */
#include "received.h"

#include <sys/socket.h>
#include <sys/types.h>

ssize_t __real_recv(int fd, void *bytes, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t n, int flags);

static unsigned calls;

ssize_t
__wrap_recv(int fd, void *bytes, size_t n, int flags)
{
    calls++;
    return __real_recv(fd, bytes, n, flags);
}

unsigned
received_calls(void)
{
    return calls;
}
