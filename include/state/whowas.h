/* WHOWAS: a ring of the nicks that were given up last. */
#ifndef STATE_WHOWAS_H
#define STATE_WHOWAS_H

#include "base/addr.h"
#include "base/msec.h"
#include "proto/name.h"

#include <stdbool.h>

#define WHOWAS_ENTRIES 512

struct client;
struct server;

struct whowas_entry {
    char nick[NAME_NICK_MAX + 1]; /* "": unused */
    char user[NAME_USER_MAX + 1];
    char host[NAME_HOST_MAX + 1];
    char real[NAME_REAL_MAX + 1];
    struct addr addr;
    bool connected; /* it had a session; else addr is not set */
    msec left;      /* wall: when it gave up the nick */
};

struct whowas {
    struct whowas_entry entries[WHOWAS_ENTRIES];
    unsigned next;
};

/* Adds an entry for a registered client with its present nick. */
void whowas_add(struct server *srv, const struct client *c);

/* The i-th newest entry of this nick (0: the newest); NULL: none. Borrowed until
 * whowas_add. */
const struct whowas_entry *whowas_find(const struct server *srv, const char *nick,
                                       unsigned i);

/* The newest entry of this nick, if no registered client has the nick and the address
 * is known; else NULL. */
const struct whowas_entry *whowas_find_host(const struct server *srv, const char *nick);

#endif
