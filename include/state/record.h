/* Versioned encoding of what is stored: a version byte, a kind byte, fields, a CRC-32.
 * Numbers are little-endian 64 bit; texts are a 16-bit length and bytes. A reader of a
 * newer server can read older records: missing fields at the end read as 0 or "". */
#ifndef STATE_RECORD_H
#define STATE_RECORD_H

#include "base/msec.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_MAX 2048 /* bytes of any record */

struct record {
    uint8_t bytes[RECORD_MAX];
    size_t len;    /* bytes used; once record_seal was called, all of the record */
    bool too_long; /* a field did not fit */
};

/* Writing: begin, fields in a fixed order, seal (which appends the CRC). Nothing is
 * cut: when a field does not fit, record_seal returns false and there is no record. */
void record_begin(struct record *r, uint8_t kind);
void record_add_number(struct record *r, uint64_t n);
void record_add_text(struct record *r, const char *text);
bool record_seal(struct record *r);

/* Reading: open checks version and CRC (false with a reason in err), then fields in
 * order. */
struct record_reader {
    const uint8_t *at, *end;
    uint8_t kind;
};
bool record_open(struct record_reader *in, const void *bytes, size_t n, char *err,
                 size_t errlen);
uint64_t record_number(struct record_reader *in);
/* A larger one reads as max. */
uint64_t record_number_to(struct record_reader *in, uint64_t max);
/* A moment of wall time. One that no clock shows (a checksum can be right over
 * anything) reads as WALL_MAX: a ban is rather kept than lifted, and strikes decay from
 * now on. */
msec record_moment(struct record_reader *in);
/* Into out, terminated, cut to size at a character. Bytes that cannot stand in a line
 * (not UTF-8, NUL, CR, LF) read as '?'. */
void record_text(struct record_reader *in, char *out, size_t size);

struct server;

/* Seals the record and puts it under the key. A record that is too long is not put:
 * what the store has under the key stays, the log tells (`not-saved`, with the name of
 * the kind), and the ticket is STORE_REFUSED. */
store_ticket record_put(struct server *srv, const char *name, struct record *r,
                        const void *key, size_t len);

/* One kind of records. A module that stores facts has an array of its kinds, which ends
 * with a row without a letter. */
struct record_kind {
    uint8_t letter;   /* kind of the records and first byte of their keys */
    const char *name; /* of one record, for the log */
    /* Takes a stored record, in any order; false if it is broken. The key is the one
     * that the record was found under. Puts nothing: what must be written waits until
     * the last record is loaded. */
    bool (*load)(struct server *srv, struct record_reader *in, const void *key,
                 size_t len);
};

/* The row with this letter; NULL: none of these kinds has it. */
const struct record_kind *record_kind_find(const struct record_kind *kinds,
                                           uint8_t letter);
/* Whether a key is one of a record of these kinds. */
bool record_kind_has(const struct record_kind *kinds, const void *key, size_t len);

#endif
