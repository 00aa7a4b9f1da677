/* Decides whether two files belong together. Each file names its store and the content
 * from which it was made, its parent. A save writes one file after the other, so an
 * interrupted save leaves a file and its parent. Any other pair was put together by
 * hand, and the server cannot know which file was meant.
 *
 * A file of version 2 has no identity. It belongs to the store of the other file if it
 * is equal to that file or is its parent, as after the first save of an upgrade. It
 * also belongs to it if the other file has no identity either; then nothing proves that
 * one was made from the other, and the older one is kept.
 *
 * Must never take two files for one store only because their epochs fit. */
#include "match.h"

#include "base/duration.h"
#include "base/str.h"

static bool
have_other_stores(const struct scan *a, const struct scan *b)
{
    return a->has_meta && b->has_meta && a->meta.store != 0 && b->meta.store != 0 &&
           a->meta.store != b->meta.store;
}

/* Both are valid, and `old` has the lower epoch or the same. */
static enum match
match_valid(const struct meta *young, const struct meta *old)
{
    if (young->now.epoch == old->now.epoch)
        return mark_equal(&young->now, &old->now) ? MATCH_SAME : MATCH_SPLIT;
    if (young->store != 0 && young->parent.epoch == old->now.epoch)
        return mark_equal(&young->parent, &old->now) ? MATCH_BEHIND : MATCH_SPLIT;
    if ((young->store == 0) != (old->store == 0))
        return MATCH_STRANGER;
    return MATCH_OLDER;
}

/* A damaged or missing file beside a valid one. After an interrupted save it has the
 * epoch of the valid one, of its parent or of its child. */
static enum match
match_broken(const struct meta *valid, const struct scan *broken)
{
    const struct meta *m = &broken->meta;
    if (!broken->has_meta)
        return MATCH_BEHIND;
    uint64_t epoch = m->now.epoch, mine = valid->now.epoch;
    bool known = valid->store != 0 && epoch == valid->parent.epoch;
    bool child = m->store != 0 && m->parent.epoch == mine;
    bool next = valid->store == 0 && (epoch == mine + 1 || epoch + 1 == mine);
    return epoch == mine || known || child || next ? MATCH_BEHIND : MATCH_OLDER;
}

enum match
match_files(const struct scan scan[PAIR_FILES], int *chosen)
{
    const struct scan *a = &scan[0], *b = &scan[PAIR_FILES - 1];
    bool has_a = a->state == SCAN_VALID, has_b = b->state == SCAN_VALID;
    *chosen = has_a ? 0 : has_b ? PAIR_FILES - 1 : -1;
    if (have_other_stores(a, b))
        return MATCH_STRANGER;
    if (*chosen < 0)
        return MATCH_NONE;
    if (!has_a || !has_b)
        return has_a ? match_broken(&a->meta, b) : match_broken(&b->meta, a);
    if (b->meta.now.epoch > a->meta.now.epoch) {
        *chosen = PAIR_FILES - 1;
        return match_valid(&b->meta, &a->meta);
    }
    return match_valid(&a->meta, &b->meta);
}

/* --- the refusal --- */

struct counting {
    const struct store_hooks *hooks;
    unsigned long long bans;
};

static void
count_ban_key(void *ctx, const void *key, size_t key_len, const void *value,
              size_t value_len, uint32_t crc)
{
    struct counting *c = ctx;
    (void)value, (void)value_len, (void)crc;
    if (c->hooks->is_ban && c->hooks->is_ban(key, key_len))
        c->bans++;
}

/* "ircd.a.gdbm: store 0123…, save 7, 12 records, 3 bans, last change …". */
static void
describe_file(struct str *out, const struct dbfile *f, const struct scan *scan,
              const struct store_hooks *hooks)
{
    const struct meta *m = &scan->meta;
    struct counting counting = {.hooks = hooks};
    struct scan again;
    char id[STORE_ID_TEXT], when[MOMENT_TEXT] = "unknown";
    dbfile_scan(f->path, count_ban_key, &counting, &again);
    meta_store_text(m->store, id);
    if (m->saved_at != 0)
        moment_format(m->saved_at, when, sizeof when);
    str_addf(out, "%s: store %s, save %llu, %llu records, %llu bans, last change %s",
             f->name, m->store ? id : "unknown (written by 0.3.0 or older)",
             (unsigned long long)m->now.epoch, (unsigned long long)scan->found,
             counting.bans, when);
    if (scan->state == SCAN_DAMAGED)
        str_addf(out, ", damaged (%s)", scan->why);
}

bool
match_refuses(enum match match, const struct dbfile file[PAIR_FILES],
              const struct scan scan[PAIR_FILES], const struct store_hooks *hooks,
              char *err, size_t errlen)
{
    struct str s;
    if (match != MATCH_STRANGER && match != MATCH_SPLIT)
        return false;
    const struct dbfile *a = &file[0], *b = &file[PAIR_FILES - 1];
    str_init(&s, err, errlen);
    str_addf(&s, "%s and %s in %s ", a->name, b->name, a->dir);
    str_add(&s, match == MATCH_SPLIT ? "hold different contents of the same save"
                                     : "are not files of one store");
    str_add(&s, "; nothing was changed. ");
    describe_file(&s, a, &scan[0], hooks);
    str_add(&s, ". ");
    describe_file(&s, b, &scan[PAIR_FILES - 1], hooks);
    str_add(&s, ". Move the file that is not wanted to another directory and start "
                "again: the server copies the one that stays");
    return true;
}
