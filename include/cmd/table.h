/* The tables of the command TABLE: for each table its columns, and the walk over its
 * rows. The API answers with the same rows.
 *
 * An answer has these lines:
 *
 *   :server TABLE bans :{"kind":"K-line",…        a row: an object of JSON
 *   :server TABLE bans + :…}                      the row before goes on
 *   :server TABLE bans * <cursor>                 the end: more rows with this cursor
 *   :server TABLE bans * end                      the end: no more rows
 *
 * A row that is longer than a line is continued in lines with "+": the reader appends
 * their texts to the row. A row is valid UTF-8 without control characters. */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include "base/msec.h"
#include "proto/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct server;
struct table;
struct table_answer;

#define TABLE_CURSOR '~' /* the first byte of a cursor, and of no other parameter */

enum table_type { TABLE_TEXT, TABLE_NUMBER, TABLE_YESNO, TABLE_TIME };

#define TABLE_VALUE 512 /* room for a value that has no memory of its own */

/* A value of a row. The functions below set it; at first it is null. */
struct table_value {
    const char *text; /* TEXT and TIME, and the digits of a NUMBER; NULL: null */
    char room[TABLE_VALUE];
};

/* text is borrowed as long as the value; NULL and "" are null. */
void table_set_text(struct table_value *v, const char *text);
void table_set_number(struct table_value *v, uint64_t n);
void table_set_yesno(struct table_value *v, bool yes);
/* 0 is null. */
void table_set_time(struct table_value *v, msec wall);

/* A row, for the functions of the columns. All is borrowed. */
struct table_row {
    struct server *srv;
    const struct client *reader;
    const void *item; /* of the table's own kind; NULL: there is no row here */
};

struct table_column {
    const char *name, *meaning; /* meaning "": a key of contrib/EVENTS.md */
    enum table_type type;
    bool searched; /* a word of the filter without a column is compared with it */
    /* Sets *out, as the reader may read it. */
    void (*get)(const struct table_row *row, struct table_value *out);
};

/* A position in a table: the next row to look at. It stays valid whatever is added and
 * removed. */
struct table_place {
    uint64_t at;
    uint64_t id; /* of the last client shown at `at`; 0: none (clients) */
    /* the nick that this client had: with it, it is found at once; "": not known */
    char nick[NAME_NICK_MAX + 2];
    const struct client *last; /* that client, while a piece is made; else NULL */
    bool end;                  /* no row is left */
};

struct table {
    const char *name;
    uint64_t priv; /* the privilege that it needs beside check; 0: none */
    bool sparse;   /* a row has no columns without a value */
    bool by_host;  /* `at` is a host, and `id` and `nick` are of a client of it */
    const struct table_column *columns;
    size_t n_columns;
    /* Looks at the row at the place and moves the place behind it. row->item is NULL if
     * the reader may not see it or there is none here. False: no row is left. */
    bool (*next)(struct table_place *at, struct table_row *row);
    /* In the place of next, for a table of a few rows: calls table_offer for all of
     * them, in an order that does not change. */
    void (*all)(struct table_answer *answer, struct table_row *row);
};

/* Shows the row if it is the next one, matches, and has room in this piece. */
void table_offer(struct table_answer *answer, const struct table_row *row);

/* All tables; the last is followed by NULL. */
extern const struct table *const tables[];

#endif
