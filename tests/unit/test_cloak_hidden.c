/* Channel lists and the address behind a cloak: with no mask can a channel operator
 * find an address that was never shown, and a client evades no ban when it takes its
 * cloak on or off. */
#include "world.h"

#define EASY                                                                           \
    "flood { burst = 100000 nick = \"9999/1s\" join = \"9999/1s\" }\n"                 \
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@10.0.0.0/8\" } "   \
    "privileges = { \"all\" } }\n"                                                     \
    "limits { per_host = 99 per_network = 99 connect_rate = \"999/1s\" }\n"

static const char on[] = "server { cloak = true }\n" EASY;
static const char optional[] = "server { cloak = true cloak_optional = true }\n" EASY;
static const char off[] = "server { cloak = false }\n" EASY;

static struct world *w;
static struct actor *op, *vic;

/* op is operator of #m; vic is a client of 203.0.113.77. */
static void
begin(const char *config)
{
    w = world_new(config);
    op = world_user(w, "op");
    vic = world_user_at(w, "vic", "203.0.113.77");
    world_channel(w, "#m", "op@");
}

static const char *
host_of(const struct actor *a)
{
    return a->client ? a->client->user.host : "(gone)";
}

/* Each half of each network that may have the address of vic, and the address itself.
 */
static void
thirty_two_probes_tell_nothing(void)
{
    char mask[64];
    begin(on);
    world_say(w, vic, "JOIN #m");
    world_say(w, op, "MODE #m +z");
    world_drain_all(w);
    uint32_t address = 203U << 24 | 0U << 16 | 113U << 8 | 77U;
    for (unsigned bits = 1; bits <= 32; bits++) {
        for (uint32_t other = 0; other < 2; other++) {
            uint32_t half = (address ^ other << (32 - bits)) >> (32 - bits)
                                                                    << (32 - bits);
            snprintf(mask, sizeof mask, "*!*@%u.%u.%u.%u/%u", half >> 24,
                     half >> 16 & 255, half >> 8 & 255, half & 255, bits);
            world_sayf(w, op, "MODE #m +q %s", mask);
            world_drain_all(w);
            world_say(w, vic, "PRIVMSG #m :line");
            EXPECT(w, op, ":vic!* PRIVMSG #m :line");
            SILENT(w, vic);
            world_sayf(w, op, "MODE #m -q %s", mask);
            world_drain_all(w);
        }
    }
    world_free(w);
}

/* Each list, by each effect that it has. */
static void
no_list_matches_an_address_behind_a_cloak_that_stays(void)
{
    static const char *const hosts[] = {"203.0.113.77", "203.0.113.0/24", "203.0.113.*",
                                        "*3.77", "203.?.113.77"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        begin(on);
        world_sayf(w, op, "MODE #m +b *!*@%s", hosts[i]);
        world_say(w, vic, "JOIN #m");
        EXPECT(w, vic, ":vic!* JOIN :#m");
        world_drain_all(w);
        world_say(w, vic, "NICK vic2\r\nNICK vic\r\nPRIVMSG #m :x");
        AWAIT(w, op, ":vic!* PRIVMSG #m :x");
        world_sayf(w, op, "MODE #m -b+be *!*@%s vic *!*@%s", hosts[i], hosts[i]);
        world_say(w, vic, "PRIVMSG #m :y");
        NEVER(w, op, "* PRIVMSG #m :y");
        world_sayf(w, op, "MODE #m -be+iI vic *!*@%s *!*@%s", hosts[i], hosts[i]);
        world_say(w, vic, "PART #m\r\nJOIN #m");
        AWAIT(w, vic, ":irc.localhost 473 vic #m :*");
        world_free(w);
    }
}

static void
the_cloak_and_its_networks_still_match(void)
{
    const char *config[] = {on, optional};
    for (size_t c = 0; c < 2; c++) {
        begin(config[c]);
        const char *host = host_of(vic);
        for (size_t skip = 0; skip <= 21; skip += skip ? 11 : 10) {
            world_sayf(w, op, "MODE #m +b *!*@%s%s", skip ? "*" : "", host + skip);
            world_drain_all(w);
            world_say(w, vic, "JOIN #m");
            EXPECT(w, vic, ":irc.localhost 474 vic #m :*");
            world_sayf(w, op, "MODE #m -b *!*@%s%s", skip ? "*" : "", host + skip);
        }
        world_free(w);
    }
}

/* With optional cloaks: no match before the address was shown, and always a match from
 * then on. */
static void
an_address_is_matched_once_it_was_shown(void)
{
    static const char *const masks[] = {"*!*@203.0.113.77", "*!*@203.0.113.0/24",
                                        "*!*@203.0.*"};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        begin(optional);
        world_say(w, vic, "JOIN #m");
        world_sayf(w, op, "MODE #m +b %s", masks[i]);
        world_drain_all(w);
        world_say(w, vic, "PRIVMSG #m :x");
        EXPECT(w, op, ":vic!* PRIVMSG #m :x");
        world_say(w, vic, "MODE vic -x");
        world_drain_all(w);
        world_say(w, vic, "PRIVMSG #m :x");
        EXPECT(w, vic, ":irc.localhost 404 vic #m :*+b*");
        world_say(w, vic, "MODE vic +x");
        world_drain_all(w);
        world_say(w, vic, "PRIVMSG #m :x");
        EXPECT(w, vic, ":irc.localhost 404 vic #m :*+b*");
        world_say(w, vic, "PART #m\r\nJOIN #m");
        AWAIT(w, vic, ":irc.localhost 474 vic #m :*");
        world_free(w);
    }
}

