/* PRIVMSG, NOTICE and TAGMSG. */
#include "world.h"

static struct actor *ann, *bob, *eve;

static void
messages_reach_nicks_and_channels(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
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
    struct world *w = world_three(&ann, &bob, &eve);
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
    struct world *w = world_three(&ann, &bob, &eve);
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
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "MODE #a +s");
    world_say(w, eve, "PRIVMSG #a :x");
    EXPECT(w, eve, ":irc.localhost 403 eve #a :*");
    world_free(w);
}

static void
a_ban_follows_a_new_nick(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "MODE #a +b robert");
    world_say(w, bob, "PRIVMSG #a :one");
    world_say(w, bob, "NICK robert");
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG #a :two");
    EXPECT(w, bob, ":irc.localhost 404 robert #a :*");
    world_say(w, bob, "NICK bob");
    EXPECT(w, bob,
           ":irc.localhost 435 robert bob #a :Cannot change nickname while banned on "
           "channel");
    SILENT(w, bob);
    world_say(w, ann, "MODE #a -b+q robert ~time:10m:robert");
    world_drain_all(w);
    world_say(w, bob, "NICK bob");
    EXPECT(w, bob,
           ":irc.localhost 435 robert bob #a :Cannot change nickname while banned on "
           "channel until 2026-11-22 00:10:?? UTC (10m)");
    world_say(w, bob, "SETNAME :New");
    EXPECT(w, bob, "* FAIL SETNAME CANNOT_CHANGE_REALNAME :* on #a until 2026-11-22 *");
    world_free(w);
}

static void
targets_are_folded_and_limited(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
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
    struct world *w = world_three(&ann, &bob, &eve);
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
    EXPECT(w, bob, "@msgid=*;+typing=active :ann!ann@* TAGMSG bob");
    SILENT(w, ann);
    world_free(w);
}

static void
a_long_message_is_cut_at_a_character(void)
{
    /* Each width of a character at each offset from the end of the line. */
    static const char *const chars[] = {"x", "\xc3\xa9", "\xe2\x82\xac",
                                        "\xf0\x9f\x98\x80"};
    struct world *w = world_three(&ann, &bob, &eve);
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
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "CAP REQ :echo-message message-tags server-time");
    world_drain(ann);
    world_say(w, ann, "@+x=1;y=2 PRIVMSG #a,bob,ann :hi");
    EXPECT(w, ann, "@time=*Z;msgid=*;+x=1 :ann!ann@* PRIVMSG #a :hi");
    EXPECT(w, ann, "@time=*Z;msgid=*;+x=1 :ann!ann@* PRIVMSG bob :hi");
    /* A message to the sender itself: the message and its echo. */
    EXPECT(w, ann, "@time=*Z;msgid=*;+x=1 :ann!ann@* PRIVMSG ann :hi");
    EXPECT(w, ann, "@time=*Z;msgid=*;+x=1 :ann!ann@* PRIVMSG ann :hi");
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
        {"@+a=b", ";+a=b "},
        {"@time=1;+a=b;account=x", ";+a=b "},
        {"@+a;+b=;+c=\\s\\:", ";+a;+b;+c=\\s\\: "},
        {"@a=b", " "},
        {"@+", " "},
        {"@;;;", " "},
        {"@+example.org/x=y", ";+example.org/x=y "},
    };
    char want[256];
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, bob, "CAP REQ :message-tags");
    world_drain_all(w);
    world_say(w, ann, "@+a=b PRIVMSG #a :no capability");
    EXPECT(w, bob, "@msgid=* :ann!ann@* PRIVMSG #a :no capability");
    NEVER(w, bob, "*+a=b*");
    world_say(w, ann, "CAP REQ :message-tags");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, ann, "%s PRIVMSG #a :x", cases[i].sent);
        snprintf(want, sizeof want, "@msgid=*%s:ann!ann@10.1.1.1 PRIVMSG #a :x",
                 cases[i].got);
        EXPECT(w, bob, want);
    }
    world_free(w);
}

