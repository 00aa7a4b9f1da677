/* AWAY, ISON, USERHOST, WHOIS and WHOWAS. */
#include "world.h"

static struct actor *ann, *bob, *eve;

static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    eve = world_user(w, "eve");
    return w;
}

static void
away_and_back(void)
{
    char text[300];
    struct world *w = begin();
    world_say(w, ann, "AWAY :tea");
    EXPECT(w, ann, ":irc.localhost 306 ann :*");
    world_say(w, bob, "WHOIS ann");
    AWAIT(w, bob, ":irc.localhost 301 bob ann :tea");
    world_say(w, ann, "AWAY");
    EXPECT(w, ann, ":irc.localhost 305 ann :*");
    world_say(w, ann, "AWAY :");
    EXPECT(w, ann, ":irc.localhost 305 ann :*");
    memset(text, 'x', sizeof text);
    text[299] = '\0';
    world_sayf(w, ann, "AWAY :%s", text);
    world_drain_all(w);
    world_say(w, bob, "PRIVMSG ann :x");
    text[200] = '\0';
    char want[400];
    snprintf(want, sizeof want, ":irc.localhost 301 bob ann :%s", text);
    EXPECT(w, bob, want);
    world_free(w);
}

static void
ison_names_the_nicks_that_are_on(void)
{
    static const struct {
        const char *line, *reply;
    } cases[] = {
        {"ISON", ":irc.localhost 461 ann ISON :*"},
        {"ISON :", ":irc.localhost 461 ann ISON :*"},
        {"ISON nobody", ":irc.localhost 303 ann :"},
        {"ISON BOB nobody eve", ":irc.localhost 303 ann :bob eve"},
        {"ISON :bob  eve ", ":irc.localhost 303 ann :bob eve"},
        {"USERHOST", ":irc.localhost 461 ann USERHOST :*"},
        {"USERHOST nobody", ":irc.localhost 302 ann :"},
        {"USERHOST bob EVE",
         ":irc.localhost 302 ann :bob=+bob@10.1.2.1 eve=-eve@10.1.3.1"},
        {"USERHOST a b c d e bob", ":irc.localhost 302 ann :"},
    };
    struct world *w = begin();
    world_say(w, eve, "AWAY :x");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EXPECT(w, ann, cases[i].reply);
        SILENT(w, ann);
    }
    struct actor *o = world_oper(w, "root");
    world_say(w, o, "USERHOST root");
    EXPECT(w, o, ":irc.localhost 302 root :root*=+root@*");
    world_free(w);
}

