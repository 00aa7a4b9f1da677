/* What memory is used for, by kind: STATS z. Each subsystem adds its own rows, and
 * subsystems_census takes them all. */
#ifndef STATE_CENSUS_H
#define STATE_CENSUS_H

#include "base/mem.h"
#include "state/subsystem.h"

#include <stddef.h>

struct client;
struct server;

/* The parts in the order in which they are shown. */
enum census_part {
    CENSUS_OF_CLIENTS, /* grows with the number of clients */
    CENSUS_OF_HOSTS,   /* what is remembered of hosts, and bans */
    CENSUS_OF_SERVER,
    CENSUS_SELF, /* the one row of what is there once */
    CENSUS_PARTS
};

#define CENSUS_ROWS 48
#define CENSUS_SUMS 2 /* of a subsystem */

struct census {
    struct census_row {
        const char *name; /* "clients"; a borrowed literal */
        enum census_part part;
        size_t n, bytes;
    } rows[CENSUS_ROWS]; /* by part; within one in the order they were added */
    size_t n_rows;
    /* What the subsystems have counted of clients (client_memory), by their ids. */
    struct mem_sum of_clients[SUBSYSTEMS][CENSUS_SUMS];
    size_t clients; /* bytes of CENSUS_OF_CLIENTS */
    size_t all;     /* of all rows */
};

/* The row of what is not answered yet. */
#define CENSUS_WAITS "answers that wait for disk or worker"

/* For the memory function of a subsystem: adds to the row of this name; a new name
 * becomes the last row of its part. Bytes are those of mem_block. */
void census_add(struct census *out, enum census_part part, const char *name, size_t n,
                size_t bytes);

/* Adds to the row of what is there once. */
void census_add_self(struct census *out, size_t bytes);

/* Calls fn for each client, registered or not. */
void census_each_client(const struct server *srv,
                        void (*fn)(const struct client *c, void *ctx), void *ctx);
/* The same for those that have a session. */
void census_each_session(const struct server *srv,
                         void (*fn)(const struct client *c, void *ctx), void *ctx);

#endif
