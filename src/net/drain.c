/* Waits for a moment between the last line and close.
 *
 * All sockets are in one array that one timer sweeps; a socket has no watcher and no
 * memory of its own. A flood of refused connections thus costs a few system calls each
 * and never more than DRAIN_MAX descriptors. A socket must never be held beyond its
 * deadline. */
#include "drain.h"

#include "base/mem.h"
#include "transport.h"

#include <string.h>
#include <unistd.h>

#define DRAIN_READS 4 /* reads of a socket in one sweep */

void
drain_add(struct drain *d, int fd, msec now, char *buffer, size_t size)
{
    if (socket_discard(fd, buffer, size, DRAIN_READS)) {
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
        if (socket_discard(e.fd, buffer, size, DRAIN_READS) || e.until <= now)
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
