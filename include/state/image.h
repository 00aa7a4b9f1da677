/* An image of the core: the state that subsystems keep in memory alone, as records.
 * Another process, or another machine, continues a server from its configuration, its
 * store and its image. */
#ifndef STATE_IMAGE_H
#define STATE_IMAGE_H

#include "state/subsystem.h"

#include <stdbool.h>
#include <stddef.h>

struct record;
struct server;

/* The destination: put is called for each record, with the name of its subsystem. Name
 * and bytes are borrowed for the call. */
struct image {
    void (*put)(void *ctx, const char *name, const void *bytes, size_t n);
    void *ctx;
    enum subsystem_id of; /* the subsystem that writes now */
};

/* Calls `write` of each subsystem that has one, in their order. Times are those of the
 * clocks of srv, which continue where the image is read. */
void image_write(const struct server *srv, struct image *out);

/* For `write` of a subsystem: seals r and puts it. False: it is too long and was not
 * put. */
bool image_add(struct image *out, struct record *r);

/* Takes one record into a server that was just made and has no client. False: no
 * subsystem of this name reads records, or the record is broken. */
bool image_read(struct server *srv, const char *name, const void *bytes, size_t n);

#endif
