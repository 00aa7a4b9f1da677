/* The limits of a client beside the tokens: each with its rate, its words and its
 * strike. */
#include "world.h"

static void
own_limits_refuse_with_the_wait_and_strike(void)
{
    static const struct {
        const char *name; /* of the command */
        int free;         /* at once */
        msec each;
        const char *strike;
    } cases[] = {
        {"NICK", 5, 12 * MSEC_SECOND, "nick changed too often"},
        {"AWAY", 5, 12 * MSEC_SECOND, "away changed too often"},
        {"INVITE", 10, 6 * MSEC_SECOND, "invitations sent too fast"},
        {"JOIN", 50, 1200, "channels joined too fast"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[64], want[128];
        struct world *w = world_new("flood { burst = 1000 }\n"
                                    "limits { channels_per_client = 1000 }\n");
        struct actor *bob = world_user(w, "bob");
        world_user(w, "eve");
        if (strcmp(cases[i].name, "INVITE") == 0)
            for (int n = 0; n < 15; n++)
                world_sayf(w, bob, "JOIN #c%d", n);
        world_drain(bob);
        int n = 0;
        for (; n <= cases[i].free; n++) {
            snprintf(line, sizeof line, "%s %s%d", cases[i].name,
                     strcmp(cases[i].name, "INVITE") == 0 ? "eve #c"
                     : strcmp(cases[i].name, "JOIN") == 0 ? "#c"
                                                          : "b",
                     n);
            CU_ASSERT(world_count(bob, "*try again in*") == 0);
            world_say(w, bob, line);
        }
        EQUAL_NUMBER(world_count(bob, "*try again in*"), 1);
        snprintf(want, sizeof want, "* :Strike 1 of 5: %s. *", cases[i].strike);
        EQUAL_NUMBER(world_count(bob, want), 1);
        world_drain(bob);
        world_sleep(w, cases[i].each - 1);
        world_say(w, bob, line);
        EQUAL_NUMBER(world_count(bob, "*try again in*"), 1);
        world_drain(bob);
        world_sleep(w, 1);
        world_say(w, bob, line);
        EQUAL_NUMBER(world_count(bob, "*try again in*"), 0);
        world_free(w);
    }
}

static const char quick[] = "flood { burst = 100000 }";

static void
ctcp_to_channels_has_a_limit_and_actions_and_people_have_none(void)
{
    struct world *w = world_new(quick);
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    world_channel(w, "#a", "bob@", "eve");
    for (int i = 0; i < 30; i++) {
        world_say(w, bob,
                  "PRIVMSG #a :\x01"
                  "ACTION waves\x01");
        world_say(w, bob,
                  "PRIVMSG eve :\x01"
                  "PING 1\x01");
        world_say(w, bob, "PRIVMSG #a :no \x01");
    }
    SILENT(w, bob);
    for (int i = 0; i < 5; i++)
        world_say(w, bob,
                  i % 2 ? "PRIVMSG #a :\x01VERSION\x01"
                        : "PRIVMSG @#a :\x01PING 1\x01");
    SILENT(w, bob);
    world_drain(eve);
    world_say(w, bob, "PRIVMSG #a :\x01VERSION\x01");
    EXPECT(w, bob, "* NOTICE bob :Strike 1 of 5: CTCP to channels sent too fast. *");
    EXPECT(
        w, bob,
        "* 404 bob #a :Cannot send to channel (CTCP comes too fast; try again in 12s)");
    SILENT(w, eve);
    world_sleep(w, 11999);
    world_say(w, bob, "PRIVMSG #a :\x01VERSION\x01");
    AWAIT(w, bob, "* 404 *try again in 1s)");
    world_sleep(w, 1);
    world_say(w, bob, "PRIVMSG #a :\x01VERSION\x01");
    SILENT(w, bob);
    EXPECT(w, eve, ":bob!* PRIVMSG #a :\x01VERSION\x01");
    world_free(w);
}

static void
a_notice_and_a_line_of_several_are_ctcp_too(void)
{
    struct world *w = world_new("flood { burst = 100000 ctcp = \"2/60s\" }");
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    world_say(w, bob, "CAP REQ :draft/multiline batch message-tags");
    world_channel(w, "#a", "bob@", "eve");
    world_say(w, bob, "NOTICE #a :\x01VERSION me\x01");
    EXPECT(w, eve, ":bob!* NOTICE #a :*");
    world_say(w, bob, "BATCH +1 draft/multiline #a");
    world_say(w, bob, "@batch=1 PRIVMSG #a :hello");
    world_say(w, bob, "@batch=1 PRIVMSG #a :\x01PING 1\x01");
    world_say(w, bob, "@batch=1 PRIVMSG #a :\x01PING 2\x01");
    world_say(w, bob, "BATCH -1");
    AWAIT(w, bob, "* 404 bob #a :Cannot send to channel (CTCP comes too fast; *");
    SILENT(w, eve);
    world_say(w, bob, "NOTICE #a :\x01VERSION me\x01");
    NEVER(w, bob, "* 404 *");
    SILENT(w, eve);
    world_free(w);
}

static void
the_exempt_send_ctcp_as_they_like(void)
{
    struct world *w = world_new("exempt \"192.0.2.7\" { from = { \"flood\" } }");
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    world_say(w, bob, "JOIN #a");
    world_drain(bob);
    for (int i = 0; i < 50; i++)
        world_say(w, bob, "PRIVMSG #a :\x01VERSION\x01");
    SILENT(w, bob);
    world_free(w);
}

SUITE(flood_limits)
{
    TEST(ctcp_to_channels_has_a_limit_and_actions_and_people_have_none);
    TEST(a_notice_and_a_line_of_several_are_ctcp_too);
    TEST(the_exempt_send_ctcp_as_they_like);
    TEST(own_limits_refuse_with_the_wait_and_strike);
}
