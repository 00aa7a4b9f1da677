/* The port through which the core keeps facts for good. The shell (store/) implements
 * it on GDBM; store_ram_new implements it in memory, for tests and for running without
 * a database.
 *
 * Keys and values are opaque bytes to the store; state/record.h makes the values. Keys
 * are text (UTF-8 without control characters) or a hash. With packed binary keys that
 * share a prefix, GDBM takes no more than some 900,000 records («Bucket directory
 * overflow»), because its own hash sends too many of them to one bucket. */
#ifndef STATE_STORE_H
#define STATE_STORE_H

#include "base/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Tickets count up from 1 and are answered in order; 0 is no ticket. */
typedef uint64_t store_ticket;
#define STORE_REFUSED UINT64_MAX /* no ticket: a change that is never saved */

struct store;

/* A record; all is borrowed for the call. */
typedef void store_fn(void *ctx, const void *key, size_t key_len, const void *value,
                      size_t value_len);

/* A row of functions that an implementation provides. */
struct store_ops {
    /* Queues "key now has this value" (value NULL: the key is gone) and returns its
     * ticket at once. Bytes are copied. Never fails: what cannot be written is retried.
     */
    store_ticket (*put)(struct store *s, const void *key, size_t key_len,
                        const void *value, size_t value_len);
    /* The puts of the open group are complete (store_commit). */
    void (*commit)(struct store *s);
    /* Calls fn for each record as of opening whose key starts with these bytes (none:
     * for all), in any order. Only before the first put. GDBM and the table in memory
     * have no order of keys, so each call compares the keys of all records: some 30 ms
     * for a million, without any access to the disk. */
    void (*scan)(struct store *s, const void *prefix, size_t prefix_len, store_fn *fn,
                 void *ctx);
    /* How many records are kept in memory or wait to be written, and their memory (a
     * sum of base/mem.h's mem_block). */
    struct mem_sum (*count)(struct store *s);
};

/* An implementation's struct begins with this. */
struct store {
    const struct store_ops *ops;
    bool durable;      /* false: nothing outlives the process */
    unsigned grouping; /* groups that are open, one inside of the other */
};

static inline store_ticket
store_put(struct store *s, const void *key, size_t key_len, const void *value,
          size_t value_len)
{
    return s->ops->put(s, key, key_len, value, value_len);
}

/* The puts from store_begin to store_commit are one group: after a crash either all of
 * them are there or none is, and no news is of a part of them. A group inside of a
 * group is a part of it. Each group is closed before the core returns to the shell. Of
 * a group that is open nothing is written. If both files of the GDBM store are damaged,
 * records are recovered one by one, and groups are not looked at. */
static inline void
store_begin(struct store *s)
{
    s->grouping++;
}

static inline void
store_commit(struct store *s)
{
    assert(s->grouping > 0);
    if (--s->grouping == 0)
        s->ops->commit(s);
}

/* All records (store_ops.scan). */
static inline void
store_each(struct store *s, store_fn *fn, void *ctx)
{
    s->ops->scan(s, "", 0, fn, ctx);
}

/* For implementations of scan. */
static inline bool
store_has_prefix(const void *key, size_t key_len, const void *prefix, size_t prefix_len)
{
    return key_len >= prefix_len && memcmp(key, prefix, prefix_len) == 0;
}

/* What the shell tells the core: every ticket up to and including `upto` is on disk for
 * good (why == NULL), or could not be written for the reason `why` and is being
 * retried. The core's session_stored() takes it. */
struct store_news {
    store_ticket upto;
    const char *why;
};

/* In memory. Acknowledgements are taken with store_ram_news. */
struct store *store_ram_new(void);
void store_ram_free(struct store *s);
/* As if it were opened anew: tickets count from 1 again, and none waits. */
void store_ram_reopen(struct store *s);
/* True with *news once for what has been put since the last call (tests: call
 * store_ram_fail first to have it fail with a reason until store_ram_fail(s, NULL)). */
bool store_ram_news(struct store *s, struct store_news *news);
void store_ram_fail(struct store *s, const char *why);
/* Tests: the process is killed after `steps` more puts and commits: what follows has no
 * effect any more, after store_ram_reopen neither. */
void store_ram_cut(struct store *s, unsigned steps);

#endif
