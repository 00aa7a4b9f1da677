/* The effects of channel modes on a message: C c S m z, quiets and mutes. */
#include "world.h"

static struct world *w;
static struct actor *ann, *bob, *eve;

static void
mode(const char *changes)
{
    world_sayf(w, ann, "MODE #a %s", changes);
    world_drain_all(w);
}

static void
what_a_channel_does_not_take_is_refused(void)
{
    static const struct {
        const char *modes, *text;
        bool passes;
    } cases[] = {
        {"+C-c", "\001VERSION\001", false},
        {"+C-c", "\001ACTIONS x\001", false},
        {"+C-c", "\001", false},
        {"+C-c", "\001ACTION waves\001", true},
        {"+C-c", "\001ACTION\001", true},
        {"+C-c", "\001ACTION", true},
        {"+C-c", "plain \001", true},
        {"+C-c", "\00304red", true},
        {"-C+c", "\00304red", false},
        {"-C+c", "some \002bold\002", false},
        {"-C+c", "\004ff0000hex", false},
        {"-C+c", "\035italic", false},
        {"-C+c", "\037underlined", false},
        {"-C+c", "\036struck", false},
        {"-C+c", "\021mono", false},
        {"-C+c", "\026reversed", false},
        {"-C+c", "reset\017", false},
        {"-C+c", "\001VERSION\001", true},
        {"-C+c", "\001ACTION is \002loud\002\001", false},
        {"-C-c", "\001VERSION \00304\001", true},
    };
    w = world_three(&ann, &bob, &eve);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mode(cases[i].modes);
        world_sayf(w, ann, "PRIVMSG #a :%s", cases[i].text);
        if (cases[i].passes)
            EXPECT(w, bob, ":ann!* PRIVMSG #a :*");
        else
            EXPECT(w, ann, ":irc.localhost 404 ann #a :*");
        SILENT(w, ann);
        SILENT(w, bob);
        world_sayf(w, bob, "NOTICE #a :%s", cases[i].text);
        EQUAL_NUMBER(world_count(ann, "*NOTICE*"), cases[i].passes);
        SILENT(w, bob);
        world_drain_all(w);
    }
    world_free(w);
}

static void
slow_mode_takes_one_message_each_so_many_seconds(void)
{
    w = world_three(&ann, &bob, &eve);
    mode("+S 10");
    world_say(w, bob, "PRIVMSG #a :one");
    EXPECT(w, ann, "* PRIVMSG #a :one");
    world_sleep(w, 9999);
    world_say(w, bob, "PRIVMSG #a :early");
    EXPECT(w, bob, ":irc.localhost 404 bob #a :*+S*10 seconds; wait 1 *");
    world_say(w, bob, "PRIVMSG #a :told once");
    world_say(w, bob, "NOTICE #a :never told");
    SILENT(w, bob);
    SILENT(w, ann);
    world_sleep(w, 1);
    world_say(w, bob, "PRIVMSG #a :two");
    EXPECT(w, ann, "* PRIVMSG #a :two");
    world_say(w, bob, "PRIVMSG #a :again");
    EXPECT(w, bob, ":irc.localhost 404 bob #a :*");
    world_free(w);
}

static void
slow_mode_is_not_for_those_with_a_status(void)
{
    w = world_three(&ann, &bob, &eve);
    mode("+Sv 60 bob");
    for (int i = 0; i < 3; i++) {
        world_say(w, bob, "PRIVMSG #a :x");
        EXPECT(w, ann, "* PRIVMSG #a :x");
        world_say(w, ann, "PRIVMSG #a :y");
        EXPECT(w, bob, "* PRIVMSG #a :y");
    }
    mode("-v bob");
    world_say(w, bob, "PRIVMSG #a :x");
    EXPECT(w, bob, ":irc.localhost 404 bob #a :*");
    world_free(w);
}

