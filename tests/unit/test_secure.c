/* What the server knows of a TLS connection: user mode Z, numerics 671 and 276, WHO. */
#include "world.h"

#define FINGER "3c4d8b1f0a9e7d6c5b4a39281706f5e4d3c2b1a0998877665544332211000fed"

static const struct connection_info encrypted = {.listener = "test", .secure = true};
static const struct connection_info certified = {
    .listener = "test", .secure = true, .certfp = FINGER};

/* The answer to a client's question of its own modes. */
static void
has_modes(struct world *w, struct actor *a, const char *nick, const char *modes)
{
    char want[64];
    world_drain(a);
    world_sayf(w, a, "MODE %s", nick);
    snprintf(want, sizeof want, ":irc.localhost 221 %s %s", nick, modes);
    EXPECT(w, a, want);
    SILENT(w, a);
}

static void
a_secure_client_has_mode_z_from_its_welcome_on(void)
{
    struct world *w = world_new("server { cloak = true }");
    struct actor *a = world_connect_with(w, "192.0.2.1", encrypted);
    world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann");
    AWAIT(w, a, ":irc.localhost 004 ann * * BgioswxZ *");
    AWAIT(w, a, ":irc.localhost 221 ann +xZ");
    has_modes(w, a, "ann", "+xZ");
    struct actor *b = world_connect(w, "192.0.2.2");
    world_say(w, b, "NICK bob\r\nUSER bob 0 * :Bob");
    AWAIT(w, b, ":irc.localhost 221 bob +x");
    has_modes(w, b, "bob", "+x");
    world_free(w);
}

/* A gateway or a proxy says it only before the client has registered. */
static void
the_facts_of_a_moved_client_count(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    struct connection_info info = encrypted;
    CU_ASSERT_FATAL(addr_parse("192.0.2.7", &info.addr));
    CU_ASSERT(session_rehome(w->srv, a->client, &info));
    world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann");
    has_modes(w, a, "ann", "+Z");
    info.secure = false;
    CU_ASSERT_FALSE(session_rehome(w->srv, a->client, &info));
    has_modes(w, a, "ann", "+Z");
    struct actor *b = world_connect_with(w, "192.0.2.2", encrypted);
    CU_ASSERT(session_rehome(w->srv, b->client, &info));
    world_say(w, b, "NICK bob\r\nUSER bob 0 * :Bob");
    has_modes(w, b, "bob", "+");
    world_free(w);
}

static void
no_user_changes_mode_z(void)
{
    static const char *const changes[] = {"+Z", "-Z", "+Z-Z", "-ZZ"};
    struct world *w = world_new(world_alice);
    struct actor *ann = world_user_with(w, "ann", encrypted);
    struct actor *bob = world_user(w, "bob");
    world_drain_all(w);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        world_sayf(w, ann, "MODE ann %s", changes[i]);
        SILENT(w, ann);
        world_sayf(w, bob, "MODE bob %s", changes[i]);
        SILENT(w, bob);
    }
    has_modes(w, ann, "ann", "+Z");
    has_modes(w, bob, "bob", "+");
    /* Other letters of the same command count. */
    world_say(w, bob, "MODE bob +ZBi-Z");
    EXPECT(w, bob, ":bob!bob@* MODE bob :+Bi");
    SILENT(w, bob);
    world_say(w, bob, "OPER alice secret");
    world_say(w, bob, "MODE bob +Z");
    world_drain(bob);
    world_say(w, bob, "MODE bob");
    EXPECT(w, bob, ":irc.localhost 221 bob +Biosw");
    world_free(w);
}

static void
whois_tells_all_that_a_client_is_secure(void)
{
    struct world *w = world_new(NULL);
    struct actor *ann = world_user_with(w, "ann", encrypted);
    struct actor *bob = world_user(w, "bob");
    world_say(w, bob, "WHOIS ann");
    AWAIT(w, bob, ":irc.localhost 671 bob ann :is using a secure connection");
    NEVER(w, bob, "* 276 *");
    world_drain(bob);
    world_say(w, ann, "WHOIS ann");
    AWAIT(w, ann, ":irc.localhost 671 ann ann :*");
    NEVER(w, ann, "* 276 *");
    world_say(w, ann, "WHOIS bob");
    AWAIT(w, ann, ":irc.localhost 311 ann bob *");
    NEVER(w, ann, "* 671 *");
    world_free(w);
}

static void
a_fingerprint_is_for_oneself_and_operators(void)
{
    struct world *w = world_new(
        "oper \"mod\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } }");
    struct actor *ann = world_user_with(w, "ann", certified);
    struct actor *bob = world_user(w, "bob");
    struct actor *mod = world_oper_as(w, "root", "mod");
    world_drain_all(w);
    world_say(w, ann, "WHOIS ann");
    AWAIT(w, ann,
          ":irc.localhost 276 ann ann :has client certificate fingerprint " FINGER);
    world_say(w, bob, "WHOIS ann");
    AWAIT(w, bob, ":irc.localhost 671 bob ann :*");
    NEVER(w, bob, "*" FINGER "*");
    world_say(w, mod, "WHOIS ann");
    AWAIT(w, mod, ":irc.localhost 276 root ann :*" FINGER);
    world_free(w);
}

static void
who_marks_secure_clients(void)
{
    struct world *w = world_new(NULL);
    struct actor *ann = world_user_with(w, "ann", encrypted);
    struct actor *bob = world_user(w, "bob");
    world_say(w, ann, "JOIN #a");
    world_say(w, bob, "JOIN #a");
    world_say(w, ann, "MODE ann +B");
    world_drain_all(w);
    world_say(w, bob, "WHO #a");
    EXPECT(w, bob, ":* 352 bob #a ann * ann H@Bs :0 Real ann");
    EXPECT(w, bob, ":* 352 bob #a bob * bob H :0 Real bob");
    world_drain(bob);
    world_say(w, bob, "WHO ann %nf");
    EXPECT(w, bob, ":* 354 bob ann H@Bs");
    world_free(w);
}

static void
the_name_that_a_client_asked_for_is_kept(void)
{
    struct world *w = world_new(NULL);
    char name[] = "irc.example.org";
    struct connection_info info = encrypted, out;
    info.sni = name;
    struct actor *a = world_connect_with(w, "192.0.2.1", info);
    name[0] = 'x';
    session_info(a->client, &out);
    EQUAL_TEXT(out.sni, "irc.example.org");
    CU_ASSERT(session_rehome(w->srv, a->client, &out)); /* its own text */
    /* A password does not take the name with it. */
    world_say(w, a, "PASS secret");
    world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann");
    session_info(a->client, &out);
    EQUAL_TEXT(out.sni, "irc.example.org");
    CU_ASSERT(out.secure && out.certfp == NULL);
    world_free(w);
}

SUITE(secure)
{
    TEST(a_secure_client_has_mode_z_from_its_welcome_on);
    TEST(the_facts_of_a_moved_client_count);
    TEST(no_user_changes_mode_z);
    TEST(whois_tells_all_that_a_client_is_secure);
    TEST(a_fingerprint_is_for_oneself_and_operators);
    TEST(who_marks_secure_clients);
    TEST(the_name_that_a_client_asked_for_is_kept);
}
