/* State notifications: away-notify, chghost, setname, extended-join, invite-notify,
 * userhost-in-names, no-implicit-names (IRCv3, each under its name). */
#include "state/channel.h"
#include "state/out.h"
#include "state/relay.h"
#include "world.h"

/* The same as world_easy, with cloaks that can be taken off. */
static const char cloaked[] = "server { cloak = true cloak_optional = true }\n"
                              "flood { burst = 100000 nick = \"9999/1s\" away = "
                              "\"9999/1s\" join = \"9999/1s\" }\n";

static struct actor *ann, *bob, *eve, *dan;

/* bob has the capability; eve has not; dan has, but shares no channel with ann. */
static struct world *
begin(const char *config, const char *cap)
{
    struct world *w = world_new(config);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    eve = world_user(w, "eve");
    dan = world_user(w, "dan");
    world_channel(w, "#a", "ann@", "bob", "eve");
    world_channel(w, "#b", "ann@", "bob", "eve");
    world_channel(w, "#c", "dan@");
    world_sayf(w, bob, "CAP REQ :%s", cap);
    world_sayf(w, dan, "CAP REQ :%s", cap);
    world_drain_all(w);
    return w;
}

/* away-notify: "sets, changes or removes their away state", once to each client that
 * shares a channel. */
static void
away_is_told_to_clients_with_the_capability(void)
{
    struct world *w = begin(world_easy, "away-notify");
    world_say(w, ann, "AWAY :tea");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 AWAY :tea");
    world_say(w, ann, "AWAY :tea"); /* no change */
    SILENT(w, bob);
    world_say(w, ann, "AWAY :more tea");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 AWAY :more tea");
    world_say(w, ann, "AWAY");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 AWAY");
    world_say(w, ann, "AWAY :");
    SILENT(w, bob);
    SILENT(w, eve);
    SILENT(w, dan);
    EQUAL_NUMBER(world_count(ann, "* 306 ann :*"), 3);
    EQUAL_NUMBER(world_count(ann, "* 305 ann :*"), 2);
    EQUAL_NUMBER(world_count(ann, ":ann!* AWAY*"), 0);
    world_free(w);
}

/* away-notify: "as well as when a user joins and has an away message set". */
static void
a_join_of_an_away_client_is_announced_so(void)
{
    struct world *w = begin(world_easy, "away-notify");
    world_say(w, dan, "AWAY :asleep");
    world_drain_all(w);
    world_say(w, dan, "JOIN #a");
    EXPECT(w, bob, ":dan!dan@10.1.4.1 JOIN :#a");
    EXPECT(w, bob, ":dan!dan@10.1.4.1 AWAY :asleep");
    EXPECT(w, eve, ":dan!dan@10.1.4.1 JOIN :#a");
    SILENT(w, eve);
    EQUAL_NUMBER(world_count(dan, "*AWAY*"), 0); /* not to himself */
    world_say(w, dan, "AWAY\r\nPART #a");
    world_drain_all(w);
    world_say(w, dan, "JOIN #a");
    EXPECT(w, bob, ":dan!dan@10.1.4.1 JOIN :#a");
    SILENT(w, bob);
    world_free(w);
}

/* chghost, "The CHGHOST message". */
static void
a_new_host_is_told_by_chghost(void)
{
    char old[80], want[160];
    struct world *w = begin(cloaked, "chghost");
    world_say(w, ann, "CAP REQ chghost");
    world_drain_all(w);
    snprintf(old, sizeof old, "%s", ann->client->user.host);
    world_say(w, ann, "MODE ann -x");
    snprintf(want, sizeof want, ":ann!ann@%s CHGHOST ann 10.1.1.1", old);
    EXPECT(w, bob, want);
    SILENT(w, bob);
    SILENT(w, dan);
    AWAIT(w, ann, ":ann!ann@* MODE ann :-x");
    EXPECT(w, ann, want);
    EXPECT(w, ann, ":irc.localhost 396 ann 10.1.1.1 :*");
    SILENT(w, ann);
    world_say(w, ann, "PRIVMSG #a :hi");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 PRIVMSG #a :hi");
    world_free(w);
}

/* chghost, "Fallback": QUIT, JOIN and MODE, "to restore membership and user channel
 * modes". */
