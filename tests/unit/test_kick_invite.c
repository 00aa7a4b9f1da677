/* KICK and INVITE. */
#include "world.h"

/* ann is operator of #a, bob a member, eve outside. */
static struct actor *ann, *bob, *eve;

static void
kick_needs_operator(void)
{
    static const struct {
        const char *line, *reply;
    } bobs[] =
        {
            {"KICK", ":irc.localhost 461 bob KICK :*"},
            {"KICK #a", ":irc.localhost 461 bob KICK :*"},
            {"KICK #a :", ":irc.localhost 461 bob KICK :*"},
            {"KICK #none ann", ":irc.localhost 403 bob #none :*"},
            {"KICK #a ann", ":irc.localhost 482 bob #a :*"},
            {"KICK #a nobody", ":irc.localhost 482 bob #a :*"},
        },
      anns[] = {
          {"KICK #a nobody", ":irc.localhost 401 ann nobody :*"},
          {"KICK #a eve", ":irc.localhost 441 ann eve #a :*"},
      };
    struct world *w = world_three(&ann, &bob, &eve);
    for (size_t i = 0; i < sizeof bobs / sizeof *bobs; i++) {
        world_say(w, bob, bobs[i].line);
        EXPECT(w, bob, bobs[i].reply);
        SILENT(w, bob);
    }
    for (size_t i = 0; i < sizeof anns / sizeof *anns; i++) {
        world_say(w, ann, anns[i].line);
        EXPECT(w, ann, anns[i].reply);
        SILENT(w, ann);
    }
    world_say(w, eve, "KICK #a bob");
    EXPECT(w, eve, ":irc.localhost 442 eve #a :*");
    SILENT(w, bob);
    world_free(w);
}

static void
kick_takes_a_list_and_folds_it(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, eve, "JOIN #a");
    world_drain_all(w);
    world_say(w, ann, "KICK #A bob,BOB,eve,,bob :out");
    for (int i = 0; i < 3; i++) {
        struct actor *who = i == 0 ? ann : i == 1 ? bob : eve;
        EXPECT(w, who, ":ann!ann@* KICK #a bob :out");
        if (who != bob)
            EXPECT(w, who, ":ann!ann@* KICK #a eve :out");
        SILENT(w, who);
    }
    world_say(w, bob, "JOIN #a");
    world_drain_all(w);
    world_say(w, ann, "KICK #a bob");
    EXPECT(w, bob, ":ann!ann@* KICK #a bob :ann");
    world_drain_all(w);
    world_say(w, ann, "KICK #a u1,u2,u3,u4,u5,u6");
    EQUAL_NUMBER(world_count(ann, "* 401 *"), 4);
    AWAIT(w, ann, ":irc.localhost 407 ann u5 :*");
    SILENT(w, ann);
    world_free(w);
}

/* RFC 2812 3.2.8: one channel and any number of nicks, or as many channels as nicks. */
static void
several_channels_take_as_many_nicks(void)
{
    static const char *const wrong[] = {"KICK #a,#b bob",    "KICK #a,#b bob,eve,ann",
                                        "KICK #a,#b,#c a,b", "KICK #a,#b ,,bob,",
                                        "KICK #a ,",         "KICK , bob"};
    struct world *w = world_three(&ann, &bob, &eve);
    world_channel(w, "#b", "ann@", "eve");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        world_drain_all(w);
        world_say(w, ann, wrong[i]);
        EXPECT(w, ann, ":irc.localhost 461 ann KICK :*");
        SILENT(w, ann);
        SILENT(w, bob);
        SILENT(w, eve);
    }
    world_say(w, ann, "KICK #a,,#b ,bob,eve :out");
    EXPECT(w, bob, ":ann!ann@* KICK #a bob :out");
    EXPECT(w, eve, ":ann!ann@* KICK #b eve :out");
    SILENT(w, bob);
    world_say(w, bob, "JOIN #a,#b");
    world_drain_all(w);
    world_say(w, ann, "KICK #a,#b bob,bob");
    AWAIT(w, bob, ":ann!ann@* KICK #a bob :ann");
    EXPECT(w, bob, ":ann!ann@* KICK #b bob :ann");
    world_drain_all(w);
    /* Each pair is answered on its own, up to limits.targets pairs. */
    world_say(w, ann, "KICK #x,#a,#b,#a,#b,#a 1,2,3,4,5,6");
    EXPECT(w, ann, ":irc.localhost 403 ann #x :*");
    EXPECT(w, ann, ":irc.localhost 401 ann 2 :*");
    EXPECT(w, ann, ":irc.localhost 401 ann 3 :*");
    EXPECT(w, ann, ":irc.localhost 401 ann 4 :*");
    EXPECT(w, ann, ":irc.localhost 407 ann 5 :*");
    SILENT(w, ann);
    world_free(w);
}

