/* A program that joins its channels with one line each after it has registered is
 * neither slowed nor struck, and the credit that allows this does not help a flood. */
#include "policy/client_policy.h"
#include "policy/host.h"
#include "session/client_input.h"
#include "world.h"

#define ADDRESS "192.0.2.5"
#define LIMITS(more) "limits { ping_every = \"1h\" ping_timeout = \"1h\" " more " }\n"
#define QUIET LIMITS("")

static const char roomy[] =
    "limits { connect_rate = \"999/1s\" per_host = 20 "
    "per_network = 99 ping_every = \"1h\" ping_timeout = \"1h\" "
    "unregistered_per_host = 20 }\n";

/* A program that has just registered: it has spent tokens for that. */
static struct actor *
arrive(struct world *w, const char *nick)
{
    struct actor *a = world_connect(w, ADDRESS);
    world_sayf(w, a, "CAP LS 302\r\nNICK %s\r\nUSER %s 0 * :x", nick, nick);
    world_say(w, a, "CAP REQ :labeled-response batch message-tags\r\nCAP END");
    AWAIT(w, a, "* 422 *");
    world_drain(a);
    return a;
}

/* Writes the form with this number in the place of each ~. Returns the length. */
static size_t
number(char *out, const char *form, int i)
{
    size_t n = 0;
    for (; *form; form++)
        if (*form == '~')
            n += (size_t)sprintf(out + n, "%d", i);
        else
            out[n++] = *form;
    out[n] = '\0';
    return n;
}

/* All lines in one packet. */
static void
say_many(struct world *w, struct actor *a, const char *form, int from, int to)
{
    size_t n = 0;
    char *all = calloc((size_t)(to - from), 80);
    for (int i = from; i < to; i++)
        n += number(all + n, form, i);
    world_send(w, a, all, n);
    free(all);
}

static void
fill_channels(struct world *w, int people, int channels)
{
    char nick[16];
    for (int p = 0; p < people; p++) {
        snprintf(nick, sizeof nick, "u%d", p);
        struct actor *a = world_user(w, nick);
        policy_of(a->client)->exempt = UINT16_MAX;
        for (int i = 0; i < channels; i++)
            world_sayf(w, a, "JOIN #ch%d", i);
    }
}

/* The queries that it sends when it reads its own JOIN. */
static const char *const asked[][9] = {
    {NULL},
    {"MODE #ch~", "WHO #ch~", NULL},
    {"MODE #ch~", "WHO #ch~", "MODE #ch~ b", NULL},
    {"MODE #ch~", "WHO #ch~ %tcuhnar,152", "MODE #ch~ +b", "MODE #ch~ e", "MODE #ch~ I",
     "MODE #ch~ q", "NAMES #ch~", "TOPIC #ch~", NULL},
    {"@label=m~ MODE :#ch~", "@label=w~ WHO #ch~", "@label=l~ MODE #ch~ beIq",
     "@label=n~ NAMES :#ch~", "@label=t~ TOPIC #ch~", NULL},
};

static void
ask_about(struct world *w, struct actor *a, const char *const *forms, int i)
{
    char line[100];
    for (; *forms; forms++) {
        number(line, *forms, i);
        world_say(w, a, line);
    }
}

static void
joining_one_a_line_and_asking_about_each_is_never_struck(void)
{
    static const int counts[] = {20, 50};
    for (size_t n = 0; n < 2; n++)
        for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) {
            struct world *w = world_new(QUIET);
            fill_channels(w, 30, counts[n]);
            struct actor *bot = arrive(w, "bot");
            say_many(w, bot, "JOIN #ch~\r\n", 0, counts[n]);
            EQUAL_NUMBER(world_count(bot, "* 366 bot *"), counts[n]);
            for (int i = 0; i < counts[n]; i++)
                ask_about(w, bot, asked[k], i);
            EQUAL_NUMBER(policy_of(bot->client)->held_lines, 0);
            NEVER(w, bot, "*refused*");
            NEVER(w, bot, "*Strike*");
            EQUAL_NUMBER(world_count(bot, "*315 bot #ch*"), k ? counts[n] : 0);
            world_drain(bot);
            world_say(w, bot, "PRIVMSG bot :no lag");
            AWAIT(w, bot, "*PRIVMSG bot :no lag");
            EQUAL_NUMBER(policy_of(bot->client)->host->strikes, 0);
            world_free(w);
        }
}