static void
ison_never_cuts_a_nick(void)
{
    char line[600] = "ISON :";
    const char *nick = "abcdefghijklmnopqrstuvwxyz0123";
    struct world *w = begin();
    world_user(w, nick);
    for (int i = 0; i < 16; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s ", nick);
    world_say(w, ann, line);
    EXPECT(w, ann, ":irc.localhost 303 ann :*abcdefghijklmnopqrstuvwxyz0123");
    world_free(w);
}

static void
whois_says_all_and_ends(void)
{
    struct world *w = begin();
    world_say(w, bob, "JOIN #a,#s");
    world_say(w, bob, "MODE #s +s");
    world_drain_all(w);
    world_sleep(w, 5 * MSEC_SECOND);
    world_say(w, ann, "WHOIS BOB");
    EXPECT(w, ann, ":irc.localhost 311 ann bob bob 10.1.2.1 * :Real bob");
    EXPECT(w, ann, ":irc.localhost 319 ann bob :@#a");
    EXPECT(w, ann, ":irc.localhost 312 ann bob irc.localhost :An IRC server");
    EXPECT(w, ann,
           ":irc.localhost 317 ann bob 5 1795305600 :seconds idle, signon time");
    EXPECT(w, ann, ":irc.localhost 318 ann BOB :End of WHOIS list");
    SILENT(w, ann);
    world_say(w, ann, "WHOIS irc.localhost bob");
    EXPECT(w, ann, ":irc.localhost 311 ann bob *");
    AWAIT(w, ann, ":irc.localhost 318 ann bob :*");
    world_free(w);
}

static void
whois_of_an_unknown_nick_ends_too(void)
{
    static const struct {
        const char *line, *first, *end;
    } cases[] = {
        {"WHOIS nobody", ":irc.localhost 401 ann nobody :*",
         ":irc.localhost 318 ann nobody :*"},
        {"WHOIS x,y", ":irc.localhost 401 ann x :*", ":irc.localhost 318 ann x,y :*"},
        {"WHOIS a,b,c,d,e,f", ":irc.localhost 401 ann a :*",
         ":irc.localhost 318 ann a,b,c,d,e,f :*"},
        {"WHOIS", ":irc.localhost 461 ann WHOIS :*", NULL},
        {"WHOIS :", ":irc.localhost 461 ann WHOIS :*", NULL},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EXPECT(w, ann, cases[i].first);
        if (cases[i].end)
            AWAIT(w, ann, cases[i].end);
        SILENT(w, ann);
    }
    world_say(w, ann, "WHOIS 1,2,3,4,5,6");
    EQUAL_NUMBER(world_count(ann, "* 401 *"), 4);
    EQUAL_NUMBER(world_count(ann, "* 407 ann 5 *"), 1);
    EQUAL_NUMBER(world_count(ann, "* 318 *"), 1);
    world_drain(ann);
    world_say(w, ann, "WHOIS bob,BOB,bob,bob,bob,bob");
    EQUAL_NUMBER(world_count(ann, "* 311 *"), 1);
    EQUAL_NUMBER(world_count(ann, "* 407 *"), 0);
    world_free(w);
}

static void
whois_hides_what_is_not_shared(void)
{
    struct world *w = begin();
    world_say(w, bob, "JOIN #a,#s");
    world_say(w, bob, "MODE #s +s");
    world_say(w, ann, "JOIN #s");
    world_say(w, bob, "MODE bob +i");
    world_drain_all(w);
    world_say(w, eve, "WHOIS bob");
    NEVER(w, eve, "* 319 *");
    NEVER(w, eve, "* 338 *");
    AWAIT(w, eve, "* 318 *");
    world_say(w, ann, "WHOIS bob");
    AWAIT(w, ann, ":irc.localhost 319 ann bob :*@#s*");
    world_say(w, bob, "WHOIS bob");
    AWAIT(w, bob, ":irc.localhost 319 bob bob :@#a @#s");
    AWAIT(w, bob, ":irc.localhost 338 bob bob bob@10.1.2.1 10.1.2.1 :*");
    struct actor *o = world_oper(w, "root");
    world_say(w, o, "WHOIS bob");
    AWAIT(w, o, ":irc.localhost 319 root bob :@#a @#s");
    AWAIT(w, o, ":irc.localhost 338 root bob *");
    world_say(w, eve, "WHOIS root");
    AWAIT(w, eve, ":irc.localhost 313 eve root :is an IRC operator");
    world_free(w);
}

static void
many_channels_take_many_lines(void)
{
    char name[80];
    unsigned seen = 0;
    struct world *w = begin();
    for (int i = 0; i < 30; i++)
        world_sayf(w, bob, "JOIN #channel-with-a-rather-long-name-%d", i);
    world_say(w, ann, "WHOIS bob");
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "* 319 *@#channel-with-a-rather-long-name-%d*", i);
        seen += world_count(ann, name) > 0;
    }
    EQUAL_NUMBER(seen, 30);
    world_free(w);
}

static void
whowas_remembers_the_gone(void)
{
    struct world *w = begin();
    world_say(w, ann, "WHOWAS bob");
    EXPECT(w, ann, ":irc.localhost 406 ann bob :*");
    EXPECT(w, ann, ":irc.localhost 369 ann bob :End of WHOWAS");
    world_say(w, bob, "QUIT");
    world_say(w, ann, "WHOWAS BOB");
    EXPECT(w, ann, ":irc.localhost 314 ann bob bob 10.1.2.1 * :Real bob");
    EXPECT(w, ann, ":irc.localhost 312 ann bob irc.localhost :*");
    EXPECT(w, ann, ":irc.localhost 369 ann BOB :*");
    SILENT(w, ann);
    for (int i = 0; i < 3; i++) {
        world_say(w, eve, "NICK bob");
        world_say(w, eve, "NICK eve");
    }
    world_say(w, ann, "WHOWAS bob 2");
    EQUAL_NUMBER(world_count(ann, "* 314 *"), 2);
    AWAIT(w, ann, ":irc.localhost 314 ann bob eve *");
    world_drain(ann);
    world_say(w, ann, "WHOWAS bob -1");
    EQUAL_NUMBER(world_count(ann, "* 314 *"), 4);
    world_drain(ann);
    world_say(w, ann, "WHOWAS bob 0");
    EQUAL_NUMBER(world_count(ann, "* 314 *"), 4);
    world_drain(ann);
    world_say(w, ann, "WHOWAS");
    EXPECT(w, ann, ":irc.localhost 461 ann WHOWAS :*");
    world_free(w);
}

