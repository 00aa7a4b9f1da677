/* The memory that outsiders can make the server use is bounded. */
#include "cmd/ack.h"

#include "enact/ban.h"
#include "policy/ban/ban.h"
#include "policy/carried_buckets.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "world.h"

#define OPER                                                                           \
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } privileges " \
    "= { \"all\" } }\n"

/* 16 clients of each of n hosts write to a new target and leave. */
static void
many_leave_empty_buckets(struct world *w, int n)
{
    char address[32], nick[16];
    for (int host = 1; host <= n; host++) {
        struct actor *all[16];
        for (int i = 0; i < 16; i++) {
            snprintf(address, sizeof address, "192.0.2.%d", host);
            snprintf(nick, sizeof nick, "n%dx%d", host, i);
            all[i] = world_user_at(w, nick, address);
            world_say(w, all[i], "PRIVMSG ann :hello");
        }
        for (int i = 0; i < 16; i++)
            world_say(w, all[i], "QUIT");
    }
}

static void
carried_buckets_together_have_a_limit(void)
{
    struct world *w =
        world_new("strikes { hosts = 100 }\nflood { burst = 100000 }\n"
                  "limits { connect_rate = \"999/1s\" per_host = 30 per_network = 9999 "
                  "unregistered_per_host = 30 }\n");
    const size_t max = 100 * 512;
    struct mem_sum held;
    world_user(w, "ann");
    many_leave_empty_buckets(w, 8);
    held = carried_held_by_all(w->srv);
    EQUAL_NUMBER(held.n, 8 * 16);
    CU_ASSERT(held.bytes <= max);
    many_leave_empty_buckets(w, 60);
    held = carried_held_by_all(w->srv);
    CU_ASSERT(held.n < 60 * 16);
    CU_ASSERT(held.bytes <= max && held.bytes > max - 2048);
    /* The buckets are full again, and there is room. */
    world_sleep(w, 30 * MSEC_MINUTE);
    held = carried_held_by_all(w->srv);
    EQUAL_NUMBER(held.n, 0);
    EQUAL_NUMBER(held.bytes, 0);
    world_free(w);
}

/* If there is no room for one more, emptier buckets take the place of fuller ones. */
static void
a_host_keeps_the_emptiest_when_memory_is_short(void)
{
    struct world *w =
        world_new("strikes { hosts = 100 }\nflood { burst = 100000 }\n"
                  "limits { connect_rate = \"999/1s\" per_host = 30 per_network = 9999 "
                  "unregistered_per_host = 30 }\n");
    struct actor *p;
    world_user(w, "ann");
    world_user(w, "bob");
    p = world_user_at(w, "small", "203.0.113.1");
    world_say(w, p, "PRIVMSG ann :hello");
    world_say(w, p, "QUIT");
    many_leave_empty_buckets(w, 60);
    p = world_user_at(w, "keep", "203.0.113.1"); /* takes the place of the fuller one */
    struct actor *large = world_user_at(w, "large", "203.0.113.1");
    world_say(w, large, "PRIVMSG ann :hello");
    world_say(w, large, "PRIVMSG bob :hello");
    world_say(w, p, "QUIT");
    EQUAL_NUMBER(carried_held(w->srv, policy_of(large->client)->host).n, 1);
    world_say(w, large, "QUIT");
    p = world_user_at(w, "next", "203.0.113.1");
    CU_ASSERT(policy_of(p->client)->counters[COUNTER_target].full_at - w->srv->now >
              MSEC_MINUTE);
    world_free(w);
}

static void
automatic_bans_are_in_the_order_of_their_age_after_a_restart(void)
{
    struct world *w = world_new(NULL);
    msec before = 0;
    size_t n = 0;
    for (int i = 1; i <= 9; i++) {
        char text[32], err[128];
        struct mask mask;
        struct ban_outcome done;
        snprintf(text, sizeof text, "*@192.0.2.%d", i);
        CU_ASSERT_FATAL(ban_kinds[BAN_KLINE].parse(text, &mask, err, sizeof err));
        enact_ban(w->srv,
                  &(struct ban_request){.kind = BAN_KLINE,
                                        .mask = &mask,
                                        .length = MSEC_DAY,
                                        .set_at = WORLD_WALL - i * MSEC_MINUTE,
                                        .setter = "server",
                                        .reason = "no",
                                        .oper_reason = "",
                                        .automatic = true},
                  &done);
    }
    world_restart(w, NULL);
    LIST_EACH(&w->srv->policy->automatic, node) {
        struct ban *ban = LIST_ENTRY(node, struct ban, by_strikes);
        CU_ASSERT(ban->set_at > before);
        before = ban->set_at;
        n++;
    }
    EQUAL_NUMBER(n, 9);
    world_free(w);
}

static void
strike(struct world *w, struct actor *alice, int first, int last)
{
    for (int i = first; i <= last; i++)
        world_sayf(w, alice, "STRIKE 198.51.100.%d 1 :no", i);
    world_drain(alice);
}

static bool
is_banned(struct world *w, int i)
{
    char mask[40];
    snprintf(mask, sizeof mask, "*@198.51.100.%d", i);
    return ban_find(w->srv, BAN_KLINE, mask) != NULL;
}

static void
of_automatic_bans_the_oldest_goes(void)
{
    struct world *w = world_new(OPER "strikes { hosts = 100 limit = 1 }");
    struct actor *alice = world_oper(w, "ann");
    const struct policy *p = w->srv->policy;
    world_say(w, alice, "KLINE 1h *@203.0.113.9 :by hand");
    strike(w, alice, 1, 100);
    EQUAL_NUMBER(p->n_automatic, 100);
    CU_ASSERT(is_banned(w, 1));
    strike(w, alice, 101, 101);
    world_sleep(w, 2 * MSEC_SECOND);
    EQUAL_NUMBER(p->n_automatic, 100);
    CU_ASSERT(!is_banned(w, 1) && is_banned(w, 2) && is_banned(w, 101));
    CONTAINS(w->logged, "event=ban-dropped kind=K-line mask=*@198.51.100.1\n");
    EQUAL_NUMBER(p->n_bans[BAN_KLINE], 101);
    world_free(w);
}

/* A ban that an operator sets again is no automatic one any more. */
static void
what_a_person_sets_is_not_dropped(void)
{
    struct world *w = world_new(OPER "strikes { hosts = 100 limit = 1 }");
    struct actor *alice = world_oper(w, "ann");
    strike(w, alice, 1, 2);
    world_say(w, alice, "KLINE 1h *@198.51.100.1 :by hand");
    EQUAL_NUMBER(w->srv->policy->n_automatic, 1);
    strike(w, alice, 3, 102);
    world_sleep(w, 2 * MSEC_SECOND);
    CU_ASSERT(is_banned(w, 1) && !is_banned(w, 2) && is_banned(w, 3));
    world_free(w);
}

static void
a_smaller_limit_drops_automatic_bans_also_after_a_restart(void)
{
    struct world *w = world_new(OPER "strikes { hosts = 200 limit = 1 }");
    strike(w, world_oper(w, "ann"), 1, 150);
    EQUAL_NUMBER(w->srv->policy->n_automatic, 150);
    world_restart(w, "strikes { hosts = 100 limit = 1 }");
    EQUAL_NUMBER(w->srv->policy->n_automatic, 150);
    world_sleep(w, 2 * MSEC_SECOND);
    EQUAL_NUMBER(w->srv->policy->n_automatic, 100);
    world_free(w);
}

/* The first 60 are the oldest, and the longest by the ladder of their hosts. */
static void
what_has_ended_goes_before_what_is_in_force(void)
{
    struct world *w = world_new(
        OPER "strikes { hosts = 200 limit = 1 ladder = { \"10m\", \"1d\" } }");
    struct actor *alice = world_oper(w, "ann");
    for (int i = 1; i <= 60; i++)
        world_sayf(w, alice, "STRIKE 198.51.100.%d 1 :no", i);
    world_set_wall(w, w->srv->wall + 11 * MSEC_MINUTE);
    world_sleep(w, 2 * MSEC_SECOND);
    strike(w, alice, 1, 60); /* the second offence */
    strike(w, alice, 61, 120);
    EQUAL_NUMBER(w->srv->policy->n_automatic, 120);
    world_set_wall(w, w->srv->wall + 20 * MSEC_MINUTE);
    world_restart(w, "strikes { hosts = 100 limit = 1 }");
    world_sleep(w, 2 * MSEC_SECOND);
    EQUAL_NUMBER(w->srv->policy->n_automatic, 60);
    for (int i = 1; i <= 60; i++)
        CU_ASSERT(is_banned(w, i));
    world_free(w);
}

static void
so_many_acknowledgements_wait_and_no_more(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "ann");
    store_ticket ticket = store_put(w->srv->store, "k", 1, "v", 1);
    for (int i = 0; i < ACKS_MAX; i++)
        ack_when_saved(w->srv, alice->client, ticket, "Done");
    world_sleep(w, 0);
    SILENT(w, alice);
    ack_when_saved(w->srv, alice->client, ticket, "Done");
    world_sleep(w, 0);
    EXPECT(w, alice, "* NOTICE ann :Done, NOT saved yet: 1000 changes wait *");
    SILENT(w, alice);
    world_store_news(w);
    EQUAL_NUMBER(world_count(alice, "* NOTICE ann :Done, saved"), ACKS_MAX);
    world_drain(alice);
    ticket = store_put(w->srv->store, "k", 1, "w", 1);
    ack_when_saved(w->srv, alice->client, ticket, "Done");
    world_store_news(w);
    EXPECT(w, alice, "* NOTICE ann :Done, saved");
    world_free(w);
}

SUITE(policy_bounds)
{
    TEST(carried_buckets_together_have_a_limit);
    TEST(a_host_keeps_the_emptiest_when_memory_is_short);
    TEST(automatic_bans_are_in_the_order_of_their_age_after_a_restart);
    TEST(of_automatic_bans_the_oldest_goes);
    TEST(what_a_person_sets_is_not_dropped);
    TEST(what_has_ended_goes_before_what_is_in_force);
    TEST(a_smaller_limit_drops_automatic_bans_also_after_a_restart);
    TEST(so_many_acknowledgements_wait_and_no_more);
}
