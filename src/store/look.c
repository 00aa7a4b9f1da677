/* Reads the pair for a command that only reads. The verdict on the files is the same as
 * the server's (match.h). A fault that the server would repair is noted, and the file
 * is left as it is.
 *
 * Must never open a file for writing. */
#include "look.h"

#include "base/str.h"
#include "match.h"
#include "salvage.h"

static void
tell_other(const struct pair *p, int chosen, enum match match,
           const struct scan scan[PAIR_FILES], const struct store_hooks *hooks)
{
    char text[600];
    int other = PAIR_FILES - 1 - chosen;
    const char *name = p->file[other].name, *good = p->file[chosen].name;
    if (match == MATCH_SAME)
        return;
    if (match == MATCH_OLDER)
        str_format(text, sizeof text,
                   "%s may not belong to the save before that of %s and may come from "
                   "a backup: %s is read",
                   name, good, good);
    else
        str_format(text, sizeof text, "%s could not be used (%s): %s is read", name,
                   scan[other].state == SCAN_VALID     ? "it is behind"
                   : scan[other].state == SCAN_MISSING ? "it is missing"
                                                       : scan[other].why,
                   good);
    hooks_tell(hooks, match == MATCH_OLDER ? STORE_WARNING : STORE_INFO, text);
}

static bool
read_chosen(struct pair *p, int chosen, struct image *m, char *err, size_t errlen)
{
    struct scan scan;
    struct image_loading into = {.image = m};
    dbfile_scan(p->file[chosen].path, image_load_record, &into, &scan);
    if (scan.state == SCAN_VALID && !into.twice)
        return true;
    str_format(err, errlen, "%s changes while it is read", p->file[chosen].path);
    return false;
}

static bool
read_damaged(struct pair *p, const struct scan scan[PAIR_FILES], struct image *m,
             const struct store_hooks *hooks, char *err, size_t errlen)
{
    if (scan[0].state == SCAN_MISSING && scan[PAIR_FILES - 1].state == SCAN_MISSING) {
        str_format(err, errlen, "there is no database in %s", p->file[0].dir);
        return false;
    }
    salvage_look(p, scan, m, hooks);
    return true;
}

bool
pair_look(struct pair *p, const char *dir, struct image *m,
          const struct store_hooks *hooks, char *err, size_t errlen)
{
    struct scan scan[PAIR_FILES];
    int chosen;
    bool ok = false;
    pair_name(p, dir);
    for (int i = 0; i < PAIR_FILES; i++) {
        dbfile_scan(p->file[i].path, NULL, NULL, &scan[i]);
        if (scan[i].state != SCAN_REFUSED)
            continue;
        str_format(err, errlen, "cannot use %s: %s", p->file[i].path, scan[i].why);
        goto out;
    }
    enum match match = match_files(scan, &chosen);
    if (match_refuses(match, p->file, scan, hooks, err, errlen))
        goto out;
    if (chosen < 0) {
        ok = read_damaged(p, scan, m, hooks, err, errlen);
        goto out;
    }
    ok = read_chosen(p, chosen, m, err, errlen);
    if (ok)
        tell_other(p, chosen, match, scan, hooks);
out:
    pair_close(p);
    return ok;
}
