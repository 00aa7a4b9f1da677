/* A client that has not registered moves to another address (session_rehome): the
 * server acts as if it had connected from there, and as if the old address had never
 * had it. */
#include "config/config.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "policy/throttle.h"
#include "state/watch.h"
#include "world.h"

#define GATE "198.51.100.1" /* of a gateway */
#define HOME "192.0.2.1"
#define NEIGHBOUR "192.0.2.2" /* in the network of HOME */

/* All that the server counts and would answer for this address. */
static bool
rehome_as(struct world *w, struct actor *a, struct connection_info info,
          const char *address)
{
    CU_ASSERT_FATAL(addr_parse(address, &info.addr));
    bool moved = a->client && session_rehome(w->srv, a->client, &info);
    world_sleep(w, 0);
    return moved;
}

static bool
rehome(struct world *w, struct actor *a, const char *address)
{
    return rehome_as(w, a, (struct connection_info){.listener = "test"}, address);
}

/* The reason with which a connection from this address is refused now. */
static void
refusal_from(struct world *w, const char *address, char out[512])
{
    struct actor *a = world_connect(w, address);
    CU_ASSERT_FATAL(a->closed);
    snprintf(out, 512, "%s", a->inbox);
}

/* The client is refused, with the same words as one that connects from there. */
static void
refused_alike(struct world *w, const char *from, const char *to)
{
    char words[512];
    struct actor *a = world_connect(w, from);
    CU_ASSERT_FATAL(!a->closed);
    uint64_t before = w->srv->n_refused;
    CU_ASSERT_FALSE(rehome(w, a, to));
    CU_ASSERT(a->closed);
    EQUAL_NUMBER(w->srv->n_refused, before + 1);
    refusal_from(w, to, words);
    EQUAL_TEXT(a->inbox, words);
}

static void
counted(const struct world *w, const char *address, unsigned clients, unsigned waiting,
        unsigned of_network)
{
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse(address, &addr));
    const struct host *h = host_find(w->srv, &addr);
    const struct network *n = network_find(w->srv, &addr);
    EQUAL_NUMBER(h ? h->connections : 0, clients);
    EQUAL_NUMBER(h ? h->unregistered : 0, waiting);
    EQUAL_NUMBER(n ? n->connections : 0, of_network);
}

static void
both_addresses_count_right(void)
{
    struct world *w = world_new(NULL);
    struct actor *other = world_connect(w, NEIGHBOUR);
    struct actor *a = world_connect(w, GATE);
    counted(w, GATE, 1, 1, 1);
    CU_ASSERT(rehome(w, a, HOME));
    counted(w, GATE, 0, 0, 0);
    counted(w, HOME, 1, 1, 2);
    world_say(w, a, "NICK ann");
    world_say(w, a, "USER ann 0 * :Ann");
    AWAIT(w, a, "* 001 ann * ann!ann@192.0.2.1");
    counted(w, HOME, 1, 0, 2);
    world_close(w, a);
    counted(w, HOME, 0, 0, 1);
    counted(w, NEIGHBOUR, 1, 1, 1);
    EQUAL_NUMBER(w->srv->n_clients, 1);
    (void)other;
    world_free(w);
}

static void
back_and_forth_drifts_nowhere(void)
{
    static const char *const places[] = {HOME, NEIGHBOUR, "2001:db8::1", "2001:db8::2",
                                         GATE};
    struct world *w = world_new("limits { connect_rate = \"1/1h\" }");
    struct actor *a = world_connect(w, GATE);
    for (int i = 0; i < 50; i++)
        CU_ASSERT(rehome(w, a, places[i % 5]));
    counted(w, GATE, 1, 1, 1);
    for (int i = 0; i < 4; i++)
        counted(w, places[i], 0, 0, 0);
    /* It has paid one token at its present address and none elsewhere. */
    CU_ASSERT(world_connect(w, GATE)->closed);
    for (int i = 0; i < 3; i++)
        CU_ASSERT(!world_connect(w, places[i])->closed);
    world_free(w);
}

/* The new address has one connection too many; a client that moves away makes room at
 * the old one. */
