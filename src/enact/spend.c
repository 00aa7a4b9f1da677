/* Spending: carries out the verdicts on the counters of clients.
 *
 * The caller tells the client about a refusal. The strike for it is given here, so that
 * no command can forget it. */
#include "enact/spend.h"

#include "base/attr.h"
#include "enact/strike.h"
#include "policy/client_policy.h"
#include "policy/flood.h"
#include "policy/targets.h"
#include "state/client.h"

bool
enact_spend(struct server *srv, struct client *c, enum counter which, int *seconds)
{
    enum flood_verdict verdict = flood_judge_counter(srv, c, which, seconds);
    flood_spend(srv, c, which);
    if (verdict == FLOOD_REFUSE && flood_is_offence(srv, c)) {
        flood_note_offence(srv, c);
        enact_strike(srv, c, counter_cause(which));
    }
    return verdict == FLOOD_RUN;
}

/* Takes a token. A refusal takes none, and does not count as c's own spending. */
static bool
spend_without_strike(struct server *srv, struct client *c, enum counter which,
                     int *seconds)
{
    struct subject s = subject_session(c);
    if (flood_judge_counter(srv, c, which, seconds) != FLOOD_RUN) {
        counter_settle(srv, &s, which);
        return false;
    }
    flood_spend(srv, c, which);
    return true;
}

ATTR_HOT bool
enact_target(struct server *srv, struct client *from, struct client *to, bool strikes,
             int *seconds)
{
    enum target_verdict verdict = targets_judge(srv, from, to);
    if (verdict == TARGET_FREE)
        return true;
    if (verdict == TARGET_NEW && !(strikes ? enact_spend : spend_without_strike)(
                                     srv, from, COUNTER_target, seconds))
        return false;
    targets_wrote(from, to);
    return true;
}
