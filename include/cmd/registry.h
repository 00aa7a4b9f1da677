/* The index of all commands. */
#ifndef CMD_REGISTRY_H
#define CMD_REGISTRY_H

#include "cmd/command.h"

#include <stddef.h>
#include <stdint.h>

struct server;

/* The title of each enum command_group in HELP and the manual page, as "Operators,
 * bans"; NULL for GROUP_NONE. */
extern const char *const registry_group_titles[COMMAND_GROUPS];

/* A row and the counters of its use: lines, and their bytes. Owned by the registry. */
struct command_use {
    const struct command *row;
    size_t len; /* of its name */
    uint64_t runs, bytes;
};

/* The row of a verb of len bytes in any case; NULL if there is none. */
const struct command *registry_find(const struct server *srv, const char *verb,
                                    size_t len);

/* The same with its counters; it lives as long as srv. */
struct command_use *registry_use(const struct server *srv, const char *verb,
                                 size_t len);

/* The row of these counters; NULL for NULL. */
static inline const struct command *
registry_row_of(const struct command_use *use)
{
    return use ? use->row : NULL;
}

/* Counts a line of this command. */
static inline void
registry_count(struct command_use *use, size_t bytes)
{
    use->runs++;
    use->bytes += bytes;
}

/* All rows, sorted by name, *n of them: for the manual page, which needs no server. The
 * caller frees the array. */
const struct command **registry_all(size_t *n);

/* Row number i (from 0) of all rows, sorted by name: for HELP and STATS m. NULL if there
 * is no such row. *runs and *bytes get the number of its lines and their bytes; both
 * pointers may be NULL. */
const struct command *registry_row(const struct server *srv, size_t i, uint64_t *runs,
                                   uint64_t *bytes);

#endif