/* https://ircv3.net/specs/extensions/bot-mode: 335, and 005 BOT=B. */
static void
whois_marks_bots(void)
{
    struct world *w = begin();
    world_say(w, ann, "WHOIS bob");
    NEVER(w, ann, "* 335 *");
    world_drain(ann);
    world_say(w, bob, "MODE bob +B");
    world_say(w, ann, "WHOIS bob");
    AWAIT(w, ann, ":irc.localhost 335 ann bob :is a bot");
    AWAIT(w, ann, ":irc.localhost 318 *");
    world_free(w);
}

static void
whois_asks_a_server_that_is_here(void)
{
    static const struct {
        const char *line, *first;
    } cases[] = {
        {"WHOIS bob bob", ":irc.localhost 311 ann bob *"},
        {"WHOIS BOB bob", ":irc.localhost 311 ann bob *"},
        {"WHOIS irc.* bob", ":irc.localhost 311 ann bob *"},
        {"WHOIS eve bob", ":irc.localhost 311 ann bob *"},
        {"WHOIS gone gone", ":irc.localhost 401 ann gone :*"},
        {"WHOIS other.example bob", ":irc.localhost 402 ann other.example :*"},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EXPECT(w, ann, cases[i].first);
        world_drain(ann);
    }
    world_free(w);
}

/* 338 is for the client itself and for operators that may see addresses; others get
 * 255.255.255.255. */
static void
userip_shows_addresses_with_see_address(void)
{
    struct world *w = begin();
    world_say(w, bob, "AWAY :x");
    world_drain_all(w);
    world_say(w, ann, "USERIP bob nobody ANN");
    EXPECT(w, ann,
           ":irc.localhost 340 ann :bob=-bob@255.255.255.255 ann=+ann@10.1.1.1");
    world_say(w, ann, "USERIP");
    EXPECT(w, ann, ":irc.localhost 461 ann USERIP :*");
    world_say(w, ann, "USERIP nobody");
    EXPECT(w, ann, ":irc.localhost 340 ann :");
    struct actor *o = world_oper(w, "root");
    world_say(w, o, "USERIP bob");
    EXPECT(w, o, ":irc.localhost 340 root :bob=-bob@10.1.2.1");
    world_free(w);
}

static void
whowas_shows_addresses_with_see_address(void)
{
    struct world *w = begin();
    struct actor *o = world_oper(w, "root");
    world_say(w, bob, "QUIT");
    world_say(w, eve, "NICK eva");
    world_drain_all(w);
    world_say(w, o, "WHOWAS bob,eve,none,bob");
    EXPECT(w, o, ":irc.localhost 314 root bob bob * * :Real bob");
    EXPECT(w, o, ":irc.localhost 338 root bob bob@10.1.2.1 10.1.2.1 :*");
    EXPECT(w, o, ":irc.localhost 312 root bob irc.localhost :2026-11-22 *");
    EXPECT(w, o, ":irc.localhost 314 root eve *");
    AWAIT(w, o, ":irc.localhost 406 root none :*");
    EXPECT(w, o, ":irc.localhost 369 root bob,eve,none,bob :End of WHOWAS");
    SILENT(w, o);
    world_say(w, ann, "WHOWAS bob");
    NEVER(w, ann, "* 338 *");
    world_drain(ann);
    world_say(w, ann, "WHOWAS a,b,c,d,e");
    AWAIT(w, ann, ":irc.localhost 407 ann e :*");
    EXPECT(w, ann, ":irc.localhost 369 ann a,b,c,d,e :*");
    world_say(w, ann, "WHOWAS bob 1 nowhere");
    EXPECT(w, ann, ":irc.localhost 402 ann nowhere :*");
    SILENT(w, ann);
    world_free(w);
}

SUITE(whois)
{
    TEST(away_and_back);
    TEST(ison_names_the_nicks_that_are_on);
    TEST(ison_never_cuts_a_nick);
    TEST(whois_says_all_and_ends);
    TEST(whois_of_an_unknown_nick_ends_too);
    TEST(whois_hides_what_is_not_shared);
    TEST(many_channels_take_many_lines);
    TEST(whowas_remembers_the_gone);
    TEST(whois_marks_bots);
    TEST(whois_asks_a_server_that_is_here);
    TEST(userip_shows_addresses_with_see_address);
    TEST(whowas_shows_addresses_with_see_address);
}
