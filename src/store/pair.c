/* Chooses the good file at the start, rewrites the other one, and saves to both in
 * order.
 *
 * Each attempt to save raises the epoch, also a failed one. Each file names its store
 * and its parent (match.h). A file is valid only if all its records and its meta record
 * agree, so a half-written file is never taken for a good one.
 *
 * Must never rename over a damaged original that is not kept under another name, unless
 * the other file was valid. Must never rename over a file unless the other one
 * certainly holds all of its records. */
#include "pair.h"

#include "base/mem.h"
#include "base/str.h"
#include "match.h"
#include "salvage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *const names[] = {"ircd.a.gdbm", "ircd.b.gdbm"};

void
pair_name(struct pair *p, const char *dir)
{
    *p = (struct pair){0};
    for (int i = 0; i < PAIR_FILES; i++)
        dbfile_init(&p->file[i], dir, names[i]);
}

static msec
read_wall_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (msec)t.tv_sec * MSEC_SECOND + t.tv_nsec / 1000000;
}

/* Scans both files, and loads the first one into the image, because it is nearly always
 * the chosen one. False with a sentence in err if a file must not be touched. */
static bool
scan_both(struct pair *p, struct image *m, struct scan scan[PAIR_FILES], char *err,
          size_t errlen)
{
    struct image_loading into = {.image = m};
    for (int i = 0; i < PAIR_FILES; i++) {
        dbfile_scan(p->file[i].path, i == 0 ? image_load_record : NULL, &into,
                    &scan[i]);
        if (scan[i].state != SCAN_REFUSED)
            continue;
        str_format(err, errlen, "cannot use %s: %s", p->file[i].path, scan[i].why);
        return false;
    }
    if (into.twice && scan[0].state == SCAN_VALID) {
        scan[0].state = SCAN_DAMAGED;
        str_format(scan[0].why, sizeof scan[0].why, "a record is there twice");
    }
    return true;
}

/* Loads the chosen file (-1: none) into the image. False if it does not read as
 * before. */
static bool
load_chosen(struct pair *p, int chosen, struct image *m)
{
    struct scan scan;
    struct image_loading into = {.image = m};
    if (chosen == 0)
        return true;
    image_clear(m);
    if (chosen < 0)
        return true;
    dbfile_scan(p->file[chosen].path, image_load_record, &into, &scan);
    return scan.state == SCAN_VALID && !into.twice;
}

/* Moves away a directory or the like in the place of the file, which cannot be renamed
 * over it. */
static void
move_non_file(const struct dbfile *f, const struct store_hooks *hooks)
{
    struct stat st;
    char text[600], aside[300];
    if (lstat(f->path, &st) < 0 || S_ISREG(st.st_mode))
        return;
    if (!salvage_keep_aside(f, "damaged", aside, sizeof aside))
        return;
    str_format(text, sizeof text, "%s was not a file: moved to %s", f->name, aside);
    hooks_tell(hooks, STORE_LOSS, text);
}

/* Rewrites the other file with the content of the chosen one, and notes why. */
static void
repair_other(struct pair *p, int other, const struct scan scan[PAIR_FILES],
             struct image *m, const struct store_hooks *hooks)
{
    char done[100], text[600];
    struct dbfile *f = &p->file[other];
    const char *good = p->file[!other].name, *how = p->why;
    move_non_file(f, hooks);
    if (dbfile_rewrite(f, m, &p->meta, p->why, sizeof p->why)) {
        str_format(done, sizeof done, "rewritten from %s, nothing is lost", good);
        how = done;
    }
    if (scan[other].state == SCAN_VALID)
        str_format(text, sizeof text, "%s was behind %s: %s", f->name, good, how);
    else
        str_format(text, sizeof text, "%s could not be used (%s): %s", f->name,
                   scan[other].why, how);
    hooks_tell(hooks, f->db == NULL ? STORE_LOSS : STORE_INFO, text);
}

/* Gives the other file a second name before it is rewritten, because it may hold
 * records that the chosen one lacks. */
static bool
keep_older(struct pair *p, int other, const struct scan scan[PAIR_FILES],
           const struct store_hooks *hooks, char *err, size_t errlen)
{
    char text[900], aside[300];
    const struct dbfile *f = &p->file[other];
    const char *good = p->file[!other].name;
    if (!salvage_keep_aside(f, "older", aside, sizeof aside) ||
        !dbfile_sync_dir(f->dir)) {
        str_format(err, errlen,
                   "%s may not belong to the save before that of %s, and cannot be "
                   "kept under another name: %s",
                   f->path, good, strerror(errno));
        return false;
    }
    str_format(
        text, sizeof text,
        "%s (save %llu) may not belong to the save before that of %s (save %llu) and "
        "may come from a backup: %s is used, the other is kept as %s. To use that one "
        "instead, stop the server, move both files away and rename it to %s",
        f->name, (unsigned long long)scan[other].meta.now.epoch, good,
        (unsigned long long)scan[!other].meta.now.epoch, good, aside, f->name);
    hooks_tell(hooks, STORE_WARNING, text);
    return true;
}