static void
what_is_refused_goes_to_the_operators(void)
{
    static const char *const refusals[] = {"+m", "+q bob", "+b bob", "+b ~mute:bob"};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        w = world_three(&ann, &bob, &eve);
        world_channel(w, "#a", "hal%", "eve");
        struct actor *hal = world_actor(w, "hal");
        mode("+z");
        mode(refusals[i]);
        world_say(w, bob, "PRIVMSG #a :help");
        EXPECT(w, ann, ":bob!* PRIVMSG %#a :help");
        EXPECT(w, hal, ":bob!* PRIVMSG %#a :help");
        SILENT(w, bob);
        SILENT(w, eve);
        mode("-z");
        world_say(w, bob, "PRIVMSG #a :help");
        EXPECT(w, bob, ":irc.localhost 404 bob #a :*");
        SILENT(w, ann);
        world_free(w);
    }
}

static void
operator_moderation_does_not_open_the_channel_to_outsiders(void)
{
    w = world_three(&ann, &bob, &eve);
    mode("+zmn");
    world_say(w, eve, "PRIVMSG #a :hello");
    EXPECT(w, eve, ":irc.localhost 404 eve #a :*+n*");
    mode("-n");
    world_say(w, eve, "PRIVMSG #a :hello");
    EXPECT(w, ann, ":eve!* PRIVMSG %#a :hello");
    SILENT(w, bob);
    world_free(w);
}

static void
the_muted_cannot_change_their_nick(void)
{
    w = world_three(&ann, &bob, &eve);
    mode("+q bob");
    world_say(w, bob, "NICK robert");
    EXPECT(w, bob, ":irc.localhost * bob *#a*");
    SILENT(w, ann);
    mode("+v bob");
    world_say(w, bob, "NICK robert");
    EXPECT(w, ann, ":bob!* NICK *robert");
    world_free(w);
}

static void
slow_mode_holds_for_all_ways_round(void)
{
    w = world_new(world_easy);
    struct actor *op = world_user(w, "op");
    bob = world_user(w, "bob");
    world_say(w, op, "JOIN #a\r\nMODE #a +S-n 60");
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG #a :from outside");
    EXPECT(w, bob, "* 404 bob #a :*");
    world_say(w, bob, "JOIN #a");
    world_drain(bob);
    world_sleep(w, 60 * MSEC_SECOND);
    world_say(w, bob, "PRIVMSG #a :one\r\nPART #a\r\nJOIN #a\r\nPRIVMSG #a :two");
    AWAIT(w, op, ":bob!* PRIVMSG #a :one");
    NEVER(w, op, "*:two");
    world_say(w, op, "MODE #a +mz");
    world_sleep(w, 60 * MSEC_SECOND);
    world_drain(op);
    world_say(w, bob, "PRIVMSG #a :three\r\nPRIVMSG #a :four");
    AWAIT(w, op, ":bob!* PRIVMSG %#a :three");
    SILENT(w, op);
    world_free(w);
}

static void
the_reported_readers_receive_it(void)
{
    w = world_three(&ann, &bob, &eve);
    mode("+zm");
    world_say(w, bob, "PRIVMSG +#a :only the operators hear this");
    EXPECT(w, ann, ":bob!* PRIVMSG %#a :only *");
    world_free(w);
}

static void
slow_mode_answers_each_label_and_drops_tags_in_silence(void)
{
    w = world_three(&ann, &bob, &eve);
    mode("+S 60");
    world_say(w, ann, "CAP REQ :message-tags");
    world_say(w, bob, "CAP REQ :batch labeled-response message-tags");
    world_sleep(w, 60 * MSEC_SECOND);
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG #a :one");
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG #a :two");
    EXPECT(w, bob, "* 404 bob #a :*");
    world_say(w, bob, "@label=l PRIVMSG #a :three");
    EXPECT(w, bob, "@label=l *404 bob #a :*");
    world_say(w, bob, "@+typing=active TAGMSG #a");
    SILENT(w, bob);
    SILENT(w, ann);
    world_free(w);
}

SUITE(speak)
{
    TEST(what_a_channel_does_not_take_is_refused);
    TEST(slow_mode_takes_one_message_each_so_many_seconds);
    TEST(slow_mode_is_not_for_those_with_a_status);
    TEST(what_is_refused_goes_to_the_operators);
    TEST(operator_moderation_does_not_open_the_channel_to_outsiders);
    TEST(the_muted_cannot_change_their_nick);
    TEST(slow_mode_holds_for_all_ways_round);
    TEST(the_reported_readers_receive_it);
    TEST(slow_mode_answers_each_label_and_drops_tags_in_silence);
}
