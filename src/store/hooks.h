/* What the store asks of its owner while it opens its files. */
#ifndef SRC_STORE_HOOKS_H
#define SRC_STORE_HOOKS_H

#include "store/store_gdbm.h"

#include <stdbool.h>
#include <stddef.h>

/* The fields of the same names of store_gdbm_options; each function may be NULL. */
struct store_hooks {
    void (*note)(void *ctx, enum store_note how, const char *text);
    bool (*is_ban)(const void *key, size_t key_len);
    void *ctx;
};

/* Calls note, if there is one. */
void hooks_tell(const struct store_hooks *hooks, enum store_note how, const char *text);

#endif
