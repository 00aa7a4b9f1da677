/* Cloaks: the key, which the store keeps for good, and who shows what. */
#ifndef POLICY_CLOAKING_H
#define POLICY_CLOAKING_H

#include "proto/cloak.h"
#include "state/record.h"

struct client;
struct server;

/* The key of all cloaks; a server without this subsystem (that of a bans file) has one
 * of zeros. Borrowed. */
const struct cloak_key *cloaking_key(const struct server *srv);

/* After all records are loaded. Without a stored key `seed` (random bytes) is the key.
 */
void cloaking_begin(struct server *srv, const struct cloak_key *seed);

/* Stores the key if cloaks are on and it is not stored yet: at the start and after each
 * REHASH. */
void cloaking_keep(struct server *srv);

/* Gives c its cloak if cloaks are on; bans match it from then on, and nothing shows it
 * yet. */
void cloaking_give(struct server *srv, struct client *c);

/* The host that c is to show: its cloak with +x, else its address. room is for that. */
const char *cloaking_host(const struct client *c, char *room);

extern const struct record_kind cloaking_records[]; /* the stored key */

#define CLOAK_RECORD 'K' /* kind of its record, and its whole key */

#endif
