/* Capability negotiation (IRCv3 capability-negotiation 302). */
#include "world.h"

#define ALL "server-time message-tags multi-prefix echo-message cap-notify"

static void
ls_before_registration_suspends_it(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "CAP LS 302");
    EXPECT(w, a, ":irc.localhost CAP * LS :" ALL);
    world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann");
    SILENT(w, a);
    world_say(w, a, "CAP REQ :multi-prefix");
    EXPECT(w, a, ":irc.localhost CAP ann ACK :multi-prefix");
    SILENT(w, a);
    world_say(w, a, "CAP END");
    EXPECT(w, a, ":irc.localhost 001 ann :*");
    world_free(w);
}

static void
ls_in_the_midst_suspends_too_and_list_does_not(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "NICK ann\r\nCAP REQ :server-time\r\nUSER ann 0 * :Ann");
    EXPECT(w, a, ":irc.localhost CAP ann ACK :server-time");
    SILENT(w, a);
    struct actor *b = world_connect(w, "192.0.2.2");
    world_say(w, b, "CAP LIST\r\nNICK bob\r\nUSER bob 0 * :Bob");
    EXPECT(w, b, ":irc.localhost CAP * LIST :");
    EXPECT(w, b, ":irc.localhost 001 bob :*");
    world_free(w);
}

static void
a_request_is_all_or_nothing(void)
{
    static const struct {
        const char *request, *answer, *after;
    } cases[] = {
        {":multi-prefix echo-message", "ACK :multi-prefix echo-message",
         "multi-prefix echo-message"},
        {":-echo-message", "ACK :-echo-message", "multi-prefix"},
        {":echo-message nonsense", "NAK :echo-message nonsense", "multi-prefix"},
        {":-multi-prefix nonsense", "NAK :-multi-prefix nonsense", "multi-prefix"},
        {":nonsense", "NAK :nonsense", "multi-prefix"},
        {":-nonsense", "NAK :-nonsense", "multi-prefix"},
        {":multi-prefixes", "NAK :multi-prefixes", "multi-prefix"},
        {"multi-prefix", "ACK :multi-prefix", "multi-prefix"},
        {":", "ACK :", "multi-prefix"},
        {":-multi-prefix", "ACK :-multi-prefix", ""},
    };
    char want[128];
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, a, "CAP REQ %s", cases[i].request);
        snprintf(want, sizeof want, ":irc.localhost CAP ann %s", cases[i].answer);
        EXPECT(w, a, want);
        world_say(w, a, "CAP LIST");
        snprintf(want, sizeof want, ":irc.localhost CAP ann LIST :%s", cases[i].after);
        EXPECT(w, a, want);
    }
    world_free(w);
}

static void
cap_notify_comes_with_302_and_stays(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    world_say(w, a, "CAP LS 302");
    EXPECT(w, a, ":irc.localhost CAP ann LS :" ALL);
    world_say(w, a, "CAP REQ -cap-notify");
    EXPECT(w, a, ":irc.localhost CAP ann NAK :-cap-notify");
    world_say(w, a, "CAP LIST");
    EXPECT(w, a, ":irc.localhost CAP ann LIST :cap-notify");
    struct actor *b = world_user(w, "bob");
    world_say(w, b, "CAP LS");
    EXPECT(w, b, ":irc.localhost CAP bob LS :*");
    world_say(w, b, "CAP LIST");
    EXPECT(w, b, ":irc.localhost CAP bob LIST :");
    world_free(w);
}

static void
bad_subcommands_are_told(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "CAP");
    EXPECT(w, a, ":irc.localhost 461 * CAP :*");
    world_say(w, a, "CAP :");
    EXPECT(w, a, ":irc.localhost 461 * CAP :*");
    world_say(w, a, "CAP FROB");
    EXPECT(w, a, ":irc.localhost 410 * FROB :Invalid CAP command");
    world_say(w, a, "cap ls");
    EXPECT(w, a, ":irc.localhost CAP * LS :" ALL);
    world_say(w, a, "CAP END");
    SILENT(w, a);
    world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann");
    EXPECT(w, a, ":irc.localhost 001 ann :*");
    world_drain(a);
    world_say(w, a, "CAP END");
    SILENT(w, a);
    world_free(w);
}

static void
each_capability_does_its_work(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob");
    world_say(w, a, "JOIN #a");
    world_say(w, b, "JOIN #a");
    world_say(w, a, "MODE #a +ov bob bob");
    world_drain_all(w);
    world_say(w, b, "NAMES #a");
    EXPECT(w, b, ":irc.localhost 353 bob = #a :@ann @bob");
    world_drain(b);
    world_say(w, b, "CAP REQ :multi-prefix\r\nNAMES #a\r\nWHO #a\r\nWHOIS bob");
    AWAIT(w, b, ":irc.localhost 353 bob = #a :@ann @+bob");
    AWAIT(w, b, ":irc.localhost 352 bob #a bob * bob H@+ :0 Real bob");
    AWAIT(w, b, ":irc.localhost 319 bob bob :@+#a");
    world_say(w, b, "CAP REQ :server-time");
    world_drain(b);
    world_say(w, a, "PRIVMSG #a :hi");
    EXPECT(w, b, "@time=2026-11-22T00:00:00.000Z :ann!ann@* PRIVMSG #a :hi");
    world_say(w, b, "PING x");
    EXPECT(w, b, "@time=2026-11-22T00:00:00.000Z :irc.localhost PONG irc.localhost :x");
    SILENT(w, a);
    world_say(w, a, "CAP REQ :echo-message\r\nPRIVMSG #a :hi");
    world_drain(b);
    AWAIT(w, a, ":ann!ann@* PRIVMSG #a :hi");
    world_free(w);
}

SUITE(cap)
{
    TEST(ls_before_registration_suspends_it);
    TEST(ls_in_the_midst_suspends_too_and_list_does_not);
    TEST(a_request_is_all_or_nothing);
    TEST(cap_notify_comes_with_302_and_stays);
    TEST(bad_subcommands_are_told);
    TEST(each_capability_does_its_work);
}
