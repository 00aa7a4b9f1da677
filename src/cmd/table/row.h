/* A row as JSON, and the filter that rows are compared with. */
#ifndef SRC_CMD_TABLE_ROW_H
#define SRC_CMD_TABLE_ROW_H

#include "base/str.h"
#include "cmd/table.h"
#include "proto/message.h"

#include <stdbool.h>
#include <stddef.h>

#define FILTER_TERMS 8
/* Room for any row: each of the texts of a row is limited, and the longest have 2,000
 * bytes together, each of which may become six. */
#define TABLE_ROW 16384

/* Words with blanks between them; a row must match all. */
struct table_filter {
    size_t n;
    struct filter_term {
        const struct table_column *column; /* NULL: any of the searched columns */
        const char *glob;                  /* in text */
    } terms[FILTER_TERMS];
    char text[2 * MESSAGE_LINE];
};

/* Reads "word column=word …". A word with * or ? is a glob over the whole value;
 * without them it may stand anywhere in the value, and behind "column=" it is the whole
 * value. "column=" alone means null. False: err is what is wrong with it. */
bool table_filter_read(struct table_filter *f, const struct table *table,
                       const char *text, char *err, size_t errlen);

/* Compares the values that the reader would get. */
bool table_filter_matches(const struct table_filter *f, const struct table *table,
                          const struct table_row *row);

/* Writes the row as an object of JSON; out has TABLE_ROW bytes. */
void table_row_write(struct str *out, const struct table *table,
                     const struct table_row *row);

#endif
