/* PRIVMSG, NOTICE and TAGMSG. */
#include "world.h"

static struct actor *ann, *bob, *eve;

static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    eve = world_user(w, "eve");
    world_say(w, ann, "JOIN #a");
    world_say(w, bob, "JOIN #a");
    world_drain_all(w);
    return w;
}

static void
messages_reach_nicks_and_channels(void)
{
    struct world *w = begin();
    world_say(w, eve, "PRIVMSG BOB :hi :there ");
    EXPECT(w, bob, ":eve!eve@10.1.3.1 PRIVMSG bob :hi :there ");
    world_say(w, ann, "PRIVMSG #A hi");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 PRIVMSG #a :hi");
    world_say(w, ann, ":spoof!x@y NOTICE #a :\001VERSION\001");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 NOTICE #a :\001VERSION\001");
    world_say(w, ann, "PRIVMSG ann :me");
    EXPECT(w, ann, ":ann!ann@10.1.1.1 PRIVMSG ann :me");
    SILENT(w, ann);
    SILENT(w, eve);
    world_free(w);
}

static void
a_refusal_is_told_but_not_to_a_notice(void)
{
    static const struct {
        const char *params, *reply;
    } cases[] = {
        {"", ":irc.localhost 411 eve :*"},
        {" :", ":irc.localhost 411 eve :*"},
        {" bob", ":irc.localhost 412 eve :*"},
        {" bob :", ":irc.localhost 412 eve :*"},
        {" nobody :x", ":irc.localhost 401 eve nobody :*"},
        {" #none :x", ":irc.localhost 403 eve #none :*"},
        {" #a :x", ":irc.localhost 404 eve #a :*"},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, eve, "PRIVMSG%s", cases[i].params);
        EXPECT(w, eve, cases[i].reply);
        SILENT(w, eve);
        world_sayf(w, eve, "NOTICE%s", cases[i].params);
        SILENT(w, eve);
    }
    SILENT(w, ann);
    SILENT(w, bob);
    world_free(w);
}

static void
channel_modes_silence(void)
{
    static const struct {
        const char *mode, *undo;
    } cases[] = {
        {"+m", "-m"}, {"+b bob", "-b bob"}, {"+b *!*@10.1.2.1", "-b *!*@10.1.2.1"}};
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, ann, "MODE #a %s", cases[i].mode);
        world_drain_all(w);
        world_say(w, bob, "PRIVMSG #a :x");
        EXPECT(w, bob, ":irc.localhost 404 bob #a :Cannot send to channel (+*)");
        SILENT(w, ann);
        world_say(w, ann, "MODE #a +v bob");
        world_say(w, bob, "PRIVMSG #a :voiced");
        AWAIT(w, ann, ":bob!bob@* PRIVMSG #a :voiced");
        world_sayf(w, ann, "MODE #a -v bob");
        world_sayf(w, ann, "MODE #a %s", cases[i].undo);
        world_drain_all(w);
        world_say(w, bob, "PRIVMSG #a :free");
        EXPECT(w, ann, ":bob!bob@* PRIVMSG #a :free");
    }
    world_say(w, ann, "MODE #a -n");
    world_drain_all(w);
    world_say(w, eve, "PRIVMSG #a :from outside");
    EXPECT(w, ann, ":eve!eve@* PRIVMSG #a :from outside");
    EXPECT(w, bob, ":eve!eve@* PRIVMSG #a :from outside");
    world_free(w);
}

static void
a_secret_channel_does_not_exist_outside(void)
{
    struct world *w = begin();
    world_say(w, ann, "MODE #a +s");
    world_say(w, eve, "PRIVMSG #a :x");
    EXPECT(w, eve, ":irc.localhost 403 eve #a :*");
    world_free(w);
}

