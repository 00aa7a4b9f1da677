/* Recovers one set of records from two damaged files. Each record has a checksum of its
 * own, so every record that is found in either file is right. Records that both files
 * lack may be lost, and the note says so.
 *
 * libgdbm's walk stops at the first broken bucket. Its recovery goes on, but rebuilds
 * the file that it is given, so it is given a copy. If the disk has no room for the
 * copy, the server does not start: fewer records would be recovered and then written
 * over the rest. Records that no directory or bucket names any more are found by a
 * search of all bytes: GDBM does not move a record that does not change.
 *
 * Must never change an original, and never hide a loss. */
#include "salvage.h"

#include "base/mem.h"
#include "base/str.h"

#include <dirent.h>
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
load_walked(void *ctx, const void *key, size_t key_len, const void *value,
            size_t value_len, uint32_t crc)
{
    image_load(ctx, key, key_len, value, value_len, crc);
}

static void
sift_record(void *ctx, const void *key, size_t key_len, const void *value,
            size_t value_len, uint32_t crc, uint64_t epoch)
{
    image_sift(ctx, key, key_len, value, value_len, crc, epoch);
}

/* False with errno if the copy cannot be written. Bytes that cannot be read are left
 * out. */
static bool
copy_file_bytes(int from, int to)
{
    static const int most = 1 << 20; /* chunks: 64 GiB, more than any store has */
    char *chunk = xmalloc(CHUNK);
    bool ok = true;
    for (int i = 0; ok && i < most; i++) {
        ssize_t n = read(from, chunk, CHUNK);
        if (n <= 0)
            break;
        errno = ENOSPC; /* of a short write */
        ok = write(to, chunk, (size_t)n) == n;
    }
    free(chunk);
    return ok;
}

/* Returns 0 or the errno of writing. *readable: whether there is a copy now. */
static int
copy_file(const char *from_path, const char *to_path, bool *readable)
{
    int error = 0;
    unlink(to_path);
    int from = open(from_path, O_RDONLY | O_CLOEXEC);
    *readable = from >= 0;
    if (from < 0)
        return 0;
    int to = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0 || !copy_file_bytes(from, to))
        error = errno;
    close(from);
    if (to >= 0)
        close(to);
    return error;
}

/* Whether the error is one of the disk, which may pass, and not of the file. */
static bool
is_disk_error(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EFBIG || error == EROFS ||
           error == EIO;
}

/* Makes libgdbm's recovery rebuild this file. Returns 0 or the errno of writing. */
static int
recover_copy(const char *path)
{
    gdbm_recovery found;
    GDBM_FILE db =
        gdbm_open(path, 0, GDBM_WRITER | GDBM_CLOEXEC | GDBM_NOMMAP, 0, NULL);
    if (db == NULL)
        return 0;
    errno = 0;
    bool ok = gdbm_recover(db, &found, GDBM_RCVR_FORCE) == 0 && gdbm_sync(db) == 0;
    int error = ok ? 0 : gdbm_last_syserr(db);
    if (!ok && error == 0)
        error = errno;
    gdbm_close(db);
    return is_disk_error(error) ? error : 0;
}

/* Removes the copy, and the files that a failed recovery has left beside it. */
static void
remove_copies(const struct dbfile *f)
{
    char path[PATH_ROOM], mine[300];
    str_format(mine, sizeof mine, "%s.salvage", f->name);
    DIR *dir = opendir(f->dir);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        if (strncmp(e->d_name, mine, strlen(mine)) != 0)
            continue;
        str_format(path, sizeof path, "%s/%s", f->dir, e->d_name);
        unlink(path);
    }
    if (dir)
        closedir(dir);
}

/* Adds the records that libgdbm's recovery finds in a copy of the file. False with a
 * sentence if the disk prevents it. */
