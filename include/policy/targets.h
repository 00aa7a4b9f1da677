/* Targets of private messages: the clients that a client talked with
 * (client_policy.targets; NULL: none yet), and whether another one is new to it. */
#ifndef POLICY_TARGETS_H
#define POLICY_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct server;
struct targets;

/* The cost of a message or an invitation of `from` to `to`. It is FREE if `from` is
 * `to`, if both are on one channel, or if `to` left a channel within the last 5 minutes
 * on which `from` is voiced or higher. `to` is KNOWN if it is one of the last 16
 * clients that `from` wrote to or of the last 512 that wrote to `from`; that costs
 * nothing either, but targets_wrote notes it again. Any other client is NEW and costs
 * one of COUNTER_target. A verdict only. */
enum target_verdict { TARGET_FREE, TARGET_KNOWN, TARGET_NEW };
enum target_verdict targets_judge(const struct server *srv, const struct client *from,
                                  const struct client *to);

/* Notes that `from` writes to `to` or invites it. The oldest of the 16 is forgotten. */
void targets_wrote(struct client *from, const struct client *to);

/* Notes that a message or an invitation of `from` was delivered to `to`. An answer of
 * `to` costs nothing until 512 other clients have written to it. */
void targets_heard(struct client *from, struct client *to);

/* True, at most once a minute, if `from` may be told that its NOTICE was refused. True
 * counts as told. The limit keeps two programs from answering each other line by
 * line. */
bool targets_may_tell(const struct server *srv, struct client *from);

/* The bytes of t, as mem_block; 0 if t is NULL. */
size_t targets_memory(const struct targets *t);

#endif
