/* Bans in the store: written, and loaded.
 *
 * The key of a record is the canonical mask of the ban when it was written. If the same
 * mask has another canonical form now, the record is written again under the new key
 * and the old one is removed. Otherwise the old record would stay when the ban is
 * lifted, and the ban would return with the next start. Nothing may be written to the
 * store while records are read. */
#include "policy/ban/ban.h"

#include "base/mem.h"
#include "policy/ban/internal.h"
#include "state/record.h"
#include "state/server.h"

#include <stdlib.h>
#include <string.h>

/* A record under an outdated key. */
struct ban_stale {
    struct list link; /* policy.stale */
    struct ban *ban;  /* the ban of the record */
    size_t len;
    char key[];
};

store_ticket
ban_save(struct server *srv, const struct ban *ban)
{
    struct record r;
    char kind[2] = {ban_kinds[ban->kind].letter, 0};
    record_begin(&r, BAN_RECORD);
    record_add_text(&r, kind);
    record_add_text(&r, ban->mask.text);
    record_add_number(&r, (uint64_t)ban->set_at);
    record_add_number(&r, (uint64_t)ban->until);
    record_add_number(&r, ban->automatic);
    record_add_text(&r, ban->setter);
    record_add_text(&r, ban->reason);
    record_add_text(&r, ban->oper_reason);
    return record_put(srv, "ban", &r, ban->key, strlen(ban->key));
}

static void
fill_ban(struct server *srv, struct ban *ban, msec set_at, struct record_reader *in)
{
    char reason[BAN_REASON], oper_reason[BAN_REASON];
    ban->set_at = set_at;
    ban->until = record_moment(in);
    ban_set_automatic(srv, ban, record_number(in) != 0);
    record_text(in, ban->setter, sizeof ban->setter);
    record_text(in, reason, sizeof reason);
    record_text(in, oper_reason, sizeof oper_reason);
    ban_give_reasons(srv, ban, reason, oper_reason);
    ban_clean_texts(ban);
    ban_due_place(&srv->policy->due, ban);
}

static void
note_stale(struct server *srv, struct ban *ban, const void *key, size_t len)
{
    if (len == strlen(ban->key) && memcmp(key, ban->key, len) == 0)
        return;
    struct ban_stale *stale = xcalloc(1, sizeof *stale + len);
    stale->ban = ban;
    stale->len = len;
    memcpy(stale->key, key, len);
    list_append(&srv->policy->stale, &stale->link);
}

static bool
load_ban(struct server *srv, enum ban_kind kind, const char *text,
         struct record_reader *in, const void *key, size_t len)
{
    char err[200];
    struct mask mask;
    if (!ban_kinds[kind].parse(text, &mask, err, sizeof err))
        return false;
    struct ban *ban = ban_find_any(srv, kind, mask.text);
    bool first = ban == NULL;
    if (first)
        ban = ban_add(srv, kind, &mask);
    msec set_at = record_moment(in);
    /* If there are two records of one ban, the later one is used. */
    if (first || set_at > ban->set_at)
        fill_ban(srv, ban, set_at, in);
    note_stale(srv, ban, key, len);
    return true;
}

static bool
load_ban_record(struct server *srv, struct record_reader *in, const void *key,
                size_t len)
{
    char kind[4], text[MASK_TEXT];
    record_text(in, kind, sizeof kind);
    record_text(in, text, sizeof text);
    for (int k = 0; k < BAN_KINDS; k++)
        if (ban_kinds[k].letter == kind[0])
            return load_ban(srv, (enum ban_kind)k, text, in, key, len);
    return false;
}

const struct record_kind ban_records[] = {
    {.letter = BAN_RECORD, .name = "ban", .load = load_ban_record},
    {0},
};

static void
drop_stale(struct server *srv, struct ban_stale *stale, bool rewrite)
{
    store_begin(srv->store);
    if (rewrite && ban_save(srv, stale->ban) != STORE_REFUSED)
        store_put(srv->store, stale->key, stale->len, NULL, 0);
    store_commit(srv->store);
    list_remove(&stale->link);
    free(stale);
}

static int
compare_ban_age(const void *a, const void *b)
{
    msec x = (*(struct ban *const *)a)->set_at, y = (*(struct ban *const *)b)->set_at;
    return (x > y) - (x < y);
}

/* The store returns records in no order. The order matters: the oldest automatic ban is
 * removed first if there are too many. */
static void
sort_automatic(struct policy *p)
{
    size_t n = 0;
    struct ban **all = xmalloc((p->n_automatic + 1) * sizeof(struct ban *));
    LIST_EACH(&p->automatic, node)
        all[n++] = LIST_ENTRY(node, struct ban, by_strikes);
    qsort(all, n, sizeof *all, compare_ban_age);
    for (size_t i = 0; i < n; i++) {
        list_remove(&all[i]->by_strikes);
        list_append(&p->automatic, &all[i]->by_strikes);
    }
    free(all);
}

static void
settle_stale_bans(struct server *srv, bool rewrite)
{
    struct list *all = &srv->policy->stale;
    while (!list_empty(all))
        drop_stale(srv, LIST_ENTRY(all->next, struct ban_stale, link), rewrite);
}

void
ban_loaded(struct server *srv)
{
    sort_automatic(srv->policy);
    settle_stale_bans(srv, true);
}

void
ban_drop_stale_records(struct server *srv)
{
    settle_stale_bans(srv, false);
}