/* +g holds for INVITE as for messages: 716, and 718 to the target once a minute. */
static void
an_invitation_does_not_pass_caller_id(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, eve, "MODE eve +g");
    world_say(w, ann, "MODE #a +i");
    world_drain_all(w);
    world_say(w, ann, "INVITE eve #a");
    EXPECT(w, ann, ":irc.localhost 716 ann eve :*");
    EXPECT(w, ann, ":irc.localhost 717 ann eve :*");
    SILENT(w, ann);
    EXPECT(w, eve, ":irc.localhost 718 eve ann ann@10.1.1.1 :*");
    SILENT(w, eve);
    /* The channel stays closed, and its other members are told nothing. */
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":irc.localhost 473 eve #a :*");
    world_sleep(w, MSEC_MINUTE - 1);
    world_drain_all(w);
    world_say(w, ann, "INVITE eve #a\r\nPRIVMSG eve :x");
    EQUAL_NUMBER(world_count(ann, "* 716 *"), 2);
    SILENT(w, eve);
    world_sleep(w, 1);
    world_drain_all(w);
    world_say(w, ann, "INVITE eve #a");
    EXPECT(w, eve, ":irc.localhost 718 eve ann *");
    world_say(w, eve, "ACCEPT ann");
    world_drain_all(w);
    world_say(w, ann, "INVITE eve #a");
    EXPECT(w, eve, ":ann!ann@* INVITE eve :#a");
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":eve!eve@* JOIN :#a");
    world_free(w);
}

static void
a_client_that_kicks_itself_kicks_no_other_after(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "KICK #a ann,bob");
    EXPECT(w, bob, ":ann!ann@* KICK #a ann :ann");
    SILENT(w, bob);
    EXPECT(w, ann, ":ann!ann@* KICK #a ann :ann");
    SILENT(w, ann);
    world_say(w, bob, "PART #a");
    world_say(w, ann, "JOIN #z");
    world_drain_all(w);
    world_say(w, ann, "KICK #z ann,ann,bob");
    EXPECT(w, ann, ":ann!ann@* KICK #z ann :ann");
    SILENT(w, ann);
    EQUAL_NUMBER(w->srv->n_channels, 0);
    world_free(w);
}

static void
an_oper_from_outside_sees_its_own_acts(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    struct actor *o = world_oper(w, "root");
    world_say(w, o, "TOPIC #a :rules");
    AWAIT(w, o, ":root!root@* TOPIC #a :rules");
    AWAIT(w, bob, ":root!root@* TOPIC #a :rules");
    world_say(w, o, "MODE #a +m");
    AWAIT(w, o, ":root!root@* MODE #a +m");
    AWAIT(w, bob, ":root!root@* MODE #a +m");
    world_say(w, o, "KICK #a bob :rules");
    AWAIT(w, o, ":root!root@* KICK #a bob :rules");
    AWAIT(w, bob, ":root!root@* KICK #a bob :rules");
    world_free(w);
}

static void
an_invitation_opens_the_door_once(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "MODE #a +i");
    world_drain_all(w);
    world_say(w, bob, "INVITE eve #a");
    EXPECT(w, bob, ":irc.localhost 482 bob #a :*");
    SILENT(w, eve);
    world_say(w, ann, "INVITE EVE #A");
    EXPECT(w, ann, ":irc.localhost 341 ann eve #a");
    EXPECT(w, eve, ":ann!ann@* INVITE eve :#a");
    world_say(w, eve, "INVITE");
    EXPECT(w, eve, ":irc.localhost 336 eve #a");
    EXPECT(w, eve, ":irc.localhost 337 eve :*");
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":eve!eve@* JOIN :#a");
    world_say(w, eve, "PART #a");
    world_drain_all(w);
    world_say(w, eve, "INVITE");
    EXPECT(w, eve, ":irc.localhost 337 eve :*");
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":irc.localhost 473 eve #a :*");
    world_free(w);
}

static void
a_members_invitation_opens_no_ban(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "MODE #a +b eve!*@*");
    world_drain_all(w);
    world_say(w, bob, "INVITE eve #a");
    EXPECT(w, bob, ":irc.localhost 341 bob eve #a");
    EXPECT(w, eve, ":bob!bob@* INVITE eve :#a");
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":irc.localhost 474 eve #a :*");
    world_say(w, ann, "INVITE eve #a");
    world_drain(eve);
    world_say(w, eve, "JOIN #a");
    EXPECT(w, eve, ":eve!eve@* JOIN :#a");
    world_free(w);
}

static void
invite_says_why_not(void)
{
    static const struct {
        const char *line, *reply;
    } cases[] = {
        {"INVITE eve", ":irc.localhost 461 ann INVITE :*"},
        {"INVITE eve :", ":irc.localhost 461 ann INVITE :*"},
        {"INVITE :", ":irc.localhost 461 ann INVITE :*"},
        {"INVITE nobody #a", ":irc.localhost 401 ann nobody :*"},
        {"INVITE eve #none", ":irc.localhost 403 ann #none :*"},
        {"INVITE bob #a", ":irc.localhost 443 ann bob #a :*"},
        {"INVITE bob #e", ":irc.localhost 442 ann #e :*"},
        {"INVITE bob #secret", ":irc.localhost 403 ann #secret :*"},
    };
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, eve, "JOIN #e,#secret\r\nMODE #secret +s");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EXPECT(w, ann, cases[i].reply);
        SILENT(w, ann);
    }
    world_say(w, eve, "AWAY :at lunch");
    world_say(w, ann, "INVITE eve #a");
    EXPECT(w, ann, ":irc.localhost 341 ann eve #a");
    EXPECT(w, ann, ":irc.localhost 301 ann eve :at lunch");
    world_free(w);
}

SUITE(kick_invite)
{
    TEST(kick_needs_operator);
    TEST(kick_takes_a_list_and_folds_it);
    TEST(several_channels_take_as_many_nicks);
    TEST(an_invitation_does_not_pass_caller_id);
    TEST(a_client_that_kicks_itself_kicks_no_other_after);
    TEST(an_oper_from_outside_sees_its_own_acts);
    TEST(an_invitation_opens_the_door_once);
    TEST(a_members_invitation_opens_no_ban);
    TEST(invite_says_why_not);
}
