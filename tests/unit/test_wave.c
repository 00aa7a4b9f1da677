/* Waves of texts, real names and hosts: told once when they begin and once when they
 * end, exact to the host and to the millisecond, and nothing is refused. */
#include "base/str.h"
#include "logged.h"
#include "policy/policy.h"
#include "policy/wave.h"
#include "world.h"

#define EASY                                                                           \
    "limits { per_host = 99 per_network = 9999 ping_every = \"1h\" ping_timeout = "    \
    "\"1h\" }\nflood { burst = 100000 targets = \"9999/1s\" }\n"
#define TEXT "buy cheap pills at http"

static struct world *w;
static struct actor *alice;

static void
begin(const char *more)
{
    char config[1000];
    snprintf(config, sizeof config,
             "oper \"alice\" { password = \"$argon2id$secret\" hosts = \"*@*\" "
             "privileges = { \"all\" } }\n" EASY "%s",
             more);
    w = world_new(config);
    alice = world_oper(w, "alice");
    world_sleep(w, MSEC_MINUTE); /* the first minute is left out */
    world_drain_all(w);
}

static struct actor *
bot(int n, const char *name)
{
    char address[32];
    snprintf(address, sizeof address, "198.51.%d.%d", n / 250, 1 + n % 250);
    struct actor *a = world_connect(w, address);
    world_sayf(w, a, "NICK b%d", n);
    world_sayf(w, a, "USER b 0 * :%s", name);
    return a;
}

/* n bots with different names, at a time when no wave of them is told. */
static void
crowd(struct actor **bots, int n)
{
    for (int i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof name, "Name %d", i);
        bots[i] = bot(i, name);
        world_say(w, bots[i], "JOIN #tea");
        world_sleep(w, MSEC_SECOND);
    }
    world_drain_all(w);
}

/* The bots from `from` up to `to` (not included) talk, again or for the first time. */
static void
crowd_at_once(int from, int to)
{
    for (int i = from; i < to; i++) {
        char name[32];
        snprintf(name, sizeof name, "Name %d", i);
        bot(i, name);
    }
}

static unsigned
waves(void)
{
    return world_count(alice, "* :?** Wave: *");
}

static void
one_text_of_many_hosts_is_told_at_the_limit(void)
{
    struct actor *bots[14];
    begin("");
    crowd(bots, 14);
    for (int i = 0; i < 11; i++) {
        world_say(w, bots[i], "PRIVMSG #tea :" TEXT);
        world_say(w, bots[i], "PRIVMSG #tea :" TEXT); /* its host counts once */
        world_sleep(w, 3000);
    }
    EQUAL_NUMBER(waves(), 0);
    world_say(w, bots[11], "NOTICE b0 :" TEXT);
    EQUAL_NUMBER(waves(), 1);
    AWAIT(w, alice,
          "* :?** Wave: 12 hosts said one text within 1m: \"" TEXT "\"; their real "
          "names differ; the last is b11");
    CONTAINS(w->logged, "event=wave kind=text hosts=12 lines=23 text=\"" TEXT "\" ");
    for (int i = 0; i < 14; i++)
        world_say(w, bots[i], "PRIVMSG #tea :" TEXT);
    EQUAL_NUMBER(waves(), 0); /* once */
    CU_ASSERT(!bots[0]->closed && world_count(bots[0], "*" TEXT) > 20);
    world_sleep(w, 59 * MSEC_SECOND);
    EQUAL_NUMBER(world_count(alice, "*has ended*"), 0);
    world_sleep(w, 2 * MSEC_SECOND);
    AWAIT(w, alice, "* :?** The wave of one text has ended after 37: \"" TEXT "\"");
    CONTAINS(w->logged, "event=wave-ended kind=text hosts=14 lines=37 ");
    world_free(w);
}

/* Lines of a batch are texts as well. */
static void
one_line_in_batches_of_many_hosts_is_told(void)
{
    struct actor *bots[12];
    begin("");
    crowd(bots, 12);
    for (int i = 0; i < 12; i++) {
        world_say(w, bots[i], "CAP REQ :batch message-tags draft/multiline");
        world_say(w, bots[i], "BATCH +1 draft/multiline #tea");
        world_sayf(w, bots[i], "@batch=1 PRIVMSG #tea :I am number %d of all", i);
        world_say(w, bots[i], "@batch=1 PRIVMSG #tea :" TEXT);
        EQUAL_NUMBER(waves(), 0);
        world_say(w, bots[i], "BATCH -1");
    }
    EQUAL_NUMBER(waves(), 1);
    AWAIT(w, alice, "* :?** Wave: 12 hosts said one text within 1m: \"" TEXT "\"; *");
    world_free(w);
}

/* All clients with one program answer CTCP VERSION in the same words. */
static void
answers_to_a_ctcp_are_no_wave(void)
{
    struct actor *bots[14];
    begin("");
    crowd(bots, 14);
    for (int i = 1; i < 14; i++)
        world_say(w, bots[i], "NOTICE b0 :\001VERSION Client 4.6.3 for Linux\001");
    EQUAL_NUMBER(waves(), 0);
    for (int i = 1; i < 13; i++)
        world_say(w, bots[i], "PRIVMSG b0 :\001ACTION sells pills at http\001");
    EQUAL_NUMBER(waves(), 1);
    world_free(w);
}

