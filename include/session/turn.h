/* Turns as bytes: the inputs of the core, in the order in which it got them.
 *
 * A turn is {number, mono, wall, entries}. A journal is a header of 8 bytes and then
 * turns, numbered from 0:
 *
 *     u32 length of what follows · u64 number · i64 mono · i64 wall · entries · u64 sum
 *
 * An entry is `u8 kind · u64 cid · u32 n · n bytes`. All numbers are little-endian. The
 * sum is SipHash of all bytes of the turn before it, keyed with the sum of the turn
 * before: no turn can be changed, cut, left out or moved without being told. A text is
 * `u32 n · n bytes`, the last of which is NUL; n = 0 is NULL. */
#ifndef SESSION_TURN_H
#define SESSION_TURN_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum turn_kind {
    TURN_NONE, /* of no entry */
#define TURN(NAME, name) TURN_##NAME,
#include "session/turn_kinds.def"
#undef TURN
    TURN_KINDS
};

#define TURN_HEADER 8        /* bytes in front of the first turn */
#define TURN_SECRET 0x80     /* in a stored kind: a password or a key may be in it */
#define TURN_MAX 0xf0000000u /* bytes of a turn */
#define TURN_ENTRY_MAX (1u << 30) /* bytes of an entry */

/* The name of a kind, for messages. */
const char *turn_kind_name(enum turn_kind kind);

/* --- writing ------------------------------------------------------------------------
 */

/* Zeroed and turn_writer_init'ed; the bytes of the turn under way are in it. */
struct turn_writer {
    unsigned char *bytes;
    size_t len, cap;
    size_t entry;    /* where the entry under way begins; 0: none */
    uint64_t number; /* of the turn under way */
    uint64_t sum;    /* of the turn before */
    unsigned n;      /* entries in the turn under way */
};

void turn_writer_init(struct turn_writer *w);
/* Wipes and frees what is in it. */
void turn_writer_clear(struct turn_writer *w);

/* The bytes of the header. */
void turn_header(unsigned char out[TURN_HEADER]);

void turn_begin(struct turn_writer *w, msec mono, msec wall);
/* Seals the turn: its bytes are w->bytes, w->len until the next turn_begin. */
void turn_end(struct turn_writer *w);

/* An entry; its fields are added until the next call of turn_entry or turn_end. */
void turn_entry(struct turn_writer *w, enum turn_kind kind, bool secret, uint64_t cid);
void turn_put_bytes(struct turn_writer *w, const void *bytes, size_t n);
void turn_put_u8(struct turn_writer *w, unsigned value);
void turn_put_u32(struct turn_writer *w, uint32_t value);
void turn_put_u64(struct turn_writer *w, uint64_t value);
void turn_put_text(struct turn_writer *w, const char *text); /* NULL is kept */

/* --- reading ------------------------------------------------------------------------
 */

/* Fields of an entry, read in their order. After a field that is not there all are 0,
 * and bad is true. */
struct turn_fields {
    const unsigned char *at, *end;
    bool bad;
};

struct turn_entry {
    enum turn_kind kind;
    bool secret;
    uint64_t cid;
    struct turn_fields fields;
};

struct turn {
    uint64_t number;
    msec mono, wall;
    const unsigned char *at, *end; /* the entries that turn_next has not given out */
};

struct turn_reader {
    const unsigned char *bytes; /* borrowed, as all that is read */
    size_t n, at;               /* at: the offset of the next turn */
    uint64_t number, sum;
};

/* False: they do not begin with the header of a journal. */
bool turn_reader_init(struct turn_reader *r, const void *bytes, size_t n);

/* 1: *out is the next turn, whole and with a right sum; all its entries have known
 * kinds and right lengths. 0: the bytes end exactly behind the last turn. -1: what is
 * at r->at is no such turn, or is cut; err says why. */
int turn_read(struct turn_reader *r, struct turn *out, char *err, size_t errlen);

/* The next entry of a turn that turn_read gave out; false: there is none. */
bool turn_next(struct turn *t, struct turn_entry *out);

unsigned turn_get_u8(struct turn_fields *f);
uint32_t turn_get_u32(struct turn_fields *f);
uint64_t turn_get_u64(struct turn_fields *f);
/* Borrowed. NULL is a text that is NULL, or bad. */
const char *turn_get_text(struct turn_fields *f);
/* Whether all fields were there and nothing is left. */
bool turn_fields_done(const struct turn_fields *f);

#endif
