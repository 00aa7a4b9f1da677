/* Versioned encoding of stored records: a version byte, a kind byte, fields and a
 * CRC-32. Numbers are 64 bits, little-endian; texts are a 16-bit length and bytes. A
 * newer server can read older records: missing fields at the end read as 0 or "". */
#ifndef STATE_RECORD_H
#define STATE_RECORD_H

#include "base/msec.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_ERROR 128 /* room for a reason of record_open */
#define RECORD_MAX 2048  /* bytes of a record at most */

struct record {
    uint8_t bytes[RECORD_MAX];
    size_t len;    /* bytes used; after record_seal, bytes of the record */
    bool too_long; /* a field did not fit */
};

/* Writing: begin, fields in a fixed order, seal (which appends the CRC). No field is
 * cut: if one does not fit, record_seal returns false and there is no record. */
void record_begin(struct record *r, uint8_t kind);
void record_add_number(struct record *r, uint64_t n);
void record_add_text(struct record *r, const char *text);
bool record_seal(struct record *r);

/* Reading: open checks version and CRC (false: err has the reason); then the fields in
 * their order. */
struct record_reader {
    const uint8_t *at, *end;
    uint8_t kind;
};
bool record_open(struct record_reader *in, const void *bytes, size_t n, char *err,
                 size_t errlen);
uint64_t record_number(struct record_reader *in);
/* A number above max reads as max. */
uint64_t record_number_to(struct record_reader *in, uint64_t max);
/* A moment of wall time. One that no clock shows (a checksum can be right over any
 * bytes) reads as WALL_MAX: then a ban stays rather than ends, and strikes decay from
 * now on. */
msec record_moment(struct record_reader *in);
/* Writes a text into out, terminated and cut at a character. Bytes that cannot be part
 * of a line (not UTF-8, NUL, CR, LF) read as '?'. */
void record_text(struct record_reader *in, char *out, size_t size);

struct server;

/* Seals the record and puts it under the key. A record that is too long is not put: the
 * store keeps its present record of the key, the log has `not-saved` with the name of
 * the kind, and the ticket is STORE_REFUSED. */
store_ticket record_put(struct server *srv, const char *name, struct record *r,
                        const void *key, size_t len);

/* One kind of record. A module that stores records has an array of its kinds, which
 * ends with a row without a letter. */
struct record_kind {
    uint8_t letter;   /* kind byte of the record, and first byte of its key */
    const char *name; /* the name of one such record in the log */
    /* Takes a stored record; false: it is broken. Records come in any order. The key is
     * the one under which the record was found. Must put nothing: writes wait until the
     * last record is loaded. */
    bool (*load)(struct server *srv, struct record_reader *in, const void *key,
                 size_t len);
};

/* The row with this letter; NULL: none. */
const struct record_kind *record_kind_find(const struct record_kind *kinds,
                                           uint8_t letter);
/* True if the key is that of a record of one of these kinds. */
bool record_kind_has(const struct record_kind *kinds, const void *key, size_t len);

#endif