static void
texts_that_are_short_rare_slow_or_of_one_host_are_no_wave(void)
{
    struct actor *bots[13];
    begin("");
    crowd(bots, 13);
    for (int i = 0; i < 13; i++)
        world_say(w, bots[i], "PRIVMSG #tea :good morning, all!!"); /* 19 bytes */
    for (int i = 0; i < 50; i++)
        world_say(w, bots[0], "PRIVMSG #tea :" TEXT);
    for (int i = 0; i < 13; i++)
        world_sayf(w, bots[i], "PRIVMSG #tea :" TEXT " number %d", i);
    for (int i = 0; i < 12; i++) { /* 11 within a minute */
        world_say(w, bots[i], "PRIVMSG #tea :" TEXT " slowly");
        world_sleep(w, 5460);
    }
    EQUAL_NUMBER(waves(), 0);
    for (int i = 0; i < 13; i++)
        world_say(w, bots[i], "PRIVMSG #tea :good morning, all!!!"); /* 20 bytes */
    EQUAL_NUMBER(waves(), 1);
    world_free(w);
}

static void
one_real_name_is_told_with_the_command_that_removes_it(void)
{
    begin("waves { alike = \"5/60s\" }");
    for (int i = 0; i < 4; i++)
        bot(i, "free money: \\o/ *");
    struct actor *same = bot(3, "free money: \\o/ *"); /* no new host */
    (void)same;
    EQUAL_NUMBER(waves(), 0);
    struct actor *last = bot(4, "free money: \\o/ *");
    AWAIT(w, alice,
          "* :?** Wave: 5 hosts registered with one real name within 1m: \"free money: "
          "\\o/ ?\"; XLINE NOW 1h free\\smoney:\\s\\\\o/\\s? :spam removes them; "
          "TESTMASK XLINE counts them first");
    CONTAINS(w->logged, "event=wave kind=realname hosts=5 ");
    world_say(w, alice, "TESTMASK XLINE free\\smoney:\\s\\\\o/\\s*");
    AWAIT(w, alice, "* 727 alice 5 *");
    world_say(w, alice, "XLINE FORCE NOW 1h free\\smoney:\\s\\\\o/\\s* :spam");
    world_store_news(w);
    AWAIT(w, alice, "* removed 5 clients, saved");
    CU_ASSERT(last->closed);
    world_sleep(w, 61 * MSEC_SECOND);
    AWAIT(w, alice, "* :?** The wave of one realname has ended after 5: *");
    world_free(w);
}

/* The mask in the notice matches the names, whatever characters they have. */
static void
the_advice_matches(void)
{
    static const char *const names[] = {"plain", ":colon first",
                                        "\xF0\x9F\x8D\xB5\xF0\x9F\x8D\xB5 tea",
                                        "a very long name, much longer than what a "
                                        "notice repeats of it, and more of it",
                                        "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3"
                                        "\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
                                        "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3"
                                        "\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
                                        "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3"
                                        "\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char mask[200] = "", line[300];
        begin("waves { alike = \"4/60s\" }");
        for (int n = 0; n < 4; n++)
            bot(n, names[i]);
        const char *at = strstr(alice->inbox, "XLINE NOW 1h ");
        CU_ASSERT_FATAL(at != NULL);
        CU_ASSERT(sscanf(at, "XLINE NOW 1h %199s :spam", mask) == 1);
        snprintf(line, sizeof line, "TESTMASK XLINE %s", mask);
        world_say(w, alice, line);
        AWAIT(w, alice, "* 727 alice 4 *");
        world_free(w);
    }
}

/* A name may be such that the mask would match others than the bots. */
static void
the_advice_means_no_others(void)
{
    begin("waves { alike = \"4/60s\" }");
    bot(100, "my real name is");
    for (int n = 0; n < 4; n++)
        bot(n, "*real name*");
    CU_ASSERT(strstr(alice->inbox, "XLINE NOW 1h ?real\\sname? :spam") != NULL);
    world_drain_all(w);
    world_say(w, alice, "TESTMASK XLINE ?real\\sname?");
    AWAIT(w, alice, "* 727 alice 4 *");
    world_free(w);
}

