/* Entries of channel lists as clients see them: one text from the moment at which the
 * entry is set, in every list, and removed by any spelling. A colon before the last
 * word of a line changes nothing. */
#include "policy/client_policy.h"
#include "world.h"

static struct world *w;
static struct actor *ann, *bob;

static void
begin(void)
{
    w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_channel(w, "#a", "ann@", "bob");
}

/* The text as typed, as stored, and in another spelling. */
static const struct {
    const char *typed, *stored, *other;
} spellings[] = {
    {"Eve", "Eve!*@*", "eVE!*@*"},
    {"USER@Host.Example", "*!USER@Host.Example", "*!user@host.example."},
    {"10.0.0.7/8", "*!*@10.0.0.0/8", "*!*@10.1.2.3/8"},
    {"2001:DB8::1", "*!*@2001:db8::1", "2001:0db8:0:0::1"},
    {"~m:Eve", "~m:Eve!*@*", "~mute:eve"},
    {"~MUTE:Eve", "~mute:Eve!*@*", "~m:eve!*@*"},
    {"~r:*Spam*", "~r:*Spam*", "~realname:*spam*"},
    {"~realname:*Spam*", "~realname:*Spam*", "~r:*SPAM*"},
    {"~c:#A", "~c:#A", "~channel:#a"},
    {"~t:60:Eve", "~t:1h:Eve!*@*", "~time:60m:eve"},
    {"~TIME:1h:~m:~r:Bad bot", "~time:1h:~m:~r:Bad?bot",
     "~t:60:~mute:~realname:bad?bot"},
};
#define SPELLINGS (sizeof spellings / sizeof *spellings)

static void
an_entry_is_removed_by_any_spelling_and_told_as_stored(void)
{
    static const char letters[] = "beIq";
    static const char *const rows[] = {"367 ann #a", "348 ann #a", "346 ann #a",
                                       "728 ann #a q"};
    for (size_t l = 0; letters[l]; l++) {
        for (size_t i = 0; i < SPELLINGS; i++) {
            char want[200];
            bool mutes = strstr(spellings[i].stored, "~m") != NULL;
            if (mutes && strchr("Iq", letters[l]))
                continue;
            begin();
            world_sayf(w, ann, "MODE #a +%c :%s", letters[l], spellings[i].typed);
            snprintf(want, sizeof want, ":ann!* MODE #a +%c %s", letters[l],
                     spellings[i].stored);
            EXPECT(w, bob, want);
            world_drain(ann);
            world_sayf(w, ann, "MODE #a %c", letters[l]);
            snprintf(want, sizeof want, ":irc.localhost %s %s ann!*", rows[l],
                     spellings[i].stored);
            EXPECT(w, ann, want);
            /* The same mask again makes no second entry. */
            world_sayf(w, ann, "MODE #a +%c :%s", letters[l], spellings[i].other);
            SILENT(w, bob);
            world_sayf(w, ann, "MODE #a -%c :%s", letters[l], spellings[i].other);
            snprintf(want, sizeof want, ":ann!* MODE #a -%c %s", letters[l],
                     spellings[i].stored);
            EXPECT(w, bob, want);
            world_sayf(w, ann, "MODE #a -%c :%s", letters[l], spellings[i].typed);
            SILENT(w, bob);
            world_free(w);
        }
    }
}

/* The text that a list shows can be set again, and is the same entry. */
static void
what_is_listed_can_be_set_again(void)
{
    for (size_t i = 0; i < SPELLINGS; i++) {
        char want[200];
        begin();
        world_sayf(w, ann, "MODE #a +b %s", spellings[i].stored);
        snprintf(want, sizeof want, ":ann!* MODE #a +b %s", spellings[i].stored);
        EXPECT(w, bob, want);
        world_free(w);
    }
}

/* The store has an entry under the text with which it was set. */
static void
spellings_outlive_a_restart(void)
{
    for (size_t i = 0; i < SPELLINGS; i++) {
        char want[200];
        w = world_new(world_alice);
        struct actor *root = world_oper(w, "root");
        world_say(w, root, "JOIN #a\r\nMODE #a +P");
        world_sayf(w, root, "MODE #a +b :%s", spellings[i].typed);
        world_restart(w, world_alice);
        root = world_oper(w, "root");
        world_say(w, root, "JOIN #a");
        world_drain(root);
        world_sayf(w, root, "MODE #a -b :%s", spellings[i].other);
        snprintf(want, sizeof want, ":root!* MODE #a -b %s", spellings[i].stored);
        EXPECT(w, root, want);
        world_restart(w, world_alice);
        root = world_oper(w, "root");
        world_say(w, root, "MODE #a b");
        EXPECT(w, root, ":irc.localhost 368 root #a :*");
        world_free(w);
    }
}

/* +e ~mute: exempts from mutes, not from bans. */
static void
an_exception_may_be_from_mutes_alone(void)
{
    begin();
    world_say(w, ann, "MODE #a +q bob\r\nMODE #a +e ~m:bob");
    AWAIT(w, bob, ":ann!* MODE #a +e ~m:bob!?@?");
    world_say(w, bob, "PRIVMSG #a :x");
    AWAIT(w, ann, ":bob!* PRIVMSG #a :x");
    world_say(w, ann, "MODE #a +b bob");
    world_say(w, bob, "PRIVMSG #a :x");
    AWAIT(w, bob, ":irc.localhost 404 bob #a :*+b*");
    world_say(w, ann, "MODE #a -b+b bob ~mute:bob");
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG #a :y");
    EXPECT(w, ann, ":bob!* PRIVMSG #a :y");
    world_say(w, ann, "MODE #a -e ~mute:BOB!*@*");
    EXPECT(w, ann, ":ann!* MODE #a -e ~m:bob!?@?");
    world_say(w, bob, "PRIVMSG #a :z");
    AWAIT(w, bob, ":irc.localhost 404 bob #a :*+q*");
    world_free(w);
}

