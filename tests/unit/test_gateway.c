/* Gateways: their addresses are no hosts, their clients are counted, and a client counts
 * for its own address. */
#include "config/config.h"
#include "policy/gateway.h"
#include "policy/host.h"
#include "world.h"

#define GATE "198.51.100.1"
#define PROXIES                                                                        \
    "proxy \"hap\" { match = { \"198.51.100.0/28\" } accepts = { \"proxy-protocol\" "  \
    "} "                                                                               \
    "connections = 5 } "

/* A connection from `address`, which the gateway "hap" has told. */
static struct actor *
connect_behind(struct world *w, const char *address)
{
    return world_connect_with(
        w, address, (struct connection_info){.listener = "test", .gateway = "hap"});
}

static bool
is_gateway(const struct world *w, const char *address)
{
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse(address, &addr));
    return gateway_is(w->srv, &addr);
}

static void
the_first_block_that_accepts_the_way_is_found(void)
{
    struct world *w = world_new(
        "proxy a { match = { \"10.0.0.1\" } accepts = { proxy-protocol } } "
        "proxy b { match = { \"10.0.0.0/24\", \"::1\" } accepts = { webirc } certfp = "
        "{ "
        "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\" } }");
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse("10.0.0.1", &addr));
    EQUAL_TEXT(gateway_find(w->srv, &addr, ACCEPTS_PROXY_PROTOCOL)->name, "a");
    EQUAL_TEXT(gateway_find(w->srv, &addr, ACCEPTS_WEBIRC)->name, "b");
    CU_ASSERT_FATAL(addr_parse("10.0.0.2", &addr));
    CU_ASSERT_PTR_NULL(gateway_find(w->srv, &addr, ACCEPTS_PROXY_PROTOCOL));
    CU_ASSERT_FATAL(addr_parse("10.0.1.1", &addr));
    CU_ASSERT_PTR_NULL(gateway_find(w->srv, &addr, ~0u));
    CU_ASSERT_TRUE(is_gateway(w, "::1"));
    CU_ASSERT_FALSE(is_gateway(w, "::2"));
    world_free(w);
}

static void
a_gateway_has_no_limits_of_a_host(void)
{
    struct world *w =
        world_new("proxy \"hap\" { match = { \"198.51.100.1\" } accepts = { "
                  "\"proxy-protocol\" } }");
    for (int i = 0; i < 200; i++)
        CU_ASSERT_FATAL(!world_connect(w, GATE)->closed);
    world_sleep(w, 2 * MSEC_MINUTE); /* none has registered */
    CU_ASSERT_PTR_NOT_NULL_FATAL(world_host(w, GATE));
    EQUAL_NUMBER(world_host(w, GATE)->strikes, 0);
    EQUAL_NUMBER(world_host(w, GATE)->level, 0);
    CU_ASSERT(!world_connect(w, GATE)->closed);
    world_free(w);
}

static void
connections_bounds_all_clients_of_a_gateway(void)
{
    struct world *w = world_new(PROXIES);
    char address[32];
    struct actor *all[5];
    for (int i = 0; i < 5; i++) {
        snprintf(address, sizeof address, "192.0.%d.1", i);
        all[i] = connect_behind(w, address);
        CU_ASSERT_FATAL(!all[i]->closed);
    }
    struct actor *a = connect_behind(w, "192.0.9.1");
    EXPECT(w, a,
           "ERROR :Closing Link: 192.0.9.1 (Too many connections from your gateway: "
           "at most 5 at a time)");
    CU_ASSERT(world_connect(w, GATE)->closed); /* its own connections count as well */
    CU_ASSERT(!world_connect(w, "192.0.9.1")->closed);
    CU_ASSERT_PTR_NULL(world_host(w, GATE));
    world_close(w, all[0]);
    CU_ASSERT(!connect_behind(w, "192.0.9.1")->closed);
    CU_ASSERT(connect_behind(w, "192.0.10.1")->closed);
    world_free(w);
}

static void
a_client_behind_a_gateway_counts_for_its_own_host(void)
{
    struct world *w = world_new("limits { per_host = 2 } " PROXIES);
    CU_ASSERT(!connect_behind(w, "192.0.2.1")->closed);
    CU_ASSERT(!connect_behind(w, "192.0.2.1")->closed);
    struct actor *a = connect_behind(w, "192.0.2.1");
    EXPECT(w, a,
           "ERROR :Closing Link: 192.0.2.1 (Too many connections from your host: at "
           "most 2 at a time)");
    CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    CU_ASSERT(!connect_behind(w, "192.0.2.2")->closed);
    EQUAL_NUMBER(world_host(w, "192.0.2.1")->connections, 2);
    world_free(w);
}

/* Blocks that come, go, grow and are renamed: session_check recounts all clients. */
static void
a_new_configuration_counts_again(void)
{
    static const char *const texts[] = {
        PROXIES,
        "",
        PROXIES "proxy b { match = { \"192.0.2.0/24\" } accepts = { proxy-protocol } }",
        "proxy b { match = { \"198.51.100.1\" } accepts = { proxy-protocol } "
        "} " PROXIES,
    };
    struct world *w = world_new(PROXIES);
    struct actor *gate = world_connect(w, GATE);
    CU_ASSERT(!connect_behind(w, "192.0.2.1")->closed);
    for (int i = 0; i < 8; i++) {
        w->rehash_text = texts[i % 4];
        CU_ASSERT_TRUE(world_rehash(w));
        session_check(w->srv);
    }
    world_close(w, gate);
    session_check(w->srv);
    world_free(w);
}

/* Such users have no limits of a host, which operators must know. */
static void
a_gateway_that_tells_the_address_of_a_proxy_is_told_of(void)
{
    struct world *w = world_new(PROXIES);
    connect_behind(w, "192.0.2.1");
    world_connect(w, GATE);
    CU_ASSERT_PTR_NULL(strstr(w->logged, "event=proxy-address"));
    CU_ASSERT_FATAL(!connect_behind(w, "198.51.100.15")->closed);
    CONTAINS(w->logged, "event=proxy-address host=198.51.100.15 gateway=hap");
    world_free(w);
}

SUITE(gateway)
{
    TEST(the_first_block_that_accepts_the_way_is_found);
    TEST(a_gateway_has_no_limits_of_a_host);
    TEST(connections_bounds_all_clients_of_a_gateway);
    TEST(a_client_behind_a_gateway_counts_for_its_own_host);
    TEST(a_new_configuration_counts_again);
    TEST(a_gateway_that_tells_the_address_of_a_proxy_is_told_of);
}
