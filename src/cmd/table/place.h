/* The cursor of TABLE: a position in a table as a word. */
#ifndef SRC_CMD_TABLE_PLACE_H
#define SRC_CMD_TABLE_PLACE_H

#include "cmd/table.h"

#include <stdbool.h>

#define PLACE_TEXT 80   /* room for a cursor */
#define PLACE_START "*" /* the cursor of the start of a table */

/* Writes the place, which is not at the end, as a cursor. */
void table_place_write(const struct server *srv, const struct table *table,
                       const struct table_place *at, char out[PLACE_TEXT]);

/* Reads a cursor. False: it is not one that the server has given for this table since
 * it started. */
bool table_place_read(const struct server *srv, const struct table *table,
                      const char *text, struct table_place *out);

#endif
