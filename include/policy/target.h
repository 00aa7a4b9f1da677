/* New private-message targets (policy.md 3): whom a client may write to. */
#ifndef POLICY_TARGET_H
#define POLICY_TARGET_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;
struct targets;

/* May `from` write to `to`, or invite it? Free are: oneself, who is among the last that
 * wrote to `from` or that it wrote to, and everybody for who has no flood control.
 * Anybody else takes a token of BUCKET_TARGET. False: the wait in whole seconds is in
 * *seconds, and with `strikes` it was struck as flood_bucket does. */
bool target_pass(struct server *srv, struct client *from, struct client *to,
                 bool strikes, int *seconds);

/* Memory of what is known of a client's talks, as mem_block; NULL: nothing. */
size_t target_memory(const struct targets *t);

/* `from` has written to `to`, or invited it, and it arrived: `to` may answer for free
 * from now on, unless 512 others write to it after that. */
void target_told(struct client *from, struct client *to);

#endif
