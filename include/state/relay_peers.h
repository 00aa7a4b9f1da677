/* A message to the peers of a client: the clients that share a channel with it. */
#ifndef STATE_RELAY_PEERS_H
#define STATE_RELAY_PEERS_H

#include "state/relay.h"

/* Sends once to each client that shares a channel with c, and not to c. */
void relay_peers(struct relay *r, const struct client *c);
/* The same, but a client that shares only channels with c on which the membership of c
 * is withheld gets `plain`; plain NULL: it gets nothing. Both relays are of one server
 * and not ended. */
void relay_peers_withheld(struct relay *r, struct relay *plain, const struct client *c);
/* Call right after relay_peers or relay_peers_withheld for the same c. Sends to the
 * clients that watch its nick, have asked for more than online and offline
 * (extended-monitor), and were not reached yet. */
void relay_watchers(struct relay *r, const struct client *c);

#endif