/* The same for a client outside the channel: its verdict may be cached as well. */
static void
an_outsider_is_judged_anew_when_it_shows_its_address(void)
{
    begin(optional);
    world_say(w, op, "MODE #m -n+b *!*@203.0.113.77");
    world_drain_all(w);
    for (int i = 0; i < 2; i++) {
        world_say(w, vic, "PRIVMSG #m :x");
        EXPECT(w, op, ":vic!* PRIVMSG #m :x");
    }
    world_say(w, vic, "MODE vic -x");
    world_drain_all(w);
    world_say(w, vic, "PRIVMSG #m :x");
    EXPECT(w, vic, ":irc.localhost 404 vic #m :*+b*");
    SILENT(w, op);
    world_free(w);
}

/* A ban on the cloak matches a client that took it off. */
static void
a_cloak_taken_off_evades_nothing(void)
{
    begin(optional);
    world_sayf(w, op, "MODE #m +b *!*@%s", host_of(vic));
    world_say(w, vic, "MODE vic -x\r\nJOIN #m");
    AWAIT(w, vic, ":irc.localhost 474 vic #m :*");
    world_free(w);
}

/* Before cloaks were switched on, the other clients saw the address. */
static void
a_client_of_before_the_cloaks_is_matched_by_its_address(void)
{
    begin(off);
    struct actor *root = world_oper(w, "root");
    w->rehash_text = on;
    world_say(w, root, "REHASH");
    world_say(w, op, "MODE #m +b *!*@203.0.113.0/24");
    world_say(w, vic, "MODE vic +x");
    CU_ASSERT(strstr(host_of(vic), ".cloak") != NULL);
    world_drain_all(w);
    world_say(w, vic, "JOIN #m");
    EXPECT(w, vic, ":irc.localhost 474 vic #m :*");
    /* A new connection has never shown its address. */
    struct actor *again = world_user_at(w, "vic3", "203.0.113.77");
    world_say(w, again, "JOIN #m");
    EXPECT(w, again, ":vic3!* JOIN :#m");
    world_free(w);
}

static void
server_bans_go_by_the_address_as_before(void)
{
    begin(on);
    struct actor *root = world_oper(w, "root");
    world_say(w, root, "KLINE 10m *@203.0.113.0/24 :spam");
    CU_ASSERT(vic->closed);
    world_free(w);
}

static void
the_setter_of_an_address_is_told_what_it_matches(void)
{
    static const struct {
        const char *config, *mask;
        bool told;
    } cases[] = {
        {on, "203.0.113.0/24", true},
        {on, "*!*@203.0.113.*", true},
        {on, "x!y@203.0.113.7", true},
        {on, "*!*@2001:db8:*", true},
        {on, "0::1", true},
        {on, "~time:1h:203.0.113.7", true},
        {on, "~m:*!*@20?.0.*.7", true},
        {optional, "203.0.113.7", true},
        {on, "*!*@*.cloak", false},
        {on, "*!*@*", false},
        {on, "bob", false},
        {on, "*!*@*.7cyrrfv7kw.*", false},
        {on, "~realname:1.2.3.4", false},
        {off, "203.0.113.7", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(cases[i].config);
        world_sayf(w, op, "MODE #m +b %s", cases[i].mask);
        EQUAL_NUMBER(world_count(op, ":irc.localhost NOTICE op :MODE #m +b *cloak*"),
                     cases[i].told);
        EQUAL_NUMBER(world_count(op, ":op!* MODE #m +b *"), 1);
        world_free(w);
    }
    begin(on);
    world_say(w, op, "MODE #m +bqI 192.0.2.1 192.0.2.2 192.0.2.3");
    EQUAL_NUMBER(world_count(op, "* NOTICE op :MODE *"), 1);
    world_say(w, op, "MODE #m -b 192.0.2.1");
    EQUAL_NUMBER(world_count(op, "* NOTICE op :MODE *"), 1);
    world_free(w);
}

SUITE(cloak_hidden)
{
    TEST(thirty_two_probes_tell_nothing);
    TEST(no_list_matches_an_address_behind_a_cloak_that_stays);
    TEST(the_cloak_and_its_networks_still_match);
    TEST(an_address_is_matched_once_it_was_shown);
    TEST(an_outsider_is_judged_anew_when_it_shows_its_address);
    TEST(a_cloak_taken_off_evades_nothing);
    TEST(a_client_of_before_the_cloaks_is_matched_by_its_address);
    TEST(server_bans_go_by_the_address_as_before);
    TEST(the_setter_of_an_address_is_told_what_it_matches);
}
