/* The archive in memory: an array of records for each target, and a queue of answers.
 *
 * The answer to a question is made at once, so that it cannot see later records; it has
 * copies of all bytes and waits in the queue. */
#include "state/archive_ram.h"

#include "base/hash.h"
#include "base/list.h"
#include "base/mem.h"

#include <string.h>

#define FIRST_SLOTS 16 /* room for records of a new target */

struct item {
    uint64_t at;
    unsigned kind;
    void *bytes; /* owned; NULL: redacted */
    size_t len;
};

struct target {
    UT_hash_handle hh;
    struct item *items; /* ascending */
    size_t n, room;
    char name[];
};

struct waiting_answer {
    struct list link; /* in archive_ram.answers */
    struct archive_answer told;
    struct archive_record records[]; /* all bytes and texts follow them */
};

struct archive_ram {
    struct archive archive; /* must be first: one pointer is both */
    struct hash_key seed;
    struct target *targets; /* by name */
    struct list answers;
    size_t n_waiting, max_waiting;
    /* the last answer, until the next archive_ram_answer */
    struct waiting_answer *given;
    /* reason for failures (archive_ram_fail); NULL: none */
    char *why;
};

/* A record that answers a question. */
struct hit {
    const struct target *target;
    const struct item *item;
};

/* All records that answer a question, ascending, before they are copied. */
struct found {
    struct hit *hits;
    size_t n;
};

/* Positions from lo to below hi; at most the newest n of them, or the oldest. */
struct window {
    uint64_t lo, hi;
    size_t n;
    bool newest;
};

static struct archive_ram *
ram_of_archive(struct archive *a)
{
    return (struct archive_ram *)a;
}

/* --- answers */

/* Queues an answer with room for n records and for `bytes` bytes. */
static struct waiting_answer *
queue_answer(struct archive_ram *ram, uint64_t id, enum archive_verdict verdict,
             size_t n, size_t bytes)
{
    struct waiting_answer *answer =
        xcalloc(1, sizeof *answer + n * sizeof *answer->records + bytes);
    answer->told = (struct archive_answer){
        .id = id, .verdict = verdict, .records = answer->records, .n = n};
    list_append(&ram->answers, &answer->link);
    ram->n_waiting += verdict != ARCHIVE_FULL;
    return answer;
}

static void
queue_failure(struct archive_ram *ram, uint64_t id, const char *why)
{
    size_t size = strlen(why) + 1;
    struct waiting_answer *answer = queue_answer(ram, id, ARCHIVE_FAILED, 0, size);
    answer->told.why = memcpy(answer->records, why, size);
}

static void
queue_verdict(struct archive_ram *ram, uint64_t id, enum archive_verdict verdict)
{
    if (id != 0)
        queue_answer(ram, id, verdict, 0, 0);
}

/* False: the question was answered with a refusal. */
static bool
admit_question(struct archive_ram *ram, uint64_t id)
{
    if (ram->n_waiting >= ram->max_waiting) {
        queue_answer(ram, id, ARCHIVE_FULL, 0, 0);
        return false;
    }
    if (ram->why)
        queue_failure(ram, id, ram->why);
    return ram->why == NULL;
}

const struct archive_answer *
archive_ram_answer(struct archive *a)
{
    struct archive_ram *ram = ram_of_archive(a);
    free(ram->given);
    ram->given = NULL;
    if (list_empty(&ram->answers))
        return NULL;
    struct waiting_answer *answer =
        LIST_ENTRY(ram->answers.next, struct waiting_answer, link);
    list_remove(&answer->link);
    ram->n_waiting -= answer->told.verdict != ARCHIVE_FULL;
    ram->given = answer;
    return &answer->told;
}

/* --- records */

static struct target *
find_archive_target(const struct archive_ram *ram, const char *name)
{
    struct target *t;
    size_t len = strlen(name);
    HASH_FIND_BYHASHVALUE(hh, ram->targets, name, len,
                          hash_bytes(&ram->seed, name, len), t);
    return t;
}

static struct target *
make_archive_target(struct archive_ram *ram, const char *name)
{
    size_t len = strlen(name);
    struct target *t = xcalloc(1, sizeof *t + len + 1);
    memcpy(t->name, name, len);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, ram->targets, t->name, len,
                                hash_bytes(&ram->seed, name, len), t);
    return t;
}

