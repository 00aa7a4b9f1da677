/* The numbers of a meta record, in order. New numbers are added at the end, where the
 * files of older versions have none. */
#include "meta.h"

#include "base/str.h"
#include "entry.h"

#include <sodium.h>

static uint64_t
decode_number(const uint8_t **at)
{
    *at += 8;
    return entry_get_number(*at - 8, 8);
}

static void
decode_mark(const uint8_t **at, struct mark *out)
{
    out->epoch = decode_number(at);
    out->count = decode_number(at);
    out->checksum = decode_number(at);
}

static void
encode_number(uint8_t **at, uint64_t n)
{
    entry_put_number(*at, n, 8);
    *at += 8;
}

static void
encode_mark(uint8_t **at, const struct mark *mark)
{
    encode_number(at, mark->epoch);
    encode_number(at, mark->count);
    encode_number(at, mark->checksum);
}

enum meta_verdict
meta_read(const uint8_t *value, size_t n, struct meta *out)
{
    const uint8_t *at = value;
    if (n < META_BYTES_OLD)
        return META_BROKEN;
    uint64_t version = decode_number(&at);
    if (version > META_VERSION)
        return META_NEWER;
    if (version == META_VERSION && n < META_BYTES)
        return META_BROKEN;
    *out = (struct meta){0};
    decode_mark(&at, &out->now);
    if (version < META_VERSION)
        return META_FINE;
    out->store = decode_number(&at);
    decode_mark(&at, &out->parent);
    uint64_t saved_at = decode_number(&at);
    out->saved_at = saved_at < (uint64_t)WALL_MAX ? (msec)saved_at : 0;
    return META_FINE;
}

void
meta_write(const struct meta *meta, uint8_t out[META_BYTES])
{
    uint8_t *at = out;
    encode_number(&at, META_VERSION);
    encode_mark(&at, &meta->now);
    encode_number(&at, meta->store);
    encode_mark(&at, &meta->parent);
    encode_number(&at, (uint64_t)meta->saved_at);
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
        randombytes_buf(&id, sizeof id);
    return id;
}

void
meta_store_text(uint64_t store, char out[STORE_ID_TEXT])
{
    str_format(out, STORE_ID_TEXT, "%016llx", (unsigned long long)store);
}
