/* OPER, KILL, REHASH, WALLOPS and DIE, and the state that stays when rights are given
 * up. */
#include "policy/access.h"
#include "policy/client_policy.h"
#include "policy/policy.h"
#include "policy/privs.h"
#include "world.h"

#define AL(rights)                                                                     \
    "oper \"al\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } privileges = "  \
    "{ " rights " } }\n"

static void
oper_gives_mode_reply_rights_and_a_notice(void)
{
    struct world *w = world_new(world_alice);
    struct actor *ann = world_oper(w, "ann"), *bob = world_user(w, "bob");
    struct actor *eve = world_user(w, "eve");
    world_say(w, bob, "OPER alice secret");
    EXPECT(w, bob, ":bob!bob@10.1.2.1 MODE bob :+osw");
    EXPECT(w, bob, ":irc.localhost 381 bob :You are now an IRC operator");
    EXPECT(w, ann, "* NOTICE ann :* bob!bob@10.1.2.1 is now an operator (alice)");
    SILENT(w, eve);
    CU_ASSERT(access_has(bob->client, PRIV_OPER) && access_has(bob->client, PRIV_die));
    CONTAINS(w->logged, "event=oper client=bob!bob@10.1.2.1 name=alice");
    CU_ASSERT(strstr(w->logged, "secret") == NULL);
    world_free(w);
}

/* A reason of several words needs a ':'; the operator must not learn that by stopping a
 * server for the reason "for". */
static void
a_reason_is_taken_whole_without_its_colon(void)
{
    struct world *w = world_new(world_alice);
    struct actor *ann = world_oper(w, "ann"), *bob = world_user(w, "bob");
    world_say(w, ann, "KILL bob too many words");
    EXPECT(w, bob, ":ann!* KILL bob :too many words");
    world_say(w, ann, "DIE irc.localhost for maintenance now");
    CONTAINS(w->logged, "event=die by=alice reason=\"for maintenance now\"");
    world_free(w);
}

static void
a_command_of_operators_without_parameters_shows_its_right_form(void)
{
    static const struct {
        const char *line, *reply;
    } cases[] = {
        {"KILL",
         ":irc.localhost 461 ann KILL :*: KILL <nick> *; for example KILL bob :*"},
        {"SAMODE #x",
         ":irc.localhost 461 ann SAMODE :*; for example SAMODE #tea +o bob"},
        {"SAJOIN", ":irc.localhost 461 ann SAJOIN :*; for example SAJOIN bob #tea"},
        {"STRIKE bob", ":irc.localhost 461 ann STRIKE :*; for example STRIKE bob 2 :*"},
        {"PARDON", ":irc.localhost 461 ann PARDON :*; for example PARDON 192.0.2.7"},
        {"CHECK", ":irc.localhost 461 ann CHECK :*; for example CHECK bob"},
        {"TESTMASK", ":irc.localhost 461 ann TESTMASK :*; for example TESTMASK *"},
        {"WALLOPS", ":irc.localhost 461 ann WALLOPS :*; for example WALLOPS :*"},
        {"OPER x", ":irc.localhost 461 ann OPER :*; for example OPER alice secret"},
    };
    struct world *w = world_new(world_alice);
    struct actor *ann = world_oper(w, "ann");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EXPECT(w, ann, cases[i].reply);
        SILENT(w, ann);
    }
    world_free(w);
}

static void
all_operators_are_told_if_the_configuration_says_so(void)
{
    char config[400];
    snprintf(config, sizeof config, "%s server { announce_opers = true }", world_alice);
    struct world *w = world_new(config);
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    world_say(w, bob, "OPER alice secret");
    EXPECT(w, eve, ":irc.localhost NOTICE ? :bob is now an IRC operator");
    world_free(w);
}