static void
a_ban_follows_a_new_nick(void)
{
    struct world *w = begin();
    world_say(w, ann, "MODE #a +b robert");
    world_say(w, bob, "PRIVMSG #a :one");
    world_say(w, bob, "NICK robert");
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG #a :two");
    EXPECT(w, bob, ":irc.localhost 404 robert #a :*");
    world_say(w, bob, "NICK bob");
    EXPECT(w, bob,
           ":irc.localhost NOTICE robert :Your nick cannot change while you are banned "
           "on #a");
    world_free(w);
}

static void
targets_are_folded_and_limited(void)
{
    struct world *w = begin();
    world_say(w, ann, "PRIVMSG bob,BOB,#a,#A,bob,,eve,ann,ghost,more :x");
    EQUAL_NUMBER(world_count(bob, "*"), 2);
    EXPECT(w, bob, ":ann!ann@* PRIVMSG bob :x");
    EXPECT(w, bob, ":ann!ann@* PRIVMSG #a :x");
    EXPECT(w, eve, ":ann!ann@* PRIVMSG eve :x");
    EXPECT(w, ann, ":ann!ann@* PRIVMSG ann :x");
    EXPECT(w, ann, ":irc.localhost 407 ann ghost :*");
    SILENT(w, ann);
    world_say(w, ann, "NOTICE 1,2,3,4,5,6 :x");
    SILENT(w, ann);
    world_free(w);
}

static void
the_away_answer_for_messages_only(void)
{
    struct world *w = begin();
    world_say(w, bob, "AWAY :at lunch");
    world_drain_all(w);
    world_say(w, ann, "PRIVMSG bob :x");
    EXPECT(w, ann, ":irc.localhost 301 ann bob :at lunch");
    world_say(w, ann, "NOTICE bob :x");
    world_say(w, ann, "PRIVMSG #a :x");
    SILENT(w, ann);
    world_say(w, ann, "CAP REQ :message-tags");
    world_say(w, bob, "CAP REQ :message-tags");
    world_drain_all(w);
    world_say(w, ann, "@+typing=active TAGMSG bob");
    EXPECT(w, bob, "@+typing=active :ann!ann@* TAGMSG bob");
    SILENT(w, ann);
    world_free(w);
}

static void
a_long_message_is_cut_at_a_character(void)
{
    /* Each width of a character at each offset to the end of the line. */
    static const char *const chars[] = {"x", "\xc3\xa9", "\xe2\x82\xac",
                                        "\xf0\x9f\x98\x80"};
    struct world *w = begin();
    for (size_t c = 0; c < 4; c++)
        for (int shift = 0; shift < 5; shift++) {
            char text[600] = "", *at = text;
            at += snprintf(at, 8, "%.*s", shift, "aaaaa");
            while (at + strlen(chars[c]) < text + 495)
                at += snprintf(at, 8, "%s", chars[c]);
            world_sayf(w, ann, "PRIVMSG #a :%s", text);
            size_t head = strlen(":ann!ann@10.1.1.1 PRIVMSG #a :");
            size_t kept = bob->len - 2 - head;
            CU_ASSERT(bob->len <= 512 && bob->len > 512 - 4);
            EQUAL_NUMBER((kept - (size_t)shift) % strlen(chars[c]), 0);
            CU_ASSERT(memcmp(bob->inbox + head, text, kept) == 0);
            world_drain(bob);
        }
    world_free(w);
}

static void
an_echo_is_what_the_others_got(void)
{
    struct world *w = begin();
    world_say(w, ann, "CAP REQ :echo-message message-tags server-time");
    world_drain(ann);
    world_say(w, ann, "@+x=1;y=2 PRIVMSG #a,bob,ann :hi");
    EXPECT(w, ann, "@time=*Z;+x=1 :ann!ann@* PRIVMSG #a :hi");
    EXPECT(w, ann, "@time=*Z;+x=1 :ann!ann@* PRIVMSG bob :hi");
    EXPECT(w, ann, "@time=*Z;+x=1 :ann!ann@* PRIVMSG ann :hi");
    SILENT(w, ann);
    EXPECT(w, bob, ":ann!ann@* PRIVMSG #a :hi");
    EXPECT(w, bob, ":ann!ann@* PRIVMSG bob :hi");
    world_say(w, ann, "PRIVMSG nobody :x");
    EXPECT(w, ann, "@time=* :irc.localhost 401 *");
    SILENT(w, ann);
    world_free(w);
}

