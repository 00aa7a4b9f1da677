/* From a line to a handler: the index of rows and the gates. */
#ifndef CMD_DISPATCH_H
#define CMD_DISPATCH_H

#include <stddef.h>
#include <stdint.h>

struct client;
struct command;
struct server;
struct use;

/* srv->commands: the index over all rows, and how often each ran. */
void dispatch_init(struct server *srv);
void dispatch_free(struct server *srv);
/* Memory of srv->commands, as mem_block. */
size_t dispatch_memory(const struct server *srv);

/* The row of a verb in any case; NULL if there is none. */
const struct command *dispatch_find(const struct server *srv, const char *verb,
                                    size_t len);

/* A raw line (NUL-terminated, writable), whose verb is looked up once for its price and
 * its run. Borrows the line. */
struct raw {
    char *line;
    size_t len;
    const char *verb; /* in the line; verb_len bytes */
    size_t verb_len;
    struct use *use; /* of its row; NULL: there is none */
    unsigned credit; /* price_pay has taken it for the line; 0: nothing */
};
struct raw dispatch_look(const struct server *srv, char *line, size_t len);

/* The row that raw names; NULL if there is none. */
const struct command *dispatch_row_of(const struct raw *raw);

/* Opens the label of a raw line (labeled-response), if it has one and c may use labels;
 * whoever answers the line ends it with label_end. */
void dispatch_label(struct server *srv, struct client *c, const char *line, size_t len);

/* Runs a line through the gates: bytes, known, registered, privilege, parameters; the
 * line is cut into pieces. Flood control has let it pass already: a line must
 * be held before anything answers it, or replies would overtake each other. */
void dispatch_line(struct server *srv, struct client *c, const struct raw *raw);

/* All rows by name, for HELP, STATS m and the documentation. i counts from 0; NULL at
 * the end. *runs and *bytes (both may be NULL) tell how often and with how many bytes
 * it was used. */
const struct command *dispatch_row(const struct server *srv, size_t i, uint64_t *runs,
                                   uint64_t *bytes);

#endif
