/* The host table: which addresses are one host, which hosts are forgotten, and the
 * effects of time. */
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "policy/strikes.h"
#include "world.h"

static struct host *
made(struct world *w, const char *address)
{
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse(address, &addr));
    return host_get(w->srv, &addr);
}

static void
mark(struct world *w, const char *address, uint16_t strikes, uint16_t level)
{
    struct host *h = made(w, address);
    h->strikes = strikes;
    h->level = level;
    h->strike_at = h->level_at = w->srv->wall;
    host_place(w->srv, h);
    host_save(w->srv, h);
}

static void
a_host_is_a_prefix(void)
{
    static const struct {
        const char *config, *a, *b;
        bool same;
    } cases[] = {
        {"", "192.0.2.1", "192.0.2.1", true},
        {"", "192.0.2.1", "192.0.2.2", false},
        {"", "192.0.2.1", "::ffff:192.0.2.1", true},
        {"", "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true},
        {"", "2001:db8::1", "2001:db8:0:1::1", false},
        {"limits { host_prefix_v4 = 24 }", "192.0.2.1", "192.0.2.255", true},
        {"limits { host_prefix_v4 = 24 }", "192.0.2.1", "192.0.3.1", false},
        {"limits { host_prefix_v6 = 48 }", "2001:db8::1", "2001:db8:0:ffff::", true},
        {"limits { host_prefix_v6 = 128 }", "2001:db8::1", "2001:db8::2", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(cases[i].config);
        struct host *h = made(w, cases[i].a);
        CU_ASSERT(world_host(w, cases[i].a) == h);
        EQUAL_NUMBER(made(w, cases[i].b) == h, cases[i].same);
        EQUAL_NUMBER(w->srv->policy->n_hosts, cases[i].same ? 1 : 2);
        world_free(w);
    }
}

static void
networks_are_counted_and_forgotten_when_empty(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    struct actor *b = world_connect(w, "192.0.2.2");
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse("192.0.2.200", &addr));
    EQUAL_NUMBER(network_find(w->srv, &addr)->connections, 2);
    world_close(w, a);
    EQUAL_NUMBER(network_find(w->srv, &addr)->connections, 1);
    world_close(w, b);
    CU_ASSERT(network_find(w->srv, &addr) == NULL);
    CU_ASSERT(w->srv->policy->networks == NULL);
    world_free(w);
}

static void
a_harmless_host_is_forgotten_once_its_tokens_are_back(void)
{
    struct world *w = world_new(NULL);
    world_close(w, world_connect(w, "192.0.2.1"));
    world_leap(w, 9 * MSEC_SECOND);
    CU_ASSERT(world_host(w, "192.0.2.1") != NULL);
    world_leap(w, MSEC_SECOND);
    CU_ASSERT(world_host(w, "192.0.2.1") == NULL);
    EQUAL_NUMBER(w->srv->policy->n_hosts, 0);
    world_free(w);
}

static void
a_host_with_a_client_is_never_forgotten(void)
{
    struct world *w = world_new("strikes { hosts = 100 }\n"
                                "limits { ping_every = \"1h\" ping_timeout = \"1h\" }");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.1");
    struct host *h = world_host(w, "192.0.2.1");
    char address[32];
    for (int i = 0; i < 1000; i++) {
        snprintf(address, sizeof address, "198.51.%d.%d", i / 250, i % 250);
        world_close(w, world_connect(w, address));
        w->n_actors = 1;
        free(w->actors[1].inbox);
    }
    CU_ASSERT(world_host(w, "192.0.2.1") == h && policy_of(bob->client)->host == h);
    CU_ASSERT(w->srv->policy->n_hosts <= 100);
    world_leap(w, MSEC_HOUR - 1);
    CU_ASSERT(world_host(w, "192.0.2.1") == h);
    world_free(w);
}

static void
a_full_table_forgets_the_oldest_harmless_first(void)
{
    struct world *w = world_new("strikes { hosts = 100 }");
    char address[32];
    mark(w, "192.0.2.1", 2, 0);
    mark(w, "192.0.2.2", 0, 1);
    for (int i = 0; i < 98; i++) {
        snprintf(address, sizeof address, "198.51.100.%d", i);
        made(w, address);
    }
    EQUAL_NUMBER(w->srv->policy->n_hosts, 100);
    made(w, "203.0.113.1");
    EQUAL_NUMBER(w->srv->policy->n_hosts, 100);
    CU_ASSERT(world_host(w, "198.51.100.0") == NULL);
    CU_ASSERT(world_host(w, "198.51.100.1") != NULL);
    for (int i = 0; i < 97; i++) {
        snprintf(address, sizeof address, "203.0.113.%d", 2 + i);
        made(w, address);
    }
    CU_ASSERT(world_host(w, "192.0.2.1") != NULL && world_host(w, "192.0.2.2") != NULL);
    CU_ASSERT(world_host(w, "203.0.113.1") != NULL);
    CU_ASSERT(world_host(w, "198.51.100.97") == NULL);
    session_check(w->srv);
    world_free(w);
}

static void
a_table_full_of_marked_hosts_stays_bounded_also_in_the_store(void)
{
    struct world *w = world_new("strikes { hosts = 100 }");
    char address[32];
    for (int i = 0; i < 250; i++) {
        snprintf(address, sizeof address, "198.51.100.%d", i);
        mark(w, address, 1, 0);
    }
    EQUAL_NUMBER(w->srv->policy->n_hosts, 100);
    CU_ASSERT(world_host(w, "198.51.100.149") == NULL);
    CU_ASSERT(world_host(w, "198.51.100.249") != NULL);
    world_restart(w, NULL);
    EQUAL_NUMBER(w->srv->policy->n_hosts, 100);
    world_free(w);
}

static void
more_stored_hosts_than_allowed_are_cut_at_start(void)
{
    struct world *w = world_new(NULL);
    char address[32];
    for (int i = 0; i < 250; i++) {
        snprintf(address, sizeof address, "198.51.100.%d", i);
        mark(w, address, 3, 1);
    }
    world_restart(w, "strikes { hosts = 100 }");
    EQUAL_NUMBER(w->srv->policy->n_hosts, 100);
    session_check(w->srv);
    world_free(w);
}

static void
settling_takes_one_for_each_whole_span(void)
{
    static const struct {
        msec since; /* before now */
        uint16_t strikes, want;
        bool changed;
    } cases[] = {
        {0, 3, 3, false},
        {10 * MSEC_MINUTE - 1, 3, 3, false},
        {10 * MSEC_MINUTE, 3, 2, true},
        {29 * MSEC_MINUTE, 3, 1, true},
        {60 * 365 * MSEC_DAY, 3, 0, true},
        {60 * 365 * MSEC_DAY, 65535, 0, true},
        {-MSEC_DAY, 3, 3, false},
        {MSEC_DAY, 0, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(NULL);
        struct host *h = made(w, "192.0.2.1");
        h->strikes = cases[i].strikes;
        h->strike_at = h->level_at = w->srv->wall - cases[i].since;
        EQUAL_NUMBER(host_settle(w->srv, h), cases[i].changed);
        EQUAL_NUMBER(h->strikes, cases[i].want);
        CU_ASSERT(h->strike_at <= w->srv->wall);
        host_place(w->srv, h);
        world_free(w);
    }
}

static void
what_has_decayed_leaves_the_store(void)
{
    struct world *w = world_new(NULL);
    mark(w, "192.0.2.1", 2, 0);
    world_leap(w, 20 * MSEC_MINUTE);
    world_leap(w, 20 * MSEC_MINUTE);
    CU_ASSERT(world_host(w, "192.0.2.1") == NULL);
    session_clock(w->srv, w->srv->now, WORLD_WALL);
    world_restart(w, NULL);
    CU_ASSERT(world_host(w, "192.0.2.1") == NULL);
    world_free(w);
}

static void
all_fields_survive_a_restart(void)
{
    struct world *w = world_new(NULL);
    mark(w, "2001:db8::1", 3, 4);
    struct host *h = world_host(w, "2001:db8::1");
    snprintf(h->cause, sizeof h->cause, "flood");
    snprintf(h->nick, sizeof h->nick, "bob");
    snprintf(h->by, sizeof h->by, "alice");
    host_save(w->srv, h);
    world_restart(w, NULL);
    h = world_host(w, "2001:db8::2");
    CU_ASSERT_FATAL(h != NULL);
    EQUAL_NUMBER(h->strikes, 3);
    EQUAL_NUMBER(h->level, 4);
    CU_ASSERT(h->strike_at == WORLD_WALL && h->level_at == WORLD_WALL);
    EQUAL_TEXT(h->cause, "flood");
    EQUAL_TEXT(h->nick, "bob");
    EQUAL_TEXT(h->by, "alice");
    world_free(w);
}

static void
a_repeated_registration_timeout_is_remembered_between_connections(void)
{
    struct world *w = world_new(NULL);
    for (int i = 0; i < 3; i++) {
        struct actor *a = world_connect(w, "192.0.2.1");
        world_sleep(w, 30 * MSEC_SECOND);
        CU_ASSERT(a->closed);
        EQUAL_NUMBER(world_host(w, "192.0.2.1")->strikes, i);
        world_sleep(w, MSEC_MINUTE);
    }
    world_free(w);
}

SUITE(host)
{
    TEST(a_host_is_a_prefix);
    TEST(networks_are_counted_and_forgotten_when_empty);
    TEST(a_harmless_host_is_forgotten_once_its_tokens_are_back);
    TEST(a_host_with_a_client_is_never_forgotten);
    TEST(a_full_table_forgets_the_oldest_harmless_first);
    TEST(a_table_full_of_marked_hosts_stays_bounded_also_in_the_store);
    TEST(more_stored_hosts_than_allowed_are_cut_at_start);
    TEST(settling_takes_one_for_each_whole_span);
    TEST(what_has_decayed_leaves_the_store);
    TEST(all_fields_survive_a_restart);
    TEST(a_repeated_registration_timeout_is_remembered_between_connections);
}
