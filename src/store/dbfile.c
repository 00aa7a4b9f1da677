/* One GDBM file: reads and checks all of it, changes it in place, writes it anew.
 *
 * GDBM_NOMMAP: with mmap, 31 of 15,000 randomly corrupted files made libgdbm loop for
 * ever in gdbm_store, and a full disk or a bad sector would be a SIGBUS. Without mmap
 * every fault is an error code, and it is no slower. The fatal function is NULL because
 * libgdbm exits after calling one. A file that failed once is closed and never written
 * in place again: its buffers in memory and its bytes on disk may disagree.
 *
 * Must never report a write as done before it is synced, and never change a file while
 * reading. */
#include "dbfile.h"

#include "base/mem.h"
#include "base/str.h"
#include "entry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FLAGS (GDBM_NUMSYNC | GDBM_CLOEXEC | GDBM_NOMMAP)

enum {
    BLOCK = 4096,      /* bytes of a block of a new file */
    SIFT_MAX = 1 << 30 /* bytes of the largest file that is searched */
};

/* The header that libgdbm writes, in the machine's byte order. */
enum {
    NUMSYNC_MAGIC = 0x13579ad1, /* at offset 0 */
    END_OF_USE = 32,            /* offset of the end of the used blocks */
    SLACK = 1 << 20             /* bytes that this end may be behind that of the file */
};

char *
dbfile_join(const char *head, const char *tail)
{
    size_t size = strlen(head) + strlen(tail) + 1;
    char *out = xmalloc(size);
    str_format(out, size, "%s%s", head, tail);
    return out;
}

void
dbfile_init(struct dbfile *f, const char *dir, const char *name)
{
    char *slash = dbfile_join(dir, "/");
    *f = (struct dbfile){
        .name = name, .dir = xstrdup(dir), .path = dbfile_join(slash, name)};
    free(slash);
}

static void
detach_file(struct dbfile *f)
{
    if (f->db != NULL)
        gdbm_close(f->db);
    f->db = NULL;
}

void
dbfile_clear(struct dbfile *f)
{
    detach_file(f);
    free(f->path);
    free(f->dir);
    f->path = f->dir = NULL;
}

void
dbfile_explain(const char *name, int error, char *why, size_t size)
{
    const char *kind = "cannot write";
    if (error == ENOSPC || error == EDQUOT)
        kind = "disk full";
    else if (error == EFBIG)
        kind = "file size limit";
    else if (error == EROFS || error == EACCES || error == EPERM)
        kind = "not allowed to write";
    str_format(why, size, "%s (%s: %s)", kind, name, strerror(error));
}

/* As dbfile_explain, for an error of libgdbm; db may be NULL after gdbm_open. If one
 * call of libgdbm hides an error and the next one finds the file unusable, only errno
 * has the cause. */
static void
explain_gdbm(const char *name, GDBM_FILE db, char *why, size_t size)
{
    int error = errno;
    gdbm_error code = db ? gdbm_last_errno(db) : gdbm_errno;
    if (db != NULL && code != GDBM_NEED_RECOVERY)
        error = gdbm_last_syserr(db);
    if (error != 0 && (gdbm_check_syserr(code) || code == GDBM_NEED_RECOVERY))
        dbfile_explain(name, error, why, size);
    else
        str_format(why, size, "cannot write (%s: %s)", name, gdbm_strerror(code));
}

bool
dbfile_sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0;
    int error = errno;
    close(fd);
    errno = error;
    return ok;
}

static datum
make_datum(uint8_t *bytes, size_t n)
{
    return (datum){.dptr = (char *)bytes, .dsize = (int)n};
}

/* --- reading --- */

static void
mark_damaged(struct scan *out, const char *why)
{
    if (out->state != SCAN_VALID)
        return;
    out->state = SCAN_DAMAGED;
    str_format(out->why, sizeof out->why, "%s", why);
}

