/* The price of lines: by their length, their targets and their answer; and the lines
 * that a JOIN of the client pays for. */
#include "policy/client_policy.h"
#include "world.h"

static void
long_lines_and_many_targets_cost_more(void)
{
    static const struct {
        const char *line;
        int run; /* of a burst of ten */
    } cases[] = {
        {"ISON x", 10},
        {"PRIVMSG eve,eva :x", 5},
        {"PRIVMSG eve,eva,eda,edo :x", 2},
        {"WHOWAS nobody", 5},
        {"WHOWAS nobody,none", 2},
        {"KICK #a eve", 10},
        {"KICK #a eve,eva,eda,edo :go", 2},
        {"KICK #a,#b,#c eve", 10},
        {"PART #a :go,go", 10},
        {"PART #a,#b", 5},
        {"WHO #a,#b,#c,#d", 2},
        {"WHOIS eve,eva", 5},
        {"WHOIS irc.localhost eve,eva", 5},
        {"WHOIS eve eve", 10},
        {"", 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(NULL);
        struct actor *bob = world_user(w, "bob");
        world_say_times(w, bob, cases[i].line, cases[i].run);
        EQUAL_NUMBER(policy_of(bob->client)->held_lines, 0);
        world_say(w, bob, cases[i].line);
        EQUAL_NUMBER(policy_of(bob->client)->held_lines, 1);
        world_free(w);
    }
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    for (int i = 0; i < 5; i++)
        world_sayf(w, bob, "ISON %0*d", 255, 7);
    EQUAL_NUMBER(policy_of(bob->client)->held_lines, 0);
    world_sayf(w, bob, "ISON %0*d", 255, 7);
    EQUAL_NUMBER(policy_of(bob->client)->held_lines, 1);
    world_free(w);
}

/* A list of channels #name<from> to #name<to - 1>. */
static char *
list_of(char *out, size_t size, int from, int to)
{
    size_t n = 0;
    for (int i = from; i < to; i++)
        n += (size_t)snprintf(out + n, size - n, "%s#channel%02d", i > from ? "," : "",
                              i);
    return out;
}

static void
people_channels(struct world *w, int people)
{
    char list[512], nick[16];
    for (int i = 0; i < people; i++) {
        snprintf(nick, sizeof nick, "u%d", i);
        struct actor *a = world_user(w, nick);
        world_sayf(w, a, "JOIN %s", list_of(list, sizeof list, 0, 10));
        CU_ASSERT(a->client->user.njoined == 10);
    }
}

static void
irssi_begins(struct world *w, struct actor *irssi)
{
    char list[512];
    world_say(w, irssi, "CAP LS 302");
    world_say(w, irssi, "NICK irssi");
    world_say(w, irssi, "USER irssi irssi irc.localhost :Real");
    world_say(w, irssi, "CAP REQ :multi-prefix");
    world_say(w, irssi, "CAP END");
    world_say(w, irssi, "MODE irssi +i");
    world_sleep(w, 500); /* the client waits for the welcome */
    world_sayf(w, irssi, "JOIN %s", list_of(list, sizeof list, 0, 25));
    world_sayf(w, irssi, "JOIN %s", list_of(list, sizeof list, 25, 50));
    EQUAL_NUMBER(world_count(irssi, "* 366 *"), 50);
    world_drain(irssi);
}

static void
fifty_channels_of_irssi_neither_lag_nor_strike(void)
{
    struct world *w = world_new(NULL);
    people_channels(w, 60);
    struct actor *irssi = world_connect(w, "192.0.2.5");
    irssi_begins(w, irssi);
    for (int i = 0; i < 50; i++)
        world_sayf(w, irssi, "MODE #channel%02d", i);
    for (int i = 0; i < 50; i++)
        world_sayf(w, irssi, "WHO #Channel%02d", i);
    for (int i = 0; i < 50; i++)
        world_sayf(w, irssi, "MODE #channel%02d b", i);
    EQUAL_NUMBER(world_count(irssi, "* 324 *"), 50);
    EQUAL_NUMBER(world_count(irssi, "* 315 *"), 50);
    EQUAL_NUMBER(world_count(irssi, "* 352 *"), 10 * 60 + 50);
    EQUAL_NUMBER(world_count(irssi, "* 368 *"), 50);
    world_drain(irssi);
    world_say(w, irssi, "PRIVMSG irssi :no lag");
    EXPECT(w, irssi, "* PRIVMSG irssi :no lag");
    SILENT(w, irssi);
    world_free(w);
}

/* The client tries lists first, and each channel alone if a list is not understood. */
static void
lists_that_irssi_tries_first_do_not_lag_either(void)
{
    char list[512];
    struct world *w = world_new(NULL);
    struct actor *irssi = world_connect(w, "192.0.2.5");
    irssi_begins(w, irssi);
    world_sleep(w, 2000); /* names of 50 channels */
    world_sayf(w, irssi, "MODE %s", list_of(list, sizeof list, 0, 10));
    AWAIT(w, irssi, "* 403 *");
    for (int i = 0; i < 50; i++)
        world_sayf(w, irssi, "MODE #channel%02d", i);
    for (int i = 0; i < 50; i += 10)
        world_sayf(w, irssi, "WHO %s %%tcuhnar,743",
                   list_of(list, sizeof list, i, i + 10));
    for (int i = 0; i < 50; i++)
        world_sayf(w, irssi, "MODE #channel%02d +b", i);
    EQUAL_NUMBER(world_count(irssi, "* 354 irssi 743 #channel*"), 50);
    EQUAL_NUMBER(world_count(irssi, "* 315 irssi #channel*,#channel*"), 5);
    EQUAL_NUMBER(world_count(irssi, "* 368 *"), 50);
    NEVER(w, irssi, "*Strike*");
    world_drain(irssi);
    world_say(w, irssi, "PRIVMSG irssi :no lag");
    EXPECT(w, irssi, "* PRIVMSG irssi :no lag");
    world_free(w);
}

static void
credit_is_for_one_query_of_each_kind_and_own_channels(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    struct actor *eve = world_user(w, "eve");
    world_say(w, eve, "JOIN #hers");
    world_say(w, bob, "JOIN #his"); /* one token */
    world_say_times(w, bob, "MODE #his", 10);
    EQUAL_NUMBER(policy_of(bob->client)->held_lines, 0);
    world_say(w, bob, "MODE #hers");
    EQUAL_NUMBER(policy_of(bob->client)->held_lines, 1);
    world_free(w);
}

/* A line that cannot run is answered, so it must not be free without a limit. */
static void
a_query_that_is_refused_uses_its_credit_up(void)
{
    static const char *const bad[] = {"WHO #his \xff", "@a=\xff MODE #his b",
                                      "@a=\xff MODE #his", "WHO #his \r",
                                      "@a=\r MODE #his b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct world *w = world_new(NULL);
        struct actor *bob = world_user(w, "bob");
        world_say(w, bob, "JOIN #his"); /* one token */
        world_say_times(w, bob, bad[i], 10);
        EQUAL_NUMBER(policy_of(bob->client)->held_lines, 0);
        world_say_times(w, bob, bad[i], 5);
        EQUAL_NUMBER(policy_of(bob->client)->held_lines, 5);
        EQUAL_NUMBER(world_count(bob, "* refused*"), 10);
        world_free(w);
    }
}

static void
who_costs_what_it_returns_unless_a_join_has_paid(void)
{
    struct world *w = world_new(NULL);
    people_channels(w, 60);
    struct actor *bob = world_user(w, "bob");
    world_say(w, bob, "JOIN #channel00");
    world_say(w, bob, "WHO #channel00");
    world_say_times(w, bob, "ISON bob", 9);
    EQUAL_NUMBER(policy_of(bob->client)->held_lines, 0);
    world_sleep(w, MSEC_MINUTE);
    world_say(w, bob, "WHO #channel00"); /* one for the line, and three for 61 rows */
    world_say_times(w, bob, "ISON bob", 6);
    EQUAL_NUMBER(policy_of(bob->client)->held_lines, 0);
    world_say(w, bob, "ISON bob");
    EQUAL_NUMBER(policy_of(bob->client)->held_lines, 1);
    world_free(w);
}

/* The tokens that the bucket lacks. */
static int
taken(const struct world *w, const struct actor *a)
{
    msec missing = policy_of(a->client)->counters[COUNTER_lines].full_at - w->srv->now;
    return missing > 0 ? (int)(missing / 500) : 0;
}

static const char rich[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"check\", \"kline\", \"permanent\" } }\n"
    "flood { burst = 10000 join = \"999/1s\" }\n"
    "limits { channels_per_client = 1000 bans_per_channel = 300 }\n";

static int
cost_of(struct world *w, struct actor *a, const char *line)
{
    w->srv->now += 10000 * 500; /* a full bucket */
    a->client->session->since = w->srv->now;
    world_drain(a);
    world_say(w, a, line);
    world_sleep(w, 0);
    return taken(w, a);
}

static void
a_list_of_bans_costs_by_its_length(void)
{
    char mask[64];
    struct world *w = world_new(rich);
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    world_say(w, eve, "JOIN #a");
    EQUAL_NUMBER(cost_of(w, bob, "MODE #a b"), 1);
    for (int i = 0; i < 200; i++) {
        snprintf(mask, sizeof mask, "MODE #a +b nick%04d!*@*.example.org", i);
        world_say(w, eve, mask);
    }
    int cost = cost_of(w, bob, "MODE #a b");
    EQUAL_NUMBER(world_count(bob, "* 367 *"), 200);
    EQUAL_NUMBER(cost, 1 + (int)bob->len / 2048);
    CU_ASSERT(cost > 5);
    /* A JOIN of the client pays for one such line. */
    world_say(w, bob, "JOIN #a");
    EQUAL_NUMBER(cost_of(w, bob, "MODE #a b"), 0);
    EQUAL_NUMBER(world_count(bob, "* 367 *"), 200);
    EQUAL_NUMBER(cost_of(w, bob, "MODE #a b"), cost);
    world_free(w);
}

static void
reports_cost_by_their_length(void)
{
    char line[64];
    struct world *w = world_new(rich);
    struct actor *alice = world_user(w, "alice");
    world_say(w, alice, "OPER alice secret");
    EQUAL_NUMBER(cost_of(w, alice, "STATS K"), 2);
    for (int i = 0; i < 100; i++) {
        snprintf(line, sizeof line, "KLINE 0 *@host%d.example.org :reason", i);
        world_say(w, alice, line);
    }
    int cost = cost_of(w, alice, "STATS K");
    EQUAL_NUMBER(world_count(alice, "* 216 *"), 100);
    EQUAL_NUMBER(cost, 2 + (int)alice->len / 2048);
    CU_ASSERT(cost > 5);
    EQUAL_NUMBER(cost_of(w, alice, "STATS k"), 2);
    EQUAL_NUMBER(cost_of(w, alice, "HELP PRIVMSG"), 1);
    cost = cost_of(w, alice, "HELP CMODES");
    EQUAL_NUMBER(cost, 1 + (int)alice->len / 2048);
    world_free(w);
}

static void
whois_costs_by_the_channels_it_names(void)
{
    char line[128];
    struct world *w = world_new(rich);
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    EQUAL_NUMBER(cost_of(w, bob, "WHOIS eve"), 1);
    EQUAL_NUMBER(cost_of(w, bob, "WHOIS eve,bob"), 2);
    for (int i = 0; i < 200; i++) {
        snprintf(line, sizeof line, "JOIN #channel-with-a-long-name-%04d", i);
        world_say(w, eve, line);
    }
    int cost = cost_of(w, bob, "WHOIS eve");
    EQUAL_NUMBER(cost, 1 + (int)bob->len / 2048);
    CU_ASSERT(cost >= 3);
    world_free(w);
}

static void
long_answers_cost_on_both_sides_of_each_step(void)
{
    static const struct {
        const char *line;
        int channels, cost;
    } cases[] = {
        {"LIST", 19, 2},
        {"LIST", 20, 3},
        {"LIST", 40, 4},
        {"WHO #c0", 19, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[32];
        struct world *w = world_new(rich);
        struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
        for (int n = 0; n < cases[i].channels; n++) {
            snprintf(line, sizeof line, "JOIN #c%d", n);
            world_say(w, eve, line);
        }
        EQUAL_NUMBER(cost_of(w, bob, cases[i].line), cases[i].cost);
        world_free(w);
    }
    static const struct {
        const char *line;
        int members, cost;
    } crowds[] = {
        {"WHO #a", 19, 1},   {"WHO #a", 20, 2},    {"WHO #a", 41, 3},
        {"NAMES #a", 99, 1}, {"NAMES #a", 100, 2}, {"NAMES #a", 200, 3},
    };
    for (size_t i = 0; i < sizeof crowds / sizeof *crowds; i++) {
        char nick[16];
        struct world *w = world_new(rich);
        struct actor *bob = world_user(w, "bob");
        for (int n = 0; n < crowds[i].members; n++) {
            snprintf(nick, sizeof nick, "u%d", n);
            world_say(w, world_user(w, nick), "JOIN #a");
        }
        EQUAL_NUMBER(cost_of(w, bob, crowds[i].line), crowds[i].cost);
        world_free(w);
    }
}

static void
a_labelled_answer_costs_as_much(void)
{
    char mask[64];
    struct world *w = world_new(rich);
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    world_say(w, eve, "JOIN #a");
    for (int i = 0; i < 60; i++) {
        snprintf(mask, sizeof mask, "MODE #a +b nick%04d!*@*.example.org", i);
        world_say(w, eve, mask);
    }
    int plain = cost_of(w, bob, "MODE #a b");
    world_say(w, bob, "CAP REQ :labeled-response batch");
    CU_ASSERT(cost_of(w, bob, "@label=1 MODE #a b") >= plain);
    CU_ASSERT(plain >= 3);
    world_free(w);
}

static void
a_big_answer_is_a_debt_that_holds_what_follows(void)
{
    char mask[64];
    struct world *w =
        world_new("flood { burst = 10 } limits { bans_per_channel = 300 }\n"
                  "class \"fast\" { match = { \"192.0.2.1\" } burst = 9999 }");
    struct actor *bob = world_user(w, "bob");
    struct actor *eve = world_user_at(w, "eve", "192.0.2.1");
    world_say(w, eve, "JOIN #a");
    for (int i = 0; i < 300; i++) {
        snprintf(mask, sizeof mask, "MODE #a +b nick%04d!*@*.example.org", i);
        world_say(w, eve, mask);
    }
    world_say(w, bob, "MODE #a b");
    int cost = taken(w, bob);
    CU_ASSERT_FATAL(cost > 10);
    world_say(w, bob, "ISON bob");
    world_sleep(w, 500 * (cost - 9) - 1);
    NEVER(w, bob, "* 303 *");
    world_sleep(w, 1);
    EQUAL_NUMBER(world_count(bob, "* 303 *"), 1);
    world_free(w);
}

SUITE(flood_cost)
{
    TEST(a_list_of_bans_costs_by_its_length);
    TEST(reports_cost_by_their_length);
    TEST(whois_costs_by_the_channels_it_names);
    TEST(long_answers_cost_on_both_sides_of_each_step);
    TEST(a_labelled_answer_costs_as_much);
    TEST(a_big_answer_is_a_debt_that_holds_what_follows);
    TEST(long_lines_and_many_targets_cost_more);
    TEST(fifty_channels_of_irssi_neither_lag_nor_strike);
    TEST(lists_that_irssi_tries_first_do_not_lag_either);
    TEST(credit_is_for_one_query_of_each_kind_and_own_channels);
    TEST(a_query_that_is_refused_uses_its_credit_up);
    TEST(who_costs_what_it_returns_unless_a_join_has_paid);
}
