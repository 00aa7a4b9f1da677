/* What memory is used for, by kind: STATS z. */
#ifndef SRC_CMD_SERVER_CENSUS_H
#define SRC_CMD_SERVER_CENSUS_H

#include "policy/policy.h"

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
    CENSUS_LEFT,
    CENSUS_ANSWERS,
    CENSUS_LAST_OF_CLIENTS = CENSUS_ANSWERS,
    CENSUS_HOSTS,
    CENSUS_NETWORKS,
    CENSUS_DEBTS,
    CENSUS_DOORS,
    CENSUS_BANS, /* a row for each enum ban_kind */
    CENSUS_BAN_INDEX = CENSUS_BANS + BAN_KINDS,
    CENSUS_STORE,
    CENSUS_WAITING,
    CENSUS_WHOWAS,
    CENSUS_SERVER,
    CENSUS_KINDS
};

struct census {
    struct census_row {
        size_t n, bytes;
    } rows[CENSUS_KINDS];
    size_t clients; /* bytes of the kinds that grow with the number of clients */
    size_t all;     /* of all kinds */
};

/* Walks all clients and channels and counts what they hold, and adds what is kept as a
 * sum: mem_blocks. Not in it: what lives for
 * one turn, what is read at the start (the configuration), the shell's buffers, and the
 * libraries'. */
void census_take(const struct server *srv, struct census *out);

/* "clients"; a borrowed literal. */
const char *census_name(enum census_kind kind);

#endif
