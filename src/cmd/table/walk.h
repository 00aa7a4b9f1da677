/* What the files of src/cmd/table share. */
#ifndef SRC_CMD_TABLE_WALK_H
#define SRC_CMD_TABLE_WALK_H

#include "cmd/table.h"

/* The words of a column in tables.def. */
enum { TABLE_PLAIN = false, TABLE_SEARCH = true };

extern const struct table table_bans, table_channels, table_clients, table_hosts,
    table_log, table_status;

/* Moves the place behind the item of a hash_walk; found false: there is none. Returns
 * found. */
static inline bool
table_walk_on(struct table_place *at, bool found)
{
    at->end = !found || at->at == UINT64_MAX;
    at->at++;
    return found;
}

#endif
