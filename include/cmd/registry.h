/* The index of all commands. */
#ifndef CMD_REGISTRY_H
#define CMD_REGISTRY_H

#include <stddef.h>
#include <stdint.h>

struct command;
struct server;

/* A row, and how often it ran; of the registry. */
struct command_use {
    const struct command *row;
    size_t len; /* of its name */
    uint64_t runs, bytes;
};

/* The index over all rows, and how often each ran. */
void registry_init(struct server *srv);
void registry_free(struct server *srv);
/* Memory of the index, as mem_block. */
size_t registry_memory(const struct server *srv);

/* The row of a verb in any case; NULL if there is none. */
const struct command *registry_find(const struct server *srv, const char *verb,
                                    size_t len);

/* The same with its counters, which live as long as srv. */
struct command_use *registry_use(const struct server *srv, const char *verb,
                                 size_t len);

/* The row of these counters; NULL of NULL. */
static inline const struct command *
registry_row_of(const struct command_use *use)
{
    return use ? use->row : NULL;
}

/* A line of this command with so many bytes came. */
static inline void
registry_count(struct command_use *use, size_t bytes)
{
    use->runs++;
    use->bytes += bytes;
}

/* All rows by name, without a server: for the manual page. The caller frees the array.
 */
const struct command **registry_all(size_t *n);

/* All rows by name, for HELP and STATS m. i counts from 0; NULL at
 * the end. *runs and *bytes (both may be NULL) tell how often and with how many bytes
 * it was used. */
const struct command *registry_row(const struct server *srv, size_t i, uint64_t *runs,
                                   uint64_t *bytes);

#endif
