/* The port through which the core stores records durably. The shell (store/) implements
 * it on GDBM; store_ram_new implements it in memory, for tests and for a server without
 * a database.
 *
 * Keys and values are opaque bytes to the store; state/record.h makes the values. Keys
 * are text (UTF-8 without control characters) or a hash. With packed binary keys that
 * share a prefix, GDBM takes only some 900,000 records ("Bucket directory overflow"),
 * because its own hash puts too many of them into one bucket. */
#ifndef STATE_STORE_H
#define STATE_STORE_H

#include "base/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Tickets count up from 1 and are answered in order. 0 is not a ticket. */
typedef uint64_t store_ticket;
#define STORE_REFUSED UINT64_MAX /* not a ticket: the change is never saved */

struct store;

/* A record; key and value are borrowed for the call. */
typedef void store_fn(void *ctx, const void *key, size_t key_len, const void *value,
                      size_t value_len);

/* The functions that an implementation provides. */
struct store_ops {
    /* Queues a change and returns its ticket at once: the key has this value from now
     * on; value NULL: the key is removed. Bytes are copied. Never fails: a change that
     * cannot be written is retried. */
    store_ticket (*put)(struct store *s, const void *key, size_t key_len,
                        const void *value, size_t value_len);
    /* The open group is complete (store_commit). */
    void (*commit)(struct store *s);
    /* Calls fn for each record, as of opening, with a key that starts with these bytes
     * (none: for all records), in any order. Only before the first put. Neither GDBM
     * nor the table in memory orders keys, so each call compares the keys of all
     * records: some 30 ms for a million, without access to the disk. */
    void (*scan)(struct store *s, const void *prefix, size_t prefix_len, store_fn *fn,
                 void *ctx);
    /* The number of records that are in memory or wait to be written, and their memory
     * (a sum of mem_block). */
    struct mem_sum (*count)(struct store *s);
};

/* The first member of an implementation's struct. */
struct store {
    const struct store_ops *ops;
    bool durable;      /* false: no record outlives the process */
    unsigned grouping; /* open groups, nested */
};

static inline store_ticket
store_put(struct store *s, const void *key, size_t key_len, const void *value,
          size_t value_len)
{
    return s->ops->put(s, key, key_len, value, value_len);
}

/* The puts from store_begin to store_commit are one group: after a crash, all of them
 * are there or none is, and no news is about a part of them. A nested group is part of
 * the outer one. An open group is not written; each is closed before the core returns
 * to the shell. If both files of the GDBM store are damaged, records are recovered one
 * by one, without regard to groups. */
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

/* Calls fn for all records (store_ops.scan). */
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

/* News from the shell to the core, through session_stored: every ticket up to and
 * including `upto` is on disk (why NULL), or could not be written for the reason `why`
 * and is retried. */
struct store_news {
    store_ticket upto;
    const char *why;
};

#endif
