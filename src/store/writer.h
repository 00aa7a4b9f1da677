/* The thread that saves: it takes puts from a queue and reports with news. */
#ifndef SRC_STORE_WRITER_H
#define SRC_STORE_WRITER_H

#include "image.h"
#include "pair.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>

struct store_stats;
struct writer;

/* Starts the thread. It owns the image and the pair until writer_stop has returned
 * true, and calls wake. NULL with errno if it cannot be started. */
struct writer *writer_start(struct image *m, struct pair *p, void (*wake)(void *ctx),
                            void *ctx, unsigned retry_ms);

/* As put of struct store_ops, store_gdbm_news and store_gdbm_syncs. */
store_ticket writer_put(struct writer *w, bool grouped, const void *key, size_t key_len,
                        const void *value, size_t value_len);
/* Queues the puts that were `grouped` since the last call, all at once, so that one
 * batch takes all of them. */
void writer_commit(struct writer *w);
bool writer_news(struct writer *w, struct store_news *news);
unsigned long writer_syncs(struct writer *w);
/* As store_gdbm_stats. */
void writer_stats(struct writer *w, struct store_stats *out);

/* Records in the image, as of the thread's last turn, and the puts that wait for it. */
struct mem_sum writer_held(struct writer *w);

/* Makes the thread save the queued puts and end. True: it has ended, and w is freed;
 * *saved: whether all was saved. False: it still hangs after timeout_ms, and w and all
 * that it uses must stay. */
bool writer_stop(struct writer *w, unsigned timeout_ms, bool *saved);

#endif
