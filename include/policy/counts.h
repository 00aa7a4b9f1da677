/* What policy has decided since the start, for metrics (session/metrics.h). Each field is
 * only added to, and no decision reads it. */
#ifndef POLICY_COUNTS_H
#define POLICY_COUNTS_H

#include "policy/policy.h"
#include "policy/strikes.h"
#include "policy/throttle.h"

#include <stdint.h>

/* Who sets a ban. */
enum ban_setter { BAN_BY_OPER, BAN_BY_SERVER, BAN_SETTERS };

struct policy_counts {
    uint64_t refused[THROTTLE_LIMITS]; /* connections at accept, by limit */
    uint64_t strikes[STRIKE_CAUSES];   /* given, by cause; one event may give several */
    uint64_t bans_set[BAN_KINDS][BAN_SETTERS];
    uint64_t ban_hits[BAN_KINDS]; /* clients that bans have refused or ended */
    /* Clients at registration, and names, that bans have refused. */
    uint64_t ban_refused[BAN_KINDS];
};

#endif