static bool
recover_file(const struct dbfile *f, struct image *m, char *err, size_t errlen)
{
    char copy[PATH_ROOM], why[300];
    struct scan scan;
    bool readable;
    str_format(copy, sizeof copy, "%s.salvage", f->path);
    int error = copy_file(f->path, copy, &readable);
    if (error == 0 && readable) {
        error = recover_copy(copy);
        dbfile_scan(copy, load_walked, m, &scan);
    }
    remove_copies(f);
    if (error == 0)
        return true;
    dbfile_explain("ircd.*.gdbm.salvage", error, why, sizeof why);
    str_format(err, errlen,
               "both database files are damaged and cannot be recovered: %s", why);
    return false;
}

bool
salvage_keep_aside(const struct dbfile *f, const char *what, char *out, size_t size)
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
        str_format(out, size, "%s.%s-%s-%d", f->name, what, when, i);
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
        if (!salvage_keep_aside(&p->file[i], "damaged", aside, sizeof aside)) {
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

/* Whether the image has all records that the meta record of the file counts. */
static bool
is_all_recovered(const struct scan *best, const struct image *m)
{
    return best->has_meta && m->count == best->meta.now.count &&
           m->checksum == best->meta.now.checksum;
}

/* Notes how many records were recovered. `after`: the end of the sentence. */
static void
tell_salvaged(const struct scan scan[PAIR_FILES], const struct scan *best,
              const struct image *m, const char *after, const struct store_hooks *hooks)
{
    char text[1200];
    struct str s;
    unsigned long long have = m->count, had = best->meta.now.count;
    str_init(&s, text, sizeof text);
    str_addf(&s, "neither database file is valid (ircd.a.gdbm: %s; ircd.b.gdbm: %s): ",
             scan[0].why, scan[PAIR_FILES - 1].why);
    if (is_all_recovered(best, m))
        str_addf(&s, "all %llu records were recovered", have);
    else if (best->has_meta)
        str_addf(&s, "%llu records were recovered of %llu, " LOSS, have, had);
    else
        str_addf(&s, "%llu records were recovered, " LOSS, have);
    str_add(&s, after);
    hooks_tell(hooks, STORE_LOSS, text);
}

/* The index of the file with the higher epoch: its records are read first. */
static int
find_first(const struct scan scan[PAIR_FILES])
{
    const struct mark *a = &scan[0].meta.now, *b = &scan[PAIR_FILES - 1].meta.now;
    return b->epoch > a->epoch ? PAIR_FILES - 1 : 0;
}

static void
sift_both(const struct pair *p, struct image *m)
{
    for (int i = 0; i < PAIR_FILES; i++)
        dbfile_sift(p->file[i].path, sift_record, m);
}

bool
salvage_run(struct pair *p, const struct scan scan[PAIR_FILES], struct image *m,
            const struct store_hooks *hooks, char *err, size_t errlen)
{
    char kept[700], after[800];
    struct scan walked;
    int first = find_first(scan);
    for (int i = 0; i < PAIR_FILES; i++) {
        const struct dbfile *f = &p->file[i == 0 ? first : PAIR_FILES - 1 - first];
        dbfile_scan(f->path, load_walked, m, &walked);
        if (!recover_file(f, m, err, errlen))
            return false;
    }
    if (!is_all_recovered(&scan[first], m))
        sift_both(p, m);
    if (!keep_originals(p, scan, kept, sizeof kept, err, errlen))
        return false;
    p->meta.store = scan[first].meta.store ? scan[first].meta.store
                                           : scan[PAIR_FILES - 1 - first].meta.store;
    p->meta.parent = scan[first].meta.now;
    p->meta.now.epoch = scan[first].meta.now.epoch + 1;
    str_format(after, sizeof after, "; the damaged files are kept as %s", kept);
    tell_salvaged(scan, &scan[first], m, after, hooks);
    return true;
}

void
salvage_look(const struct pair *p, const struct scan scan[PAIR_FILES], struct image *m,
             const struct store_hooks *hooks)
{
    struct scan walked;
    int first = find_first(scan);
    for (int i = 0; i < PAIR_FILES; i++)
        dbfile_scan(p->file[i == 0 ? first : PAIR_FILES - 1 - first].path, load_walked,
                    m, &walked);
    if (!is_all_recovered(&scan[first], m))
        sift_both(p, m);
    tell_salvaged(scan, &scan[first], m,
                  "; nothing was changed, and a server that starts may recover more",
                  hooks);
}
