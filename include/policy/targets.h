/* The clients that a client talked with (client_policy.targets; NULL: none yet). */
#ifndef POLICY_TARGETS_H
#define POLICY_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;
struct targets;

/* True if `to` is one of the last 16 that c wrote to or of the last 512 that wrote to
 * c. */
bool targets_know(const struct client *c, const struct client *to);

/* `from` writes to `to`, or invites it: the oldest of the 16 is forgotten for it. */
void targets_wrote(struct client *from, const struct client *to);

/* `from` has written to `to`, or invited it, and it arrived: `to` may answer for free
 * from now on, unless 512 others write to it after that. */
void targets_heard(struct client *from, struct client *to);

/* May `from` be told that a NOTICE of its was refused? True once a minute, and it
 * counts as told then: programs must not be answered line by line. */
bool targets_may_tell(const struct server *srv, struct client *from);

/* Memory of what is known of a client's talks, as mem_block; NULL: nothing. */
size_t targets_memory(const struct targets *t);

#endif
