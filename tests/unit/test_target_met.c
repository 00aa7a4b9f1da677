/* A client that is met on a channel is no new target: welcome bots, and bots that
 * answer members of a channel in private. */
#include "policy/client_policy.h"
#include "policy/host.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "world.h"

#define PEOPLE 60
#define QUIET "limits { ping_every = \"1h\" ping_timeout = \"1h\" }\n"

static struct actor *bot, *p[PEOPLE];

static struct world *
begin(const char *config)
{
    char nick[8];
    struct world *w = world_new(config ? config : QUIET);
    bot = world_user_at(w, "bot", "192.0.2.7");
    world_say(w, bot, "JOIN #tea");
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(nick, sizeof nick, "p%d", i);
        p[i] = world_user(w, nick);
    }
    world_drain_all(w);
    return w;
}

/* The number of clients that have read a message of the bot. */
static int
greeted(void)
{
    int n = 0;
    for (int i = 0; i < PEOPLE; i++)
        n += world_count(p[i], ":bot!* NOTICE p* :Welcome") == 1;
    return n;
}

static void
a_welcome_bot_greets_all_that_come_one_a_second(void)
{
    static const char *const status[] = {"+o", "+h", "+v", "-o"};
    for (size_t i = 0; i < sizeof status / sizeof *status; i++) {
        struct world *w = begin(NULL);
        world_sayf(w, bot, "MODE #tea %s bot", status[i]);
        world_drain(bot);
        for (int n = 0; n < PEOPLE; n++) {
            world_say(w, p[n], "JOIN #tea");
            AWAIT(w, bot, "* JOIN *");
            world_sayf(w, bot, "NOTICE p%d :Welcome", n);
            world_sleep(w, MSEC_SECOND);
        }
        EQUAL_NUMBER(greeted(), PEOPLE);
        NEVER(w, bot, "*Strike*");
        NEVER(w, bot, "*refused*");
        EQUAL_NUMBER(policy_of(bot->client)->host->strikes, 0);
        world_free(w);
    }
}

/* They leave before the bot can greet them. */
static void
a_client_that_has_just_left_is_new_only_to_members_without_a_status(void)
{
    static const struct {
        const char *change;
        int greeted;
    } cases[] = {{"MODE #tea +o bot", PEOPLE},
                 {"MODE #tea +v-o bot bot", PEOPLE},
                 {"MODE #tea -o bot", 10}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = begin(QUIET "strikes { limit = 1000 }\n");
        world_say(w, bot, cases[i].change);
        for (int n = 0; n < PEOPLE; n++) {
            world_say(w, p[n],
                      n % 2 ? "JOIN #tea\r\nPART #tea" : "JOIN #tea\r\nJOIN 0");
            world_sayf(w, bot, "NOTICE p%d :Welcome", n);
            world_leap(w, 500);
        }
        EQUAL_NUMBER(greeted(), cases[i].greeted);
        EQUAL_NUMBER(policy_of(bot->client)->host->strikes > 0,
                     cases[i].greeted < PEOPLE);
        world_free(w);
    }
}

static void
five_minutes_later_it_is_a_stranger_again(void)
{
    for (int late = 0; late < 2; late++) {
        struct world *w = begin(QUIET "flood { targets = \"1/10m\" }\n");
        world_say(w, bot, "PRIVMSG p9 :the only one");
        world_say(w, p[0], "JOIN #tea\r\nPART #tea");
        world_drain_all(w);
        world_leap(w, 5 * MSEC_MINUTE - 1000 * !late);
        world_say(w, bot, "PRIVMSG p0 :hi");
        EQUAL_NUMBER(world_count(bot, "* 707 *"), late);
        world_free(w);
    }
}