static void
without_chghost_it_looks_like_coming_again(void)
{
    char quit[160];
    struct world *w = begin(cloaked, "extended-join away-notify");
    world_say(w, ann, "AWAY :tea\r\nMODE #a +v ann");
    world_say(w, ann, "MODE #b -o ann");
    world_drain_all(w);
    snprintf(quit, sizeof quit, ":ann!ann@%s QUIT :Changing host",
             ann->client->user.host);
    world_say(w, ann, "MODE ann -x");
    EXPECT(w, eve, quit);
    EXPECT(w, eve, ":ann!ann@10.1.1.1 JOIN :#a");
    EXPECT(w, eve, ":irc.localhost MODE #a +ov ann ann");
    EXPECT(w, eve, ":ann!ann@10.1.1.1 JOIN :#b");
    SILENT(w, eve);
    EXPECT(w, bob, quit);
    EXPECT(w, bob, ":ann!ann@10.1.1.1 JOIN #a ? :Real ann");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 AWAY :tea");
    EXPECT(w, bob, ":irc.localhost MODE #a +ov ann ann");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 JOIN #b ? :Real ann");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 AWAY :tea");
    SILENT(w, bob);
    SILENT(w, dan);
    EXPECT(w, ann, ":ann!* MODE ann :-x");
    EXPECT(w, ann, ":irc.localhost 396 ann 10.1.1.1 :*");
    SILENT(w, ann);
    /* The QUIT and JOIN are only shown: no member has left. */
    world_say(w, bob, "NAMES #a");
    AWAIT(w, bob, ":irc.localhost 353 bob = #a :@ann bob eve");
    world_free(w);
}

/* setname, "Description": to each client with the capability, the sender included. */
static void
a_new_real_name_is_told_to_clients_with_the_capability(void)
{
    struct world *w = begin(world_easy, "setname");
    world_say(w, ann, "SETNAME :Ann the First");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 SETNAME :Ann the First");
    SILENT(w, ann); /* "the server SHOULD handle it silently" */
    SILENT(w, eve);
    SILENT(w, dan);
    world_say(w, ann, "CAP REQ setname\r\nSETNAME Ann");
    AWAIT(w, ann, ":ann!ann@10.1.1.1 SETNAME :Ann");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 SETNAME :Ann");
    world_say(w, eve, "WHOIS ann");
    EXPECT(w, eve, ":irc.localhost 311 eve ann ann 10.1.1.1 ? :Ann");
    world_free(w);
}

/* setname, "Errors". */
static void
a_bad_real_name_fails_in_words(void)
{
    char name[200];
    struct world *w = begin(world_easy, "setname standard-replies");
    memset(name, 'x', sizeof name);
    name[151] = '\0';
    world_sayf(w, bob, "SETNAME :%s", name);
    EXPECT(w, bob, ":irc.localhost FAIL SETNAME INVALID_REALNAME :*150*");
    world_sayf(w, eve, "SETNAME :%s", name);
    EXPECT(w, eve, ":irc.localhost FAIL SETNAME INVALID_REALNAME :A real name has *");
    world_say(w, bob, "SETNAME :");
    EXPECT(w, bob, ":irc.localhost FAIL SETNAME INVALID_REALNAME :*");
    world_say(w, bob, "SETNAME");
    EXPECT(w, bob, ":irc.localhost 461 bob SETNAME :*");
    name[150] = '\0';
    world_sayf(w, bob, "SETNAME :%s", name);
    EXPECT(w, bob, ":bob!bob@10.1.2.1 SETNAME :xxx*");
    world_say(w, ann, "MODE #a +b bob!*@*");
    world_drain_all(w);
    world_say(w, bob, "SETNAME :x");
    EXPECT(w, bob, ":irc.localhost FAIL SETNAME CANNOT_CHANGE_REALNAME :*banned on #a");
    world_free(w);
    w = world_new("flood { nick = \"1/60s\" }");
    bob = world_user(w, "bob");
    world_say(w, bob, "CAP REQ :setname standard-replies");
    world_drain(bob);
    world_say(w, bob, "SETNAME :a\r\nSETNAME :b");
    EXPECT(w, bob, ":bob!bob@10.1.1.1 SETNAME :a");
    AWAIT(w, bob, ":irc.localhost FAIL SETNAME CANNOT_CHANGE_REALNAME :*again in *");
    world_free(w);
}

