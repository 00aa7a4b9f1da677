/* An operator without see_address never learns which nick has which address, neither by
 * asking nor by notices. */
#include "base/str.h"
#include "enact/strike.h"
#include "policy/ban/ban.h"
#include "world.h"

#define ADDRESS "203.0.113.7"
#define OTHERS                                                                         \
    "\"kill\", \"resv\", \"xline\", \"permanent\", \"unban\", \"check\", \"strike\", " \
    "\"rehash\", \"die\", \"wallops\", \"override\", \"flood_exempt\", \"spy\""
#define BLOCK(name, more)                                                              \
    "oper \"" name "\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "         \
    "privileges = { " OTHERS more " } }\n"

static struct world *w;
static struct actor *alice, *warden, *setter, *bob;

static struct actor *
become(const char *name)
{
    struct actor *a = world_oper_as(w, name, name);
    world_sayf(w, a, "MODE %s +s bcfkors", name);
    return a;
}

/* alice has all privileges, the warden all but see_address and the bans of addresses,
 * the setter all but see_address. */
static void
begin(void)
{
    char config[2048];
    str_format(config, sizeof config, "%s%s%s%s", world_easy, BLOCK("warden", ""),
               BLOCK("setter", ", \"kline\", \"dline\""), "server { cloak = true }\n");
    w = world_new(config);
    alice = world_oper(w, "alice");
    warden = become("warden");
    setter = become("setter");
    bob = world_user_at(w, "bob", ADDRESS);
    world_drain_all(w);
}

static void
testmask_answers_by_shown_hosts_alone(void)
{
    static const struct {
        const char *mask, *blind, *seeing;
    } cases[] = {
        {"bob!*@203.0.113.0/20", "* :TESTMASK refused: *'bob!?@203.0.112.0/20'*",
         "* 727 alice 1 *"},
        {"bob!*@203.0.113.7", "* :TESTMASK refused: *", "* 727 alice 1 *"},
        {"bob!*@2001:db8::/32", "* :TESTMASK refused: *", "* 727 alice 0 *"},
        {"bob!*@203.0.113.*", "* 727 warden 0 *", "* 727 alice 1 *"},
        {"bob!*@*.cloak", "* 727 warden 1 *", "* 727 alice 1 *"},
        {"bob!*@*", "* 727 warden 1 *", "* 727 alice 1 *"},
    };
    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, warden, "TESTMASK %s", cases[i].mask);
        EXPECT(w, warden, cases[i].blind);
        world_sayf(w, alice, "TESTMASK %s", cases[i].mask);
        EXPECT(w, alice, cases[i].seeing);
    }
    world_free(w);
}

/* The event; "@" in front: five strikes for a flood. */
static void
act(struct actor *a, const char *line)
{
    if (*line != '@')
        world_say(w, a, line);
    for (int i = 0; *line == '@' && i < 5; i++)
        enact_strike(w->srv, bob->client, STRIKE_FLOOD);
    world_sleep(w, 3 * MSEC_SECOND);
    world_store_news(w);
}

static bool
has_address(const struct actor *a)
{
    return a->len && strstr(a->inbox, "203.0.113.") != NULL;
}