static void
those_on_a_common_channel_are_free_and_push_out_no_one(void)
{
    struct world *w = begin(QUIET "flood { burst = 1000 }\n");
    for (int i = 0; i < 10; i++)
        world_sayf(w, bot, "PRIVMSG p%d :x", i);
    for (int i = 10; i < 50; i++) {
        world_say(w, p[i], "JOIN #tea");
        world_sayf(w, bot, "PRIVMSG p%d :x", i);
    }
    for (int i = 0; i < 10; i++) /* targets that are not new any more */
        world_sayf(w, bot, "PRIVMSG p%d :x", i);
    NEVER(w, bot, "* 707 *");
    world_say(w, bot, "PRIVMSG p50 :x");
    AWAIT(w, bot, "* 707 bot p50 *");
    /* A channel without the bot does not count. */
    world_say(w, p[51], "JOIN #milk");
    world_say(w, bot, "PRIVMSG p51 :x");
    AWAIT(w, bot, "* 707 bot p51 *");
    /* The meeting counts, whichever of the two joined first. */
    world_say(w, p[10], "PRIVMSG bot :x");
    NEVER(w, p[10], "* 707 *");
    world_free(w);
}

static void
a_refused_notice_is_told_once_a_minute(void)
{
    struct world *w = begin("strikes { limit = 1000 }\nflood { burst = 1000 }\n" QUIET);
    for (int i = 0; i < 10; i++)
        world_sayf(w, bot, "NOTICE p%d :x", i);
    SILENT(w, bot);
    for (int i = 10; i < 40; i++)
        world_sayf(w, bot, "NOTICE p%d :x", i);
    EQUAL_NUMBER(world_count(bot, ":irc.localhost NOTICE bot :NOTICE p10 was refused: "
                                  "you send too many; try again in 60s. Refused "
                                  "NOTICEs are told once a minute"),
                 1);
    EQUAL_NUMBER(world_count(bot, "*was refused*"), 1);
    NEVER(w, bot, "* 707 *");
    world_leap(w, MSEC_MINUTE - 1);
    world_drain(bot);
    world_say(w, bot, "NOTICE p40 :x");
    EQUAL_NUMBER(world_count(bot, "*was refused*"), 0);
    world_leap(w, 1);
    world_say(w, bot, "NOTICE p40,p41 :x"); /* a token came back */
    EQUAL_NUMBER(world_count(bot, "*NOTICE p41 was refused*"), 1);
    /* And CTCP in NOTICEs to channels. */
    world_leap(w, MSEC_MINUTE);
    world_drain(bot);
    for (int i = 0; i < 20; i++)
        world_say(w, bot, "NOTICE #tea :\001PING x\001");
    EQUAL_NUMBER(world_count(bot, "*NOTICE #tea was refused*"), 1);
    world_free(w);
}

/* Each option of the block flood may stand in a class. */

static const struct {
    const char *option, *line;
    int most, most_of_class;
    const char *done;
} options[] = {
    {"burst = 20", "ISON ~", 10, 20, "* 303 *"},
    {"nick = \"8/60s\"", "NICK n~", 5, 8, ":*!* NICK *"},
    {"away = \"7/60s\"", "AWAY :~", 5, 7, "* 306 *"},
    {"invite = \"12/60s\"", "INVITE p~ #tea", 10, 12, "* 341 *"},
    {"knock = \"4/60s\"", "KNOCK #shut~", 3, 4, "* 711 *"},
    {"join = \"3/60s\"", "JOIN #x~", 49, 2, "* 366 *"},
    {"targets = \"14/10m\"", "PRIVMSG p~ :x", 10, 14, NULL},
    {"ctcp = \"9/60s\"", "PRIVMSG #tea :\001VERSION ~\001", 5, 9, NULL},
};

