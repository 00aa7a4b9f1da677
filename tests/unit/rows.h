/* The rows that the command TABLE answers with, as a program reads them. */
#ifndef TESTS_ROWS_H
#define TESTS_ROWS_H

#include "world.h"

#define ROWS_MAX 25000

struct rows {
    char *row[ROWS_MAX]; /* whole objects of JSON */
    size_t n;
    char cursor[128];   /* of the last answer: "end", or a cursor */
    unsigned commands;  /* that were sent */
    size_t turn_work;   /* the most work of one turn */
    size_t all_work;    /* of all turns */
    unsigned turn_rows; /* the most rows of one turn */
};

/* A server with world_easy and more lines of a configuration, and with the operators
 * alice, which has all privileges, and mod, with these. */
struct world *rows_begin(const char *more, const char *privileges, struct actor **alice,
                         struct actor **mod);

/* One command "TABLE <name> <cursor> :<filter>", until its answer ends. The rows are
 * added. */
void rows_page(struct world *w, struct actor *a, const char *table, const char *cursor,
               const char *filter, struct rows *out);
/* All rows, with as many commands as it takes. */
void rows_read(struct world *w, struct actor *a, const char *table, const char *filter,
               struct rows *out);
void rows_free(struct rows *rows);

/* The number of rows with this text: "\"mask\":\"*@192.0.2.1\"". */
unsigned rows_with(const struct rows *rows, const char *text);

#endif