static void
hosts_are_checked_before_the_password(void)
{
    struct world *w = world_new("oper \"al\" { password = \"$argon2id$secret\" hosts = "
                                "{ \"root@192.0.2.0/24\", "
                                "\"*@2001:db8::/32\" } privileges = { \"all\" } }\n");
    static const struct {
        const char *nick, *address;
        bool admitted;
    } cases[] = {
        {"root", "192.0.2.7", true},        {"toor", "192.0.2.8", false},
        {"root", "192.0.3.7", false},       {"any", "2001:db8::1", true},
        {"root", "::ffff:192.0.2.9", true},
    };
    world_fill_worker(w, false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct actor *a = world_user_at(w, cases[i].nick, cases[i].address);
        uint64_t jobs = w->srv->last_deferred;
        world_say(w, a, "OPER al secret");
        EQUAL_NUMBER(a->client->user.oper != NULL, cases[i].admitted);
        EQUAL_NUMBER(w->srv->last_deferred - jobs, cases[i].admitted);
        AWAIT(w, a, cases[i].admitted ? "* 381 *" : "* 491 *");
        world_close(w, a);
    }
    world_free(w);
}

static void
an_unknown_name_takes_the_same_way_as_a_wrong_password(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    world_say(w, bob, "OPER alice wrong");
    world_say(w, eve, "OPER nobody wrong");
    EQUAL_NUMBER(w->srv->last_deferred, 2); /* the worker was asked both times */
    EXPECT(w, bob, "* 464 bob :Password incorrect");
    EXPECT(w, eve, "* 464 eve :Password incorrect");
    world_free(w);
}

static void
logging_out_gives_everything_back(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_oper(w, "bob");
    world_say(w, bob, "MODE bob -o");
    EXPECT(w, bob, "* MODE bob :-os");
    CU_ASSERT(!access_has(bob->client, PRIV_OPER));
    EQUAL_NUMBER(bob->client->user.privileges, 0);
    world_say(w, bob, "DIE");
    EXPECT(w, bob, "* 481 bob :*");
    EQUAL_TEXT(w->died, "");
    world_say(w, bob, "MODE bob +o");
    AWAIT(w, bob, "* 481 bob :*");
    CU_ASSERT(bob->client->user.oper == NULL);
    world_free(w);
}

static void
a_second_oper_block_replaces_the_rights_of_the_first(void)
{
    char config[600];
    snprintf(config, sizeof config, "%s%s", world_alice, AL("\"kill\""));
    struct world *w = world_new(config);
    struct actor *bob = world_oper(w, "bob");
    CU_ASSERT(access_has(bob->client, PRIV_die));
    world_say(w, bob, "OPER al secret");
    AWAIT(w, bob, "* 381 *");
    CU_ASSERT(!access_has(bob->client, PRIV_die) && access_has(bob->client, PRIV_kill));
    world_say(w, bob, "MODE bob");
    AWAIT(w, bob, "* 221 bob +ow");
    world_drain(bob);
    world_say(w, bob, "KILL nobody :x");
    EXPECT(w, bob, "* 401 bob nobody *");
    world_say(w, bob, "MODE bob -o");
    EQUAL_NUMBER(w->srv->n_opers, 0);
    world_free(w);
}