/* Opens the chosen file and repairs the other one, after both were read. */
static bool
settle_pair(struct pair *p, int chosen, enum match match,
            const struct scan scan[PAIR_FILES], struct image *m,
            const struct store_hooks *hooks, char *err, size_t errlen)
{
    int other = !chosen;
    p->meta = scan[chosen].meta;
    if (p->meta.store == 0)
        p->meta.store =
            scan[other].meta.store ? scan[other].meta.store : meta_new_store();
    p->written = p->meta.now;
    if (match == MATCH_OLDER && !keep_older(p, other, scan, hooks, err, errlen))
        return false;
    if (!dbfile_attach(&p->file[chosen], err, errlen))
        return false;
    if (match == MATCH_SAME)
        return dbfile_attach(&p->file[other], err, errlen);
    repair_other(p, other, scan, m, hooks);
    return true;
}

/* Starts without a valid file: with no records, or with those that can be recovered. */
static bool
begin_anew(struct pair *p, const struct scan scan[PAIR_FILES], struct image *m,
           const struct store_hooks *hooks, char *err, size_t errlen)
{
    char text[900];
    bool first_start = scan[0].state == SCAN_MISSING && scan[1].state == SCAN_MISSING;
    if (!first_start && !salvage_run(p, scan, m, hooks, err, errlen))
        return false;
    if (p->meta.store == 0)
        p->meta.store = meta_new_store();
    p->meta.now.count = m->count;
    p->meta.now.checksum = m->checksum;
    p->meta.saved_at = read_wall_clock();
    for (int i = 0; i < PAIR_FILES; i++) {
        if (dbfile_rewrite(&p->file[i], m, &p->meta, p->why, sizeof p->why)) {
            p->written = p->meta.now;
            continue;
        }
        str_format(text, sizeof text,
                   "nothing can be saved for now: %s; changes stay in memory, and the "
                   "server tries again to write them to %s",
                   p->why, p->file[i].dir);
        hooks_tell(hooks, STORE_LOSS, text);
        break;
    }
    return true;
}

bool
pair_open(struct pair *p, const char *dir, struct image *m,
          const struct store_hooks *hooks, char *err, size_t errlen)
{
    struct scan scan[PAIR_FILES];
    int chosen;
    bool ok = false;
    pair_name(p, dir);
    if (!scan_both(p, m, scan, err, errlen))
        goto out;
    enum match match = match_files(scan, &chosen);
    if (match_refuses(match, p->file, scan, hooks, err, errlen))
        goto out;
    if (!load_chosen(p, chosen, m)) {
        str_format(err, errlen, "%s changes while it is read", p->file[chosen].path);
        goto out;
    }
    if (chosen >= 0)
        ok = settle_pair(p, chosen, match, scan, m, hooks, err, errlen);
    else
        ok = begin_anew(p, scan, m, hooks, err, errlen);
out:
    if (!ok)
        pair_close(p);
    return ok;
}

void
pair_close(struct pair *p)
{
    for (int i = 0; i < PAIR_FILES; i++)
        dbfile_clear(&p->file[i]);
}

bool
pair_suspect(const struct pair *p)
{
    for (int i = 0; i < PAIR_FILES; i++)
        if (p->file[i].db == NULL)
            return true;
    return false;
}

/* Sets the meta record of the next attempt. Its parent is the last content that a file
 * took, so the other file, if the attempt is interrupted, holds that parent or is
 * damaged. */
static void
begin_attempt(struct pair *p, const struct image *m)
{
    p->meta.parent = p->written;
    p->meta.now = (struct mark){p->meta.now.epoch + 1, m->count, m->checksum};
    p->meta.saved_at = read_wall_clock();
}

bool
pair_save(struct pair *p, struct image *m, unsigned long *syncs)
{
    bool fresh[PAIR_FILES] = {false};
    if (m->dirty != NULL)
        begin_attempt(p, m);
    for (int i = 0; i < PAIR_FILES; i++) {
        struct dbfile *f = &p->file[i];
        dbfile_recheck(f);
        if (f->db != NULL)
            continue;
        if (!dbfile_rewrite(f, m, &p->meta, p->why, sizeof p->why))
            return false;
        p->written = p->meta.now;
        fresh[i] = true;
        ++*syncs;
    }
    for (int i = 0; i < PAIR_FILES; i++) {
        if (fresh[i] || m->dirty == NULL)
            continue;
        if (!dbfile_update(&p->file[i], m, &p->meta, p->why, sizeof p->why))
            return false;
        p->written = p->meta.now;
        ++*syncs;
    }
    image_clean(m);
    return true;
}