static void
the_longest_tags_pass_and_longer_do_not(void)
{
    char tags[4200];
    struct world *w = world_three(&ann, &bob, &eve);
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
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "@+a TAGMSG #a");
    EXPECT(w, ann, ":irc.localhost 421 ann TAGMSG :*");
    world_say(w, ann, "CAP REQ :message-tags");
    world_drain_all(w);
    world_say(w, ann, "@+a TAGMSG #a");
    SILENT(w, bob);
    world_say(w, bob, "CAP REQ :message-tags");
    world_drain_all(w);
    world_say(w, ann, "@+a TAGMSG #a,#A,bob");
    EXPECT(w, bob, "@msgid=*;+a :ann!ann@* TAGMSG #a");
    EXPECT(w, bob, "@msgid=*;+a :ann!ann@* TAGMSG bob");
    SILENT(w, bob);
    world_say(w, ann, "@unknown-tag TAGMSG #a"); /* the last example of message-tags */
    EXPECT(w, bob, "@msgid=???????????????? :ann!ann@* TAGMSG #a");
    world_say(w, ann, "@+a TAGMSG");
    EXPECT(w, ann, ":irc.localhost 461 ann TAGMSG :*");
    world_say(w, ann, "@+a TAGMSG nobody");
    EXPECT(w, ann, ":irc.localhost 401 ann nobody :*");
    world_free(w);
}

/* STATUSMSG (Modern IRC "RPL_ISUPPORT", message-tags "TAGMSG"): to the members with at
 * least the prefix. */
static void
a_prefix_in_front_reaches_members_with_this_rank(void)
{
    static const struct {
        const char *target;
        bool op, half, voice;
    } cases[] = {
        {"@#a", true, false, false},
        {"%#A", true, true, false},
        {"+#a", true, true, true},
    };
    static const char *const verbs[] = {"PRIVMSG", "NOTICE"};
    struct world *w = world_three(&ann, &bob, &eve);
    struct actor *half = world_user(w, "half"), *voice = world_user(w, "voice");
    struct actor *plain = world_user(w, "plain");
    world_channel(w, "#a", "half%", "voice+", "plain");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t v = 0; v < 2; v++) {
            char want[64];
            world_sayf(w, bob, "%s %s :psst", verbs[v], cases[i].target);
            snprintf(want, sizeof want, ":bob!bob@* %s %c#a :psst", verbs[v],
                     cases[i].target[0]);
            EQUAL_NUMBER(world_count(ann, want), cases[i].op);
            EQUAL_NUMBER(world_count(half, want), cases[i].half);
            EQUAL_NUMBER(world_count(voice, want), cases[i].voice);
            SILENT(w, plain);
            SILENT(w, bob);
            world_drain_all(w);
        }
    world_say(w, bob, "CAP REQ :echo-message message-tags");
    world_say(w, ann, "CAP REQ :message-tags");
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG @#a,#a :both");
    EXPECT(w, bob, "@msgid=* :bob!bob@* PRIVMSG @#a :both");
    EXPECT(w, bob, "@msgid=* :bob!bob@* PRIVMSG #a :both");
    EQUAL_NUMBER(world_count(ann, "*:both"), 2);
    EQUAL_NUMBER(world_count(plain, "*:both"), 1);
    world_drain_all(w);
    world_say(w, bob, "@+x TAGMSG @#a");
    EXPECT(w, ann, "@msgid=*;+x :bob!bob@* TAGMSG @#a");
    world_say(w, eve, "PRIVMSG @#a :x");
    EXPECT(w, eve, ":irc.localhost 404 eve #a :*");
    world_say(w, eve, "PRIVMSG @#none :x");
    EXPECT(w, eve, ":irc.localhost 403 eve #none :*");
    world_say(w, eve, "PRIVMSG @bob,!#a,@ :x");
    EXPECT(w, eve, ":irc.localhost 401 eve @bob :*");
    EXPECT(w, eve, ":irc.localhost 401 eve !#a :*");
    EXPECT(w, eve, ":irc.localhost 401 eve @ :*");
    world_free(w);
}