static void
each_command_needs_its_right(void)
{
    static const struct {
        const char *line, *right;
    } cases[] = {
        {"KILL bob :x", "kill"}, {"REHASH", "rehash"}, {"WALLOPS :x", "wallops"},
        {"DIE", "die"},          {"RESTART", "die"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[100];
        struct world *w = world_new(AL("\"spy\""));
        struct actor *al = world_user(w, "al"), *bob = world_user(w, "bob");
        world_say(w, al, "OPER al secret");
        world_drain_all(w);
        snprintf(want, sizeof want,
                 "* 481 al :Permission Denied - you need the privilege '%s'",
                 cases[i].right);
        world_say(w, al, cases[i].line);
        EXPECT(w, al, want);
        SILENT(w, al);
        world_say(w, bob, cases[i].line);
        EXPECT(w, bob, "* 481 bob :Permission Denied - *");
        CU_ASSERT(!bob->closed && !*w->died);
        world_free(w);
    }
}

static void
kill_carries_killer_and_reason(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice"), *ann = world_oper(w, "ann");
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    world_channel(w, "#t", "bob@", "eve");
    world_say(w, alice, "KILL BOB :enough is enough");
    EXPECT(w, bob, ":alice!alice@10.1.1.1 KILL bob :enough is enough");
    EXPECT(w, bob, "ERROR :Closing Link: 10.1.3.1 (Killed (alice (enough is enough)))");
    CU_ASSERT(bob->closed);
    EXPECT(w, eve, ":bob!bob@10.1.3.1 QUIT :Killed (alice (enough is enough))");
    EXPECT(w, ann, "* NOTICE ann :* alice killed bob (bob@10.1.3.1): enough is enough");
    CONTAINS(w->logged, "event=kill by=alice nick=bob host=10.1.3.1 reason=");
    world_say(w, alice, "KILL bob");
    AWAIT(w, alice, "* 401 alice bob *");
    world_say(w, alice, "KILL");
    AWAIT(w, alice, "* 461 alice KILL *");
    world_free(w);
}

static void
killing_oneself_and_killing_twice_are_harmless(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice"), *ann = world_oper(w, "ann");
    struct actor *bob = world_user(w, "bob");
    static const char twice[] =
        "KILL bob :1\r\nKILL bob :2\r\nKILL alice :me\r\nPING x\r\n";
    world_send(w, alice, twice, sizeof twice - 1);
    CU_ASSERT(alice->closed && bob->closed && !ann->closed);
    AWAIT(w, alice, "ERROR :Closing Link: 10.1.1.1 (Killed (alice (me)))");
    SILENT(w, alice);
    EQUAL_NUMBER(w->srv->n_opers, 1);
    world_free(w);
}

static void
a_good_rehash_applies_and_keeps_what_only_a_restart_changes(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    char text[400];
    snprintf(text, sizeof text,
             "%s limits { per_host = 1 nick_length = 9 host_prefix_v4 = 16 }\n"
             "server { name = \"other.example\" description = \"new\" }",
             world_alice);
    w->rehash_text = text;
    world_say(w, alice, "REHASH");
    EXPECT(w, alice, "* 382 alice configuration :Rehashing");
    EQUAL_NUMBER(
        world_count(alice, "*limits.nick_length has changed, which only a restart*"),
        1);
    EQUAL_NUMBER(world_count(alice, "*server.name has changed*"), 1);
    AWAIT(w, alice,
          ":irc.localhost NOTICE alice :REHASH: the new configuration is in force");
    EQUAL_NUMBER(w->srv->config->limits.per_host, 1);
    EQUAL_NUMBER(w->srv->config->limits.nick_length, 30);
    EQUAL_NUMBER(w->srv->config->limits.host_prefix_v4, 32);
    EQUAL_TEXT(w->srv->config->server.name, "irc.localhost");
    EQUAL_TEXT(w->srv->config->server.description, "new");
    CU_ASSERT(alice->client->user.oper != NULL);
    world_free(w);
}

static void
a_bad_rehash_changes_nothing_twice_in_a_row_too(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice"), *ann = world_oper(w, "ann");
    const struct config *before = w->srv->config;
    w->rehash_text =
        "limits { per_host = 1 }\nlimits { per_hots = 2 }\nflood { burst = x }";
    for (int i = 0; i < 2; i++) {
        world_sleep(w, 5000);
        world_drain_all(w);
        world_say(w, alice, "REHASH");
        AWAIT(w, alice,
              "* NOTICE alice :REHASH refused, nothing changed: test.conf:2: *");
        EXPECT(w, ann,
               "* NOTICE ann :* REHASH refused, nothing changed: test.conf:2: *");
        CU_ASSERT(w->srv->config == before);
        EQUAL_NUMBER(w->srv->config->limits.per_host, 3);
    }
    CONTAINS(w->logged, "event=rehash-refused");
    world_free(w);
}

static void
many_reloads_half_of_them_broken_leave_all_clients_on(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_user(w, "bob");
    for (int i = 0; i < 2000; i++) {
        w->rehash_text =
            i % 2 ? "junk {" : "class \"c\" { match = { \"10.0.0.0/8\" } }";
        EQUAL_NUMBER(world_rehash(w), i % 2 == 0);
    }
    world_sleep(w, 0);
    EQUAL_TEXT(policy_of(bob->client)->class->name, "c");
    world_say(w, bob, "ISON bob");
    AWAIT(w, bob, "* 303 *");
    world_free(w);
}

static void
wallops_reach_clients_with_the_mode(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    world_say(w, bob, "MODE bob +w");
    world_drain_all(w);
    world_say(w, alice, "WALLOPS :hear, hear");
    EXPECT(w, alice, ":alice!alice@10.1.1.1 WALLOPS :hear, hear");
    EXPECT(w, bob, ":alice!alice@10.1.1.1 WALLOPS :hear, hear");
    SILENT(w, eve);
    world_say(w, alice, "WALLOPS");
    EXPECT(w, alice, "* 461 alice WALLOPS *");
    world_free(w);
}

static void
shutdown_tells_all_clients(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob");
    struct actor *fresh = world_connect(w, "192.0.2.1");
    session_shutdown(w->srv, "Server stopped");
    world_sleep(w, 0);
    AWAIT(w, bob, "ERROR :Closing Link: 10.1.1.1 (Server stopped)");
    AWAIT(w, fresh, "ERROR :Closing Link: 192.0.2.1 (Server stopped)");
    EQUAL_NUMBER(session_count(w->srv), 0);
    world_free(w);
}

static void
reasons_are_cut_at_a_character(void)
{
    /* The world checks that each line is UTF-8. */
    char reason[401] = "";
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    for (int i = 0; i < 200; i++)
        memcpy(reason + 2 * i, "\xc3\xa4", 3);
    world_sayf(w, alice, "KILL bob :x%s", reason);
    AWAIT(w, bob, "ERROR :*(Killed (alice (x*))");
    world_sayf(w, alice, "KLINE 1h 198.51.100.1 :%.200s|y%.200s", reason, reason);
    world_sayf(w, alice, "KLINE 1h 198.51.100.2 :z%s", reason);
    world_store_news(w);
    world_drain(alice);
    world_say(w, alice, "STATS k");
    EXPECT(w, alice, "* 216 alice k *@198.51.100.1 *");
    EXPECT(w, alice, "* 216 alice k *@198.51.100.1 alice :... *");
    EXPECT(w, alice, "* 216 alice k *@198.51.100.2 *");
    world_sayf(w, alice, "DIE irc.localhost :x%s", reason);
    CONTAINS(w->died, "Server stopped by alice: x\xc3\xa4");
    CU_ASSERT(strlen(w->died) % 2 == 0 || w->died[strlen(w->died) - 1] == '\xa4');
    world_free(w);
}

static void
rights_end_when_rehash_takes_the_block_away(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_oper(w, "alice");
    struct actor *second = world_oper(w, "second");
    w->rehash_text = "oper \"alice\" { password = \"$argon2id$secret\" "
                     "hosts = { \"*@*\" } privileges = { \"rehash\" } }";
    world_say(w, alice, "REHASH");
    EXPECT(w, second, ":second!* MODE second :-s");
    EXPECT(w, second,
           "* NOTICE second :Your privileges have changed; they are now: rehash");
    SILENT(w, second);
    CONTAINS(w->logged, "event=oper-changed nick=second name=alice");
    world_drain_all(w);
    world_say(w, second, "KLINE 1h 198.51.100.1 :x");
    EXPECT(w, second, "* 481 second *'kline'*");
    w->rehash_text = "";
    world_say(w, alice, "REHASH");
    AWAIT(w, second, ":second!* MODE second :-o");
    EXPECT(w, second,
           "* NOTICE second :You are no operator any more: your oper block is no "
           "longer *");
    CU_ASSERT(alice->client->user.oper == NULL && w->srv->n_opers == 0);
    world_free(w);
}

SUITE(oper)
{
    TEST(oper_gives_mode_reply_rights_and_a_notice);
    TEST(a_reason_is_taken_whole_without_its_colon);
    TEST(a_command_of_operators_without_parameters_shows_its_right_form);
    TEST(all_operators_are_told_if_the_configuration_says_so);
    TEST(hosts_are_checked_before_the_password);
    TEST(an_unknown_name_takes_the_same_way_as_a_wrong_password);
    TEST(logging_out_gives_everything_back);
    TEST(a_second_oper_block_replaces_the_rights_of_the_first);
    TEST(each_command_needs_its_right);
    TEST(kill_carries_killer_and_reason);
    TEST(killing_oneself_and_killing_twice_are_harmless);
    TEST(a_good_rehash_applies_and_keeps_what_only_a_restart_changes);
    TEST(a_bad_rehash_changes_nothing_twice_in_a_row_too);
    TEST(many_reloads_half_of_them_broken_leave_all_clients_on);
    TEST(wallops_reach_clients_with_the_mode);
    TEST(shutdown_tells_all_clients);
    TEST(reasons_are_cut_at_a_character);
    TEST(rights_end_when_rehash_takes_the_block_away);
}