/* Notices to each operator with +s at the time at which bob is hit, named or ended. */
static void
no_notice_tells_the_address_behind_a_nick(void)
{
    static const struct {
        const char *first, *line; /* of alice; first: before the event */
        bool sets;                /* an operator that sets bans reads the mask */
    } cases[] = {
        {NULL, "@", true},
        {NULL, "KLINE 1h bob :x", true},
        {NULL, "KLINE 1h *@203.0.113.7 :x", true},
        {NULL, "KLINE FORCE 1h bob!*@203.0.113.* :x", true},
        {NULL, "DLINE 1h bob :x", true},
        {NULL, "DLINE 1h 203.0.113.0/24 :x", true},
        {"KLINE 1h bob :x", "KLINE 2h bob :y", true},
        {"KLINE 1h bob :x", "UNKLINE bob", true},
        {"KLINE 1h bob :x", "UNKLINE *@203.0.113.7", true},
        {"DLINE 1h bob :x", "UNDLINE bob", true},
        {"STRIKE bob 4", "STRIKE bob 1", true},
        {"KLINE 1m *@203.0.113.7 :x", "STRIKE 203.0.113.7 5", true}, /* extended */
        {NULL, "STRIKE bob 1", false},
        {"STRIKE bob 2", "PARDON bob", false},
        {"STRIKE bob 2", "PARDON 203.0.113.7", false},
        {NULL, "KILL bob :x", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        if (cases[i].first)
            act(alice, cases[i].first);
        world_drain_all(w);
        act(alice, cases[i].line);
        if (has_address(warden) || has_address(setter) != cases[i].sets)
            printf("\n    %s\n    %s    %s\n", cases[i].line, warden->inbox,
                   setter->inbox);
        CU_ASSERT(warden->len > 0);
        CU_ASSERT(!has_address(warden));
        EQUAL_NUMBER(has_address(setter), cases[i].sets);
        CU_ASSERT(has_address(alice));
        world_free(w);
    }
}

static void
a_failed_oper_and_a_refused_client_give_no_address_away(void)
{
    begin();
    act(bob, "OPER alice wrong\r\nOPER alice wrong\r\nOPER alice wrong");
    AWAIT(w, warden, "*Failed OPER as 'alice' by bob!*");
    AWAIT(w, warden, "*Too many failed OPERs from a host*");
    CU_ASSERT(!has_address(warden));
    act(alice, "KLINE 1h bob :x");
    world_user_at(w, "bob", ADDRESS);
    AWAIT(w, warden, "*Refused bob: You are banned*");
    NEVER(w, warden, "*203.0.113*");
    world_free(w);
}

/* A nick and an address together, in the answers to one question. */
static void
no_answer_puts_a_nick_beside_its_address(void)
{
    static const char *const before[] = {NULL,
                                         "@",
                                         "STRIKE bob 2 :rude",
                                         "KLINE 1h bob :x",
                                         "DLINE 1h bob :x",
                                         "STRIKE bob 5",
                                         "KILL bob :x"};
    static const char *const asked[] = {
        "STATS k",
        "STATS K",
        "STATS d",
        "STATS L",
        "STATS l",
        "STATS p",
        "STATS o",
        "BANS",
        "BANS bob",
        "BANS *b?b*",
        "BANS EXPORT",
        "STRIKES",
        "STRIKES bob",
        "STRIKES " ADDRESS,
        "STRIKES b*",
        "STRIKES 203.*",
        "CHECK bob",
        "CHECK " ADDRESS,
        "CHECK *!*@" ADDRESS,
        "CHECK *@203.0.113.0/24",
        "CHECK b*!*@*",
        "TRACE",
        "TRACE bob",
        "WHOWAS bob",
        "WHOIS bob",
        "WHO bob",
        "WHO " ADDRESS,
        "WHO bob %nuhi",
        "USERHOST bob",
        "USERIP bob",
        "UNKLINE bob",
        "UNDLINE bob",
        "PARDON bob",
        "STRIKE bob 1",
        "STRIKE bob 5",
        "KLINE 1h bob :x",
        "TESTMASK *@" ADDRESS,
    };
    for (size_t b = 0; b < sizeof before / sizeof *before; b++)
        for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
            begin();
            if (before[b])
                act(alice, before[b]);
            world_drain_all(w);
            act(warden, asked[i]);
            bool both = has_address(warden) && strstr(warden->inbox, "bob");
            if (both)
                printf("\n    %s, %s:\n    %s\n", before[b], asked[i], warden->inbox);
            CU_ASSERT(!both);
            world_free(w);
        }
}

static void
an_operator_with_see_address_reads_the_nick_of_an_automatic_ban(void)
{
    static const struct {
        const char *ask, *end, *nick;
    } cases[] = {
        {"STATS k", "* 219 *", "* 216 *: 5 strikes, * | bob"},
        {"BANS bob", "*End of BANS*", "* 216 *: 5 strikes, * | bob"},
        {"BANS EXPORT", "*# end of bans*", "*KLINE * auto=yes :5 strikes*|bob"},
        {"CHECK " ADDRESS, "*End of CHECK", "*K-line ?@" ADDRESS " *| bob"},
    };
    begin();
    act(alice, "@");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_drain_all(w);
        act(alice, cases[i].ask);
        act(setter, cases[i].ask);
        EQUAL_NUMBER(world_count(alice, cases[i].nick), 1);
        EQUAL_NUMBER(world_count(setter, "*bob*"), 0);
        AWAIT(w, setter, cases[i].end);
    }
    world_free(w);
}

static void
an_operator_that_lifts_a_ban_by_nick_reads_the_nick(void)
{
    begin();
    act(alice, "KLINE 1h bob :x\r\nDLINE 1h 192.0.2.0/24 :y");
    world_drain_all(w);
    act(warden, "UNKLINE bob");
    AWAIT(w, warden, "* :K-line on bob removed, saved");
    act(warden, "UNDLINE 192.0.2.0/24");
    AWAIT(w, warden, "* :D-line 192.0.2.0/24 removed, saved");
    act(alice, "KLINE 1h bob :x");
    world_drain_all(w);
    act(setter, "UNKLINE bob");
    AWAIT(w, setter, "* :K-line ?@203.0.113.7 removed, saved");
    world_free(w);
}

SUITE(privs_see_address)
{
    TEST(testmask_answers_by_shown_hosts_alone);
    TEST(no_notice_tells_the_address_behind_a_nick);
    TEST(a_failed_oper_and_a_refused_client_give_no_address_away);
    TEST(no_answer_puts_a_nick_beside_its_address);
    TEST(an_operator_with_see_address_reads_the_nick_of_an_automatic_ban);
    TEST(an_operator_that_lifts_a_ban_by_nick_reads_the_nick);
}
