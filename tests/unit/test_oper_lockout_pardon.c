/* PARDON ends the lockout of OPER. */
#include "world.h"

#define ADDRESS "192.0.2.7"

static const char alice_only[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\nlimits { per_host = 9 }\n";

static void
a_pardon_ends_the_lockout_and_says_so(void)
{
    static const struct {
        int failures;
        const char *said, *door;
    } cases[] = {
        {1, "2 strikes, offence level 0 and 0 automatic bans, forgot 1 failed OPER, *",
         "not locked out, 1 of 3 failures"},
        {2, "4 strikes, offence level 0 and 0 automatic bans, forgot 2 failed OPERs, *",
         "not locked out, 2 of 3 failures"},
        {3,
         "4 strikes, offence level 0 and 0 automatic bans, ended its OPER lockout, *",
         "locked out for 600 s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char said[160], door[80];
        struct world *w = world_new(alice_only);
        struct actor *alice = world_oper(w, "alice");
        struct actor *bob = world_user_at(w, "bob", ADDRESS);
        for (int n = 0; n < cases[i].failures; n++)
            world_say(w, bob, "OPER alice wrong");
        snprintf(said, sizeof said, "* :PARDON " ADDRESS ": cleared %s", cases[i].said);
        snprintf(door, sizeof door, "* :OPER: %s", cases[i].door);
        world_say(w, alice, "CHECK " ADDRESS);
        AWAIT(w, alice, door);
        world_say(w, alice, "PARDON " ADDRESS);
        world_store_news(w);
        AWAIT(w, alice, said);
        world_say(w, alice, "CHECK bob");
        AWAIT(w, alice, "* :OPER: not locked out, 0 of 3 failures");
        world_say(w, bob, "OPER alice secret");
        AWAIT(w, bob, "* 381 *");
        world_free(w);
    }
}

/* A lockout is not stored, but its end is told to operators and logged. */
static void
a_pardon_of_the_lockout_alone_is_told_too(void)
{
    char config[400];
    snprintf(config, sizeof config,
             "%sexempt \"" ADDRESS "\" { from = { \"strikes\" } }\n", alice_only);
    struct world *w = world_new(config);
    struct actor *alice = world_oper(w, "alice");
    struct actor *bob = world_user_at(w, "bob", ADDRESS);
    for (int n = 0; n < 3; n++)
        world_say(w, bob, "OPER alice wrong");
    world_drain_all(w);
    world_say(w, alice, "PARDON bob");
    EXPECT(w, alice,
           "* :PARDON " ADDRESS " (bob): cleared 0 strikes, offence level 0 and 0 "
           "automatic bans, ended its OPER lockout, nothing to save");
    CONTAINS(w->logged, "event=pardon by=alice host=" ADDRESS);
    world_say(w, bob, "OPER alice secret");
    AWAIT(w, bob, "* 381 *");
    world_free(w);
}

static void
answers_after_a_pardon_find_no_lockout(void)
{
    struct world *w = world_new(alice_only);
    struct actor *alice = world_oper(w, "alice"), *a[3];
    char nick[8];
    w->verify_later = true;
    for (int i = 0; i < 3; i++) {
        snprintf(nick, sizeof nick, "n%d", i);
        a[i] = world_user_at(w, nick, ADDRESS);
        world_say(w, a[i], i ? "OPER alice wrong" : "OPER alice secret");
    }
    world_say(w, alice, "PARDON " ADDRESS);
    AWAIT(w, alice, "* ended its OPER lockout, nothing to save");
    world_verify(w);
    AWAIT(w, a[0], "* 381 *");
    AWAIT(w, a[1], "* 464 *");
    NEVER(w, alice, "*Too many failed OPERs*");
    w->verify_later = false;
    world_say(w, a[2], "OPER alice secret");
    AWAIT(w, a[2], "* 381 *");
    world_free(w);
}

SUITE(oper_lockout_pardon)
{
    TEST(a_pardon_ends_the_lockout_and_says_so);
    TEST(a_pardon_of_the_lockout_alone_is_told_too);
    TEST(answers_after_a_pardon_find_no_lockout);
}