static void
take_meta(struct scan *out, const uint8_t *value, size_t n)
{
    bool whole = image_crc("m", 1, value, n) == entry_get_number(value - 4, 4);
    enum meta_verdict verdict = whole ? meta_read(value, n, &out->meta) : META_BROKEN;
    if (verdict == META_BROKEN)
        mark_damaged(out, "the meta record is damaged");
    out->has_meta = verdict == META_FINE;
    if (verdict != META_NEWER)
        return;
    out->state = SCAN_REFUSED;
    str_format(out->why, sizeof out->why, "a newer version of this server wrote it");
}

static void
take_entry(struct scan *out, datum key, datum entry, scan_fn *fn, void *ctx)
{
    const uint8_t *k = (const uint8_t *)key.dptr;
    const uint8_t *e = (const uint8_t *)entry.dptr;
    if (e == NULL || entry.dsize < ENTRY_PLAIN_WRAP || key.dsize < 1) {
        mark_damaged(out, "a record cannot be read");
        return;
    }
    size_t n = (size_t)entry.dsize, key_len = (size_t)key.dsize - 1;
    if (key.dsize == 1 && *k == 'm') {
        take_meta(out, e + ENTRY_PLAIN_WRAP, n - ENTRY_PLAIN_WRAP);
        return;
    }
    uint32_t crc;
    size_t head = key_len ? entry_unwrap(k + 1, key_len, e, n, &crc) : 0;
    if (*k != 'r' || head == 0) {
        mark_damaged(out, "a record's checksum is wrong");
        return;
    }
    out->found++;
    out->sum += crc;
    if (fn != NULL)
        fn(ctx, k + 1, key_len, e + head, n - head, crc);
}

/* Reads all records of a file, which has at most `most`: a corrupted bucket could make
 * the walk endless. */
static void
walk_records(GDBM_FILE db, uint64_t most, scan_fn *fn, void *ctx, struct scan *out)
{
    datum key = gdbm_firstkey(db);
    for (uint64_t steps = 0; key.dptr != NULL && steps < most; steps++) {
        datum entry = gdbm_fetch(db, key);
        take_entry(out, key, entry, fn, ctx);
        free(entry.dptr);
        datum next = gdbm_nextkey(db, key);
        free(key.dptr);
        key = next;
    }
    if (key.dptr != NULL)
        mark_damaged(out, "its records go in circles");
    else if (gdbm_last_errno(db) != GDBM_ITEM_NOT_FOUND)
        mark_damaged(out, gdbm_db_strerror(db));
    free(key.dptr);
}

/* Whether the header names an end of the used blocks far behind the end of the file.
 * libgdbm trusts that number and writes zeros up to it at the next change: one flipped
 * bit would fill the disk. */
static bool
ends_beyond_file(GDBM_FILE db, off_t size)
{
    int fd = gdbm_fdesc(db);
    uint32_t magic;
    int64_t end;
    if (pread(fd, &magic, sizeof magic, 0) != sizeof magic || magic != NUMSYNC_MAGIC)
        return false;
    if (pread(fd, &end, sizeof end, END_OF_USE) != sizeof end)
        return false;
    return end < 0 || end - SLACK > (int64_t)size;
}

static void
judge_scan(struct scan *out)
{
    if (!out->has_meta)
        mark_damaged(out, "the meta record is missing");
    else if (out->meta.now.count != out->found || out->meta.now.checksum != out->sum)
        mark_damaged(out, "records are missing or left over");
}

/* Judges a file that libgdbm did not open: it is damaged, or the server must not use
 * it. */
static void
refuse_file(struct scan *out, gdbm_error code, int error)
{
    bool busy = code == GDBM_CANT_BE_READER || code == GDBM_CANT_BE_WRITER;
    if (busy || (code == GDBM_FILE_OPEN_ERROR && error == EACCES)) {
        out->state = SCAN_REFUSED;
        str_format(out->why, sizeof out->why, "%s",
                   busy ? "another program has it open" : strerror(error));
        return;
    }
    mark_damaged(out, gdbm_strerror(code));
}