/* extended-join: the account ("*": none) and the real name. */
static void
extended_join_tells_account_and_real_name(void)
{
    struct world *w = begin(world_easy, "extended-join");
    world_say(w, dan, "JOIN #a");
    EXPECT(w, bob, ":dan!dan@10.1.4.1 JOIN #a ? :Real dan");
    EXPECT(w, eve, ":dan!dan@10.1.4.1 JOIN :#a");
    EXPECT(w, dan, ":dan!dan@10.1.4.1 JOIN #a ? :Real dan");
    world_free(w);
}

/* invite-notify: to the members that could invite as well. */
static void
operators_hear_of_invitations(void)
{
    struct world *w = begin(world_easy, "cap-notify");
    struct actor *fay = world_user(w, "fay");
    world_say(w, fay, "JOIN #a");
    world_say(w, ann, "MODE #a +oo bob eve\r\nCAP REQ invite-notify");
    world_say(w, bob, "CAP REQ invite-notify");
    world_say(w, fay, "CAP REQ invite-notify");
    world_drain_all(w);
    world_say(w, ann, "INVITE dan #a");
    EXPECT(w, bob, ":ann!ann@10.1.1.1 INVITE dan :#a");
    EXPECT(w, dan, ":ann!ann@10.1.1.1 INVITE dan :#a");
    EXPECT(w, ann, ":irc.localhost 341 ann dan #a");
    SILENT(w, ann);
    SILENT(w, bob);
    SILENT(w, dan);
    SILENT(w, eve); /* an operator without the capability */
    SILENT(w, fay); /* the capability without the right */
    world_free(w);
}

static void
names_show_user_and_host_to_clients_with_the_capability(void)
{
    struct world *w = begin(world_easy, "userhost-in-names multi-prefix");
    world_say(w, ann, "MODE #a +v ann");
    world_drain_all(w);
    world_say(w, bob, "NAMES #a");
    EXPECT(w, bob,
           ":irc.localhost 353 bob = #a :@+ann!ann@10.1.1.1 bob!bob@10.1.2.1 "
           "eve!eve@10.1.3.1");
    EXPECT(w, bob, ":irc.localhost 366 bob #a :*");
    world_say(w, dan, "JOIN #a");
    AWAIT(w, dan, ":irc.localhost 353 dan = #a :@+ann!ann@10.1.1.1 *");
    world_say(w, eve, "NAMES #a");
    AWAIT(w, eve, ":irc.localhost 353 eve = #a :@ann bob eve dan");
    world_free(w);
}

/* The longest names never cause a cut in the middle of a name. */
static void
long_names_take_many_lines(void)
{
    char nick[40];
    unsigned whole = 0;
    struct world *w = begin(world_easy, "userhost-in-names");
    for (int i = 0; i < 20; i++) {
        snprintf(nick, sizeof nick, "abcdefghijklmnopqrstuvwxyz0%d", 100 + i);
        world_say(w, world_user(w, nick), "JOIN #a");
    }
    world_drain_all(w);
    world_say(w, bob, "NAMES #a");
    CU_ASSERT(world_count(bob, "* 353 *") > 2);
    for (int i = 0; i < 20; i++) {
        snprintf(nick, sizeof nick, "*wxyz0%d!abcdefghij@10.*", 100 + i);
        whole += world_count(bob, nick);
    }
    EQUAL_NUMBER(whole, 20);
    world_free(w);
}

/* no-implicit-names: "MUST NOT send an implicit NAMES reply after sending a JOIN", and
 * "MUST reply to explicit NAMES commands". */
static void
names_stay_out_where_they_are_not_wanted(void)
{
    struct world *w = begin(world_easy, "no-implicit-names");
    world_say(w, ann, "TOPIC #a :tea");
    world_say(w, dan, "JOIN #a");
    EXPECT(w, dan, ":dan!dan@10.1.4.1 JOIN :#a");
    EXPECT(w, dan, ":irc.localhost 332 dan #a :tea");
    EXPECT(w, dan, ":irc.localhost 333 dan #a *");
    SILENT(w, dan);
    world_say(w, dan, "NAMES #a");
    EXPECT(w, dan, ":irc.localhost 353 dan = #a :@ann bob eve dan");
    EXPECT(w, dan, ":irc.localhost 366 dan #a :*");
    world_free(w);
}

