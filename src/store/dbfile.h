/* One GDBM file of the pair, and the form records have on disk:
 *
 *   key    'r' and the core's key, or "m" for the meta record
 *   value  2, 0, lengths of the core's key and value (16 bit each), the epoch of the
 *          save (64 bit), CRC-32 over key, value and these lengths and epoch, the
 *          core's value; of the meta record, and before 0.3.0 of all: 1, CRC-32 over
 *          key and value, the value. Numbers are little-endian.
 *
 * GDBM puts a value right behind its key and never moves either, so a record can be
 * found without any of GDBM's own tables (dbfile_sift). The 0 keeps a text, in which no
 * NUL can be, from being taken for one; before a record is removed or grows, its first
 * byte becomes 3, so that what is left of it is not taken for one either.
 *
 * The meta record's value is in meta.h. */
#ifndef SRC_STORE_DBFILE_H
#define SRC_STORE_DBFILE_H

#include "image.h"
#include "meta.h"

#include <gdbm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dbfile {
    const char *name; /* without the directory; a literal */
    char *path;       /* owned */
    char *dir;        /* owned */
    GDBM_FILE db; /* NULL: missing or suspect, to be rewritten before it is trusted */
};

enum scan_state {
    SCAN_MISSING,
    SCAN_VALID,   /* every record and the meta record agree */
    SCAN_DAMAGED, /* `why` says in which way */
    SCAN_REFUSED, /* in use by another program, not readable, or of a newer version */
};

struct scan {
    enum scan_state state;
    bool opened;      /* libgdbm accepted the file */
    bool has_meta;    /* `meta` is of a meta record with a good CRC */
    struct meta meta; /* zeros without one */
    uint64_t found;   /* good records there are */
    uint64_t sum;     /* their sum */
    char why[160];
};

/* A record with its CRC, which is right; bytes live for the call. */
typedef void scan_fn(void *ctx, const void *key, size_t key_len, const void *value,
                     size_t value_len, uint32_t crc);

/* The same of dbfile_sift, with the epoch of the save that wrote it. */
typedef void sift_fn(void *ctx, const void *key, size_t key_len, const void *value,
                     size_t value_len, uint32_t crc, uint64_t epoch);

void dbfile_init(struct dbfile *f, const char *dir, const char *name);
/* Closes and frees; what is not synced may be lost. */
void dbfile_clear(struct dbfile *f);

/* Reads every record without changing a byte; fn (may be NULL) gets the good ones, of
 * damaged files too. Takes a bounded number of steps whatever the file holds. */
void dbfile_scan(const char *path, scan_fn *fn, void *ctx, struct scan *out);

/* Looks at every byte of the file, whatever its tables say, for whole records. Records
 * from before 0.3.0 are not found. */
void dbfile_sift(const char *path, sift_fn *fn, void *ctx);

/* Opens a file that dbfile_scan found valid, for dbfile_update. False leaves f->db
 * NULL. */
bool dbfile_attach(struct dbfile *f, char *why, size_t size);

/* Drops the file to suspect when its name leads to another file (or to none) by now. */
void dbfile_recheck(struct dbfile *f);

/* Writes the image's dirty items and the meta record, which is about this image, in
 * place and syncs. On false the
 * file is suspect (f->db is NULL) and why says what happened. */
bool dbfile_update(struct dbfile *f, const struct image *m, const struct meta *meta,
                   char *why, size_t size);

/* Writes the whole image to a new file, syncs it, renames it to f->path and syncs the
 * directory; f->db is open on it. On false the old file, if any, is as it was. */
bool dbfile_rewrite(struct dbfile *f, const struct image *m, const struct meta *meta,
                    char *why, size_t size);

/* What went wrong, in the words of an operator: "disk full (ircd.a.gdbm: No space …)".
 */
void dbfile_explain(const char *name, int error, char *why, size_t size);

/* head and tail in one text, which the caller frees. */
char *dbfile_join(const char *head, const char *tail);

/* Makes names in the directory durable. False with errno. */
bool dbfile_sync_dir(const char *dir);

#endif
