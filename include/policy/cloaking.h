/* Cloaks: their key, which is stored for good, and the host that a client shows. */
#ifndef POLICY_CLOAKING_H
#define POLICY_CLOAKING_H

#include "proto/cloak.h"
#include "state/record.h"

struct client;
struct server;

/* The key of all cloaks; zeros in a server without this subsystem (the one that reads a
 * bans file). Borrowed. */
const struct cloak_key *cloaking_key(const struct server *srv);

/* Call after all records are loaded. If the store had no key, `seed` (random bytes)
 * becomes the key. */
void cloaking_begin(struct server *srv, const struct cloak_key *seed);

/* Stores the key if cloaks are on and it is not stored yet. Call at the start and after
 * each REHASH. */
void cloaking_keep(struct server *srv);

/* Gives c its cloak if cloaks are on. Bans match the cloak from then on; it is not
 * shown before c has +x. */
void cloaking_give(struct server *srv, struct client *c);

/* The host that c shows: its cloak with +x, else its address. Borrowed from c or room.
 */
const char *cloaking_host(const struct client *c, char *room);

extern const struct record_kind cloaking_records[]; /* the stored key */

#define CLOAK_RECORD 'K' /* the kind of its record, and the whole key of it */

#endif
