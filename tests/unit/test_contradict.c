/* Limits that another limit makes ineffective. */
#include "config/config.h"
#include "test.h"

#include <string.h>

struct told {
    int n;
    char text[400];
};

static void
take(void *ctx, const char *text)
{
    struct told *t = ctx;
    t->n++;
    snprintf(t->text, sizeof t->text, "%s", text);
}

static struct told
told(const char *text)
{
    static const struct config_words words = {0};
    struct told t = {0, ""};
    struct config *c = config_parse("x", text, &words, take, &t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    config_contradictions(c, take, &t);
    config_free(c);
    return t;
}

static void
the_built_in_limits_are_silent(void)
{
    EQUAL_NUMBER(told("").n, 0);
    EQUAL_NUMBER(told("limits { per_host = 2 }").n, 0);
    EQUAL_NUMBER(told("limits { per_network = 50 clients = 0 }").n, 0);
    EQUAL_NUMBER(told("class \"x\" { match = { \"192.0.2.0/24\" } burst = 20 }").n, 0);
}

static void
each_pair_is_told_one_above_and_not_when_equal(void)
{
    static const struct {
        const char *before, *behind, *inner, *outer;
        int at;
    } cases[] = {
        {"limits { per_host = ", " per_network = 20 }", "per_host", "per_network", 20},
        {"limits { per_host = 5 unregistered_per_host = ", " }",
         "unregistered_per_host", "per_host", 5},
        {"limits { per_network = ", " clients = 50 }", "per_network", "clients", 50},
        {"limits { sendq = ", " sendq_total = 2000000 }", "sendq", "sendq_total",
         2000000},
        {"limits { sendq_unregistered = ", " sendq = 20000 }", "sendq_unregistered",
         "sendq", 20000},
        {"limits { recvq_unregistered = ", " recvq = 8192 }", "recvq_unregistered",
         "recvq", 8192},
        {"limits { channels_per_client = ", " channels = 30 }", "channels_per_client",
         "channels", 30},
    };
    char text[200], expected[300];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "%s%d%s", cases[i].before, cases[i].at,
                 cases[i].behind);
        EQUAL_NUMBER(told(text).n, 0);
        snprintf(text, sizeof text, "%s%d%s", cases[i].before, cases[i].at + 1,
                 cases[i].behind);
        struct told t = told(text);
        EQUAL_NUMBER(t.n, 1);
        snprintf(expected, sizeof expected,
                 "limits.%s = %d is never reached, because limits.%s = %d: raise the "
                 "second or lower the first",
                 cases[i].inner, cases[i].at + 1, cases[i].outer, cases[i].at);
        CU_ASSERT_STRING_EQUAL(t.text, expected);
    }
}

static void
a_class_is_judged_with_what_it_takes_from_limits(void)
{
    struct told t = told("class \"x\" { match = { \"192.0.2.0/24\" } per_host = 17 }");
    EQUAL_NUMBER(t.n, 1);
    CONTAINS(t.text, "class \"x\": per_host = 17 is never reached, because per_network "
                     "= 16 (as in limits)");
    EQUAL_NUMBER(told("class \"x\" { match = { \"192.0.2.0/24\" } per_host = 16 }").n,
                 0);
    t = told("class \"x\" { match = { \"192.0.2.0/24\" } per_network = 2 }");
    CONTAINS(t.text,
             "per_host = 3 is never reached, because per_network = 2 (its own)");
}

static void
connections_of_a_class_are_within_those_of_the_server(void)
{
#define FEW "limits { clients = 30 } class \"x\" { match = { \"192.0.0.0/16\" } "
    EQUAL_NUMBER(told(FEW "connections = 30 }").n, 0);
    EQUAL_NUMBER(told(FEW "connections = 0 per_host = 9 }").n, 0);
    EQUAL_NUMBER(told(FEW "connections = 2 }").n, 0); /* per_host is not its own */
    EQUAL_NUMBER(told(FEW "connections = 9 per_host = 9 }").n, 0);
    CONTAINS(told(FEW "connections = 31 }").text,
             "class \"x\": connections = 31 is never reached, because limits.clients = "
             "30: raise the second or lower the first");
    CONTAINS(told(FEW "connections = 9 per_host = 10 }").text,
             "class \"x\": per_host = 10 is never reached, because connections = 9");
}

static void
a_prefix_of_hosts_is_for_classes_of_addresses(void)
{
    EQUAL_NUMBER(told("class x { match = ::/0 host_prefix_v6 = 128 }").n, 0);
    EQUAL_NUMBER(told("class x { match = ::/0 tls = yes }").n, 0);
    CONTAINS(
        told("class x { match = ::/0 tls = yes host_prefix_v6 = 128 }").text,
        "class \"x\": host_prefix_v6 has no effect, because a host is found by its "
        "address alone");
    EQUAL_NUMBER(told("class x { tls = yes host_prefix_v6 = 128 }").n, 1);
}

/* All clients of such a class are in one network, as the circuits of tor are. */
static void
a_class_of_one_network_is_compared_with_the_network(void)
{
    static const struct {
        const char *class;
        bool told;
    } cases[] = {
        {"match = { \"fc00:dead:beef:4dad::/64\" } connections = 200", true},
        {"match = { \"fc00:dead:beef:4dad::/64\" } connections = 17", true},
        {"match = { \"fc00:dead:beef:4dad::/64\" } connections = 16", false},
        {"match = { \"fc00:dead:beef:4dad::/64\" } connections = 200 per_network = 200",
         false},
        {"match = { \"fc00:dead:beef:4d00::/56\" } connections = 17", true},
        {"match = { \"fc00:dead:beef:4c00::/55\" } connections = 17", false},
        {"match = { \"192.0.2.0/24\" } connections = 17", true},
        {"match = { \"192.0.2.0/23\" } connections = 17", false},
        {"match = { \"192.0.2.7\", \"198.51.100.7\" } connections = 17", false},
        {"tls = true connections = 17", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "class \"tor\" { %s }", cases[i].class);
        struct told t = told(text);
        EQUAL_NUMBER(t.n, cases[i].told);
        if (t.n > 0)
            CONTAINS(t.text, "is never reached, because per_network = 16 (as in "
                             "limits) and all its addresses are in one network");
    }
}

SUITE(contradict)
{
    TEST(the_built_in_limits_are_silent);
    TEST(each_pair_is_told_one_above_and_not_when_equal);
    TEST(a_class_is_judged_with_what_it_takes_from_limits);
    TEST(a_prefix_of_hosts_is_for_classes_of_addresses);
    TEST(connections_of_a_class_are_within_those_of_the_server);
    TEST(a_class_of_one_network_is_compared_with_the_network);
}
