/* Capability negotiation (IRCv3 capability-negotiation 302). */
#include "proto/cap.h"
#include "state/relay.h"
#include "world.h"

/* The first of them; caps.def has the rest. */
#define ALL "server-time message-tags multi-prefix echo-message cap-notify *"

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
    world_channel(w, "#a", "ann@", "bob@+");
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

/* 302 "Capability Values": only in LS, and only for clients that use 302. */
static void
values_are_for_302(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    world_say(w, a, "CAP LS");
    EXPECT(w, a, ":irc.localhost CAP ann LS :server-time *");
    world_say(w, a, "CAP LS");
    NEVER(w, a, "*=*");
    world_drain(a);
    world_say(w, a, "CAP LS 307");
    EXPECT(w, a, ":irc.localhost CAP ann LS :*draft/multiline=max-bytes=*");
    world_say(w, a, "CAP LS 301");
    NEVER(w, a, "*=*");
    world_drain(a);
    world_say(w, a, "CAP REQ draft/multiline=1");
    EXPECT(w, a, ":irc.localhost CAP ann NAK :draft/multiline=1");
    world_say(w, a, "CAP REQ :batch message-tags draft/multiline\r\nCAP LIST");
    AWAIT(w, a, ":irc.localhost CAP ann LIST :*draft/multiline");
    world_free(w);
}

/* 302 "Multiline replies": every name is whole, comes once and in order, however short
 * the lines are. */
static void
a_long_list_is_split_between_names(void)
{
    static const size_t rooms[] = {48, 64, 100, 200, 400};
    const uint64_t every = (UINT64_C(1) << CAP_COUNT) - 1;
    char line[512], all[2048], want[1024];
    unsigned whole = 0;
    cap_write(every, true, &whole, want, sizeof want);
    EQUAL_NUMBER(whole, CAP_COUNT);
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        unsigned next = 0, lines = 0;
        size_t len = 0;
        do {
            unsigned before = next;
            cap_write(every, true, &next, line, rooms[i]);
            CU_ASSERT(strlen(line) < rooms[i] && next > before);
            len += (size_t)snprintf(all + len, sizeof all - len, "%s%s",
                                    lines++ ? " " : "", line);
        } while (next < CAP_COUNT);
        EQUAL_TEXT(all, want);
    }
    unsigned next = CAP_INDEX_BATCH;
    cap_write(CAP_SERVER_TIME | CAP_BATCH | CAP_SETNAME, false, &next, line, 512);
    EQUAL_TEXT(line, "batch setname");
}

/* The longest name of a server and the longest nick leave room for whole lines. */
static void
the_longest_names_fit(void)
{
    char config[128], name[64], got[1024];
    memset(name, 'a', sizeof name);
    memcpy(name + 59, ".org", 5);
    snprintf(config, sizeof config, "server { name = \"%s\" }", name);
    struct world *w = world_new(config);
    struct actor *a = world_user(w, "abcdefghijklmnopqrstuvwxyzabcd");
    world_say(w, a, "CAP LS 302");
    unsigned more = world_count(a, "* LS ? :*");
    snprintf(got, sizeof got, "%s", a->inbox);
    EQUAL_NUMBER(world_count(a, "* LS *"), more + 1);
    CONTAINS(got, "draft/extended-isupport\r\n");
    world_free(w);
}

/* pre-away, extended-isupport: allowed before registration with the capability; else
 * 451. */
static void
some_commands_come_before_registration(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "AWAY :x\r\nISUPPORT");
    EXPECT(w, a, ":irc.localhost 451 ? :*");
    EXPECT(w, a, ":irc.localhost 451 ? :*");
    world_say(w, a, "CAP REQ :draft/pre-away draft/extended-isupport");
    EXPECT(w, a, ":irc.localhost CAP ? ACK :*");
    world_say(w, a, "AWAY :gone\r\nAWAY\r\nAWAY *");
    EXPECT(w, a, ":irc.localhost 306 ? :*");
    EXPECT(w, a, ":irc.localhost 305 ? :*");
    EXPECT(w, a, ":irc.localhost 306 ? :*");
    world_say(w, a, "ISUPPORT");
    AWAIT(w, a, ":irc.localhost 005 ? * NICKLEN=30 * :are supported by this server");
    world_drain(a);
    world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann\r\nCAP END");
    AWAIT(w, a, ":irc.localhost 005 ann *");
    struct actor *b = world_user(w, "bob");
    world_say(w, b, "PRIVMSG ann :hi");
    EXPECT(w, b, ":irc.localhost 301 bob ann :?");
    world_free(w);
}

/* extended-isupport "draft/isupport batch": 005 is always inside the batch, whichever
 * command asks for it; only with both capabilities. */
static void
isupport_comes_in_a_batch(void)
{
    static const struct {
        const char *caps;
        bool batched;
    } cases[] = {
        {"batch draft/extended-isupport", true},
        {"draft/extended-isupport batch server-time", true},
        {"draft/extended-isupport", false},
        {"batch", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(world_easy);
        struct actor *a = world_connect(w, "192.0.2.1");
        world_sayf(w, a, "CAP REQ :%s", cases[i].caps);
        world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann\r\nCAP END\r\nVERSION");
        world_say(w, a, "ISUPPORT");
        unsigned all = world_count(a, "*:irc.localhost 005 *");
        CU_ASSERT(all >= 6);
        EQUAL_NUMBER(world_count(a, "@*batch=* 005 *"), cases[i].batched ? all : 0);
        EQUAL_NUMBER(world_count(a, "* BATCH +* draft/isupport"),
                     cases[i].batched ? 3 : 0);
        EQUAL_NUMBER(world_count(a, "* BATCH -*"), cases[i].batched ? 3 : 0);
        EQUAL_NUMBER(world_count(a, "@*batch=*"), cases[i].batched ? all : 0);
        world_free(w);
    }
}

/* A capability with a bit above 31, and the one that is 32 below it. */
static void
a_set_has_sixty_four_bits(void)
{
    const uint64_t high = UINT64_C(1) << 40, low = UINT64_C(1) << 8;
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    struct relay r;
    struct str s;
    ann->client->out.caps = high;
    bob->client->out.caps = low;
    relay_begin(&r, w->srv, NULL, "NOTICE * :%s", "both");
    s = relay_open_alt(&r, high);
    str_add(&s, "NOTICE * :high");
    relay_close_alt(&r, &s);
    relay_to(&r, ann->client);
    relay_to(&r, bob->client);
    r.need = high;
    r.alt = 0;
    relay_to(&r, ann->client);
    relay_to(&r, bob->client);
    relay_end(&r);
    world_say(w, ann, "PING x");
    EXPECT(w, ann, "* NOTICE * :high");
    EXPECT(w, ann, "* NOTICE * :both");
    EXPECT(w, ann, "* PONG *");
    EXPECT(w, bob, "* NOTICE * :both");
    SILENT(w, bob);
    world_free(w);
}

SUITE(cap)
{
    TEST(a_set_has_sixty_four_bits);
    TEST(values_are_for_302);
    TEST(a_long_list_is_split_between_names);
    TEST(the_longest_names_fit);
    TEST(some_commands_come_before_registration);
    TEST(isupport_comes_in_a_batch);
    TEST(ls_before_registration_suspends_it);
    TEST(ls_in_the_midst_suspends_too_and_list_does_not);
    TEST(a_request_is_all_or_nothing);
    TEST(cap_notify_comes_with_302_and_stays);
    TEST(bad_subcommands_are_told);
    TEST(each_capability_does_its_work);
}