static void
a_refused_entry_is_repeated_as_it_was_typed(void)
{
    begin();
    world_say(w, ann, "MODE #a +I ~m:bob");
    EXPECT(w, ann, ":irc.localhost 696 ann #a I ~m:bob :*");
    world_say(w, ann, "MODE #a +q ~MUTE:bob");
    EXPECT(w, ann, ":irc.localhost 696 ann #a q ~MUTE:bob :*");
    world_say(w, ann, "MODE #a +b ~z:bob");
    EXPECT(w, ann, ":irc.localhost 696 ann #a b ~z:bob :*");
    world_free(w);
}

static void
a_refused_key_is_not_repeated(void)
{
    static const char *const keys[] = {"a,b", "123456789012345678901234", ":a b",
                                       "::x"};
    begin();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        world_sayf(w, ann, "MODE #a +k %s", keys[i]);
        EXPECT(w, ann, ":irc.localhost 696 ann #a k ? :expected a key *");
    }
    world_free(w);
}

/* Sends the line as it is, or with a colon before its last word. */
static void
say_line(struct actor *a, const char *line, bool colon)
{
    const char *last = strrchr(line, ' ');
    if (colon && last && last[1])
        world_sayf(w, a, "%.*s:%s", (int)(last - line) + 1, line, last + 1);
    else
        world_say(w, a, line);
}

/* Both forms of the line have the same answer and the same price. */
static void
compare_forms(const char *line, bool as_oper)
{
    char plain[16384];
    struct bucket left = {0};
    for (int colon = 0; colon < 2; colon++) {
        begin();
        if (as_oper)
            world_say(w, ann, "OPER alice secret");
        world_drain_all(w);
        say_line(ann, line, colon);
        if (colon == 0) {
            snprintf(plain, sizeof plain, "%s", ann->inbox);
            left = policy_of(ann->client)->counters[COUNTER_lines];
        }
        EQUAL_TEXT(ann->inbox, plain);
        if (memcmp(&left, &policy_of(ann->client)->counters[COUNTER_lines],
                   sizeof left) != 0)
            printf("\n    another price: %s\n", line);
        EQUAL_NUMBER(memcmp(&left, &policy_of(ann->client)->counters[COUNTER_lines],
                            sizeof left),
                     0);
        world_free(w);
    }
}

static void
a_colon_before_the_last_word_changes_nothing(void)
{
    static const char *const lines[] = {
        "MODE #a",        "MODE #a b",         "MODE #a +b",     "MODE #a e",
        "MODE #a +b eve", "MODE #a -b eve",    "MODE #a +o bob", "MODE #a -o bob",
        "MODE #a +l 10",  "MODE #a +k key",    "MODE #a -k key", "WHO #a",
        "WHO bob n",      "WHO bob %tn,7",     "JOIN #b,#c",     "PART #b,#c",
        "KICK #a bob",    "TOPIC #a",          "NAMES #a",       "INVITE bob #a",
        "WHOIS bob",      "WHOIS bob,ann",     "NICK anna",      "NICK Ann",
        "KNOCK #a",       "MODE ann +i",       "MODE ann",       "LIST #a",
        "USERHOST bob",   "ISON bob",          "ACCEPT bob",     "MONITOR + bob,eve",
        "RENAME #a #z",   "WHOWAS bob 1",      "CAP REQ batch",  "AWAY x",
        "WHO #a,#b",      "KICK #a,#a bob,x",  "STATS u",        "HELP MODE",
        "USERIP bob",     "PRIVMSG bob,ann x", "LUSERS",         "MOTD",
    };
    static const char *const opers[] = {
        "KLINE 10m *@192.0.2.1",
        "KLINE 10m bob",
        "DLINE 10m 192.0.2.1",
        "XLINE 10m *spam*",
        "RESV 10m foo",
        "UNKLINE *@192.0.2.1",
        "BANS *",
        "CHECK bob",
        "CHECK 192.0.2.1",
        "STRIKE bob 1",
        "PARDON bob",
        "STRIKES",
        "TESTMASK *@10.*",
        "STATS k",
        "TRACE bob",
        "SAMODE #a +m",
        "SAJOIN bob #b",
        "KILL bob",
        "MODE ann +s bf",
        "MODE #a +P",
        "WHO 10.0.0.0/8 i",
        "STRIKES bob",
        "UNRESV foo",
        "CLOSE",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        compare_forms(lines[i], false);
    for (size_t i = 0; i < sizeof opers / sizeof *opers; i++)
        compare_forms(opers[i], true);
}

static void
an_address_that_begins_with_a_colon_is_a_mask(void)
{
    begin();
    world_say(w, ann, "MODE #a +b :::1");
    EXPECT(w, bob, ":ann!* MODE #a +b ?!?@::1");
    world_say(w, ann, "MODE #a -b :::1/128");
    EXPECT(w, bob, ":ann!* MODE #a -b ?!?@::1");
    world_free(w);
}

SUITE(channel_list_spelling)
{
    TEST(an_entry_is_removed_by_any_spelling_and_told_as_stored);
    TEST(what_is_listed_can_be_set_again);
    TEST(spellings_outlive_a_restart);
    TEST(an_exception_may_be_from_mutes_alone);
    TEST(a_refused_entry_is_repeated_as_it_was_typed);
    TEST(a_refused_key_is_not_repeated);
    TEST(a_colon_before_the_last_word_changes_nothing);
    TEST(an_address_that_begins_with_a_colon_is_a_mask);
}
