/* Admission: both sides of every limit, the words of refusals, and counters that stay
 * exact. */
#include "dice.h"
#include "policy/ban/ban.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "policy/throttle.h"
#include "world.h"

#define PLENTY "connect_rate = \"1000/1s\" "

/* Connects from the first addresses, which must be accepted, then from the last. */
struct storm {
    const char *config;
    const char *in[6]; /* closed by NULL */
    const char *out;
    const char *why;
};

static void
each_limit_holds_on_both_sides(void)
{
    static const struct storm storms[] = {
        {"",
         {"192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"},
         "192.0.2.1",
         "ERROR :Closing Link: 192.0.2.1 (Too many connections from your host: at most "
         "3 at a time)"},
        /* One /64 is one host; the next /64 is another. */
        {"",
         {"2001:db8:1:2::1", "2001:db8:1:2::2",
          "2001:db8:1:2:ffff::", "2001:db8:1:3::"},
         "2001:db8:1:2::3",
         "*(Too many connections from your host: at most 3 *)"},
        /* A mapped address is the IPv4 address. */
        {"",
         {"192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"},
         "192.0.2.1",
         "ERROR :Closing Link: 192.0.2.1 (Too many connections from your host*"},
        {"limits { host_prefix_v4 = 24 }",
         {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.3.1"},
         "192.0.2.4",
         "*from your host: at most 3 *"},
        {"limits { per_network = 4 }",
         {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.255", "192.0.3.0"},
         "192.0.2.5",
         "ERROR :Closing Link: 192.0.2.5 (Too many connections from your network: at "
         "most 4 at a time)"},
        {"limits { per_network = 2 }",
         {"2001:db8:1:200::", "2001:db8:1:2ff::", "2001:db8:1:300::"},
         "2001:db8:1:280::",
         "*from your network: at most 2 *"},
        {"limits { per_host = 9 unregistered_per_host = 2 }",
         {"192.0.2.1", "192.0.2.1"},
         "192.0.2.1",
         "*(Too many connections from your host that have not registered: at most 2 at "
         "a time)"},
        {"limits { connect_rate = \"2/10s\" }",
         {"192.0.2.1", "192.0.2.1"},
         "192.0.2.1",
         "*(Connecting too fast: at most 2 connections in 10s; try again in 5s)"},
        {"limits { clients = 2 }",
         {"192.0.2.1", "192.0.2.2"},
         "192.0.2.3",
         "*(The server is full: it takes 2 clients)"},
    };
    for (size_t i = 0; i < sizeof storms / sizeof *storms; i++) {
        struct world *w = world_new(storms[i].config);
        for (size_t n = 0; storms[i].in[n]; n++)
            CU_ASSERT(!world_connect(w, storms[i].in[n])->closed);
        struct actor *last = world_connect(w, storms[i].out);
        CU_ASSERT(last->closed);
        EXPECT(w, last, storms[i].why);
        SILENT(w, last);
        world_free(w);
    }
}

static void
a_slot_is_free_in_the_turn_its_connection_closes(void)
{
    struct world *w = world_new("limits { per_host = 1 per_network = 1 " PLENTY "}");
    for (int i = 0; i < 20; i++) {
        struct actor *a = world_connect(w, "192.0.2.1");
        CU_ASSERT(!a->closed);
        CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
        CU_ASSERT(world_connect(w, "192.0.2.9")->closed);
        world_close(w, a);
    }
    world_free(w);
}

static void
registering_frees_a_place_among_the_unregistered(void)
{
    struct world *w = world_new("limits { per_host = 9 unregistered_per_host = 1 }");
    struct actor *a = world_connect(w, "192.0.2.1");
    CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    world_say(w, a, "NICK a");
    world_say(w, a, "USER a 0 * :A");
    CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
    CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    world_free(w);
}

static void
connect_rate_gives_a_token_back_exactly_in_time(void)
{
    struct world *w = world_new(NULL); /* 6/60s */
    for (int i = 0; i < 6; i++)
        world_close(w, world_connect(w, "192.0.2.1"));
    struct actor *a = world_connect(w, "192.0.2.1");
    EXPECT(w, a,
           "*(Connecting too fast: at most 6 connections in 1m; try again in 10s)");
    world_leap(w, 9999);
    a = world_connect(w, "192.0.2.1");
    EXPECT(w, a, "*; try again in 1s)");
    CU_ASSERT(!world_connect(w, "192.0.2.2")->closed);
    world_leap(w, 1);
    CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
    CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    world_free(w);
}

static void
going_on_trying_is_struck_but_not_in_the_first_minute(void)
{
    struct world *w = world_new("limits { connect_rate = \"6/10m\" }");
    for (int i = 0; i < 6; i++)
        world_close(w, world_connect(w, "192.0.2.1"));
    for (int i = 0; i < 100; i++)
        CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    world_leap(w, 59999);
    for (int i = 0; i < 20; i++)
        world_close(w, world_connect(w, "192.0.2.1"));
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->strikes, 0);
    world_leap(w, 1);
    CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->strikes, 1);
    for (int i = 0; i < 100; i++)
        world_connect(w, "192.0.2.1");
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->strikes, 1);
    world_free(w);
}

