/* Writes and reads an image by a walk over the subsystems. The contents of a record
 * belong to its subsystem: this file must know none of them. */
#include "state/image.h"

#include "state/record.h"
#include "state/server.h"

#include <string.h>

void
image_write(const struct server *srv, struct image *out)
{
    for (const struct subsystem *const *row = srv->subsystems; *row; row++) {
        out->of = (*row)->id;
        if ((*row)->write)
            (*row)->write(srv, out);
    }
}

bool
image_add(struct image *out, struct record *r)
{
    if (!record_seal(r))
        return false;
    out->put(out->ctx, subsystem_name(out->of), r->bytes, r->len);
    return true;
}

bool
image_read(struct server *srv, const char *name, const void *bytes, size_t n)
{
    char err[RECORD_ERROR];
    struct record_reader in;
    if (!record_open(&in, bytes, n, err, sizeof err))
        return false;
    for (const struct subsystem *const *row = srv->subsystems; *row; row++)
        if ((*row)->read && strcmp(subsystem_name((*row)->id), name) == 0)
            return (*row)->read(srv, &in);
    return false;
}