/* The index of the first record at or above a position. */
static size_t
find_index(const struct target *t, uint64_t at)
{
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->items[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void
blank_item(struct item *item)
{
    mem_wipe(item->bytes, item->len);
    free(item->bytes);
    item->bytes = NULL;
    item->len = 0;
}

/* Removes the oldest n records, and the target with the last of them. */
static void
drop_oldest(struct archive_ram *ram, struct target *t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        blank_item(&t->items[i]);
    t->n -= n;
    if (n > 0)
        memmove(t->items, t->items + n, t->n * sizeof *t->items);
    if (t->n > 0)
        return;
    HASH_DEL(ram->targets, t);
    free(t->items);
    free(t);
}

static bool
is_record_wanted(const struct item *item, const struct archive_query *query)
{
    return item->bytes && item->at >= query->since &&
           query->kinds & (uint32_t)1 << item->kind;
}

/* --- questions */

/* Inserts before the hit with this index. */
static void
insert_hit(struct found *found, size_t at, struct hit hit)
{
    found->hits = xrealloc(found->hits, (found->n + 1) * sizeof *found->hits);
    memmove(found->hits + at + 1, found->hits + at,
            (found->n - at) * sizeof *found->hits);
    found->hits[at] = hit;
    found->n++;
}

static void
reverse_hits(struct found *found, size_t from)
{
    for (size_t i = from, k = found->n; i + 1 < k; i++) {
        struct hit hit = found->hits[i];
        found->hits[i] = found->hits[--k];
        found->hits[k] = hit;
    }
}

static void
find_in_window(const struct target *t, const struct archive_query *query,
               struct window w, struct found *found)
{
    size_t first = find_index(t, w.lo), end = find_index(t, w.hi), before = found->n;
    size_t most = before + w.n;
    for (size_t i = first; i < end && found->n < most; i++) {
        const struct item *item = &t->items[w.newest ? end - 1 - (i - first) : i];
        if (is_record_wanted(item, query))
            insert_hit(found, found->n, (struct hit){t, item});
    }
    if (w.newest)
        reverse_hits(found, before);
}

/* For all forms but AROUND. BETWEEN and TARGETS count from the later bound if that is
 * `from`. */
static struct window
find_window(const struct archive_query *query)
{
    static const struct {
        bool above, below, newest;
    } forms[] = {
        [ARCHIVE_LATEST] = {.above = true, .newest = true},
        [ARCHIVE_BEFORE] = {.below = true, .newest = true},
        [ARCHIVE_AFTER] = {.above = true},
    };
    struct archive_bound from = query->from, to = query->to;
    if (query->form == ARCHIVE_BETWEEN || query->form == ARCHIVE_TARGETS) {
        bool newest = from.at > to.at;
        return (struct window){.lo = archive_after(newest ? to : from),
                               .hi = archive_before(newest ? from : to),
                               .n = query->n,
                               .newest = newest};
    }
    return (struct window){.lo = forms[query->form].above ? archive_after(from) : 0,
                           .hi = forms[query->form].below ? archive_before(from)
                                                          : ARCHIVE_END,
                           .n = query->n,
                           .newest = forms[query->form].newest};
}

static void
find_around(const struct target *t, const struct archive_query *query,
            struct found *found)
{
    uint64_t at = archive_before(query->from);
    size_t before = query->n / 2;
    struct window older = {.hi = at, .n = before, .newest = true};
    struct window rest = {.lo = at, .hi = ARCHIVE_END, .n = query->n - before};
    find_in_window(t, query, older, found);
    find_in_window(t, query, rest, found);
}

static void
add_newest_hit(const struct target *t, const struct archive_query *query,
               struct window w, struct found *found)
{
    for (size_t i = t->n; i-- > 0;) {
        const struct item *item = &t->items[i];
        if (!is_record_wanted(item, query))
            continue;
        if (item->at < w.lo || item->at >= w.hi)
            return;
        size_t at = found->n;
        while (at > 0 && found->hits[at - 1].item->at > item->at)
            at--;
        insert_hit(found, at, (struct hit){t, item});
        return;
    }
}

/* The first n, or the last n, of the targets that have their newest record in the
 * window. */
static void
find_newest_targets(const struct archive_ram *ram, const struct archive_query *query,
                    struct found *found)
{
    struct window w = find_window(query);
    for (size_t i = 0; i < query->n_among; i++) {
        const struct target *t = find_archive_target(ram, query->among[i]);
        if (t)
            add_newest_hit(t, query, w, found);
    }
    if (found->n <= w.n)
        return;
    if (w.newest)
        memmove(found->hits, found->hits + (found->n - w.n), w.n * sizeof *found->hits);
    found->n = w.n;
}

static const void *
copy_answer_bytes(char **at, const void *bytes, size_t n)
{
    const char *copy = *at;
    if (n > 0)
        memcpy(*at, bytes, n);
    *at += n;
    return copy;
}

static void
answer_found(struct archive_ram *ram, uint64_t id, const struct found *found,
             bool with_bytes)
{
    size_t bytes = 0;
    for (size_t i = 0; i < found->n; i++)
        bytes += strlen(found->hits[i].target->name) + 1 +
                 (with_bytes ? found->hits[i].item->len : 0);
    struct waiting_answer *answer =
        queue_answer(ram, id, ARCHIVE_DONE, found->n, bytes);
    char *at = (char *)(answer->records + found->n);
    for (size_t i = 0; i < found->n; i++) {
        struct hit hit = found->hits[i];
        struct archive_record *record = &answer->records[i];
        *record = (struct archive_record){.at = hit.item->at, .kind = hit.item->kind};
        record->target =
            copy_answer_bytes(&at, hit.target->name, strlen(hit.target->name) + 1);
        record->len = with_bytes ? hit.item->len : 0;
        if (with_bytes)
            record->bytes = copy_answer_bytes(&at, hit.item->bytes, record->len);
    }
}

static void
answer_range(struct archive *a, uint64_t id, const struct archive_query *query)
{
    struct archive_ram *ram = ram_of_archive(a);
    struct found found = {0};
    if (!admit_question(ram, id))
        return;
    bool targets = query->form == ARCHIVE_TARGETS;
    const struct target *t = targets ? NULL : find_archive_target(ram, query->target);
    if (targets && !(query->from.moment && query->to.moment)) {
        queue_failure(ram, id, "TARGETS takes timestamps only");
        return;
    }
    if (targets)
        find_newest_targets(ram, query, &found);
    else if (t && query->form == ARCHIVE_AROUND)
        find_around(t, query, &found);
    else if (t)
        find_in_window(t, query, find_window(query), &found);
    if (id != 0)
        answer_found(ram, id, &found, !targets);
    free(found.hits);
}

static void
append_record(struct archive *a, uint64_t id, const struct archive_record *record)
{
    struct archive_ram *ram = ram_of_archive(a);
    if (!admit_question(ram, id))
        return;
    struct target *t = find_archive_target(ram, record->target);
    uint64_t last = t ? t->items[t->n - 1].at : 0;
    if (record->at <= last || record->at == ARCHIVE_END) {
        queue_failure(ram, id, "the position is not above all others of its target");
        return;
    }
    if (t == NULL)
        t = make_archive_target(ram, record->target);
    if (t->n == t->room) {
        t->room = t->room ? 2 * t->room : FIRST_SLOTS;
        t->items = xrealloc(t->items, t->room * sizeof *t->items);
    }
    struct item *item = &t->items[t->n++];
    *item = (struct item){.at = record->at, .kind = record->kind, .len = record->len};
    item->bytes = xmalloc(record->len);
    if (record->len > 0)
        memcpy(item->bytes, record->bytes, record->len);
    queue_verdict(ram, id, ARCHIVE_DONE);
}

static void
redact_record(struct archive *a, uint64_t id, const char *name, uint64_t at)
{
    struct archive_ram *ram = ram_of_archive(a);
    if (!admit_question(ram, id))
        return;
    const struct target *t = find_archive_target(ram, name);
    size_t i = t ? find_index(t, at) : 0;
    bool known = t && i < t->n && t->items[i].at == at && t->items[i].bytes;
    if (known)
        blank_item(&t->items[i]);
    queue_verdict(ram, id, known ? ARCHIVE_DONE : ARCHIVE_UNKNOWN);
}

static void
erase_target(struct archive *a, uint64_t id, const char *name, uint64_t before)
{
    struct archive_ram *ram = ram_of_archive(a);
    if (!admit_question(ram, id))
        return;
    struct target *t = find_archive_target(ram, name);
    if (t)
        drop_oldest(ram, t, find_index(t, before));
    queue_verdict(ram, id, ARCHIVE_DONE);
}

static void
expire_records(struct archive *a, uint64_t id, uint64_t before, size_t keep)
{
    struct archive_ram *ram = ram_of_archive(a);
    struct target *t, *next;
    if (!admit_question(ram, id))
        return;
    HASH_ITER(hh, ram->targets, t, next) {
        size_t old = find_index(t, before);
        size_t beyond = t->n > keep ? t->n - keep : 0;
        drop_oldest(ram, t, old > beyond ? old : beyond);
    }
    queue_verdict(ram, id, ARCHIVE_DONE);
}

/* --- life */

static const struct archive_ops archive_ram_ops = {
    .append = append_record,
    .range = answer_range,
    .redact = redact_record,
    .erase = erase_target,
    .expire = expire_records,
};

struct archive *
archive_ram_new(size_t waiting)
{
    struct archive_ram *ram = xcalloc(1, sizeof *ram);
    ram->archive.ops = &archive_ram_ops;
    ram->max_waiting = waiting;
    list_init(&ram->answers);
    /* As in store_ram.c: the core has no random source. No answer depends on this
     * seed. */
    memcpy(ram->seed.bytes, &ram, sizeof ram);
    return &ram->archive;
}

void
archive_ram_free(struct archive *a)
{
    struct target *t, *next;
    if (a == NULL)
        return;
    struct archive_ram *ram = ram_of_archive(a);
    while (archive_ram_answer(a))
        continue;
    HASH_ITER(hh, ram->targets, t, next) {
        drop_oldest(ram, t, t->n);
    }
    free(ram->why);
    free(ram);
}

void
archive_ram_fail(struct archive *a, const char *why)
{
    xreplace(&ram_of_archive(a)->why, why);
}
