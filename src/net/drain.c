/* A short wait between the last line and close.
 *
 * Without watchers and without memory of its own per socket: one array, swept by one
 * timer, so that a flood of refused connections costs a few system calls each and never
 * more than DRAIN_MAX descriptors. It must never hold a socket beyond its deadline. */
#include "drain.h"

#include "base/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRAIN_READS 4 /* reads of one socket a sweep */

/* True when the peer has closed, or nothing can come any more. */
static bool
drained(int fd, char *buffer, size_t size)
{
    for (int i = 0; i < DRAIN_READS; i++) {
        ssize_t n = recv(fd, buffer, size, 0);
        mem_wipe(buffer, n > 0 ? (size_t)n : 0);
        if (n == 0)
            return true;
        if (n < 0)
            return errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
    }
    return false;
}

void
drain_add(struct drain *d, int fd, msec now, char *buffer, size_t size)
{
    if (shutdown(fd, SHUT_WR) != 0 || drained(fd, buffer, size)) {
        close(fd);
        return;
    }
    if (d->count >= DRAIN_MAX && !d->unbounded) {
        close(d->entries[0].fd);
        d->count--;
        memmove(d->entries, d->entries + 1, d->count * sizeof *d->entries);
    }
    if (d->count == d->room) {
        d->room = d->room ? 2 * d->room : DRAIN_MAX;
        d->entries = xrealloc(d->entries, d->room * sizeof *d->entries);
    }
    d->entries[d->count++] = (struct draining){.fd = fd, .until = now + DRAIN_TIME};
}

void
drain_sweep(struct drain *d, msec now, char *buffer, size_t size)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->count; i++) {
        struct draining e = d->entries[i];
        if (drained(e.fd, buffer, size) || e.until <= now)
            close(e.fd);
        else
            d->entries[kept++] = e;
    }
    d->count = kept;
}

bool
drain_clear(struct drain *d)
{
    bool any = d->count > 0;
    for (size_t i = 0; i < d->count; i++)
        close(d->entries[i].fd);
    d->count = 0;
    return any;
}