static void
limits_hold_on_both_sides(void)
{
    static const struct {
        const char *config, *there; /* a connection that fills it */
    } cases[] = {
        {"limits { per_host = 1 }", HOME},
        {"limits { unregistered_per_host = 1 }", HOME},
        {"limits { per_network = 1 }", NEIGHBOUR},
        {"limits { connect_rate = \"1/1h\" }", HOME},
        {"class \"home\" { match = { \"192.0.2.0/24\" } per_host = 1 }", HOME},
        {"class \"home\" { match = { \"192.0.2.0/24\" } connect_rate = \"1/1h\" }",
         HOME},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(cases[i].config);
        CU_ASSERT(!world_connect(w, cases[i].there)->closed);
        refused_alike(w, GATE, HOME);
        counted(w, GATE, 0, 0, 0);
        /* As if the gateway had never had a connection. */
        struct actor *a = world_connect(w, GATE);
        CU_ASSERT_FATAL(!a->closed);
        CU_ASSERT(rehome(w, a, "203.0.113.9"));
        CU_ASSERT(!world_connect(w, GATE)->closed);
        world_free(w);
    }
}

static void
it_does_not_count_against_itself(void)
{
    struct world *w = world_new("limits { clients = 1 per_host = 1 per_network = 1 "
                                "unregistered_per_host = 1 connect_rate = \"1/1h\" }");
    struct actor *a = world_connect(w, GATE);
    CU_ASSERT(rehome(w, a, HOME));
    CU_ASSERT(rehome(w, a, NEIGHBOUR));
    CU_ASSERT(rehome(w, a, NEIGHBOUR)); /* nothing new */
    counted(w, NEIGHBOUR, 1, 1, 1);
    world_free(w);
    /* The reserve of a full server is for loopback addresses alone. */
    w = world_new("limits { clients = 1 }");
    world_connect(w, HOME);
    a = world_connect(w, "127.0.0.1");
    CU_ASSERT_FATAL(!a->closed);
    CU_ASSERT_FALSE(rehome(w, a, NEIGHBOUR));
    EXPECT(w, a, "ERROR :Closing Link: 192.0.2.2 (The server is full: *)");
    world_free(w);
}

static void
the_token_of_the_old_address_comes_back(void)
{
    struct world *w = world_new("limits { connect_rate = \"2/1h\" per_network = 99 }");
    for (int i = 0; i < 20; i++) {
        char home[32];
        struct actor *a = world_connect(w, GATE);
        CU_ASSERT_FATAL(!a->closed);
        snprintf(home, sizeof home, "192.0.2.%d", 10 + i);
        CU_ASSERT(rehome(w, a, home));
    }
    /* Only its own. */
    CU_ASSERT(!world_connect(w, GATE)->closed);
    CU_ASSERT(!world_connect(w, GATE)->closed);
    CU_ASSERT(world_connect(w, GATE)->closed);
    world_free(w);
    /* An address that pays no tokens gets none back. */
    w = world_new("limits { connect_rate = \"1/1h\" }\n"
                  "exempt \"198.51.100.1\" { from = { \"throttle\" } }");
    for (int i = 0; i < 3; i++) {
        struct actor *a = world_connect(w, GATE);
        CU_ASSERT(rehome(w, a, i == 0 ? HOME : NEIGHBOUR) == (i < 2));
    }
    EQUAL_NUMBER(throttle_connections_left(w->srv, world_host(w, GATE), NULL), 1);
    world_free(w);
}

/* Refusals for the rate are strikes of the address that connects too often. */
static void
strikes_belong_to_the_new_address(void)
{
    struct world *w = world_new(
        "limits { connect_rate = \"1/1h\" per_host = 2 unregistered_per_host = 99 }\n"
        "exempt \"198.51.100.1\" { from = { \"throttle\", \"connections\" } }");
    world_sleep(
        w, 2 * MSEC_MINUTE); /* in the time after a start no host is struck for that */
    world_close(w, world_connect(w, HOME));
    for (int i = 0; i < 3; i++)
        CU_ASSERT_FALSE(rehome(w, world_connect(w, GATE), HOME));
    EQUAL_NUMBER(world_host(w, HOME)->strikes, 1);
    EQUAL_NUMBER(world_host(w, GATE)->strikes, 0);
    /* Offences before registration are strikes of the new address as well. */
    struct actor *a = world_connect(w, GATE);
    CU_ASSERT(rehome(w, a, "192.0.2.77"));
    for (int i = 0; i < 25; i++)
        world_say(w, a, "PONG x");
    CU_ASSERT(a->closed);
    EQUAL_NUMBER(world_host(w, "192.0.2.77")->strikes, 2);
    world_free(w);
}

