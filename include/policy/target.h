/* New targets of private messages: which others a client may write to. */
#ifndef POLICY_TARGET_H
#define POLICY_TARGET_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;
struct targets;

/* May `from` write to `to`, or invite it? Free are: `from` itself; the last clients
 * that wrote to `from` or that it wrote to; those that share a channel with it; those
 * that were, within the last 5 minutes, on a channel where it has a status (voice or
 * higher); and all others if it has no flood control. Any other takes a token of
 * BUCKET_TARGET. False: the wait in whole seconds is in *seconds, and with `strikes` it
 * was struck as flood_bucket does. */
bool target_pass(struct server *srv, struct client *from, struct client *to,
                 bool strikes, int *seconds);

/* May `from` be told that a NOTICE of its was refused? True once a minute, and it
 * counts as told then: programs must not be answered line by line. */
bool target_may_tell(const struct server *srv, struct client *from);

/* Memory of what is known of a client's talks, as mem_block; NULL: nothing. */
size_t target_memory(const struct targets *t);

/* `from` has written to `to`, or invited it, and it arrived: `to` may answer for free
 * from now on, unless 512 others write to it after that. */
void target_told(struct client *from, struct client *to);

#endif
