/* KNOCK: 710 to operators, 711 to the client that knocks, 712 to 714 to a client that
 * may not. */
#include "world.h"

static struct world *w;
static struct actor *ann, *bob, *hal, *eve;

/* On #a ann is operator, hal half-operator and bob a member; eve is outside. */
static void
begin(const char *modes)
{
    w = world_new("limits { per_host = 99 } flood { burst = 999 knock = \"2/60s\" }");
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    hal = world_user(w, "hal");
    eve = world_user(w, "eve");
    world_channel(w, "#a", "ann@", "bob", "hal%");
    world_sayf(w, ann, "MODE #a %s", modes);
    world_drain_all(w);
}

static void
the_operators_hear_a_knock(void)
{
    static const char *const doors[] = {"+i", "+k key", "+l 3"};
    for (size_t i = 0; i < sizeof doors / sizeof *doors; i++) {
        begin(doors[i]);
        world_say(w, eve, "KNOCK #A :let me in");
        EXPECT(w, eve, ":irc.localhost 711 eve #a :*");
        EXPECT(w, ann, ":irc.localhost 710 ann #a eve!eve@* :*");
        EXPECT(w, hal, ":irc.localhost 710 hal #a eve!eve@* :*");
        SILENT(w, bob);
        world_free(w);
    }
}

static void
a_client_that_may_not_knock_is_told_why(void)
{
    static const struct {
        const char *modes, *line, *reply;
    } cases[] = {
        {"+i", "KNOCK", "461 eve KNOCK"},       {"+i", "KNOCK :", "461 eve KNOCK"},
        {"+i", "KNOCK #none", "403 eve #none"}, {"+i", "KNOCK eve", "403 eve eve"},
        {"-i", "KNOCK #a", "713 eve #a"},       {"+l 4", "KNOCK #a", "713 eve #a"},
        {"+ip", "KNOCK #a", "403 eve #a"},      {"+is", "KNOCK #a", "403 eve #a"},
        {"+ib eve", "KNOCK #a", "404 eve #a"},  {"+iq eve", "KNOCK #a", "404 eve #a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[64];
        begin(cases[i].modes);
        world_say(w, eve, cases[i].line);
        snprintf(want, sizeof want, ":irc.localhost %s :*", cases[i].reply);
        EXPECT(w, eve, want);
        SILENT(w, eve);
        SILENT(w, ann);
        world_free(w);
    }
}

static void
a_member_need_not_knock(void)
{
    begin("+i");
    world_say(w, bob, "KNOCK #a");
    EXPECT(w, bob, ":irc.localhost 714 bob #a :*");
    SILENT(w, ann);
    world_free(w);
}

static void
knocking_has_its_own_bucket(void)
{
    begin("+i");
    world_say(w, eve, "KNOCK #a");
    world_say(w, eve, "KNOCK #a");
    world_drain_all(w);
    world_say(w, eve, "KNOCK #a");
    AWAIT(w, eve, ":irc.localhost 712 eve #a :*30 seconds");
    SILENT(w, ann);
    world_sleep(w, 30000);
    world_drain(eve);
    world_say(w, eve, "KNOCK #a");
    EXPECT(w, eve, ":irc.localhost 711 eve #a :*");
    world_free(w);
}

SUITE(knock)
{
    TEST(the_operators_hear_a_knock);
    TEST(a_client_that_may_not_knock_is_told_why);
    TEST(a_member_need_not_knock);
    TEST(knocking_has_its_own_bucket);
}
