/* Two damaged files, one set of records. Each record carries its own checksum, so
 * whatever can still be found in either file is right; what both lack may be lost, and
 * the note says so.
 *
 * libgdbm's walk stops at the first broken bucket. Its recovery goes past, but rebuilds
 * the file it is given, so it gets a copy. What a directory or bucket that is torn no
 * longer names is found at last by looking at all bytes: a record that was not changed
 * while a file was copied is in the copy, whatever became of GDBM's tables.
 *
 * Must never change an original, and never pass over the loss in silence. */
#include "salvage.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOSS "OTHERS MAY BE LOST, and some that were removed may be back"

enum { PATH_ROOM = 4352, CHUNK = 65536 };

static void
load(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len,
     uint32_t crc)
{
    image_load(ctx, key, key_len, value, value_len, crc);
}

static void
sift(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len,
     uint32_t crc, uint64_t epoch)
{
    image_sift(ctx, key, key_len, value, value_len, crc, epoch);
}

static bool
copy_bytes(int from, int to)
{
    static const int most = 1 << 20; /* chunks; 64 GiB is no store of ours */
    char *chunk = xmalloc(CHUNK);
    ssize_t n = -1;
    for (int i = 0; i < most; i++) {
        n = read(from, chunk, CHUNK);
        if (n <= 0 || write(to, chunk, (size_t)n) != n)
            break;
    }
    free(chunk);
    return n == 0;
}

static bool
copy_file(const char *from_path, const char *to_path)
{
    unlink(to_path);
    int from = open(from_path, O_RDONLY | O_CLOEXEC);
    int to = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = from >= 0 && to >= 0 && copy_bytes(from, to);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return ok;
}

/* Adds what libgdbm's recovery finds in a copy of the file. */
static void
dig(const struct dbfile *f, struct image *m)
{
    char copy[PATH_ROOM];
    struct scan scan;
    str_format(copy, sizeof copy, "%s.salvage", f->path);
    if (copy_file(f->path, copy)) {
        GDBM_FILE db =
            gdbm_open(copy, 0, GDBM_WRITER | GDBM_CLOEXEC | GDBM_NOMMAP, 0, NULL);
        if (db != NULL) {
            gdbm_recovery found;
            gdbm_recover(db, &found, GDBM_RCVR_FORCE);
            gdbm_close(db);
        }
        dbfile_scan(copy, load, m, &scan);
    }
    unlink(copy);
}

bool
salvage_keep_aside(const struct dbfile *f, char *out, size_t size)
{
    char when[32], path[PATH_ROOM];
    struct stat st;
    struct tm tm;
    time_t now = time(NULL);
    if (gmtime_r(&now, &tm) == NULL ||
        !strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &tm))
        str_format(when, sizeof when, "%lld", (long long)now);
    if (lstat(f->path, &st) < 0)
        return false;
    for (int i = 1; i < 1000; i++) {
        str_format(out, size, "%s.damaged-%s-%d", f->name, when, i);
        str_format(path, sizeof path, "%s/%s", f->dir, out);
        bool taken = access(path, F_OK) == 0;
        if (!taken && S_ISREG(st.st_mode) && link(f->path, path) == 0)
            return true;
        if (!taken && !S_ISREG(st.st_mode) && rename(f->path, path) == 0)
            return true;
        if (!taken && errno != EEXIST)
            return false;
    }
    return false;
}

static bool
keep_originals(const struct pair *p, const struct scan scan[PAIR_FILES], char *kept,
               size_t size, char *err, size_t errlen)
{
    struct str list;
    str_init(&list, kept, size);
    for (int i = 0; i < PAIR_FILES; i++) {
        char aside[300];
        if (scan[i].state == SCAN_MISSING)
            continue;
        if (!salvage_keep_aside(&p->file[i], aside, sizeof aside)) {
            str_format(err, errlen,
                       "%s is damaged and cannot be kept under another name: %s",
                       p->file[i].path, strerror(errno));
            return false;
        }
        str_addf(&list, "%s%s", list.len ? ", " : "", aside);
    }
    dbfile_sync_dir(p->file[0].dir);
    return true;
}

/* All that the file's own account says there was. */
static bool
is_whole(const struct scan *best, const struct image *m)
{
    return best->has_meta && m->count == best->count && m->checksum == best->checksum;
}

static void
tell(const struct scan scan[PAIR_FILES], const struct scan *best, const struct image *m,
     const char *kept, pair_note_fn *note, void *ctx)
{
    char text[1200];
    struct str s;
    unsigned long long have = m->count, had = best->count;
    str_init(&s, text, sizeof text);
    str_addf(&s, "neither database file is valid (ircd.a.gdbm: %s; ircd.b.gdbm: %s): ",
             scan[0].why, scan[1].why);
    if (is_whole(best, m))
        str_addf(&s, "all %llu records were recovered", have);
    else if (best->has_meta)
        str_addf(&s, "%llu records were recovered of %llu, " LOSS, have, had);
    else
        str_addf(&s, "%llu records were recovered, " LOSS, have);
    str_addf(&s, "; the damaged files are kept as %s", kept);
    note(ctx, true, text);
}

bool
salvage_run(struct pair *p, const struct scan scan[PAIR_FILES], struct image *m,
            pair_note_fn *note, void *ctx, char *err, size_t errlen)
{
    char kept[700];
    struct scan walked;
    int first = scan[PAIR_FILES - 1].epoch > scan[0].epoch ? PAIR_FILES - 1 : 0;
    if (!keep_originals(p, scan, kept, sizeof kept, err, errlen))
        return false;
    for (int i = 0; i < PAIR_FILES; i++) {
        const struct dbfile *f = &p->file[i == 0 ? first : PAIR_FILES - 1 - first];
        dbfile_scan(f->path, load, m, &walked);
        dig(f, m);
    }
    if (!is_whole(&scan[first], m))
        for (int i = 0; i < PAIR_FILES; i++)
            dbfile_sift(p->file[i].path, sift, m);
    p->epoch = scan[first].epoch + 1;
    tell(scan, &scan[first], m, kept, note, ctx);
    return true;
}
