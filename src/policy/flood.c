/* Flood control: each client has tokens for its lines. Without tokens a few lines are
 * held, and more are refused.
 *
 * Nothing here answers, strikes or disconnects; the session and enact/spend.c act on
 * the verdict. Lines run in order: while a line is held, no later line runs. */
#include "policy/flood.h"

#include "base/attr.h"
#include "config/config.h"
#include "policy/carried_buckets.h"
#include "policy/class.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <limits.h>

int
flood_unregistered(const struct server *srv, const struct client *c)
{
    if (c->out.flags & CLIENT_ACTING)
        return INT_MAX;
    return policy_of(c)->class && policy_of(c)->class->unregistered >= 0
               ? policy_of(c)->class->unregistered
               : srv->config->flood.unregistered;
}

int
flood_hold(const struct server *srv, const struct client *c)
{
    return policy_of(c)->class && policy_of(c)->class->hold >= 0
               ? policy_of(c)->class->hold
               : srv->config->flood.hold;
}

static int
burst_of_lines(const struct server *srv, const struct client *c)
{
    return counter_allowance(srv, policy_of(c)->class, COUNTER_lines).burst;
}

/* A line of cost 0 takes one of COUNTER_lines if no free one is left. */
static int
tokens_of_cost(int cost)
{
    return cost > 0 ? cost : 1;
}

static bool
has_line_tokens(const struct server *srv, const struct client *c, int cost)
{
    if (class_is_flood_exempt(c) || cost < 0)
        return true;
    struct subject s = subject_session(c);
    return (cost == 0 && counter_has(srv, &s, COUNTER_free_lines, 1)) ||
           counter_has(srv, &s, COUNTER_lines, tokens_of_cost(cost));
}

static void
take_line_tokens(const struct server *srv, struct client *c, int cost)
{
    if (class_is_flood_exempt(c) || cost < 0)
        return;
    struct subject s = subject_session(c);
    if (cost == 0 && counter_take(srv, &s, COUNTER_free_lines, 1))
        return;
    counter_take(srv, &s, COUNTER_lines, tokens_of_cost(cost));
}

static void
begin_join_credit(struct server *srv, struct client *c)
{
    policy_of(c)->joinable = (uint16_t)srv->config->limits.channels_per_client;
    policy_of(c)->join_until = (uint32_t)(srv->now + FLOOD_JOIN_CREDIT);
}

bool
flood_take_joins(const struct server *srv, struct client *c, unsigned n)
{
    struct client_policy *p = policy_of(c);
    if (!client_is_registered(c) || n > p->joinable)
        return false;
    uint32_t left = p->join_until - (uint32_t)srv->now;
    if (left == 0 || left > FLOOD_JOIN_CREDIT) {
        p->joinable = 0;
        return false;
    }
    struct subject s = subject_host(srv, p->host, p->class);
    if (!counter_take(srv, &s, COUNTER_free_join, (int)n))
        return false;
    p->joinable = (uint16_t)(p->joinable - n);
    return true;
}

/* The number of lines that may wait now, without those that a credit pays for. A client
 * that waits for a worker or behind a long answer has tokens that it cannot use, so a
 * burst of lines more may wait. If JOINs wait, the queries that these JOINs pay for may
 * wait as well. No other line may: it would be a way around the limit. For a client
 * without flood control only the receive queue is a limit. */
static int
most_waiting_lines(const struct server *srv, const struct client *c)
{
    int lines = flood_hold(srv, c) + JOIN_QUERIES * policy_of(c)->held_joins;
    if (c->out.flags & CLIENT_HELD || client_is_over(c))
        lines += burst_of_lines(srv, c);
    return lines;
}

ATTR_HOT enum flood_verdict
flood_judge(const struct server *srv, const struct client *c, int cost)
{
    const struct client_policy *p = policy_of(c);
    bool must_wait =
        p->held_lines > 0 || c->out.flags & CLIENT_HELD || client_is_over(c);
    if (!must_wait && has_line_tokens(srv, c, cost))
        return FLOOD_RUN;
    if (cost < 0 || p->held_lines - p->held_paid < most_waiting_lines(srv, c) ||
        class_is_flood_exempt(c))
        return FLOOD_HOLD;
    struct subject s = subject_session(c);
    /* PING, PONG and QUIT run even then. */
    if (cost == 0 && counter_has(srv, &s, COUNTER_free_lines, 1))
        return FLOOD_RUN;
    bool explained = carried_explains(srv, c, COUNTER_lines, flood_hold(srv, c), cost);
    return explained ? FLOOD_REFUSE_NO_STRIKE : FLOOD_REFUSE;
}

ATTR_HOT void
flood_take(const struct server *srv, struct client *c, int cost,
           enum flood_verdict verdict)
{
    carried_spend(srv, c, COUNTER_lines, flood_hold(srv, c), cost);
    if (verdict == FLOOD_RUN)
        take_line_tokens(srv, c, cost);
}

bool
flood_may_release(const struct server *srv, const struct client *c, int cost)
{
    return !(c->out.flags & CLIENT_HELD) && has_line_tokens(srv, c, cost);
}

void
flood_release(const struct server *srv, struct client *c, int cost)
{
    take_line_tokens(srv, c, cost);
}

void
flood_charge(struct server *srv, struct client *c, int cost)
{
    if (class_is_flood_exempt(c) || cost <= 0)
        return;
    struct subject s = subject_session(c);
    carried_spend(srv, c, COUNTER_lines, flood_hold(srv, c), cost);
    counter_charge(srv, &s, COUNTER_lines, cost);
}

bool
flood_is_offence(const struct server *srv, const struct client *c)
{
    return srv->now - policy_of(c)->struck >= MSEC_SECOND &&
           !(c->out.flags & CLIENT_STRUCK);
}

void
flood_note_offence(const struct server *srv, struct client *c)
{
    policy_of(c)->struck = srv->now;
    policy_of(c)->held_struck = policy_of(c)->held_lines;
}

enum flood_verdict
flood_judge_counter(const struct server *srv, const struct client *c,
                    enum counter which, int *seconds)
{
    struct subject s = subject_session(c);
    if (class_is_flood_exempt(c) || counter_has(srv, &s, which, 1))
        return FLOOD_RUN;
    *seconds = msec_seconds_up(counter_wait(srv, &s, which, 1));
    /* The wait is no offence if the buckets of an earlier client of the host explain
     * it. */
    return carried_explains(srv, c, which, 0, 1) ? FLOOD_REFUSE_NO_STRIKE
                                                 : FLOOD_REFUSE;
}

void
flood_spend(const struct server *srv, struct client *c, enum counter which)
{
    struct subject s = subject_session(c);
    if (class_is_flood_exempt(c))
        return;
    carried_spend(srv, c, which, 0, 1);
    counter_take(srv, &s, which, 1);
}

static void
init_struck_time(struct server *srv, struct client *c)
{
    policy_of(c)->struck = srv->now - MSEC_DAY;
}

const struct subsystem flood_subsystem = {
    .id = SUBSYSTEM_flood,
    .client_made = init_struck_time,
    .client_registers = begin_join_credit,
};
