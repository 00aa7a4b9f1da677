/* Choosing the good file at start, rewriting the other, saving to both in order.
 *
 * Epochs rise with every attempt to save, failed ones too, so that two files with one
 * epoch have one content. A file counts as valid only when all of its records and its
 * meta record agree; hence a half-written one is never mistaken for an older or newer
 * good one.
 *
 * Must never rename over a damaged original that is not kept under another name, unless
 * the other file was valid. */
#include "pair.h"

#include "base/mem.h"
#include "base/str.h"
#include "salvage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[] = {"ircd.a.gdbm", "ircd.b.gdbm"};

struct loading {
    struct image *image;
    bool twice; /* a key came more than once */
};

static void
load(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len,
     uint32_t crc)
{
    struct loading *l = ctx;
    if (!image_load(l->image, key, key_len, value, value_len, crc))
        l->twice = true;
}

#ifdef STORE_SINGLE_FILE
bool
pair_open(struct pair *p, const char *dir, struct image *m, pair_note_fn *note,
          void *ctx, char *err, size_t errlen)
{
    struct scan scan;
    struct loading into = {.image = m};
    (void)note, (void)ctx;
    *p = (struct pair){0};
    dbfile_init(&p->file[0], dir, names[0]);
    dbfile_scan(p->file[0].path, load, &into, &scan);
    p->epoch = scan.epoch;
    if (dbfile_attach(&p->file[0], err, errlen))
        return true;
    pair_close(p);
    return false;
}
#else
/* The valid file with the higher epoch, or -1. */
static int
choose(const struct scan scan[PAIR_FILES])
{
    bool a = scan[0].state == SCAN_VALID, b = scan[1].state == SCAN_VALID;
    if (a && b)
        return scan[1].epoch > scan[0].epoch ? 1 : 0;
    return a ? 0 : b ? 1 : -1;
}

static bool
same_content(const struct scan *a, const struct scan *b)
{
    return a->state == SCAN_VALID && b->state == SCAN_VALID && a->epoch == b->epoch &&
           a->count == b->count && a->checksum == b->checksum;
}

/* Scans both files, the first one into the image, as it is nearly always the chosen
 * one. False with a sentence in err if one of them must not be touched. */