static void
trying_all_the_time_leads_to_a_ban_and_the_exempt_are_spared(void)
{
    struct world *w = world_new("limits { connect_rate = \"1/10m\" }\n"
                                "exempt \"192.0.2.9\" { from = { \"strikes\" } }\n");
    world_leap(w, MSEC_MINUTE);
    /* One is accepted, as many refusals as per_host are told, five are struck. */
    for (int i = 0; i < 1 + 3 + 5; i++) {
        CU_ASSERT(ban_find(w->srv, BAN_KLINE, "*@192.0.2.1") == NULL);
        world_close(w, world_connect(w, "192.0.2.1"));
        world_close(w, world_connect(w, "192.0.2.9"));
        world_leap(w, 10 * MSEC_SECOND);
    }
    CU_ASSERT(ban_find(w->srv, BAN_KLINE, "*@192.0.2.1") != NULL);
    CU_ASSERT(ban_find(w->srv, BAN_KLINE, "*@192.0.2.9") == NULL);
    EQUAL_NUMBER(world_host(w, "192.0.2.9")->strikes, 0);
    world_free(w);
}

static void
each_user_behind_an_address_may_be_refused_once(void)
{
    struct world *w = world_new("limits { connect_rate = \"1/10s\" per_network = 99 }\n"
                                "class \"office\" { match = { \"192.0.2.1\" } "
                                "per_host = 40 }\n");
    char nick[16];
    world_leap(w, MSEC_MINUTE);
    for (int turn = 0; turn < 20; turn++) {
        snprintf(nick, sizeof nick, "n%d", turn);
        CU_ASSERT(!world_user_at(w, nick, "192.0.2.1")->closed);
        for (int i = 0; i < 40; i++)
            CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
        EQUAL_NUMBER(world_host(w, "192.0.2.1")->strikes, 0);
        world_sleep(w, turn < 19 ? 10 * MSEC_SECOND : 0);
    }
    world_connect(w, "192.0.2.1");
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->strikes, 1);
    world_free(w);
}

static void
a_banned_host_climbs_no_ladder_by_trying_again(void)
{
    struct world *w = world_new("limits { connect_rate = \"1/10m\" }\n");
    world_leap(w, MSEC_MINUTE);
    for (int i = 0; i < 1 + 3 + 5; i++) {
        world_close(w, world_connect(w, "192.0.2.1"));
        world_leap(w, 10 * MSEC_SECOND);
    }
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->level, 1);
    for (int i = 0; i < 50; i++) {
        world_close(w, world_connect(w, "192.0.2.1"));
        world_leap(w, 10 * MSEC_SECOND);
    }
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->level, 1);
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->strikes, 0);
    /* The ban has ended: from here on it counts again. */
    world_leap(w, 10 * MSEC_MINUTE);
    for (int i = 0; i < 20; i++)
        world_close(w, world_connect(w, "192.0.2.1"));
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->strikes, 1);
    world_free(w);
}

