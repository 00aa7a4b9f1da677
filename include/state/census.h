/* The memory of the core by kind of block: STATS z. Each subsystem adds its own rows;
 * subsystems_census calls all of them. */
#ifndef STATE_CENSUS_H
#define STATE_CENSUS_H

#include "base/mem.h"
#include "state/subsystem.h"

#include <stddef.h>

struct client;
struct server;

/* The parts, in the order of STATS z. */
enum census_part {
    CENSUS_OF_CLIENTS, /* memory that grows with the number of clients */
    CENSUS_OF_HOSTS,   /* records of hosts, and bans */
    CENSUS_OF_SERVER,
    CENSUS_SELF, /* one row: all blocks of which there is only one */
    CENSUS_PARTS
};

#define CENSUS_ROWS 48
#define CENSUS_SUMS 2 /* sums of one subsystem */

struct census {
    struct census_row {
        const char *name; /* "clients"; a borrowed literal */
        enum census_part part;
        size_t n, bytes;
    } rows[CENSUS_ROWS]; /* ordered by part, then by the time they were added */
    size_t n_rows;
    /* The sums that client_memory of each subsystem has counted, by the id of the
     * subsystem. */
    struct mem_sum of_clients[SUBSYSTEMS][CENSUS_SUMS];
    size_t clients; /* bytes of the rows of CENSUS_OF_CLIENTS */
    size_t all;     /* bytes of all rows */
};

/* The name of the row for requests that wait for an answer. */
#define CENSUS_WAITS "answers that wait for disk or worker"

/* The name of the row for the records of the store. */
#define CENSUS_RECORDS "records of the database"

/* Adds to the row of this name, which becomes the last row of its part if it is new.
 * Called by the `memory` function of a subsystem. Bytes are a sum of mem_block. */
void census_add(struct census *out, enum census_part part, const char *name, size_t n,
                size_t bytes);

/* Adds to the row of CENSUS_SELF. */
void census_add_self(struct census *out, size_t bytes);

/* Calls fn for each client, registered or not. */
void census_each_client(const struct server *srv,
                        void (*fn)(const struct client *c, void *ctx), void *ctx);
/* The same for each client that has a session. */
void census_each_session(const struct server *srv,
                         void (*fn)(const struct client *c, void *ctx), void *ctx);

#endif