/* Its registration timeout goes on. The second timeout in a row is an offence of the
 * address at which it ends. */
static void
the_time_to_register_counts_from_the_first_connection(void)
{
    struct world *w = world_new(NULL);
    for (int i = 0; i < 2; i++) {
        struct actor *a = world_connect(w, GATE);
        world_sleep(w, 20 * MSEC_SECOND);
        CU_ASSERT_FATAL(rehome(w, a, i ? "2001:db8::1" : "2001:db8::2"));
        world_sleep(w, 10 * MSEC_SECOND - 1);
        CU_ASSERT(!a->closed);
        world_sleep(w, MSEC_SECOND);
        AWAIT(w, a, "*(Registration timed out)");
    }
    EQUAL_NUMBER(world_host(w, "2001:db8::1")->strikes, 1);
    CU_ASSERT(world_host(w, GATE) == NULL || world_host(w, GATE)->strikes == 0);
    world_free(w);
}

static void
bans_are_those_of_the_new_address(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    struct actor *a = world_connect(w, GATE), *b = world_connect(w, GATE);
    world_say(w, alice, "DLINE 1h 192.0.2.0/28 :not you");
    world_say(w, alice, "KLINE 1h *@192.0.2.99 :nor you");
    world_say(w, alice, "KLINE 1h *@203.0.113.1 :nor those");
    refused_alike(w, GATE, HOME);
    CU_ASSERT(rehome(w, a, "192.0.2.99")); /* K-lines are checked when USER has come */
    world_say(w, a, "NICK ann");
    world_say(w, a, "USER ann 0 * :Ann");
    EXPECT(w, a, "* 465 ann :You are banned (K-line)*nor you*");
    CU_ASSERT(a->closed);
    /* The old address is left behind; the notice to operators names the new one. */
    struct actor *c = world_connect(w, "203.0.113.1");
    CU_ASSERT(rehome(w, c, "192.0.2.20"));
    world_say(w, c, "NICK cat");
    world_say(w, c, "USER cat 0 * :Cat");
    AWAIT(w, c, "* 001 cat *");
    AWAIT(w, alice, "*Refused a connection from 192.0.2.1: *");
    AWAIT(w, alice, "*Refused ann!ann@192.0.2.99: *");
    CONTAINS(w->logged, "event=refused host=192.0.2.1 ");
    /* A ban that is set later covers the client at its new address. */
    CU_ASSERT(rehome(w, b, "192.0.2.21"));
    world_say(w, alice, "DLINE 1h 198.51.100.0/24 :the gateway");
    CU_ASSERT(!b->closed);
    world_say(w, alice, "DLINE 1h 192.0.2.21 :here");
    CU_ASSERT(b->closed);
    world_free(w);
}

static void
class_and_exemptions_are_those_of_the_new_address(void)
{
    struct world *w = world_new(
        "class \"gate\" { match = { \"198.51.100.0/24\" } unregistered = 500 }\n"
        "class \"home\" { match = { \"192.0.2.0/24\" } unregistered = 5 }\n"
        "exempt \"198.51.100.1\" { from = { \"flood\", \"bans\" } }\n"
        "exempt \"192.0.2.1\" { from = { \"strikes\" } }\n");
    struct actor *a = world_connect(w, GATE);
    for (int i = 0; i < 4; i++)
        world_say(w, a, "PONG x");
    CU_ASSERT(rehome(w, a, HOME));
    EQUAL_TEXT(policy_of(a->client)->class->name, "home");
    EQUAL_NUMBER(policy_of(a->client)->exempt, EXEMPT_STRIKES);
    world_say(w, a, "PONG five");
    CU_ASSERT(!a->closed);
    world_say(w, a, "PONG six");
    CU_ASSERT(a->closed);
    a = world_connect(w, GATE);
    CU_ASSERT(rehome(w, a, "203.0.113.1"));
    CU_ASSERT_PTR_NULL(policy_of(a->client)->class);
    EQUAL_NUMBER(policy_of(a->client)->exempt, 0);
    world_free(w);
}

