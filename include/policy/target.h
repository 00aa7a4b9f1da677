/* New targets of private messages: which others a client may write to. */
#ifndef POLICY_TARGET_H
#define POLICY_TARGET_H

#include <stdbool.h>

struct client;
struct server;

/* May `from` write to `to`, or invite it? FREE are: `from` itself; those that share a
 * channel with it; those that were, within the last 5 minutes, on a channel where it
 * has a status (voice or higher). KNOWN are the last clients that wrote to `from` or
 * that it wrote to: they cost nothing either, and are remembered anew (targets_wrote).
 * Any other is NEW and takes one of COUNTER_target. */
enum target_verdict { TARGET_FREE, TARGET_KNOWN, TARGET_NEW };
enum target_verdict target_judge(const struct server *srv, const struct client *from,
                                 const struct client *to);

#endif
