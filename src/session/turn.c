/* The codec of turns. A turn is checked as a whole, by its sum and by the lengths of
 * all its entries, before its first entry is returned: a damaged journal is never
 * applied in part. A byte must never be read before the length in front of it was
 * checked. */
#include "session/turn.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"

#include <assert.h>
#include <string.h>

#define FIRST_SUM 0x6472636920736e72u /* stands for the sum before the first turn */
#define TURN_FIXED (8 + 8 + 8)        /* number, mono, wall */
#define ENTRY_CID 1                   /* offsets in an entry */
#define ENTRY_LENGTH (1 + 8)
#define ENTRY_FIXED (1 + 8 + 4) /* kind, cid, n */
#define LENGTH_BYTES 4
#define SUM_BYTES 8

static const unsigned char header[TURN_HEADER] = {'i', 'r', 'c', 'd', 't', 'n', 0, 1};

static const char *const kind_names[TURN_KINDS] = {
    [TURN_NONE] = "none",
#define TURN(NAME, name) [TURN_##NAME] = #name,
#include "session/turn_kinds.def"
#undef TURN
};

const char *
turn_kind_name(enum turn_kind kind)
{
    return kind_names[kind];
}

/* --- writing --- */

static void
store_number(unsigned char *out, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t
load_number(const unsigned char *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static uint64_t
sum_turn(uint64_t before, const unsigned char *bytes, size_t n)
{
    struct hash_key key = {{0}};
    unsigned char out[SUM_BYTES];
    store_number(key.bytes, before, sizeof before);
    uint64_t sum = hash_wide(&key, bytes, n);
    /* The bytes of the hash are the same on all machines. */
    memcpy(out, &sum, sizeof out);
    return load_number(out, sizeof out);
}

void
turn_header(unsigned char out[TURN_HEADER])
{
    memcpy(out, header, sizeof header);
}

void
turn_writer_init(struct turn_writer *w)
{
    *w = (struct turn_writer){.sum = FIRST_SUM};
}

void
turn_writer_clear(struct turn_writer *w)
{
    mem_wipe(w->bytes, w->cap);
    free(w->bytes);
    *w = (struct turn_writer){0};
}

/* Makes room for n more bytes. The old bytes are wiped: they may hold a password. */
static void
make_turn_room(struct turn_writer *w, size_t n)
{
    if (w->len + n <= w->cap)
        return;
    size_t cap = 2 * (w->len + n) + 256;
    unsigned char *bytes = xmalloc(cap);
    if (w->len > 0)
        memcpy(bytes, w->bytes, w->len);
    mem_wipe(w->bytes, w->len);
    free(w->bytes);
    w->bytes = bytes;
    w->cap = cap;
}

void
turn_put_bytes(struct turn_writer *w, const void *bytes, size_t n)
{
    make_turn_room(w, n);
    if (n > 0)
        memcpy(w->bytes + w->len, bytes, n);
    w->len += n;
}

static void
put_number(struct turn_writer *w, uint64_t value, size_t n)
{
    make_turn_room(w, n);
    store_number(w->bytes + w->len, value, n);
    w->len += n;
}

void
turn_put_u8(struct turn_writer *w, unsigned value)
{
    put_number(w, value, 1);
}

void
turn_put_u32(struct turn_writer *w, uint32_t value)
{
    put_number(w, value, 4);
}

void
turn_put_u64(struct turn_writer *w, uint64_t value)
{
    put_number(w, value, 8);
}

void
turn_put_text(struct turn_writer *w, const char *text)
{
    size_t n = text ? strlen(text) + 1 : 0;
    turn_put_u32(w, (uint32_t)n);
    turn_put_bytes(w, text, n);
}

void
turn_begin(struct turn_writer *w, msec mono, msec wall)
{
    w->len = 0;
    w->entry = 0;
    w->n = 0;
    turn_put_u32(w, 0); /* the length; turn_end writes it */
    turn_put_u64(w, w->number);
    turn_put_u64(w, (uint64_t)mono);
    turn_put_u64(w, (uint64_t)wall);
}

static void
close_entry(struct turn_writer *w)
{
    if (w->entry == 0)
        return;
    size_t n = w->len - w->entry - ENTRY_FIXED;
    assert(n <= TURN_ENTRY_MAX);
    store_number(w->bytes + w->entry + ENTRY_LENGTH, n, LENGTH_BYTES);
    w->entry = 0;
}

void
turn_entry(struct turn_writer *w, enum turn_kind kind, bool secret, uint64_t cid)
{
    close_entry(w);
    w->entry = w->len;
    w->n++;
    turn_put_u8(w, (unsigned)kind | (secret ? TURN_SECRET : 0u));
    turn_put_u64(w, cid);
    turn_put_u32(w, 0); /* the length; close_entry writes it */
}

void
turn_end(struct turn_writer *w)
{
    close_entry(w);
    size_t length = w->len + SUM_BYTES - LENGTH_BYTES;
    assert(length <= TURN_MAX);
    store_number(w->bytes, length, LENGTH_BYTES);
    w->sum = sum_turn(w->sum, w->bytes, w->len);
    turn_put_u64(w, w->sum);
    w->number++;
}

/* --- reading --- */

bool
turn_reader_init(struct turn_reader *r, const void *bytes, size_t n)
{
    *r = (struct turn_reader){bytes, n, TURN_HEADER, 0, FIRST_SUM};
    return n >= TURN_HEADER && memcmp(bytes, header, TURN_HEADER) == 0;
}

static bool
has_whole_entries(const unsigned char *at, const unsigned char *end)
{
    while (at < end) {
        if ((size_t)(end - at) < ENTRY_FIXED)
            return false;
        unsigned kind = at[0] & ~(unsigned)TURN_SECRET;
        size_t n = (size_t)load_number(at + ENTRY_LENGTH, LENGTH_BYTES);
        if (kind == TURN_NONE || kind >= TURN_KINDS ||
            n > (size_t)(end - at) - ENTRY_FIXED)
            return false;
        at += ENTRY_FIXED + n;
    }
    return true;
}

static int
refuse_turn(const char *why, char *err, size_t errlen)
{
    str_format(err, errlen, "%s", why);
    return -1;
}

int
turn_read(struct turn_reader *r, struct turn *out, char *err, size_t errlen)
{
    const unsigned char *at = r->bytes + r->at;
    size_t left = r->n - r->at;
    if (left == 0)
        return 0;
    size_t length = left >= LENGTH_BYTES ? (size_t)load_number(at, LENGTH_BYTES) : 0;
    if (left >= LENGTH_BYTES && length < TURN_FIXED + SUM_BYTES)
        return refuse_turn("the length of a turn is wrong", err, errlen);
    if (left < LENGTH_BYTES || length > left - LENGTH_BYTES)
        return refuse_turn("a turn is cut, or its length is wrong", err, errlen);
    const unsigned char *end = at + LENGTH_BYTES + length - SUM_BYTES;
    uint64_t sum = sum_turn(r->sum, at, (size_t)(end - at));
    if (sum != load_number(end, SUM_BYTES))
        return refuse_turn("the checksum of a turn is wrong", err, errlen);
    const unsigned char *fixed = at + LENGTH_BYTES;
    *out = (struct turn){.number = load_number(fixed, 8),
                         .mono = (msec)load_number(fixed + 8, 8),
                         .wall = (msec)load_number(fixed + 16, 8),
                         .at = fixed + TURN_FIXED,
                         .end = end};
    if (out->number != r->number)
        return refuse_turn("the number of a turn is wrong", err, errlen);
    if (!has_whole_entries(out->at, end))
        return refuse_turn("an entry is of an unknown kind, or has a wrong length", err,
                           errlen);
    r->number++;
    r->sum = sum;
    r->at += LENGTH_BYTES + length;
    return 1;
}

bool
turn_next(struct turn *t, struct turn_entry *out)
{
    if (t->at == t->end)
        return false;
    const unsigned char *from = t->at + ENTRY_FIXED;
    size_t n = (size_t)load_number(t->at + ENTRY_LENGTH, LENGTH_BYTES);
    *out =
        (struct turn_entry){.kind = (enum turn_kind)(t->at[0] & ~(unsigned)TURN_SECRET),
                            .secret = (t->at[0] & TURN_SECRET) != 0,
                            .cid = load_number(t->at + ENTRY_CID, 8),
                            .fields = {from, from + n, false}};
    t->at = from + n;
    return true;
}

/* The next n bytes; NULL if they are missing. */
static const unsigned char *
take_turn_field(struct turn_fields *f, size_t n)
{
    if (f->bad || n > (size_t)(f->end - f->at)) {
        f->bad = true;
        return NULL;
    }
    const unsigned char *at = f->at;
    f->at += n;
    return at;
}

static uint64_t
get_number(struct turn_fields *f, size_t n)
{
    const unsigned char *at = take_turn_field(f, n);
    return at ? load_number(at, n) : 0;
}

unsigned
turn_get_u8(struct turn_fields *f)
{
    return (unsigned)get_number(f, 1);
}

uint32_t
turn_get_u32(struct turn_fields *f)
{
    return (uint32_t)get_number(f, 4);
}

uint64_t
turn_get_u64(struct turn_fields *f)
{
    return get_number(f, 8);
}

const char *
turn_get_text(struct turn_fields *f)
{
    size_t n = turn_get_u32(f);
    const unsigned char *at = n > 0 ? take_turn_field(f, n) : NULL;
    if (at == NULL)
        return NULL;
    if (memchr(at, '\0', n) == at + n - 1)
        return (const char *)at;
    f->bad = true;
    return NULL;
}

bool
turn_fields_done(const struct turn_fields *f)
{
    return !f->bad && f->at == f->end;
}