/* The first line has no token, so all lines wait behind it. */
static void
what_a_credit_pays_for_may_wait_beside_the_hold(void)
{
    for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) {
        struct world *w = world_new(QUIET);
        fill_channels(w, 3, 50);
        struct actor *bot = arrive(w, "bot");
        policy_of(bot->client)->counters[COUNTER_lines].full_at = w->srv->now + 9000;
        world_say(w, bot, "MODE bot +i");
        EQUAL_NUMBER(policy_of(bot->client)->held_lines, 1);
        for (int i = 0; i < 50; i++) {
            world_sayf(w, bot, "JOIN #ch%d", i);
            ask_about(w, bot, asked[k], i);
        }
        NEVER(w, bot, "*refused*");
        world_sleep(w, 30 * MSEC_SECOND);
        EQUAL_NUMBER(world_count(bot, "* 366 bot *") >= 50, 1);
        EQUAL_NUMBER(policy_of(bot->client)->held_lines, 0);
        EQUAL_NUMBER(policy_of(bot->client)->host->strikes, 0);
        CU_ASSERT(input_of(bot->client)->held == NULL);
        world_free(w);
    }
}

static void
the_credit_is_for_as_many_channels_as_a_client_may_have(void)
{
    static const struct {
        const char *config;
        int channels;
    } cases[] = {{QUIET, 50},
                 {LIMITS("channels_per_client = 7"), 7},
                 {LIMITS("channels_per_client = 120"), 120}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(cases[i].config);
        struct actor *bot = arrive(w, "bot");
        policy_of(bot->client)->counters[COUNTER_lines].full_at = 0;
        say_many(w, bot, "JOIN #ch~\r\n", 0, cases[i].channels);
        EQUAL_NUMBER(bot->client->user.njoined, cases[i].channels);
        EQUAL_NUMBER(policy_of(bot->client)->counters[COUNTER_lines].full_at, 0);
        world_say(w, bot, "JOIN #more");
        AWAIT(w, bot, "* 405 bot #more *");
        EQUAL_NUMBER(policy_of(bot->client)->counters[COUNTER_lines].full_at,
                     w->srv->now + 500);
        NEVER(w, bot, "*Strike*");
        world_free(w);
    }
}

static void
the_credit_ends_a_minute_after_registration(void)
{
    for (int late = 0; late < 2; late++) {
        struct world *w = world_new(QUIET);
        struct actor *bot = arrive(w, "bot");
        policy_of(bot->client)->counters[COUNTER_lines].full_at = 0;
        world_leap(w, MSEC_MINUTE - 1 + late);
        world_say(w, bot, "JOIN #a");
        EQUAL_NUMBER(policy_of(bot->client)->counters[COUNTER_lines].full_at,
                     late ? w->srv->now + 500 : 0);
        world_free(w);
    }
}