static int
done(struct world *w, struct actor *a, size_t k, int tries)
{
    int n = 0;
    for (int i = 0; i < tries && !a->closed; i++) {
        char line[64];
        size_t before = strcspn(options[k].line, "~");
        snprintf(line, sizeof line, "%.*s%d%s", (int)before, options[k].line, i,
                 options[k].line + before + 1);
        world_drain_all(w);
        world_say(w, a, line);
        w->srv->now += 1;
        if (options[k].done)
            n += world_count(a, options[k].done) > 0;
        else
            n += world_count(p[0], "* PRIVMSG *") > 0 ||
                 world_count(p[i], "* PRIVMSG *") > 0;
    }
    return n;
}

static void
each_option_of_flood_may_stand_in_a_class_and_rehash_applies_it(void)
{
    char config[600];
    for (size_t k = 0; k < sizeof options / sizeof *options; k++)
        for (int round = 0; round < 3; round++) { /* none, in a class, by REHASH */
            const char *burst = k == 0   ? ""
                                : k == 3 ? "flood { burst = 900 targets = \"99/1m\" }\n"
                                         : "flood { burst = 900 }\n";
            snprintf(config, sizeof config,
                     "%s%sstrikes { limit = 1000 }\n"
                     "class \"bots\" { match = { \"192.0.2.7\" } %s }\n",
                     burst, QUIET, options[k].option);
            char none[200];
            snprintf(none, sizeof none, "%s%sstrikes { limit = 1000 }\n", burst, QUIET);
            struct world *w = begin(round == 1 ? config : none);
            world_say(w, p[0], "JOIN #tea");
            policy_of(p[1]->client)->exempt = UINT16_MAX;
            for (int i = 0; strncmp(options[k].option, "knock", 5) == 0 && i < 20; i++)
                world_sayf(w, p[1], "JOIN #shut%d\r\nMODE #shut%d +i", i, i);
            if (round == 2) {
                w->rehash_text = config;
                CU_ASSERT_FATAL(world_rehash(w));
            }
            if (strncmp(options[k].option, "ctcp", 4) && k != 3)
                world_say(w, p[0], "PART #tea");
            if (strncmp(options[k].option, "ctcp", 4))
                world_say(w, bot, "MODE #tea -o bot");
            policy_of(bot->client)->counters[COUNTER_lines].full_at = 0;
            EQUAL_NUMBER(done(w, bot, k, PEOPLE - 1),
                         round ? options[k].most_of_class : options[k].most);
            world_free(w);
        }
}

static void
interval_hold_and_unregistered_of_a_class_hold_for_its_clients(void)
{
    struct world *w = world_new(
        QUIET "class \"bots\" { match = { \"192.0.2.7\" } interval = 2s hold = 2 "
              "unregistered = 6 }\n");
    struct actor *a = world_user_at(w, "a", "192.0.2.7");
    for (int i = 0; i < 13; i++)
        world_say(w, a, "ISON a");
    EQUAL_NUMBER(world_count(a, "* 303 *"), 10);
    EQUAL_NUMBER(world_count(a, "*ISON refused*"), 1);
    world_sleep(w, 1999);
    EQUAL_NUMBER(world_count(a, "* 303 *"), 10);
    world_sleep(w, 1);
    EQUAL_NUMBER(world_count(a, "* 303 *"), 11);
    world_say(w, a, "QUIT");
    a = world_connect(w, "192.0.2.7");
    for (int i = 0; i < 6; i++)
        world_say(w, a, "PING x");
    CU_ASSERT(!a->closed);
    world_say(w, a, "PING x");
    CU_ASSERT(a->closed);
    world_free(w);
}

SUITE(target_met)
{
    TEST(a_welcome_bot_greets_all_that_come_one_a_second);
    TEST(a_client_that_has_just_left_is_new_only_to_members_without_a_status);
    TEST(five_minutes_later_it_is_a_stranger_again);
    TEST(those_on_a_common_channel_are_free_and_push_out_no_one);
    TEST(a_refused_notice_is_told_once_a_minute);
    TEST(each_option_of_flood_may_stand_in_a_class_and_rehash_applies_it);
    TEST(interval_hold_and_unregistered_of_a_class_hold_for_its_clients);
}