void
dbfile_scan(const char *path, scan_fn *fn, void *ctx, struct scan *out)
{
    struct stat st;
    *out = (struct scan){.state = SCAN_VALID};
    if (stat(path, &st) < 0) {
        out->state = errno == ENOENT ? SCAN_MISSING : SCAN_REFUSED;
        str_format(out->why, sizeof out->why, "%s", strerror(errno));
        return;
    }
    if (!S_ISREG(st.st_mode)) {
        mark_damaged(out, "it is not a file");
        return;
    }
    errno = 0;
    GDBM_FILE db = gdbm_open(path, 0, GDBM_READER | OPEN_FLAGS, 0, NULL);
    if (db == NULL) {
        refuse_file(out, gdbm_errno, errno);
        return;
    }
    out->opened = true;
    if (ends_beyond_file(db, st.st_size))
        mark_damaged(out, "its header names an end far behind the file's");
    /* A record takes more than 8 bytes: its bucket entry alone has 24. */
    walk_records(db, (uint64_t)st.st_size / 8, fn, ctx, out);
    if (gdbm_avail_verify(db) != 0)
        mark_damaged(out, "its list of free space is damaged");
    gdbm_close(db);
    judge_scan(out);
}

static void
sift_bytes(const uint8_t *all, size_t n, sift_fn *fn, void *ctx)
{
    for (size_t at = 2; at + ENTRY_WRAP <= n; at++) {
        const uint8_t *e = all + at;
        if (e[0] != ENTRY_VERSION || e[1] != 0)
            continue;
        size_t key_len = (size_t)entry_get_number(e + 2, 2);
        size_t value_len = (size_t)entry_get_number(e + 4, 2);
        const uint8_t *key = e - key_len;
        if (key_len == 0 || key_len >= at || key[-1] != 'r' ||
            value_len > n - at - ENTRY_WRAP)
            continue;
        uint32_t crc;
        if (entry_unwrap(key, key_len, e, ENTRY_WRAP + value_len, &crc) != 0)
            fn(ctx, key, key_len, e + ENTRY_WRAP, value_len, crc,
               entry_get_number(e + 6, 8));
    }
}

void
dbfile_sift(const char *path, sift_fn *fn, void *ctx)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= SIFT_MAX) {
        size_t have = 0, size = (size_t)st.st_size;
        uint8_t *all = xmalloc(size + 1);
        for (ssize_t got = 1; got > 0 && have < size; have += (size_t)got) {
            got = read(fd, all + have, size - have);
            if (got < 0)
                got = 0; /* the bytes read so far are searched */
        }
        sift_bytes(all, have, fn, ctx);
        free(all);
    }
    close(fd);
}

/* --- writing --- */

/* Marks the old value of a key before the key is removed, or before the value moves
 * because its length changes (GDBM writes equal lengths in place). Otherwise
 * dbfile_sift would find the old value in free space. `n`: the new length; 0: the key
 * is removed. */
static bool
wipe_value(GDBM_FILE db, datum key, size_t n)
{
    datum old = gdbm_fetch(db, key);
    if (old.dptr == NULL)
        return gdbm_last_errno(db) == GDBM_ITEM_NOT_FOUND;
    bool ok = true;
    if (old.dsize > 0 && (size_t)old.dsize != n) {
        old.dptr[0] = ENTRY_GONE;
        ok = gdbm_store(db, key, old, GDBM_REPLACE) == 0;
    }
    free(old.dptr);
    return ok;
}

static bool
write_item(GDBM_FILE db, const struct item *it, uint64_t epoch)
{
    uint8_t key[1 + UINT16_MAX], entry[ENTRY_MAX];
    key[0] = 'r';
    memcpy(key + 1, it->key, it->key_len);
    datum k = make_datum(key, 1 + (size_t)it->key_len);
    if (!wipe_value(db, k, it->value ? ENTRY_WRAP + it->value_len : 0))
        return false;
    if (it->value == NULL)
        return gdbm_delete(db, k) == 0 || gdbm_last_errno(db) == GDBM_ITEM_NOT_FOUND;
    size_t n = entry_wrap(entry, it, epoch);
    return gdbm_store(db, k, make_datum(entry, n), GDBM_REPLACE) == 0;
}

