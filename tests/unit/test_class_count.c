/* The limit of all clients of a class together (option connections of a class). */
#include "config/config.h"
#include "policy/client_policy.h"
#include "world.h"

#define TOR                                                                            \
    "limits { per_network = 9999 } "                                                   \
    "class tor { match = { \"fc00:dead:beef:4dad::/64\" } host_prefix_v6 = 128 "       \
    "strikes = disconnect connections = 3 } "
#define TOR_SOCKET "listen \"unix:/tor.sock\" { class = tor proxy = true } "

#define FULL "(Too many connections of class \"tor\": at most 3 at a time)"

/* A circuit of Tor: each is a host. */
static struct actor *
connect_circuit(struct world *w, const char *listener, int number)
{
    char address[ADDR_TEXT];
    snprintf(address, sizeof address, "fc00:dead:beef:4dad::%x", number);
    return world_connect_with(
        w, address,
        (struct connection_info){.listener = listener, .gateway = listener});
}

static void
it_bounds_all_clients_of_a_class_together(void)
{
    struct world *w = world_new(TOR);
    struct actor *all[3];
    for (int i = 0; i < 3; i++) {
        all[i] = connect_circuit(w, "test", 1 + i);
        CU_ASSERT_FATAL(!all[i]->closed);
    }
    for (int i = 0; i < 3; i++) {
        struct actor *a = connect_circuit(w, "test", 4 + i);
        CU_ASSERT(a->closed);
        EXPECT(w, a, "ERROR :Closing Link: fc00:dead:beef:4dad::* " FULL);
    }
    CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);     /* of no class */
    world_say(w, all[0], "NICK ann\r\nUSER ann 0 * :Ann"); /* still counted */
    CU_ASSERT(connect_circuit(w, "test", 7)->closed);
    world_say(w, all[0], "QUIT");
    CU_ASSERT(!connect_circuit(w, "test", 8)->closed);
    CU_ASSERT(connect_circuit(w, "test", 9)->closed);
    world_close(w, all[1]);
    CU_ASSERT(!connect_circuit(w, "test", 10)->closed);
    CU_ASSERT(connect_circuit(w, "test", 11)->closed);
    session_check(w->srv);
    world_free(w);
}

/* The class of a listener counts the clients of any address. */
static void
it_bounds_the_clients_of_a_listener(void)
{
    struct world *w = world_new(TOR TOR_SOCKET);
    struct connection_info info = {.listener = "unix:/tor.sock"};
    for (int i = 0; i < 3; i++)
        CU_ASSERT_FATAL(!connect_circuit(w, "unix:/tor.sock", 1 + i)->closed);
    CU_ASSERT(world_connect_with(w, "192.0.2.1", info)->closed);
    CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
    session_check(w->srv);
    world_free(w);
}

/* A refusal takes nothing: neither a place nor a connection of the rate. */
static void
a_refusal_costs_nothing(void)
{
    struct world *w = world_new("class few { match = { \"192.0.2.0/24\" } "
                                "connections = 1 connect_rate = \"2/60s\" }");
    struct actor *a = world_connect(w, "192.0.2.1");
    for (int i = 0; i < 9; i++)
        CU_ASSERT(world_connect(w, "192.0.2.1")->closed);
    world_close(w, a);
    CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
    world_free(w);
}

static void
no_exemption_of_an_address_helps(void)
{
    struct world *w = world_new("class few { match = { \"192.0.2.0/24\" } "
                                "connections = 1 } exempt 192.0.2.0/24 { from = "
                                "{ connections, throttle } }");
    CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
    CU_ASSERT(world_connect(w, "192.0.2.2")->closed);
    world_free(w);
}

