/* A line as it came. Its command is looked up once, for the price and for the run. */
#ifndef SRC_SESSION_LINE_H
#define SRC_SESSION_LINE_H

#include "cmd/registry.h"

#include <stddef.h>

struct command;
struct server;

/* A raw line, NUL-terminated and writable. The bytes are borrowed. */
struct input_line {
    char *line;
    size_t len;
    const char *verb; /* points into line; verb_len bytes */
    size_t verb_len;
    struct command_use *use; /* its command; NULL: the verb is unknown */
    unsigned credit;         /* taken by price_pay for the line; 0: none */
};

/* The raw line of these bytes, with its command looked up. */
struct input_line line_look(const struct server *srv, char *line, size_t len);

/* The command of the line; NULL if its verb is unknown. */
static inline const struct command *
line_row(const struct input_line *raw)
{
    return registry_row_of(raw->use);
}

#endif