static void
a_class_overrides_each_limit_for_its_addresses(void)
{
    static const char config[] =
        "limits { per_host = 1 per_network = 2 connect_rate = \"3/1h\" }\n"
        "class \"office\" { match = { \"192.0.2.0/24\", \"2001:db8::/32\" } per_host = "
        "5 "
        "per_network = 7 unregistered_per_host = 4 connect_rate = \"6/1h\" }\n"
        "class \"late\" { match = { \"192.0.2.0/24\" } per_host = 1 }\n";
    static const struct {
        const char *address;
        bool registers;
        int in;
        const char *why;
    } cases[] = {
        {"192.0.2.1", true, 5, "*host: at most 5 *"},
        {"2001:db8:5::1", true, 5, "*host: at most 5 *"},
        {"192.0.2.1", false, 4, "*not registered: at most 4 *"},
        {"198.51.100.1", true, 1, "*host: at most 1 *"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(config);
        for (int n = 0; n < cases[i].in; n++) {
            struct actor *a = world_connect(w, cases[i].address);
            CU_ASSERT(!a->closed);
            if (!cases[i].registers)
                continue;
            world_sayf(w, a, "NICK n%d", n);
            world_say(w, a, "USER a 0 * :A");
        }
        struct actor *last = world_connect(w, cases[i].address);
        EXPECT(w, last, cases[i].why);
        world_free(w);
    }
    struct world *w = world_new(config);
    for (int n = 0; n < 6; n++)
        world_close(w, world_connect(w, "192.0.2.1"));
    EXPECT(w, world_connect(w, "192.0.2.1"), "*at most 6 connections in 1h; *");
    for (int n = 0; n < 3; n++)
        world_close(w, world_connect(w, "198.51.100.1"));
    EXPECT(w, world_connect(w, "198.51.100.1"), "*at most 3 connections in 1h; *");
    for (int n = 10; n < 17; n++) {
        char address[32];
        snprintf(address, sizeof address, "192.0.2.%d", n);
        CU_ASSERT(!world_connect(w, address)->closed);
    }
    EXPECT(w, world_connect(w, "192.0.2.99"), "*network: at most 7 *");
    world_free(w);
}

static void
each_exemption_lifts_its_own_limits_and_no_other(void)
{
    static const struct {
        const char *from;
        bool many, fast, banned; /* lets in */
    } cases[] = {
        {"connections", true, false, false}, {"throttle", false, true, false},
        {"bans", false, false, true},        {"flood", false, false, false},
        {"strikes", false, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char config[400];
        snprintf(config, sizeof config,
                 "%s exempt \"192.0.0.0/16\" { from = { \"%s\" } }\n"
                 "limits { connect_rate = \"4/1h\" per_network = 3 }\n",
                 world_alice, cases[i].from);
        struct world *w = world_new(config);
        struct actor *alice = world_oper(w, "alice");
        for (int n = 0; n < 3; n++)
            CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
        EQUAL_NUMBER(!world_connect(w, "192.0.2.1")->closed, cases[i].many);
        for (int n = 0; n < 4; n++)
            world_close(w, world_connect(w, "192.0.3.2"));
        EQUAL_NUMBER(strstr(world_connect(w, "192.0.3.2")->inbox, "too fast") == NULL,
                     cases[i].fast);
        world_say(w, alice, "DLINE 1h 192.0.4.3 :x");
        struct actor *a = world_connect(w, "192.0.4.3");
        EQUAL_NUMBER(strstr(a->inbox, "D-line") == NULL, cases[i].banned);
        world_free(w);
    }
}

static void
loopback_is_limited_but_finds_reserved_places(void)
{
    struct world *w = world_new("limits { clients = 2 per_host = 9 }");
    world_connect(w, "192.0.2.1");
    world_connect(w, "192.0.2.2");
    CU_ASSERT(world_connect(w, "192.0.2.3")->closed);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT(!world_connect(w, "127.0.0.1")->closed);
        CU_ASSERT(!world_connect(w, "::1")->closed);
    }
    EXPECT(w, world_connect(w, "127.0.0.2"), "*(The server is full: *");
    world_free(w);
    w = world_new(NULL);
    for (int i = 0; i < 3; i++)
        world_connect(w, "127.0.0.1");
    CU_ASSERT(world_connect(w, "127.0.0.1")->closed);
    world_free(w);
}

static void
a_d_line_is_told_before_any_limit(void)
{
    char config[300];
    snprintf(config, sizeof config, "%s limits { per_host = 1 clients = 2 }",
             world_alice);
    struct world *w = world_new(config);
    struct actor *alice = world_oper(w, "alice");
    world_connect(w, "192.0.2.1");
    EXPECT(w, world_connect(w, "192.0.2.1"), "*(The server is full*");
    world_say(w, alice, "DLINE FORCE 10m 192.0.2.0/24 :no");
    CU_ASSERT(w->actors[1].closed);
    EXPECT(w, world_connect(w, "192.0.2.1"),
           "ERROR :Closing Link: 192.0.2.1 (You are banned (D-line) until 2026-11-22 "
           "00:10:00 UTC (10m): no)");
    CU_ASSERT(world_connect(w, "::ffff:192.0.2.1")->closed);
    world_say(w, alice, "UNDLINE 192.0.2.0/24");
    CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
    world_free(w);
}

static void
refusals_count_nothing(void)
{
    struct world *w = world_new(NULL);
    for (int i = 0; i < 3; i++)
        world_connect(w, "192.0.2.1");
    for (int i = 0; i < 1000; i++)
        CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->connections, 3);
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->unregistered, 3);
    EQUAL_NUMBER(session_count(w->srv), 3);
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->strikes, 0);
    world_free(w);
}

