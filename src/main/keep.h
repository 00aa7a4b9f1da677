/* The store that the configuration asks for: on disk, or in memory when it names no
 * directory. */
#ifndef SRC_MAIN_KEEP_H
#define SRC_MAIN_KEEP_H

#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>

#define KEEP_CLOSE 1500

struct log;

struct keep {
    struct store *store;
    const char *
        where; /* directory, or "(memory)"; borrowed from the configuration or copied */
    bool (*news)(struct store *s, struct store_news *news);
    bool (*close)(struct store *s);
    bool busy;    /* keep_open failed because another server uses the directory */
    bool damaged; /* something was lost, or may be, or cannot be saved, at opening */
    struct log *log;
    void (*wake)(void *ctx);
    void *ctx;
};

/* Opens the store in `path` ("": in memory). wake is called on another thread when
 * there is news. False with the reason. */
bool keep_open(struct keep *k, const char *path, struct log *log,
               void (*wake)(void *ctx), void *ctx, char *err, size_t errlen);

/* The same, only to read: nothing is written (store_gdbm_options.look). */
bool keep_look(struct keep *k, const char *path, struct log *log,
               void (*wake)(void *ctx), void *ctx, char *err, size_t errlen);

/* How many records there are; only before the first put. */
size_t keep_count(const struct keep *k);

/* Saves and closes, within KEEP_CLOSE ms. False, and it is logged, when something is
 * not saved. A zeroed struct is fine. */
bool keep_close(struct keep *k);

#endif
