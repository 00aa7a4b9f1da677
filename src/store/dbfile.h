/* One GDBM file of the pair, and the form that records have on disk:
 *
 *   key    'r' and the core's key, or "m" for the meta record
 *   value  2, 0, the lengths of the core's key and value (16 bits each), the epoch of
 *          the save (64 bits), CRC-32 over key, value, lengths and epoch, the value
 *   value of the meta record, and of all records before 0.3.0:
 *          1, CRC-32 over key and value, the value
 *
 * Numbers are little-endian. The value of the meta record is described in meta.h.
 *
 * GDBM writes a value directly behind its key and moves neither, so dbfile_sift can
 * find a record without GDBM's tables. The byte 0 distinguishes a record from a text,
 * which contains no NUL. Before a record is removed or changes its length, its first
 * byte becomes 3, so that dbfile_sift does not take its remaining bytes for a
 * record. */
#ifndef SRC_STORE_DBFILE_H
#define SRC_STORE_DBFILE_H

#include "image.h"
#include "meta.h"

#include <gdbm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dbfile {
    const char *name; /* name without the directory; a literal */
    char *path;       /* owned */
    char *dir;        /* owned */
    GDBM_FILE db;     /* NULL: missing or suspect, must be rewritten */
};

enum scan_state {
    SCAN_MISSING,
    SCAN_VALID,   /* every record and the meta record agree */
    SCAN_DAMAGED, /* `why` has the reason */
    SCAN_REFUSED, /* in use by another program, not readable, or of a newer version */
};

struct scan {
    enum scan_state state;
    bool opened;      /* libgdbm accepted the file */
    bool has_meta;    /* the meta record has a correct CRC and is in `meta` */
    struct meta meta; /* zeros without one */
    uint64_t found;   /* number of good records */
    uint64_t sum;     /* sum of their CRCs */
    char why[160];
};

/* Called for a record with a correct CRC. The bytes live for the call. */
typedef void scan_fn(void *ctx, const void *key, size_t key_len, const void *value,
                     size_t value_len, uint32_t crc);

/* The same for dbfile_sift, with the epoch of the save that wrote the record. */
typedef void sift_fn(void *ctx, const void *key, size_t key_len, const void *value,
                     size_t value_len, uint32_t crc, uint64_t epoch);

/* Sets the names of a file in `dir`; f->db is NULL. name is a literal. */
void dbfile_init(struct dbfile *f, const char *dir, const char *name);
/* Closes the file and frees its paths. Changes that are not synced may be lost. */
void dbfile_clear(struct dbfile *f);

/* Reads every record without changing a byte. fn (may be NULL) is called for each good
 * record, also of a damaged file. The number of steps is bounded, whatever the file
 * holds. */
void dbfile_scan(const char *path, scan_fn *fn, void *ctx, struct scan *out);

/* Searches for whole records at every byte of the file and does not use its tables.
 * Records from before 0.3.0 are not found. */
void dbfile_sift(const char *path, sift_fn *fn, void *ctx);

/* Opens a file that dbfile_scan found valid, for dbfile_update. False leaves f->db
 * NULL. */
bool dbfile_attach(struct dbfile *f, char *why, size_t size);

/* Closes the file and sets f->db to NULL if its path now names another file or none. */
void dbfile_recheck(struct dbfile *f);

/* Writes the dirty items of the image and its meta record in place, and syncs. False:
 * f->db is NULL, the file is suspect, and why has the reason. */
bool dbfile_update(struct dbfile *f, const struct image *m, const struct meta *meta,
                   char *why, size_t size);

/* Writes the whole image to a new file, syncs it, renames it to f->path and syncs the
 * directory; f->db is open on it. On false the old file, if any, is unchanged. */
bool dbfile_rewrite(struct dbfile *f, const struct image *m, const struct meta *meta,
                    char *why, size_t size);

/* Writes the reason of a failure for an operator: "disk full (ircd.a.gdbm: No space
 * …)". */
void dbfile_explain(const char *name, int error, char *why, size_t size);

/* The text of head and tail together, which the caller frees. */
char *dbfile_join(const char *head, const char *tail);

/* Syncs the directory, so that its new names survive a power cut. False with errno. */
bool dbfile_sync_dir(const char *dir);

#endif