/* RFC 2812 3.3.1: "$<mask>", its dot, and no wildcard behind the last one. */
static void
server_masks_are_for_operators(void)
{
    static const struct {
        const char *target, *reply;
    } cases[] = {
        {"$$irc", ":irc.localhost 413 root $$irc :*"},
        {"$$*", ":irc.localhost 413 root $$* :*"},
        {"$$", ":irc.localhost 413 root $$ :*"},
        {"$$irc.*", ":irc.localhost 414 root $$irc.* :*"},
        {"$$*.example", ":irc.localhost 401 root $$*.example :*"},
    };
    struct world *w = world_three(&ann, &bob, &eve);
    struct actor *root = world_oper(w, "root");
    world_drain_all(w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, root, "PRIVMSG %s :x", cases[i].target);
        EXPECT(w, root, cases[i].reply);
        world_sayf(w, root, "NOTICE %s :x", cases[i].target);
        SILENT(w, root);
        SILENT(w, eve);
    }
    world_say(w, root, "NOTICE $$*.LOCALHOST :restart at noon");
    EXPECT(w, eve, ":root!root@* NOTICE $$*.LOCALHOST :restart at noon");
    EXPECT(w, bob, ":root!root@* NOTICE $$*.LOCALHOST :restart at noon");
    SILENT(w, root);
    world_say(w, root, "CAP REQ echo-message");
    world_drain_all(w);
    world_say(w, root, "PRIVMSG $$irc.localhost :x");
    EXPECT(w, root, ":root!root@* PRIVMSG $$irc.localhost :x");
    SILENT(w, root);
    world_drain_all(w);
    world_say(w, eve, "PRIVMSG $$*.localhost :x");
    EXPECT(w, eve, ":irc.localhost 481 eve :*wallops*");
    world_say(w, eve, "NOTICE $$*.localhost :x");
    SILENT(w, eve);
    SILENT(w, bob);
    world_free(w);
}

/* message-tags "Moderation considerations", 005 CLIENTTAGDENY. */
static void
denied_tags_are_not_relayed(void)
{
    static const struct {
        const char *deny, *sent, *got;
    } cases[] = {
        {"", "+a=b;+typing=active", ";+a=b;+typing=active "},
        {"*", "+a=b;+typing=active", " "},
        {"*,-typing", "+a=b;+typing=active;+typin=x", ";+typing=active "},
        {"-typing,*", "+a=b;+typing=active", ";+typing=active "},
        {"typing,draft/react", "+typing=x;+draft/react;+typingx", ";+typingx "},
        {"-typing", "+a;+typing", ";+a;+typing "},
    };
    char config[128], want[128];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(config, sizeof config, "server { client_tag_deny = \"%s\" }",
                 cases[i].deny);
        struct world *w = world_new(config);
        ann = world_user(w, "ann");
        bob = world_user(w, "bob");
        world_say(w, ann, "CAP REQ message-tags");
        world_say(w, bob, "CAP REQ message-tags");
        world_drain_all(w);
        world_sayf(w, ann, "@%s PRIVMSG bob :x", cases[i].sent);
        snprintf(want, sizeof want,
                 "@msgid=????????????????%s:ann!ann@* PRIVMSG bob :x", cases[i].got);
        EXPECT(w, bob, want);
        world_say(w, ann, "@+a TAGMSG bob");
        EQUAL_NUMBER(world_count(bob, "* TAGMSG bob"),
                     strchr(cases[i].deny, '*') == NULL);
        world_say(w, ann, "VERSION");
        snprintf(want, sizeof want, "*CLIENTTAGDENY=%s *", cases[i].deny);
        EQUAL_NUMBER(world_count(ann, want), *cases[i].deny != '\0');
        EQUAL_NUMBER(world_count(ann, "*CLIENTTAGDENY*"), *cases[i].deny != '\0');
        world_free(w);
    }
}

static void
odd_and_repeated_tag_keys_are_left_out(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "CAP REQ :message-tags");
    world_say(w, bob, "CAP REQ :message-tags");
    world_drain_all(w);
    world_say(w, ann, "@+a=1;+b!c=1;+/=2;+v.org/k=3;+a=2 TAGMSG bob");
    EXPECT(w, bob, "@msgid=*;+v.org/k=3;+a=2 :ann!* TAGMSG bob");
    world_free(w);
}

SUITE(talk)
{
    TEST(a_prefix_in_front_reaches_members_with_this_rank);
    TEST(server_masks_are_for_operators);
    TEST(denied_tags_are_not_relayed);
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
    TEST(odd_and_repeated_tag_keys_are_left_out);
}