/* A client that a gateway moves counts where it comes from. */
static void
a_move_takes_a_place_and_gives_one_back(void)
{
    struct world *w =
        world_new("class a { match = { \"192.0.2.0/24\" } connections = 1 "
                  "} class b { match = { \"198.51.100.0/24\" } "
                  "connections = 1 }");
    struct actor *a = world_connect(w, "192.0.2.1"), *b;
    struct connection_info info = {.listener = "test", .gateway = "kiwi"};
    CU_ASSERT_FATAL(addr_parse("198.51.100.1", &info.addr));
    CU_ASSERT(session_rehome(w->srv, a->client, &info));
    CU_ASSERT(world_connect(w, "198.51.100.2")->closed);
    b = world_connect(w, "192.0.2.2");
    CU_ASSERT_FATAL(!b->closed);
    CU_ASSERT_FALSE(session_rehome(w->srv, b->client, &info)); /* b is full */
    world_settle(w);
    EXPECT(w, b,
           "ERROR :Closing Link: 198.51.100.1 (Too many connections of class \"b\": at "
           "most 1 at a time)");
    CU_ASSERT(!world_connect(w, "192.0.2.3")->closed); /* the place of b is free */
    session_check(w->srv);
    world_free(w);
}

/* Nothing changes for clients that are on; the new limit holds for the next one. */
static void
a_new_configuration_counts_anew(void)
{
    struct world *w = world_new(TOR);
    struct actor *all[3];
    for (int i = 0; i < 3; i++)
        all[i] = connect_circuit(w, "test", 1 + i);
    w->rehash_text =
        "limits { per_network = 9999 } class other { match = { \"192.0.2.0/24\" } } "
        "class tor { match = { \"fc00::/7\" } connections = 2 "
        "host_prefix_v6 = 128 }";
    CU_ASSERT_TRUE_FATAL(world_rehash(w));
    session_check(w->srv);
    world_close(w, all[0]);
    CU_ASSERT(connect_circuit(w, "test", 4)->closed);
    world_close(w, all[1]);
    CU_ASSERT(!connect_circuit(w, "test", 5)->closed);
    CU_ASSERT(connect_circuit(w, "test", 6)->closed);
    w->rehash_text = "limits { per_network = 9999 }";
    CU_ASSERT_TRUE_FATAL(world_rehash(w));
    session_check(w->srv);
    w->rehash_text = TOR;
    CU_ASSERT_TRUE_FATAL(world_rehash(w));
    session_check(w->srv);
    CU_ASSERT(!connect_circuit(w, "test", 7)->closed);
    CU_ASSERT(connect_circuit(w, "test", 8)->closed);
    world_free(w);
}

/* A full class stops no gateway that brings users of other classes. */
static void
a_gateway_takes_no_place(void)
{
    struct world *w = world_new(
        "class lan { match = { \"192.0.2.0/24\" } connections = 1 } proxy kiwi { match "
        "= "
        "{ \"192.0.2.9\" } accepts = { webirc } token = \"sha256:"
        "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0\" }");
    struct actor *first = world_connect(w, "192.0.2.9");
    CU_ASSERT_FATAL(!first->closed);
    CU_ASSERT(!world_connect(w, "192.0.2.1")->closed);
    CU_ASSERT(world_connect(w, "192.0.2.2")->closed);
    struct actor *second = world_connect(w, "192.0.2.9");
    CU_ASSERT_FATAL(!second->closed);
    world_say(w, second, "WEBIRC token gw host.example 198.51.100.1");
    CU_ASSERT(!second->closed);
    world_say(w, first, "WEBIRC token gw host.example 192.0.2.3"); /* is full */
    CU_ASSERT(first->closed);
    session_check(w->srv);
    world_free(w);
}

SUITE(class_count)
{
    TEST(it_bounds_all_clients_of_a_class_together);
    TEST(it_bounds_the_clients_of_a_listener);
    TEST(a_refusal_costs_nothing);
    TEST(no_exemption_of_an_address_helps);
    TEST(a_move_takes_a_place_and_gives_one_back);
    TEST(a_new_configuration_counts_anew);
    TEST(a_gateway_takes_no_place);
}