static void
add_extended_join(struct relay *r)
{
    struct str s = relay_open_alt(r, CAP_EXTENDED_JOIN);
    str_add(&s, "JOIN #a * :Real");
    relay_close_alt(r, &s);
}

/* One relay with two bodies: there is one form for each body and set of tags, however
 * many members there are. */
static void
each_body_is_built_once_a_form(void)
{
    static const uint64_t caps[] = {0, CAP_EXTENDED_JOIN, CAP_SERVER_TIME,
                                    CAP_SERVER_TIME | CAP_EXTENDED_JOIN,
                                    CAP_EXTENDED_JOIN | CAP_MULTI_PREFIX};
    char name[16];
    struct relay r;
    struct world *w = world_new(world_easy);
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "u%d", i);
        struct actor *a = world_user(w, name);
        world_say(w, a, "JOIN #a");
        a->client->out.caps = caps[i % 5];
    }
    world_drain_all(w);
    relay_begin(&r, w->srv, w->actors[0].client, "JOIN :#a");
    add_extended_join(&r);
    relay_channel(&r, channel_find(w->srv, "#a"), NULL);
    EQUAL_NUMBER(r.built, 4);
    relay_end(&r);
    relay_begin(&r, w->srv, w->actors[0].client, "JOIN :#a");
    add_extended_join(&r);
    r.lack = CAP_SERVER_TIME;
    relay_channel(&r, channel_find(w->srv, "#a"), NULL);
    EQUAL_NUMBER(r.built, 2);
    relay_end(&r);
    world_say(w, &w->actors[1], "PING x"); /* so that the world delivers */
    EQUAL_NUMBER(world_count(&w->actors[0], ":u0!u0@10.1.1.1 JOIN :#a"), 2);
    EQUAL_NUMBER(world_count(&w->actors[6], ":u0!u0@10.1.1.1 JOIN #a ? :Real"), 2);
    EQUAL_NUMBER(world_count(&w->actors[7], "@time=* JOIN :#a"), 1);
    EQUAL_NUMBER(world_count(&w->actors[8], "@time=* JOIN #a ? :Real"), 1);
    world_free(w);
}

/* server-time: every message has its time, by whichever function it is sent. */
static void
everything_has_its_time(void)
{
    struct world *w = begin(cloaked, "server-time batch labeled-response chghost "
                                     "away-notify setname draft/extended-isupport");
    world_say(w, ann, "AWAY :x\r\nMODE ann -x\r\nSETNAME :y\r\nNICK anna\r\nPART #b");
    world_say(w, bob, "WHOIS anna\r\nISUPPORT\r\nLIST\r\nPING x\r\nNAMES #a\r\nFROB");
    world_say(w, bob,
              "@label=1 WHOIS anna\r\n@label=2 PONG x\r\nPRIVMSG bob :x\r\nHELP");
    world_sleep(w, 121 * MSEC_SECOND); /* our PING */
    world_say(w, bob, "CAP LS 302\r\nQUIT");
    CU_ASSERT(world_count(bob, "*") > 40);
    EQUAL_NUMBER(world_count(bob, "*"), world_count(bob, "@*time=2026-*T*Z *"));
    world_free(w);
}

SUITE(announce)
{
    TEST(away_is_told_to_clients_with_the_capability);
    TEST(a_join_of_an_away_client_is_announced_so);
    TEST(a_new_host_is_told_by_chghost);
    TEST(without_chghost_it_looks_like_coming_again);
    TEST(a_new_real_name_is_told_to_clients_with_the_capability);
    TEST(a_bad_real_name_fails_in_words);
    TEST(extended_join_tells_account_and_real_name);
    TEST(operators_hear_of_invitations);
    TEST(names_show_user_and_host_to_clients_with_the_capability);
    TEST(long_names_take_many_lines);
    TEST(names_stay_out_where_they_are_not_wanted);
    TEST(each_body_is_built_once_a_form);
    TEST(everything_has_its_time);
}
