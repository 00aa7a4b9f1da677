/* A line as it came, whose verb is looked up once for its price and its run. */
#ifndef SRC_SESSION_LINE_H
#define SRC_SESSION_LINE_H

#include "cmd/registry.h"

#include <stddef.h>

struct command;
struct server;

/* A raw line (NUL-terminated, writable). Borrows the line. */
struct input_line {
    char *line;
    size_t len;
    const char *verb; /* in the line; verb_len bytes */
    size_t verb_len;
    struct command_use *use; /* of its row; NULL: there is none */
    unsigned credit;         /* price_pay has taken it for the line; 0: nothing */
};
struct input_line line_look(const struct server *srv, char *line, size_t len);

/* The row that raw names; NULL if there is none. */
static inline const struct command *
line_row(const struct input_line *raw)
{
    return registry_row_of(raw->use);
}

#endif