static void
many_new_hosts_are_told_unless_so_many_are_usual(void)
{
    char name[32];
    int n = 0;
    begin("");
    for (; n < 29; n++) {
        snprintf(name, sizeof name, "N %d", n);
        bot(n, name);
    }
    world_close(w, bot(3, "again")); /* a host that is on is not new */
    EQUAL_NUMBER(waves(), 0);
    bot(n++, "the last");
    AWAIT(w, alice,
          "* :?** Wave: 30 new hosts within 10s, usually fewer than 1; the last "
          "is b29, *");
    CONTAINS(w->logged, "event=wave kind=hosts hosts=30 note=\"usually fewer than 1\"");
    for (; n < 60; n++) {
        snprintf(name, sizeof name, "N %d", n);
        bot(n, name);
    }
    EQUAL_NUMBER(waves(), 0);
    world_sleep(w, 25 * MSEC_SECOND);
    AWAIT(w, alice, "* :?** The wave of new hosts has ended: 60 in all");
    world_free(w);
    /* Ten in each ten seconds are usual: 30 are no wave, 40 are one. */
    begin("");
    for (n = 0; n < 600; n++) {
        snprintf(name, sizeof name, "N %d", n);
        bot(n, name);
        world_sleep(w, MSEC_SECOND);
    }
    world_drain_all(w);
    for (int i = 0; i < 30; i++, n++) {
        snprintf(name, sizeof name, "N %d", n);
        bot(n, name);
    }
    EQUAL_NUMBER(waves(), 0);
    for (int i = 0; i < 20; i++, n++) {
        snprintf(name, sizeof name, "N %d", n);
        bot(n, name);
    }
    EQUAL_NUMBER(waves(), 1);
    AWAIT(w, alice, "*Wave: 40 new hosts within 10s, usually 10; *");
    world_free(w);
}

/* A link broke, and all come again: these hosts are not new. */
static void
hosts_that_come_again_are_not_new(void)
{
    struct actor *bots[60];
    begin("");
    crowd(bots, 60);
    for (int i = 0; i < 60; i++)
        world_close(w, bots[i]);
    world_drain_all(w);
    world_sleep(w, MSEC_MINUTE);
    crowd_at_once(0, 60);
    EQUAL_NUMBER(waves(), 0);
    /* New hosts among them are seen as always. */
    crowd_at_once(60, 89);
    EQUAL_NUMBER(waves(), 0);
    crowd_at_once(89, 90);
    EQUAL_NUMBER(waves(), 1);
    AWAIT(w, alice, "* :?** Wave: 30 new hosts within 10s, *");
    world_free(w);
}

/* Ten minutes after they have left, they are new again. */
static void
hosts_that_left_long_ago_are_new(void)
{
    for (int late = 0; late < 2; late++) {
        struct actor *bots[30];
        begin("");
        crowd(bots, 30);
        for (int i = 0; i < 30; i++)
            world_close(w, bots[i]);
        world_sleep(w, 10 * MSEC_MINUTE - 1000 * !late);
        world_drain_all(w);
        crowd_at_once(0, 30);
        EQUAL_NUMBER(waves(), late);
        world_free(w);
    }
}

static void
the_first_minute_is_left_out(void)
{
    char config[1000];
    snprintf(config, sizeof config, "%s" EASY, world_alice);
    w = world_new(config);
    alice = world_oper(w, "alice");
    for (int n = 0; n < 50; n++)
        bot(n, "all the same");
    EQUAL_NUMBER(waves(), 0);
    CU_ASSERT(strstr(w->logged, "event=wave") == NULL);
    world_free(w);
}

/* Ordinary talk does not remove a wave from the table, and the table does not grow. */
static void
talk_between_does_not_hide_a_wave(void)
{
    struct actor *bots[12];
    begin("");
    crowd(bots, 12);
    struct actor *chatter = world_user(w, "chatter");
    world_say(w, chatter, "JOIN #tea");
    world_say(w, bots[0], "PRIVMSG #tea :" TEXT);
    world_say(w, bots[1], "PRIVMSG #tea :" TEXT);
    size_t before = wave_memory(w->srv);
    for (int i = 2; i < 12; i++) {
        for (int k = 0; k < 500; k++)
            world_sayf(w, chatter, "PRIVMSG #tea :something else, number %d",
                       500 * i + k);
        world_say(w, bots[i], "PRIVMSG #tea :" TEXT);
    }
    EQUAL_NUMBER(waves(), 1);
    CU_ASSERT(wave_memory(w->srv) - before < 200 && before < 128 * 1024);
    world_free(w);
}

static void
twenty_five_turns_it_off(void)
{
    begin("waves { alike = \"25/60s\" hosts = \"9999/10s\" }");
    for (int n = 0; n < 40; n++)
        bot(n, "all the same");
    EQUAL_NUMBER(waves(), 0);
    world_free(w);
    begin("waves { alike = \"24/60s\" hosts = \"9999/10s\" }");
    for (int n = 0; n < 24; n++)
        bot(n, "all the same");
    EQUAL_NUMBER(waves(), 1);
    world_free(w);
}

SUITE(wave)
{
    TEST(one_text_of_many_hosts_is_told_at_the_limit);
    TEST(one_line_in_batches_of_many_hosts_is_told);
    TEST(answers_to_a_ctcp_are_no_wave);
    TEST(texts_that_are_short_rare_slow_or_of_one_host_are_no_wave);
    TEST(one_real_name_is_told_with_the_command_that_removes_it);
    TEST(the_advice_matches);
    TEST(the_advice_means_no_others);
    TEST(many_new_hosts_are_told_unless_so_many_are_usual);
    TEST(hosts_that_come_again_are_not_new);
    TEST(hosts_that_left_long_ago_are_new);
    TEST(the_first_minute_is_left_out);
    TEST(talk_between_does_not_hide_a_wave);
    TEST(twenty_five_turns_it_off);
}
