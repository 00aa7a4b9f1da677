/* What memory is used for, by kind: STATS z. */
#ifndef CMD_CENSUS_H
#define CMD_CENSUS_H

#include <stddef.h>

struct server;

enum census_kind {
    CENSUS_CLIENTS,
    CENSUS_CONNECTIONS,
    CENSUS_TEXTS,
    CENSUS_NICK_TABLE,
    CENSUS_CHANNELS,
    CENSUS_MEMBERSHIPS,
    CENSUS_LIST_ENTRIES,
    CENSUS_INVITES,
    CENSUS_QUEUED,
    CENSUS_LINES,
    CENSUS_WATCHES,
    CENSUS_TALKS,
    CENSUS_HOSTS,
    CENSUS_WHOWAS,
    CENSUS_KINDS
};

struct census {
    struct census_row {
        size_t n, bytes;
    } rows[CENSUS_KINDS];
    size_t clients; /* bytes of the kinds that grow with the number of clients */
};

/* Walks all clients and channels and counts what they hold: blocks as malloc rounds
 * them, its eight bytes included. Bytes that several queues share count in each. */
void census_take(const struct server *srv, struct census *out);

/* "clients"; a borrowed literal. */
const char *census_name(enum census_kind kind);

#endif