static void
it_shows_the_new_address_or_its_cloak(void)
{
    struct world *w = world_new("server { cloak = true }");
    struct actor *a = world_connect(w, GATE), *b = world_connect(w, HOME);
    /* The cloak is made when only a nick is missing. */
    world_say(w, a, "NICK ann");
    world_say(w, a, "CAP LS 302");
    world_say(w, a, "USER ann 0 * :Ann");
    CU_ASSERT(rehome(w, a, HOME));
    EQUAL_TEXT(a->client->user.host, HOME);
    world_say(w, a, "CAP END");
    world_say(w, b, "NICK bob");
    world_say(w, b, "USER bob 0 * :Bob");
    CU_ASSERT_FATAL(a->client && b->client);
    EQUAL_TEXT(a->client->user.host, b->client->user.host);
    EQUAL_NUMBER(a->client->out.flags & CLIENT_HIDDEN, CLIENT_HIDDEN);
    CU_ASSERT_PTR_NULL(strstr(a->inbox, GATE));
    world_free(w);
}

/* Another client took the nick after the cloak was made. */
static void
a_cloak_of_the_old_address_is_forgotten(void)
{
    static const char config[] =
        "server { cloak = true }\n"
        "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
        "privileges = { \"all\" } }\n";
    struct world *w = world_new(config);
    struct actor *alice = world_oper(w, "alice");
    struct actor *a = world_connect(w, GATE), *b = world_connect(w, HOME);
    world_say(w, a, "NICK ann");
    world_say(w, alice, "RESV 1h ann :taken");
    world_say(w, a, "USER ann 0 * :Ann");
    CU_ASSERT_FATAL(a->client && a->client->user.cloak);
    CU_ASSERT(rehome(w, a, HOME));
    world_say(w, a, "NICK other");
    world_say(w, b, "NICK bob");
    world_say(w, b, "USER bob 0 * :Bob");
    EQUAL_TEXT(a->client->user.host, b->client->user.host);
    world_free(w);
}

static void
only_a_client_that_has_not_registered_moves(void)
{
    struct world *w = world_new("server { password = \"$argon2id$secret\" }");
    struct addr home;
    addr_parse(HOME, &home);
    struct connection_info info = {.addr = home, .listener = "test"};
    struct actor *a = world_connect(w, GATE);
    world_say(w, a, "PASS secret");
    world_say(w, a, "NICK ann");
    w->verify_later = true;
    world_say(w, a, "USER ann 0 * :Ann");
    CU_ASSERT_FALSE(rehome(w, a, HOME)); /* its password is being checked */
    counted(w, GATE, 1, 1, 1);
    world_verify(w);
    CU_ASSERT(a->client->out.flags & CLIENT_REGISTERED);
    CU_ASSERT_FALSE(rehome(w, a, HOME));
    counted(w, GATE, 1, 0, 1);
    counted(w, HOME, 0, 0, 0);
    EQUAL_TEXT(a->client->user.host, GATE);
    session_close(w->srv, a->client, "gone");
    CU_ASSERT_FALSE(session_rehome(w->srv, a->client, &info));
    world_sleep(w, 0);
    CU_ASSERT(a->closed);
    EQUAL_NUMBER(w->srv->n_clients, 0);
    world_free(w);
}