static void
only_client_tags_are_relayed(void)
{
    static const struct {
        const char *sent, *got;
    } cases[] = {
        {"@+a=b", "@+a=b "},
        {"@time=1;+a=b;account=x", "@+a=b "},
        {"@+a;+b=;+c=\\s\\:", "@+a;+b;+c=\\s\\: "},
        {"@a=b", ""},
        {"@+", ""},
        {"@;;;", ""},
        {"@+example.org/x=y", "@+example.org/x=y "},
    };
    char want[256];
    struct world *w = begin();
    world_say(w, bob, "CAP REQ :message-tags");
    world_drain_all(w);
    world_say(w, ann, "@+a=b PRIVMSG #a :no capability");
    EXPECT(w, bob, ":ann!ann@* PRIVMSG #a :no capability");
    world_say(w, ann, "CAP REQ :message-tags");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, ann, "%s PRIVMSG #a :x", cases[i].sent);
        snprintf(want, sizeof want, "%s:ann!ann@10.1.1.1 PRIVMSG #a :x", cases[i].got);
        EXPECT(w, bob, want);
    }
    world_free(w);
}

static void
the_longest_tags_pass_and_longer_do_not(void)
{
    char tags[4200];
    struct world *w = begin();
    world_say(w, ann, "CAP REQ :message-tags");
    world_say(w, bob, "CAP REQ :message-tags server-time");
    world_drain_all(w);
    memset(tags, 'v', sizeof tags);
    memcpy(tags, "@+a=", 4);
    tags[4095] = '\0'; /* 4094 behind '@' */
    world_sayf(w, ann, "%s PRIVMSG #a :x", tags);
    EXPECT(w, bob, "@time=*;+a=vvv* :ann!ann@* PRIVMSG #a :x");
    tags[4095] = 'v';
    tags[4096] = '\0';
    world_sayf(w, ann, "%s PRIVMSG #a :x", tags);
    EXPECT(w, ann, ":irc.localhost 417 ann :Input line was too long");
    SILENT(w, bob);
    world_free(w);
}

static void
tag_messages_need_the_capability(void)
{
    struct world *w = begin();
    world_say(w, ann, "@+a TAGMSG #a");
    EXPECT(w, ann, ":irc.localhost 421 ann TAGMSG :*");
    world_say(w, ann, "CAP REQ :message-tags");
    world_drain_all(w);
    world_say(w, ann, "@+a TAGMSG #a");
    SILENT(w, bob);
    world_say(w, bob, "CAP REQ :message-tags");
    world_drain_all(w);
    world_say(w, ann, "@+a TAGMSG #a,#A,bob");
    EXPECT(w, bob, "@+a :ann!ann@* TAGMSG #a");
    EXPECT(w, bob, "@+a :ann!ann@* TAGMSG bob");
    SILENT(w, bob);
    world_say(w, ann, "@+a TAGMSG");
    EXPECT(w, ann, ":irc.localhost 461 ann TAGMSG :*");
    world_say(w, ann, "@+a TAGMSG nobody");
    EXPECT(w, ann, ":irc.localhost 401 ann nobody :*");
    world_free(w);
}

SUITE(talk)
{
    TEST(messages_reach_nicks_and_channels);
    TEST(a_refusal_is_told_but_not_to_a_notice);
    TEST(channel_modes_silence);
    TEST(a_secret_channel_does_not_exist_outside);
    TEST(a_ban_follows_a_new_nick);
    TEST(targets_are_folded_and_limited);
    TEST(the_away_answer_for_messages_only);
    TEST(a_long_message_is_cut_at_a_character);
    TEST(an_echo_is_what_the_others_got);
    TEST(only_client_tags_are_relayed);
    TEST(the_longest_tags_pass_and_longer_do_not);
    TEST(tag_messages_need_the_capability);
}