static bool
write_meta(GDBM_FILE db, const struct meta *meta)
{
    uint8_t key[1] = {'m'}, entry[ENTRY_PLAIN_WRAP + META_BYTES];
    datum k = make_datum(key, 1);
    meta_write(meta, entry + ENTRY_PLAIN_WRAP);
    entry[0] = ENTRY_PLAIN;
    entry_put_number(entry + 1, image_crc(key, 1, entry + ENTRY_PLAIN_WRAP, META_BYTES),
                     4);
    return gdbm_store(db, k, make_datum(entry, sizeof entry), GDBM_REPLACE) == 0;
}

static bool
sync_all(GDBM_FILE db)
{
    return gdbm_sync(db) == 0 && !gdbm_needs_recovery(db);
}

bool
dbfile_attach(struct dbfile *f, char *why, size_t size)
{
    errno = 0;
    f->db = gdbm_open(f->path, 0, GDBM_WRCREAT | OPEN_FLAGS, 0600, NULL);
    if (f->db == NULL)
        explain_gdbm(f->name, NULL, why, size);
    return f->db != NULL;
}

void
dbfile_recheck(struct dbfile *f)
{
    struct stat named, open_one;
    if (f->db == NULL)
        return;
    bool same = stat(f->path, &named) == 0 &&
                fstat(gdbm_fdesc(f->db), &open_one) == 0 &&
                named.st_ino == open_one.st_ino && named.st_dev == open_one.st_dev;
    if (!same)
        detach_file(f);
}

bool
dbfile_update(struct dbfile *f, const struct image *m, const struct meta *meta,
              char *why, size_t size)
{
    bool ok = true;
    errno = 0;
    for (const struct item *it = m->dirty; ok && it != NULL; it = it->next_dirty)
        ok = write_item(f->db, it, meta->now.epoch);
    if (ok && write_meta(f->db, meta) && sync_all(f->db))
        return true;
    explain_gdbm(f->name, f->db, why, size);
    detach_file(f);
    return false;
}

static bool
write_all(GDBM_FILE db, const struct image *m, const struct meta *meta)
{
    for (const struct item *it = m->items; it != NULL; it = it->hh.next)
        if (it->value != NULL && !write_item(db, it, meta->now.epoch))
            return false;
    return write_meta(db, meta) && sync_all(db);
}

/* Whether a new file can be made and grow. When making an empty database fails, libgdbm
 * loses 4 KiB of memory; on a disk that stays full this would happen every few
 * seconds. */
static bool
probe_new_file(const char *path)
{
    static const char zeros[4 * BLOCK];
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    ssize_t n = write(fd, zeros, sizeof zeros);
    if (n > 0 && n < (ssize_t)sizeof zeros) /* the second write gives the error */
        n = write(fd, zeros, sizeof zeros - (size_t)n) < 0 ? -1 : (ssize_t)sizeof zeros;
    bool ok = n == (ssize_t)sizeof zeros && ftruncate(fd, 0) == 0;
    int error = errno;
    close(fd);
    errno = error;
    return ok;
}

/* Writes a new file and renames it over the old one; f->db is open on it. False with a
 * reason in why. */
static bool
write_fresh(struct dbfile *f, const char *fresh, const struct image *m,
            const struct meta *meta, char *why, size_t size)
{
    if (!probe_new_file(fresh)) {
        dbfile_explain(f->name, errno, why, size);
        return false;
    }
    errno = 0;
    f->db = gdbm_open(fresh, BLOCK, GDBM_NEWDB | OPEN_FLAGS, 0600, NULL);
    if (f->db == NULL || !write_all(f->db, m, meta)) {
        explain_gdbm(f->name, f->db, why, size);
        return false;
    }
    if (rename(fresh, f->path) < 0 || !dbfile_sync_dir(f->dir)) {
        dbfile_explain(f->name, errno, why, size);
        return false;
    }
    return true;
}

bool
dbfile_rewrite(struct dbfile *f, const struct image *m, const struct meta *meta,
               char *why, size_t size)
{
    char *fresh = dbfile_join(f->path, ".new");
    detach_file(f);
    bool done = write_fresh(f, fresh, m, meta, why, size);
    if (!done) {
        detach_file(f);
        unlink(fresh);
    }
    free(fresh);
    return done;
}
