/* The store that the configuration asks for: on disk, or in memory if it names no
 * directory. */
#ifndef SRC_MAIN_STORE_CHOICE_H
#define SRC_MAIN_STORE_CHOICE_H

#include "state/store.h"
#include "store/store_gdbm.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define STORE_CLOSE_TIME 1500 /* ms */

struct log;

struct store_choice {
    struct store *store;
    char where[PATH_MAX]; /* the directory, or "(memory)" */
    bool (*news)(struct store *s, struct store_news *news);
    bool (*close)(struct store *s);
    void (*stats)(struct store *s, struct store_stats *out); /* NULL: in memory */
    bool busy;    /* opening failed because another server uses the directory */
    bool damaged; /* at opening records were lost or may be, or cannot be saved */
    struct log *log;
    void (*wake)(void *ctx);
    void *ctx;
};

/* Opens the store in `path` ("": in memory). wake is called on another thread when
 * there is news. False with the reason. */
bool store_choice_open(struct store_choice *choice, const char *path, struct log *log,
                       void (*wake)(void *ctx), void *ctx, char *err, size_t errlen);

/* The same, only to read: nothing is written (store_gdbm_options.look). */
bool store_choice_look(struct store_choice *choice, const char *path, struct log *log,
                       void (*wake)(void *ctx), void *ctx, char *err, size_t errlen);

/* The number of records. Call it before the first put. */
size_t store_choice_count(const struct store_choice *choice);

/* Saves and closes the store, within STORE_CLOSE_TIME ms. False, with a line in the
 * log, if a change is not saved. A zeroed struct is fine. */
bool store_choice_close(struct store_choice *choice);

#endif