static bool
scan_both(struct pair *p, struct image *m, struct scan scan[PAIR_FILES], char *err,
          size_t errlen)
{
    struct loading into = {.image = m};
    for (int i = 0; i < PAIR_FILES; i++) {
        dbfile_scan(p->file[i].path, i == 0 ? load : NULL, &into, &scan[i]);
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

/* Has the image hold what the chosen file (-1: none) holds; false if that does not read
 * as it did a moment ago. */
static bool
load_chosen(struct pair *p, int chosen, struct image *m)
{
    struct scan scan;
    struct loading into = {.image = m};
    if (chosen == 0)
        return true;
    image_clear(m);
    if (chosen < 0)
        return true;
    dbfile_scan(p->file[chosen].path, load, &into, &scan);
    return scan.state == SCAN_VALID && !into.twice;
}

/* What is not a file (a directory, say) cannot be renamed over. */
static void
clear_the_way(const struct dbfile *f, pair_note_fn *note, void *ctx)
{
    struct stat st;
    char text[600], aside[300];
    if (lstat(f->path, &st) < 0 || S_ISREG(st.st_mode))
        return;
    if (!salvage_keep_aside(f, aside, sizeof aside))
        return;
    str_format(text, sizeof text, "%s was not a file: moved to %s", f->name, aside);
    note(ctx, true, text);
}

/* Brings the other file to the chosen one's content, saying why that was needed. */
static void
repair(struct pair *p, int other, const struct scan scan[PAIR_FILES], struct image *m,
       pair_note_fn *note, void *ctx)
{
    char done[100], text[600];
    struct dbfile *f = &p->file[other];
    const char *good = p->file[!other].name, *how = p->why;
    clear_the_way(f, note, ctx);
    if (dbfile_rewrite(f, m, p->epoch, p->why, sizeof p->why)) {
        str_format(done, sizeof done, "rewritten from %s, nothing is lost", good);
        how = done;
    }
    if (scan[other].state == SCAN_VALID)
        str_format(text, sizeof text, "%s was behind %s: %s", f->name, good, how);
    else
        str_format(text, sizeof text, "%s could not be used (%s): %s", f->name,
                   scan[other].why, how);
    note(ctx, f->db == NULL, text);
}

/* Both files read: opens the good one, repairs the other. */
static bool
settle(struct pair *p, int chosen, const struct scan scan[PAIR_FILES], struct image *m,
       pair_note_fn *note, void *ctx, char *err, size_t errlen)
{
    int other = !chosen;
    p->epoch = scan[chosen].epoch;
    if (!dbfile_attach(&p->file[chosen], err, errlen))
        return false;
    if (!same_content(&scan[0], &scan[1]))
        repair(p, other, scan, m, note, ctx);
    else if (!dbfile_attach(&p->file[other], err, errlen))
        return false;
    return true;
}

/* Nothing, or nothing valid, is there: starts from what can be had. */
static bool
begin_anew(struct pair *p, const struct scan scan[PAIR_FILES], struct image *m,
           pair_note_fn *note, void *ctx, char *err, size_t errlen)
{
    char text[300];
    bool first_start = scan[0].state == SCAN_MISSING && scan[1].state == SCAN_MISSING;
    if (!first_start && !salvage_run(p, scan, m, note, ctx, err, errlen))
        return false;
    for (int i = 0; i < PAIR_FILES; i++) {
        if (dbfile_rewrite(&p->file[i], m, p->epoch, p->why, sizeof p->why))
            continue;
        str_format(text, sizeof text, "nothing can be saved for now: %s", p->why);
        note(ctx, true, text);
        break;
    }
    return true;
}

bool
pair_open(struct pair *p, const char *dir, struct image *m, pair_note_fn *note,
          void *ctx, char *err, size_t errlen)
{
    struct scan scan[PAIR_FILES];
    bool ok = false;
    *p = (struct pair){0};
    for (int i = 0; i < PAIR_FILES; i++)
        dbfile_init(&p->file[i], dir, names[i]);
    if (!scan_both(p, m, scan, err, errlen))
        goto out;
    int chosen = choose(scan);
    if (!load_chosen(p, chosen, m)) {
        str_format(err, errlen, "%s changes while it is read", p->file[chosen].path);
        goto out;
    }
    if (chosen >= 0)
        ok = settle(p, chosen, scan, m, note, ctx, err, errlen);
    else
        ok = begin_anew(p, scan, m, note, ctx, err, errlen);
out:
    if (!ok)
        pair_close(p);
    return ok;
}
#endif

/* The whole file with the highest epoch, or -1. */
static int
find_whole(struct pair *p, const char *dir, struct scan scan[PAIR_FILES])
{
    int best = -1;
    *p = (struct pair){0};
    for (int i = 0; i < PAIR_FILES; i++) {
        dbfile_init(&p->file[i], dir, names[i]);
        dbfile_scan(p->file[i].path, NULL, NULL, &scan[i]);
        if (scan[i].state == SCAN_VALID &&
            (best < 0 || scan[i].epoch > scan[best].epoch))
            best = i;
    }
    return best;
}

bool
pair_look(struct pair *p, const char *dir, struct image *m, pair_note_fn *note,
          void *ctx, char *err, size_t errlen)
{
    char text[600];
    struct scan scan[PAIR_FILES], again = {.state = SCAN_DAMAGED};
    struct loading into = {.image = m};
    int best = find_whole(p, dir, scan);
    if (best >= 0)
        dbfile_scan(p->file[best].path, load, &into, &again);
    if (best < 0 || again.state != SCAN_VALID || into.twice) {
        str_format(err, errlen,
                   "no database file in %s is whole (%s: %s), and nothing can be "
                   "repaired there; a copy of the directory that can be written is",
                   dir, names[0], scan[0].why);
        pair_close(p);
        return false;
    }
    for (int i = 0; i < PAIR_FILES; i++) {
        bool behind = scan[i].state == SCAN_VALID && scan[i].epoch < scan[best].epoch;
        if (scan[i].state == SCAN_VALID && !behind)
            continue;
        str_format(text, sizeof text, "%s could not be used (%s): %s is read", names[i],
                   behind                          ? "it is behind"
                   : scan[i].state == SCAN_MISSING ? "it is missing"
                                                   : scan[i].why,
                   names[best]);
        note(ctx, false, text);
    }
    return true;
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

bool
pair_save(struct pair *p, struct image *m, unsigned long *syncs)
{
    bool fresh[PAIR_FILES] = {false};
    if (m->dirty != NULL)
        p->epoch++;
    for (int i = 0; i < PAIR_FILES; i++) {
        struct dbfile *f = &p->file[i];
        dbfile_recheck(f);
        if (f->db != NULL)
            continue;
        if (!dbfile_rewrite(f, m, p->epoch, p->why, sizeof p->why))
            return false;
        fresh[i] = true;
        ++*syncs;
    }
    for (int i = 0; i < PAIR_FILES; i++) {
        if (fresh[i] || m->dirty == NULL)
            continue;
        if (!dbfile_update(&p->file[i], m, p->epoch, p->why, sizeof p->why))
            return false;
        ++*syncs;
    }
    image_clean(m);
    return true;
}
