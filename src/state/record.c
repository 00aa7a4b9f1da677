/* Encodes and decodes stored records: a version, a kind, fields in a fixed order and a
 * CRC. A field is found by its order alone, so a new field is added at the end, where
 * old records have none.
 *
 * Must never read beyond the bytes that it was given: they may come from a damaged
 * disk. */
#include "state/record.h"

#include "base/event.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "proto/mask.h"
#include "state/server.h"

#include <assert.h>
#include <string.h>

enum { VERSION = 1, HEAD = 2, CRC = 4, NUMBER = 8, LENGTH = 2 };

static void
put_little_endian(uint8_t *at, uint64_t n, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(n >> 8 * i);
}

static uint64_t
get_little_endian(const uint8_t *at, int bytes)
{
    uint64_t n = 0;
    for (int i = 0; i < bytes; i++)
        n |= (uint64_t)at[i] << 8 * i;
    return n;
}

/* Bytes that are left for fields. */
static size_t
room_for_fields(const struct record *r)
{
    return RECORD_MAX - CRC - r->len;
}

/* True if a field of n bytes fits. After one that did not fit, none does. */
static bool
field_fits(struct record *r, size_t n)
{
    r->too_long |= room_for_fields(r) < n;
    return !r->too_long;
}

void
record_begin(struct record *r, uint8_t kind)
{
    r->bytes[0] = VERSION;
    r->bytes[1] = kind;
    r->len = HEAD;
    r->too_long = false;
}

void
record_add_number(struct record *r, uint64_t n)
{
    if (!field_fits(r, NUMBER))
        return;
    put_little_endian(r->bytes + r->len, n, NUMBER);
    r->len += NUMBER;
}

void
record_add_text(struct record *r, const char *text)
{
    size_t n = strlen(text);
    if (!field_fits(r, LENGTH + n))
        return;
    put_little_endian(r->bytes + r->len, n, LENGTH);
    memcpy(r->bytes + r->len + LENGTH, text, n);
    r->len += LENGTH + n;
}

bool
record_seal(struct record *r)
{
    if (r->too_long)
        return false;
    assert(r->len >= HEAD && r->len <= RECORD_MAX - CRC);
    put_little_endian(r->bytes + r->len, hash_crc32(0, r->bytes, r->len), CRC);
    r->len += CRC;
    return true;
}

store_ticket
record_put(struct server *srv, const char *name, struct record *r, const void *key,
           size_t len)
{
    char what[MASK_TEXT + 100];
    if (record_seal(r))
        return store_put(srv->store, key, len, r->bytes, r->len);
    str_format(what, sizeof what, "%s %.*s", name, (int)len, (const char *)key);
    LOG_EVENT(srv->log, not_saved, .what = what,
              .why = "it is longer than a record of the database");
    return STORE_REFUSED;
}

bool
record_open(struct record_reader *in, const void *bytes, size_t n, char *err,
            size_t errlen)
{
    const uint8_t *at = bytes;
    if (n < HEAD + CRC || n > RECORD_MAX) {
        str_format(err, errlen, "a record of %zu bytes", n);
        return false;
    }
    if (hash_crc32(0, at, n - CRC) != get_little_endian(at + n - CRC, CRC)) {
        str_format(err, errlen, "a record with a wrong checksum");
        return false;
    }
    if (at[0] < 1 || at[0] > VERSION) {
        str_format(err, errlen, "a record of version %u; this server knows 1 to %d",
                   at[0], VERSION);
        return false;
    }
    *in = (struct record_reader){.at = at + HEAD, .end = at + n - CRC, .kind = at[1]};
    return true;
}

uint64_t
record_number(struct record_reader *in)
{
    if (in->end - in->at < NUMBER) {
        in->at = in->end;
        return 0;
    }
    in->at += NUMBER;
    return get_little_endian(in->at - NUMBER, NUMBER);
}

uint64_t
record_number_to(struct record_reader *in, uint64_t max)
{
    uint64_t n = record_number(in);
    return n < max ? n : max;
}

msec
record_moment(struct record_reader *in)
{
    return (msec)record_number_to(in, (uint64_t)WALL_MAX);
}

/* Decoded texts become parts of lines. A checksum may be right over bytes that no
 * client can have sent. */
static bool
is_line_character(const char *character, size_t len)
{
    return len > 1 || (len == 1 && !memchr("\r\n", *character, 3));
}

static void
copy_line_text(const uint8_t *bytes, size_t n, char *out, size_t size)
{
    const char *at = (const char *)bytes;
    struct str s;
    str_init(&s, out, size);
    while (n > 0) {
        size_t len = str_utf8(at, n);
        bool plain = is_line_character(at, len);
        len = len > 0 ? len : 1;
        if (s.len + len >= size)
            break;
        str_addn(&s, plain ? at : "?", plain ? len : 1);
        at += len;
        n -= len;
    }
}

void
record_text(struct record_reader *in, char *out, size_t size)
{
    size_t left = (size_t)(in->end - in->at);
    size_t n = left < LENGTH ? 0 : (size_t)get_little_endian(in->at, LENGTH);
    out[0] = '\0';
    if (left < LENGTH || n > left - LENGTH) {
        in->at = in->end;
        return;
    }
    copy_line_text(in->at + LENGTH, n, out, size);
    in->at += LENGTH + n;
}

const struct record_kind *
record_kind_find(const struct record_kind *kinds, uint8_t letter)
{
    for (; kinds->letter != 0; kinds++)
        if (kinds->letter == letter)
            return kinds;
    return NULL;
}

bool
record_kind_has(const struct record_kind *kinds, const void *key, size_t len)
{
    return len > 0 && record_kind_find(kinds, *(const uint8_t *)key);
}
