/* The thread that saves: takes puts from a queue, answers with news. */
#ifndef SRC_STORE_WRITER_H
#define SRC_STORE_WRITER_H

#include "image.h"
#include "pair.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>

struct writer;

/* Image and pair are the thread's from now on, until writer_stop has returned true;
 * wake is called from the thread. NULL with errno if there is no thread to be had. */
struct writer *writer_start(struct image *m, struct pair *p, void (*wake)(void *ctx),
                            void *ctx, unsigned retry_ms);

/* See struct store_ops, store_gdbm_news, store_gdbm_syncs. */
store_ticket writer_put(struct writer *w, bool grouped, const void *key, size_t key_len,
                        const void *value, size_t value_len);
/* The puts that were `grouped` since the last call are in the queue from now on, all at
 * once, so that one batch takes them all. */
void writer_commit(struct writer *w);
bool writer_news(struct writer *w, struct store_news *news);
unsigned long writer_syncs(struct writer *w);

/* Records in the image, as of the thread's last turn, and those that wait for it. */
struct mem_sum writer_held(struct writer *w);

/* Has the thread save what is queued and end. True: it ended and w is freed; *saved
 * says whether all was saved. False: it still hangs after timeout_ms; w and all it uses
 * must stay. */
bool writer_stop(struct writer *w, unsigned timeout_ms, bool *saved);

#endif