static void
what_is_known_is_kept_and_costs_nothing_else(void)
{
    struct world *w = world_new(NULL);
    struct connection_info out;
    struct actor *a = world_connect(w, GATE);
    session_info(a->client, &out);
    CU_ASSERT(!out.secure && out.certfp == NULL && out.gateway == NULL);
    CU_ASSERT(rehome(w, a, HOME));
    CU_ASSERT_PTR_NULL(a->client->user.lists);
    CU_ASSERT(rehome_as(w, a, (struct connection_info){.secure = true}, HOME));
    CU_ASSERT_PTR_NULL(a->client->user.lists);
    char finger[] = "0123abcd", gate[] = "kiwi";
    struct connection_info all = {.secure = true, .certfp = finger, .gateway = gate};
    CU_ASSERT(rehome_as(w, a, all, NEIGHBOUR));
    memset(finger, 'x', 4);
    memset(gate, 'x', 4);
    session_info(a->client, &out);
    EQUAL_TEXT(out.certfp, "0123abcd");
    EQUAL_TEXT(out.gateway, "kiwi");
    CU_ASSERT(out.secure);
    struct addr addr;
    addr_parse(NEIGHBOUR, &addr);
    EQUAL_NUMBER(memcmp(&addr, &out.addr, sizeof addr), 0);
    /* The given info may point to the texts that the client has already. */
    out.gateway = NULL;
    CU_ASSERT(session_rehome(w->srv, a->client, &out));
    session_info(a->client, &out);
    EQUAL_TEXT(out.certfp, "0123abcd");
    CU_ASSERT_PTR_NULL(out.gateway);
    world_say(w, a, "NICK ann");
    world_say(w, a, "USER ann 0 * :Ann");
    /* The client's lists are kept beside these texts. */
    world_say(w, a, "MONITOR + bob");
    world_user(w, "bob");
    AWAIT(w, a, "* 730 * :bob!*");
    session_info(a->client, &out);
    EQUAL_TEXT(out.certfp, "0123abcd");
    world_free(w);
}

struct seen {
    char text[256];
};

static void
note_enter(void *ctx, const struct client *c)
{
    struct seen *s = ctx;
    size_t n = strlen(s->text);
    snprintf(s->text + n, sizeof s->text - n, "+%s ", c->user.host);
}

static void
note_leave(void *ctx, const struct client *c)
{
    struct seen *s = ctx;
    size_t n = strlen(s->text);
    snprintf(s->text + n, sizeof s->text - n, "-%s ", c->user.host);
}

static void
note_refused(void *ctx, const struct addr *addr, const struct connection_facts *facts,
             const struct client *c, const char *limit)
{
    struct seen *s = ctx;
    size_t n = strlen(s->text);
    (void)addr, (void)facts;
    snprintf(s->text + n, sizeof s->text - n, "%s%s ", c ? "!" : "", limit);
}

static void
a_watch_sees_one_leave_and_one_come(void)
{
    struct seen seen = {""};
    struct watch watch = {.ctx = &seen,
                          .enter = note_enter,
                          .leave = note_leave,
                          .refused = note_refused};
    struct world *w = world_new("limits { per_host = 1 }");
    w->srv->watch = &watch;
    struct actor *a = world_connect(w, GATE);
    CU_ASSERT(rehome(w, a, HOME));
    struct actor *b = world_connect(w, GATE);
    CU_ASSERT_FALSE(rehome(w, b, HOME));
    world_close(w, a);
    EQUAL_TEXT(seen.text, "+198.51.100.1 -198.51.100.1 +192.0.2.1 +198.51.100.1 "
                          "-198.51.100.1 per_host -192.0.2.1 ");
    w->srv->watch = NULL;
    world_free(w);
}

/* Clients that have just ended do not count as clients, as at accept. */
static void
the_doomed_leave_first(void)
{
    struct world *w = world_new("limits { per_host = 1 }");
    struct actor *old = world_connect(w, HOME), *a = world_connect(w, GATE);
    session_close(w->srv, old->client, "gone");
    CU_ASSERT(rehome(w, a, HOME));
    counted(w, HOME, 1, 1, 1);
    world_free(w);
}

SUITE(admission_rehome)
{
    TEST(both_addresses_count_right);
    TEST(back_and_forth_drifts_nowhere);
    TEST(limits_hold_on_both_sides);
    TEST(it_does_not_count_against_itself);
    TEST(the_token_of_the_old_address_comes_back);
    TEST(strikes_belong_to_the_new_address);
    TEST(the_time_to_register_counts_from_the_first_connection);
    TEST(bans_are_those_of_the_new_address);
    TEST(class_and_exemptions_are_those_of_the_new_address);
    TEST(it_shows_the_new_address_or_its_cloak);
    TEST(a_cloak_of_the_old_address_is_forgotten);
    TEST(only_a_client_that_has_not_registered_moves);
    TEST(what_is_known_is_kept_and_costs_nothing_else);
    TEST(a_watch_sees_one_leave_and_one_come);
    TEST(the_doomed_leave_first);
}
