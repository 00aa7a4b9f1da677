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
load(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len)
{
    struct loading *l = ctx;
    if (!image_load(l->image, key, key_len, value, value_len))
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

/* Loads the chosen file; false if it does not read as it did a moment ago. */
static bool
load_chosen(struct pair *p, int chosen, struct image *m)
{
    struct scan scan;
    struct loading into = {.image = m};
    dbfile_scan(p->file[chosen].path, load, &into, &scan);
    if (scan.state != SCAN_VALID || into.twice) {
        image_clear(m);
        return false;
    }
    p->epoch = scan.epoch;
    return true;
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
    char why[200], text[600];
    struct dbfile *f = &p->file[other];
    const char *good = p->file[!other].name;
    clear_the_way(f, note, ctx);
    if (dbfile_rewrite(f, m, p->epoch, why, sizeof why))
        str_format(why, sizeof why, "rewritten from %s, nothing is lost", good);
    if (scan[other].state == SCAN_VALID)
        str_format(text, sizeof text, "%s was behind %s: %s", f->name, good, why);
    else
        str_format(text, sizeof text, "%s could not be used (%s): %s", f->name,
                   scan[other].why, why);
    note(ctx, f->db == NULL, text);
}

/* Both files read: opens the good one, repairs the other. */
static bool
settle(struct pair *p, int chosen, const struct scan scan[PAIR_FILES], struct image *m,
       pair_note_fn *note, void *ctx, char *err, size_t errlen)
{
    int other = !chosen;
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
    char why[200], text[300];
    bool first_start = scan[0].state == SCAN_MISSING && scan[1].state == SCAN_MISSING;
    if (!first_start && !salvage_run(p, scan, m, note, ctx, err, errlen))
        return false;
    for (int i = 0; i < PAIR_FILES; i++) {
        if (dbfile_rewrite(&p->file[i], m, p->epoch, why, sizeof why))
            continue;
        str_format(text, sizeof text, "nothing can be saved for now: %s", why);
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
    for (int i = 0; i < PAIR_FILES; i++) {
        dbfile_init(&p->file[i], dir, names[i]);
        dbfile_scan(p->file[i].path, NULL, NULL, &scan[i]);
        if (scan[i].state == SCAN_REFUSED) {
            str_format(err, errlen, "cannot use %s: %s", p->file[i].path, scan[i].why);
            goto out;
        }
    }
    int chosen = choose(scan);
    if (chosen >= 0 && !load_chosen(p, chosen, m)) {
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
pair_save(struct pair *p, struct image *m, unsigned long *syncs, char *why, size_t size)
{
    bool fresh[PAIR_FILES] = {false};
    if (m->dirty != NULL)
        p->epoch++;
    for (int i = 0; i < PAIR_FILES; i++) {
        struct dbfile *f = &p->file[i];
        dbfile_recheck(f);
        if (f->db != NULL)
            continue;
        if (!dbfile_rewrite(f, m, p->epoch, why, size))
            return false;
        fresh[i] = true;
        ++*syncs;
    }
    for (int i = 0; i < PAIR_FILES; i++) {
        if (fresh[i] || m->dirty == NULL)
            continue;
        if (!dbfile_update(&p->file[i], m, p->epoch, why, size))
            return false;
        ++*syncs;
    }
    image_clean(m);
    return true;
}