static void
a_new_configuration_looks_up_class_and_exemptions_again(void)
{
    struct world *w =
        world_new("class \"a\" { match = { \"192.0.2.0/24\" } burst = 3 }\n"
                  "exempt \"198.51.100.0/24\" { from = { \"flood\" } }\n");
    struct actor *a = world_user_at(w, "a", "192.0.2.1");
    struct actor *b = world_user_at(w, "b", "198.51.100.1");
    struct actor *fresh = world_connect(w, "192.0.2.1");
    EQUAL_TEXT(policy_of(a->client)->class->name, "a");
    w->rehash_text = "class \"b\" { match = { \"198.51.100.0/24\" } burst = 4 }\n"
                     "exempt \"192.0.2.0/24\" { from = { \"strikes\" } }\n";
    CU_ASSERT_FATAL(world_rehash(w));
    CU_ASSERT(policy_of(a->client)->class == NULL &&
              policy_of(fresh->client)->class == NULL);
    EQUAL_TEXT(policy_of(b->client)->class->name, "b");
    EQUAL_NUMBER(policy_of(a->client)->exempt, EXEMPT_STRIKES);
    EQUAL_NUMBER(policy_of(b->client)->exempt, 0);
    w->rehash_text = "";
    CU_ASSERT_FATAL(world_rehash(w));
    CU_ASSERT(policy_of(b->client)->class == NULL && policy_of(a->client)->exempt == 0);
    world_say(w, b, "ISON b");
    AWAIT(w, b, "* 303 *");
    world_free(w);
}

/* Many random connects, registrations, kills and closes; world_* compares every counter
 * with a recount after each step (subsystems_check). */
struct crowd {
    struct world *w;
    struct actor *oper;
    struct actor *on[40];
    uint64_t seed;
    unsigned nicks;
};

