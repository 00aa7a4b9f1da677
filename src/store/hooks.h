/* Functions of the store's owner that are called while the files are opened. */
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
static inline void
hooks_tell(const struct store_hooks *hooks, enum store_note how, const char *text)
{
    if (hooks->note)
        hooks->note(hooks->ctx, how, text);
}

#endif
