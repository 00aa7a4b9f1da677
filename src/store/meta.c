/* The numbers of a meta record, in order. New ones go to the end, where files of older
 * versions have none. */
#include "meta.h"

#include "base/str.h"
#include "entry.h"

#include <sys/random.h>

static uint64_t
take_number(const uint8_t **at)
{
    *at += 8;
    return entry_get_number(*at - 8, 8);
}

static void
take_mark(const uint8_t **at, struct mark *out)
{
    out->epoch = take_number(at);
    out->count = take_number(at);
    out->checksum = take_number(at);
}

static void
put_number(uint8_t **at, uint64_t n)
{
    entry_put_number(*at, n, 8);
    *at += 8;
}

static void
put_mark(uint8_t **at, const struct mark *mark)
{
    put_number(at, mark->epoch);
    put_number(at, mark->count);
    put_number(at, mark->checksum);
}

enum meta_verdict
meta_read(const uint8_t *value, size_t n, struct meta *out)
{
    const uint8_t *at = value;
    if (n < META_BYTES_OLD)
        return META_BROKEN;
    uint64_t version = take_number(&at);
    if (version > META_VERSION)
        return META_NEWER;
    if (version == META_VERSION && n < META_BYTES)
        return META_BROKEN;
    *out = (struct meta){0};
    take_mark(&at, &out->now);
    if (version < META_VERSION)
        return META_FINE;
    out->store = take_number(&at);
    take_mark(&at, &out->parent);
    uint64_t saved_at = take_number(&at);
    out->saved_at = saved_at < (uint64_t)WALL_MAX ? (msec)saved_at : 0;
    return META_FINE;
}

void
meta_write(const struct meta *meta, uint8_t out[META_BYTES])
{
    uint8_t *at = out;
    put_number(&at, META_VERSION);
    put_mark(&at, &meta->now);
    put_number(&at, meta->store);
    put_mark(&at, &meta->parent);
    put_number(&at, (uint64_t)meta->saved_at);
}

bool
mark_equal(const struct mark *a, const struct mark *b)
{
    return a->epoch == b->epoch && a->count == b->count && a->checksum == b->checksum;
}

uint64_t
meta_new_store(void)
{
    uint64_t id = 0;
    while (id == 0)
        if (getrandom(&id, sizeof id, 0) != sizeof id)
            return 0;
    return id;
}

void
meta_store_text(uint64_t store, char out[STORE_ID_TEXT])
{
    str_format(out, STORE_ID_TEXT, "%016llx", (unsigned long long)store);
}