static void
arrive(struct crowd *c, size_t i)
{
    char address[48];
    if (dice(&c->seed, 2))
        snprintf(address, sizeof address, "192.0.%u.%u", dice(&c->seed, 2),
                 dice(&c->seed, 4));
    else
        snprintf(address, sizeof address, "2001:db8:%u:%u::%x", dice(&c->seed, 2),
                 dice(&c->seed, 3), dice(&c->seed, 50));
    c->w->n_actors = 1 + (int)i; /* its place is used again */
    free(c->w->actors[1 + i].inbox);
    memset(&c->w->actors[1 + i], 0, sizeof c->w->actors[0]);
    c->on[i] = world_connect(c->w, address);
}

static void
act(struct crowd *c, size_t i)
{
    struct actor *a = c->on[i];
    world_drain(a);
    switch (dice(&c->seed, 8)) {
    case 0:
        world_close(c->w, a);
        break;
    case 1:
        world_say(c->w, a, "QUIT");
        break;
    case 2:
        world_sayf(c->w, c->oper, "KILL %s :x", a->client->user.nick);
        break;
    case 3:
        world_say(c->w, a, "OPER alice secret");
        break;
    case 4:
        world_sayf(c->w, a, "MODE %s -o", a->client->user.nick);
        break;
    default:
        world_sayf(c->w, a, "NICK n%u", c->nicks++);
        world_say(c->w, a, "USER x 0 * :X");
    }
}

static void
counters_are_exact_after_any_sequence_of_events(void)
{
    char config[600];
    snprintf(config, sizeof config,
             "%s limits { " PLENTY "per_network = 12 }\n"
             "flood { burst = 100000 nick = \"1000/1s\" } strikes { limit = 1000 }\n",
             world_alice);
    struct crowd c = {.w = world_new(config), .seed = 7};
    size_t n = sizeof c.on / sizeof *c.on;
    c.oper = world_oper(c.w, "root");
    for (int step = 0; step < 100000; step++) {
        size_t i = dice(&c.seed, (unsigned)n);
        if (c.on[i] && c.on[i]->client)
            act(&c, i);
        else
            arrive(&c, i);
        if (step % 100 == 0)
            world_sleep(c.w, 200);
        c.w->logged_len = 0;
        world_drain(c.oper);
    }
    CU_ASSERT(c.nicks > 10000);
    for (size_t i = 0; i < n; i++)
        if (c.on[i])
            world_close(c.w, c.on[i]);
    for (const struct host *h = c.w->srv->policy->hosts; h; h = h->hh.next)
        EQUAL_NUMBER(h->connections, &h->key == &policy_of(c.oper->client)->host->key);
    EQUAL_NUMBER(session_count(c.w->srv), 1);
    c.w->n_actors = 1 + (int)n;
    world_free(c.w);
}

SUITE(throttle)
{
    TEST(each_limit_holds_on_both_sides);
    TEST(a_slot_is_free_in_the_turn_its_connection_closes);
    TEST(registering_frees_a_place_among_the_unregistered);
    TEST(connect_rate_gives_a_token_back_exactly_in_time);
    TEST(going_on_trying_is_struck_but_not_in_the_first_minute);
    TEST(each_user_behind_an_address_may_be_refused_once);
    TEST(a_banned_host_climbs_no_ladder_by_trying_again);
    TEST(trying_all_the_time_leads_to_a_ban_and_the_exempt_are_spared);
    TEST(a_class_overrides_each_limit_for_its_addresses);
    TEST(each_exemption_lifts_its_own_limits_and_no_other);
    TEST(loopback_is_limited_but_finds_reserved_places);
    TEST(a_d_line_is_told_before_any_limit);
    TEST(refusals_count_nothing);
    TEST(a_new_configuration_looks_up_class_and_exemptions_again);
    TEST(counters_are_exact_after_any_sequence_of_events);
}
