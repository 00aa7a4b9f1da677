/* Turns as bytes: the inputs of the core, in the order in which it got them.
 *
 * A turn is {number, mono, wall, entries}. A journal is a header of 8 bytes and then
 * turns, numbered from 0:
 *
 *     u32 length of the rest · u64 number · i64 mono · i64 wall · entries · u64 sum
 *
 * An entry is `u8 kind · u64 cid · u32 n · n bytes`. All numbers are little-endian. The
 * sum is the SipHash of all bytes of the turn in front of it, keyed with the sum of the
 * previous turn: a changed, cut, missing or moved turn is always noticed. A text is
 * `u32 n · n bytes`, and its last byte is NUL; n = 0 is a NULL text. */
#ifndef SESSION_TURN_H
#define SESSION_TURN_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum turn_kind {
    TURN_NONE, /* not the kind of an entry */
#define TURN(NAME, name) TURN_##NAME,
#include "session/turn_kinds.def"
#undef TURN
    TURN_KINDS
};

#define TURN_HEADER 8 /* bytes in front of the first turn */
/* Bits of the flags of a connection in OPEN and REHOME. */
#define TURN_IS_SECURE 0x01u
#define TURN_IS_OWNER 0x02u
#define TURN_HAS_TOKEN 0x04u /* the text of the token follows the flags */
#define TURN_SECRET 0x80 /* in a stored kind: the entry may hold a password or a key */
#define TURN_MAX 0xf0000000u      /* bytes of a turn */
#define TURN_ENTRY_MAX (1u << 30) /* bytes of an entry */

/* The name of a kind, for messages. */
const char *turn_kind_name(enum turn_kind kind);

/* --- writing --- */

/* The turn that is being written, and what the next turn continues. */
struct turn_writer {
    unsigned char *bytes;
    size_t len, cap;
    size_t entry;    /* offset of the entry under way; 0: there is none */
    uint64_t number; /* number of the turn under way */
    uint64_t sum;    /* sum of the previous turn */
    unsigned n;      /* entries so far in the turn under way */
};

void turn_writer_init(struct turn_writer *w);
/* Wipes and frees the bytes. */
void turn_writer_clear(struct turn_writer *w);

/* Writes the header of a journal. */
void turn_header(unsigned char out[TURN_HEADER]);

void turn_begin(struct turn_writer *w, msec mono, msec wall);
/* Completes the turn with its length and sum. Its bytes are w->bytes (w->len of them)
 * until the next turn_begin. */
void turn_end(struct turn_writer *w);

/* Begins an entry. Its fields are added with turn_put_* until the next turn_entry or
 * turn_end. */
void turn_entry(struct turn_writer *w, enum turn_kind kind, bool secret, uint64_t cid);
void turn_put_bytes(struct turn_writer *w, const void *bytes, size_t n);
void turn_put_u8(struct turn_writer *w, unsigned value);
void turn_put_u32(struct turn_writer *w, uint32_t value);
void turn_put_u64(struct turn_writer *w, uint64_t value);
void turn_put_text(struct turn_writer *w, const char *text); /* text: may be NULL */

/* --- reading --- */

/* The fields of an entry, read in their order. If a field is missing, bad becomes true,
 * and this and all later fields read as 0. */
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
    const unsigned char *at, *end; /* the entries that turn_next has not returned */
};

struct turn_reader {
    const unsigned char *bytes; /* borrowed; all that is read points into them */
    size_t n, at;               /* at: offset of the next turn */
    uint64_t number, sum;
};

/* Begins to read a journal. False if the bytes do not begin with its header. */
bool turn_reader_init(struct turn_reader *r, const void *bytes, size_t n);

/* Reads the next turn. 1: *out is a whole turn with a correct sum, and all its entries
 * have known kinds and correct lengths. 0: the bytes end exactly after the last turn.
 * -1: the turn at r->at is cut or wrong; err says why. */
int turn_read(struct turn_reader *r, struct turn *out, char *err, size_t errlen);

/* The next entry of a turn from turn_read. False if there is none. */
bool turn_next(struct turn *t, struct turn_entry *out);

unsigned turn_get_u8(struct turn_fields *f);
uint32_t turn_get_u32(struct turn_fields *f);
uint64_t turn_get_u64(struct turn_fields *f);
/* A borrowed text. NULL if the text is NULL or damaged. */
const char *turn_get_text(struct turn_fields *f);
/* Whether no field was missing and no byte is left. */
bool turn_fields_done(const struct turn_fields *f);

#endif
