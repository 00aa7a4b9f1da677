/* The store that the configuration asks for: on disk, or in memory when it names no
 * directory. */
#ifndef SRC_MAIN_STORE_CHOICE_H
#define SRC_MAIN_STORE_CHOICE_H

#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>

#define STORE_CLOSE_TIME 1500

struct log;

struct store_choice {
    struct store *store;
    const char *
        where; /* directory, or "(memory)"; borrowed from the configuration or copied */
    bool (*news)(struct store *s, struct store_news *news);
    bool (*close)(struct store *s);
    bool busy; /* store_choice_open failed because another server uses the directory */
    bool damaged; /* something was lost, or may be, or cannot be saved, at opening */
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

/* How many records there are; only before the first put. */
size_t store_choice_count(const struct store_choice *choice);

/* Saves and closes, within STORE_CLOSE_TIME ms. False, and it is logged, when something is
 * not saved. A zeroed struct is fine. */
bool store_choice_close(struct store_choice *choice);

#endif
