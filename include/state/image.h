/* An image of the core: what subsystems keep in memory alone, as records. A server that
 * goes on with another process, or another machine, is made of its configuration, its
 * store and this. */
#ifndef STATE_IMAGE_H
#define STATE_IMAGE_H

#include "state/subsystem.h"

#include <stdbool.h>
#include <stddef.h>

struct record;
struct server;

/* Where it goes: put is called for each record, with the name of its subsystem. Both
 * are borrowed for the call. */
struct image {
    void (*put)(void *ctx, const char *name, const void *bytes, size_t n);
    void *ctx;
    enum subsystem_id of; /* the subsystem at work */
};

/* Has all subsystems that have something to write write it, in their order. Moments are
 * those of srv's own clocks, which go on where the image is read. */
void image_write(const struct server *srv, struct image *out);

/* For these subsystems: seals r and puts it. False: it is too long, and not put. */
bool image_add(struct image *out, struct record *r);

/* Takes one record into a server that was just made: no client is there. False: no
 * subsystem of this name reads any, or the record is broken. */
bool image_read(struct server *srv, const char *name, const void *bytes, size_t n);

#endif
