/* Classes of listeners, and classes with other prefixes for hosts: what a listener for
 * Tor needs. */
#include "config/config.h"
#include "policy/class.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "world.h"

#define TOR_CLASS                                                                      \
    "class tor { match = { \"fc00:dead:beef:4dad::/64\" } per_host = 5 strikes = "     \
    "\"disconnect\" host_prefix_v6 = 128 } "
#define TOR TOR_CLASS "listen \"unix:/tor.sock\" { class = tor proxy = true } "

static struct actor *
connect_by(struct world *w, const char *listener, const char *address)
{
    return world_connect_with(w, address,
                              (struct connection_info){.listener = listener});
}

static const char *
class_of(const struct actor *a)
{
    const struct config_class *class = policy_of(a->client)->class;
    return class ? class->name : "none";
}

static void
the_class_of_a_listener_comes_before_that_of_an_address(void)
{
    struct world *w = world_new("class near { match = { \"192.0.2.0/24\" } } " TOR);
    for (int i = 0; i < 5; i++) {
        struct actor *a = connect_by(w, "unix:/tor.sock", "192.0.2.1");
        CU_ASSERT_FATAL(!a->closed);
        EQUAL_TEXT(class_of(a), "tor");
        world_sayf(w, a, "NICK n%d", i);
        world_say(w, a, "USER u 0 * :x");
    }
    CU_ASSERT(connect_by(w, "unix:/tor.sock", "192.0.2.1")->closed);
    CU_ASSERT(connect_by(w, "test", "192.0.2.1")->closed); /* 3 are the limit there */
    EQUAL_TEXT(class_of(connect_by(w, "test", "192.0.2.2")), "near");
    EQUAL_TEXT(class_of(connect_by(w, "test", "198.51.100.1")), "none");
    EQUAL_TEXT(class_of(connect_by(w, NULL, "198.51.100.1")), "none");
    world_free(w);
}

static void
a_rehash_changes_the_class_of_a_listener(void)
{
    struct world *w = world_new(TOR);
    struct actor *a = connect_by(w, "unix:/tor.sock", "198.51.100.1");
    EQUAL_TEXT(class_of(a), "tor");
    w->rehash_text = TOR_CLASS;
    CU_ASSERT_TRUE_FATAL(world_rehash(w));
    EQUAL_TEXT(class_of(a), "none");
    w->rehash_text = TOR;
    CU_ASSERT_TRUE_FATAL(world_rehash(w));
    EQUAL_TEXT(class_of(a), "tor");
    world_free(w);
}

static void
addresses_of_a_class_may_be_hosts_of_their_own(void)
{
    struct world *w = world_new(TOR);
    connect_by(w, "unix:/tor.sock", "fc00:dead:beef:4dad::1:1");
    connect_by(w, "unix:/tor.sock", "fc00:dead:beef:4dad::1:2");
    connect_by(w, "test", "2001:db8::1");
    connect_by(w, "test", "2001:db8::2");
    EQUAL_NUMBER(world_host(w, "fc00:dead:beef:4dad::1:1")->connections, 1);
    EQUAL_NUMBER(world_host(w, "fc00:dead:beef:4dad::1:2")->connections, 1);
    EQUAL_NUMBER(world_host(w, "2001:db8::1")->connections, 2);
    world_free(w);
}

/* Clients that have not registered, users and an operator: session_check compares each
 * host with its clients. */
static void
clients_change_hosts_with_the_prefix_of_their_class(void)
{
    static char with[2000], without[2000];
    struct actor *alice;
    snprintf(with, sizeof with,
             "%s class c { match = { \"2001:db8::/32\" } "
             "host_prefix_v6 = 128 per_host = 9 }",
             world_easy);
    snprintf(without, sizeof without, "%s", world_easy);
    struct world *w = world_with_oper(without, &alice);
    world_user_at(w, "ann", "2001:db8::1");
    world_user_at(w, "bob", "2001:db8::2");
    struct actor *oper = world_user_at(w, "eve", "2001:db8::3");
    world_say(w, oper, "OPER alice secret");
    struct actor *fresh = world_connect(w, "2001:db8::4");
    for (int i = 0; i < 4; i++) {
        EQUAL_NUMBER(world_host(w, "2001:db8::1")->connections, i % 2 ? 1 : 4);
        w->rehash_text = i % 2 ? without : with;
        CU_ASSERT_TRUE_FATAL(world_rehash(w));
        session_check(w->srv);
    }
    EQUAL_NUMBER(world_host(w, "2001:db8::1")->unregistered, 1);
    EQUAL_NUMBER(world_host(w, "2001:db8::1")->opers, 1);
    world_close(w, fresh);
    world_close(w, oper);
    EQUAL_NUMBER(world_host(w, "2001:db8::1")->connections, 2);
    world_free(w);
}

SUITE(class)
{
    TEST(the_class_of_a_listener_comes_before_that_of_an_address);
    TEST(a_rehash_changes_the_class_of_a_listener);
    TEST(addresses_of_a_class_may_be_hosts_of_their_own);
    TEST(clients_change_hosts_with_the_prefix_of_their_class);
}
