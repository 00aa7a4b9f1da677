/* New targets of private messages: which others a client may write to. */
#ifndef POLICY_TARGET_H
#define POLICY_TARGET_H

#include <stdbool.h>

struct client;
struct server;

/* May `from` write to `to`, or invite it? Free are: `from` itself; the last clients
 * that wrote to `from` or that it wrote to; those that share a channel with it; those
 * that were, within the last 5 minutes, on a channel where it has a status (voice or
 * higher); and all others if it has no flood control. Any other takes a token of
 * BUCKET_TARGET. False: the wait in whole seconds is in *seconds, and with `strikes` it
 * was struck as flood_bucket does. */
bool target_pass(struct server *srv, struct client *from, struct client *to,
                 bool strikes, int *seconds);

#endif