static void
lists_take_a_channel_of_the_credit_for_each_name(void)
{
    static const struct {
        const char *line;
        int left; /* of seven */
    } cases[] = {
        {"JOIN #a", 6},
        {"join :#a,#b,#c", 4},
        {"JOIN #a,#b,#c,#d,#e,#f,#g", 0},
        {"JOIN #a,#b,#c,#d,#e,#f,#g,#h", 7}, /* more than there are members: it costs */
        {"JOIN 0", 7},
        {"JOIN", 7},
        {"JOIN #a key", 6},
        {"@label=1 JOIN #a", 6},
        {"PART #a", 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new("limits { channels_per_client = 7 }\n");
        struct actor *bot = arrive(w, "bot");
        policy_of(bot->client)->counters[COUNTER_lines].full_at = 0;
        world_say(w, bot, cases[i].line);
        EQUAL_NUMBER(policy_of(bot->client)->joinable, cases[i].left);
        EQUAL_NUMBER(policy_of(bot->client)->counters[COUNTER_lines].full_at == 0,
                     cases[i].left < 7);
        world_free(w);
    }
}

/* Each of these lines is free only a bounded number of times. */

static void
joining_and_parting_in_a_circle_is_limited(void)
{
    struct world *w = world_new(QUIET);
    struct actor *ear = world_user(w, "ear");
    world_say(w, ear, "JOIN #big");
    struct actor *eve = arrive(w, "eve");
    world_drain_all(w);
    for (int i = 0; i < 600 && !eve->closed; i++) {
        world_say(w, eve, "JOIN #big\r\nPART #big");
        world_sleep(w, 100);
    }
    /* The budget is a burst, a token each half second and 50 joins a minute; a client
     * that goes on is banned. */
    CU_ASSERT(eve->closed);
    CU_ASSERT(world_count(ear, ":eve!* JOIN *") < 80);
    world_free(w);
}

/* With JOIN 0 between: a line that a credit has paid for leaves the bucket as it was.
 */
static void
joins_after_the_credit_find_a_whole_bucket(void)
{
    struct world *w = world_new(QUIET);
    struct actor *bot = arrive(w, "bot");
    policy_of(bot->client)->counters[COUNTER_lines].full_at = 0;
    say_many(w, bot, "JOIN #ch~\r\n", 0, 50);
    EQUAL_NUMBER(bot->client->user.njoined, 50);
    EQUAL_NUMBER(policy_of(bot->client)->counters[COUNTER_join].full_at, 0);
    world_say(w, bot, "JOIN 0");
    say_many(w, bot, "JOIN #ch~\r\n", 0, 50);
    world_sleep(w, 30 * MSEC_SECOND);
    CU_ASSERT(!bot->closed);
    CU_ASSERT(bot->client->user.njoined >= 25);
    NEVER(w, bot, "*you join too fast*");
    EQUAL_NUMBER(policy_of(bot->client)->host->strikes,
                 1); /* lines beyond those that may wait */
    world_free(w);
}

/* The bucket is empty: each JOIN that waited is refused, and is no strike of its own.
 */
static void
what_waited_at_a_strike_is_no_offence_of_its_own(void)
{
    struct world *w = world_new(LIMITS("") "flood { join = \"1/1h\" }\n");
    struct actor *bot = arrive(w, "bot");
    world_leap(w, MSEC_MINUTE); /* no credit */
    say_many(w, bot, "JOIN #ch~\r\n", 0, 26);
    EQUAL_NUMBER(policy_of(bot->client)->held_lines, 16);
    EQUAL_NUMBER(policy_of(bot->client)->host->strikes, 1);
    world_sleep(w, 20 * MSEC_SECOND);
    CU_ASSERT_FATAL(!bot->closed);
    EQUAL_NUMBER(world_count(bot, "* :JOIN * refused: you join too fast; *"), 25);
    EQUAL_NUMBER(policy_of(bot->client)->held_lines, 0);
    EQUAL_NUMBER(policy_of(bot->client)->held_struck, 0);
    EQUAL_NUMBER(policy_of(bot->client)->host->strikes, 1);
    world_say(w, bot, "JOIN #more"); /* a new offence is one again */
    EQUAL_NUMBER(policy_of(bot->client)->host->strikes, 2);
    world_free(w);
}

/* A client that keeps lines waiting is still struck: once for the lines that wait each
 * time. */
static void
a_stream_of_lines_that_wait_is_struck(void)
{
    struct world *w = world_new(LIMITS("") "flood { join = \"1/1h\" }\n");
    struct actor *eve = arrive(w, "eve");
    world_leap(w, MSEC_MINUTE);
    say_many(w, eve, "JOIN #ch~\r\n", 0, 20);
    for (int i = 20; i < 300 && !eve->closed; i++) {
        world_sleep(w, 500);
        say_many(w, eve, "JOIN #ch~\r\n", i, i + 1);
    }
    CU_ASSERT(eve->closed);
    world_free(w);
}

static void
each_query_is_free_once_for_each_join(void)
{
    struct world *w = world_new(QUIET);
    struct actor *eve = arrive(w, "eve");
    world_say(w, eve, "JOIN #a");
    policy_of(eve->client)->counters[COUNTER_lines].full_at = 0;
    ask_about(w, eve, asked[3], 0); /* not on that channel */
    CU_ASSERT(policy_of(eve->client)->counters[COUNTER_lines].full_at > 0);
    policy_of(eve->client)->counters[COUNTER_lines].full_at = 0;
    for (int round = 0; round < 2; round++) {
        world_say(w, eve,
                  "MODE #a\r\nMODE #a b\r\nMODE #a :+e\r\nMODE #a Iq\r\nWHO #a");
        world_say(w, eve, "NAMES #a\r\nTOPIC #a");
        EQUAL_NUMBER(policy_of(eve->client)->counters[COUNTER_lines].full_at,
                     round ? w->srv->now + 7 * 500 : 0);
    }
    /* A line that changes something is no query. */
    static const char *const dear[] = {"TOPIC #b :x", "TOPIC #b :", "MODE #b +b x!*@*",
                                       "MODE #b +m", "NAMES #b,#a"};
    world_say(w, eve, "JOIN #b");
    for (size_t i = 0; i < sizeof dear / sizeof *dear; i++) {
        policy_of(eve->client)->counters[COUNTER_lines].full_at = 0;
        world_say(w, eve, dear[i]);
        CU_ASSERT(policy_of(eve->client)->counters[COUNTER_lines].full_at > 0);
    }
    world_free(w);
}

/* The same address again and again: its connections share one credit. */
static void
a_host_that_reconnects_gets_as_much_as_its_connections_may_have(void)
{
    char config[400];
    snprintf(config, sizeof config, "%sstrikes { limit = 1000 }\n", roomy);
    struct world *w = world_new(config);
    int joined = 0;
    for (int i = 0; i < 60; i++) {
        struct actor *eve = arrive(w, "eve");
        say_many(w, eve, "JOIN #ch~\r\n", 0, 50);
        joined += (int)eve->client->user.njoined;
        world_close(w, eve);
        world_leap(w, 10);
    }
    /* 20 connections with 50 channels each have the credit and the tokens that came
     * back. Then there is a burst of ten, which is carried to the next connection. */
    CU_ASSERT(joined >= 1000 && joined < 1000 + 50);
    world_leap(w, MSEC_MINUTE);
    struct actor *eve = arrive(w, "eve");
    say_many(w, eve, "JOIN #ch~\r\n", 0, 50);
    EQUAL_NUMBER(eve->client->user.njoined, 50);
    world_free(w);
}

static void
a_host_is_remembered_until_its_credit_is_whole(void)
{
    struct addr addr;
    struct world *w = world_new(
        LIMITS("per_host = 1 connect_rate = \"9/1s\"") "strikes { hosts = 100 }\n");
    CU_ASSERT_FATAL(addr_parse(ADDRESS, &addr));
    struct actor *bot = arrive(w, "bot");
    policy_of(bot->client)->counters[COUNTER_lines].full_at = 0;
    say_many(w, bot, "JOIN #ch~\r\n", 0, 50);
    world_close(w, bot);
    world_sleep(w, 59 * MSEC_SECOND);
    CU_ASSERT(host_find(w->srv, &addr) != NULL);
    world_sleep(w, 2 * MSEC_SECOND);
    CU_ASSERT(host_find(w->srv, &addr) == NULL);
    world_free(w);
}

/* Any number of lines at once is one offence. */
static void
one_write_is_one_strike_at_most(void)
{
    static const char *const forms[] = {"PRIVMSG #a :line ~\r\n", "WHOIS u~\r\n",
                                        "MODE #none~\r\n", "WHO #none~\r\n",
                                        "JOIN #none~\r\n"};
    static const int counts[] = {20, 50, 200, 1000, 5000};
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
        for (size_t n = 0; n < sizeof counts / sizeof *counts; n++) {
            struct world *w = world_new(QUIET);
            struct actor *bot = arrive(w, "bot");
            world_say(w, bot, "JOIN #a");
            say_many(w, bot, forms[f], 0, counts[n]);
            world_sleep(w, 4 * MSEC_SECOND);
            CU_ASSERT(!bot->closed);
            CU_ASSERT(policy_of(bot->client)->host->strikes <= 1);
            world_free(w);
        }
}

static void
lines_that_wait_unpaid_are_refused_beyond_the_receive_queue_as_ever(void)
{
    char line[600];
    struct world *w = world_new(LIMITS("recvq = 4096"));
    struct actor *bot = arrive(w, "bot");
    say_many(w, bot, "JOIN #ch~\r\n", 0, 50);
    policy_of(bot->client)->counters[COUNTER_lines].full_at = w->srv->now + 9000;
    world_say(w, bot, "MODE bot +i");
    /* Paid lines have as many places again; lines beyond these are treated as any other
     * line. */
    for (int i = 0; i < 50; i++) {
        snprintf(line, sizeof line, "MODE #ch%d%*s", i, 200, "b");
        world_say(w, bot, line);
    }
    CU_ASSERT(policy_of(bot->client)->held_paid >= 15 &&
              policy_of(bot->client)->held_paid <= 20);
    CU_ASSERT(!bot->closed);
    world_free(w);
}

SUITE(flood_join_credit)
{
    TEST(joining_one_a_line_and_asking_about_each_is_never_struck);
    TEST(what_a_credit_pays_for_may_wait_beside_the_hold);
    TEST(the_credit_is_for_as_many_channels_as_a_client_may_have);
    TEST(the_credit_ends_a_minute_after_registration);
    TEST(lists_take_a_channel_of_the_credit_for_each_name);
    TEST(joining_and_parting_in_a_circle_is_limited);
    TEST(joins_after_the_credit_find_a_whole_bucket);
    TEST(what_waited_at_a_strike_is_no_offence_of_its_own);
    TEST(a_stream_of_lines_that_wait_is_struck);
    TEST(each_query_is_free_once_for_each_join);
    TEST(a_host_that_reconnects_gets_as_much_as_its_connections_may_have);
    TEST(a_host_is_remembered_until_its_credit_is_whole);
    TEST(one_write_is_one_strike_at_most);
    TEST(lines_that_wait_unpaid_are_refused_beyond_the_receive_queue_as_ever);
}
