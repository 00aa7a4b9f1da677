/* A user without a session: it is on and is shown, but nothing is ever sent to it. */
#include "state/channel.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/irc_event.h"
#include "state/out.h"
#include "state/whowas.h"
#include "world.h"

static const struct user_start far = {.id = UINT64_MAX,
                                      .nick = "far",
                                      .username = "f",
                                      .host = "host.of.far",
                                      .realname = "Real far"};

/* ann is on #a as its operator, and far, without a session, is on it too. */
static struct world *
begin(struct actor **ann, struct client **c)
{
    struct world *w = world_new(world_easy);
    *ann = world_oper(w, "ann");
    world_channel(w, "#a", "ann@");
    *c = client_new_user(w->srv, &far);
    channel_join(w->srv, channel_find(w->srv, "#a"), *c, 0);
    world_drain(*ann);
    /* Fatal: a queue without a connection would end the test run. */
    out_notice(w->srv, *c, "x");
    CU_ASSERT_EQUAL_FATAL(c[0]->out.sendq.bytes, 0);
    return w;
}

/* Nothing was queued for c, and no code looked for its connection. */
static void
check_unreached(const struct world *w, const struct client *c)
{
    CU_ASSERT_PTR_NULL(c->session);
    EQUAL_NUMBER(c->out.sendq.bytes, 0);
    EQUAL_NUMBER(c->out.sendq.count, 0);
    EQUAL_NUMBER(c->out.flags & CLIENT_DIRTY, 0);
    server_check(w->srv);
}

static void
it_is_counted_as_a_user_and_as_no_connection(void)
{
    struct actor *ann;
    struct client *c;
    struct world *w = begin(&ann, &c);
    EQUAL_NUMBER(w->srv->n_registered, 2);
    EQUAL_NUMBER(w->srv->n_clients, 1);
    CU_ASSERT_PTR_EQUAL(client_find_registered(w->srv, "FAR"), c);
    CU_ASSERT_PTR_NULL(client_find_connected(w->srv, "far"));
    CU_ASSERT_PTR_NULL(client_addr(c));
    size_t before = world_counted(w, "clients");
    world_say(w, ann, "LUSERS");
    AWAIT(w, ann, "* 251 ann :There are 2 users*");
    client_kill(w->srv, c, END_KILL, "gone");
    world_say(w, ann, "PING x"); /* dead clients are removed between two commands */
    EQUAL_NUMBER(w->srv->n_registered, 1);
    EQUAL_NUMBER(world_counted(w, "clients"), before);
    world_free(w);
}

static void
it_shows_in_names_who_whois_and_ison(void)
{
    struct actor *ann;
    struct client *c;
    struct world *w = begin(&ann, &c);
    world_say(w, ann, "NAMES #a");
    EXPECT(w, ann, "* 353 ann = #a :*far*");
    world_drain(ann);
    world_say(w, ann, "WHO #a");
    AWAIT(w, ann, "* 352 ann #a f host.of.far * far H :0 Real far");
    world_say(w, ann, "WHO host.of.*");
    AWAIT(w, ann, "* 352 ann #a f host.of.far * far H :0 Real far");
    world_say(w, ann, "WHO 192.0.2.0/24 i");
    AWAIT(w, ann, "* 315 *");
    world_say(w, ann, "WHOIS far");
    AWAIT(w, ann, "* 311 ann far f host.of.far * :Real far");
    EXPECT(w, ann, "* 319 ann far :#a");
    EXPECT(w, ann, "* 312 ann far *");
    EXPECT(w, ann, "* 317 ann far 0 *");
    EXPECT(w, ann, "* 318 *");
    world_say(w, ann, "ISON far\r\nUSERHOST far\r\nUSERIP far");
    EXPECT(w, ann, "* 303 ann :far");
    EXPECT(w, ann, "* 302 ann :far=+f@host.of.far");
    EXPECT(w, ann, "* 340 ann :far=+f@host.of.far");
    check_unreached(w, c);
    world_free(w);
}

static void
nothing_is_delivered_to_it(void)
{
    struct actor *ann, *bob;
    struct client *c;
    struct world *w = begin(&ann, &c);
    bob = world_user(w, "bob");
    world_say(w, bob, "JOIN #a\r\nPRIVMSG #a :hello\r\nTAGMSG #a\r\nNICK bobby");
    AWAIT(w, ann, "* PRIVMSG #a :hello");
    world_drain(bob);
    world_say(w, bob, "PRIVMSG far :hello\r\nNOTICE far :hello\r\nINVITE far #b");
    NEVER(w, bob, "* 401 *");
    world_say(w, ann, "WALLOPS :hello\r\nMODE #a +b *!*@host.of.far");
    world_say(w, bob, "PART #a\r\nQUIT");
    check_unreached(w, c);
    world_free(w);
}

static void
it_speaks_gets_a_status_and_is_renamed(void)
{
    struct actor *ann;
    struct client *c;
    struct world *w = begin(&ann, &c);
    struct channel *chan = channel_find(w->srv, "#a");
    irc_event_emit(w->srv, &(struct irc_event){.kind = IRC_PRIVMSG,
                                               .source = c,
                                               .channel = chan,
                                               .text = "from afar"});
    world_say(w, ann, "PING x");
    EXPECT(w, ann, ":far!f@host.of.far PRIVMSG #a :from afar");
    world_drain(ann);
    world_say(w, ann, "MODE #a +v far");
    EXPECT(w, ann, "* MODE #a +v far");
    irc_event_emit(w->srv,
                   &(struct irc_event){.kind = IRC_NICK, .source = c, .param = "near"});
    client_set_nick(w->srv, c, "near");
    world_say(w, ann, "NAMES #a");
    EXPECT(w, ann, ":far!f@host.of.far NICK *near");
    EXPECT(w, ann, "* 353 ann = #a :*+near*");
    check_unreached(w, c);
    world_free(w);
}

static void
it_is_kicked_and_parts(void)
{
    struct actor *ann;
    struct client *c;
    struct world *w = begin(&ann, &c);
    world_say(w, ann, "KICK #a far :out");
    EXPECT(w, ann, "* KICK #a far :out");
    EQUAL_NUMBER(c->user.njoined, 0);
    channel_join(w->srv, channel_find(w->srv, "#a"), c, 0);
    EQUAL_NUMBER(c->user.njoined, 1);
    channel_part(w->srv, channel_find(w->srv, "#a"), c);
    world_say(w, ann, "NAMES #a");
    EXPECT(w, ann, "* 353 ann = #a :@ann");
    check_unreached(w, c);
    world_free(w);
}

/* Commands that need an address find none, and no other client is harmed. */
static void
commands_on_addresses_pass_it_by(void)
{
    struct actor *ann;
    struct client *c;
    struct world *w = begin(&ann, &c);
    world_say(w, ann, "TRACE\r\nTRACE far\r\nCHECK far\r\nSTRIKE far 1 :why");
    world_say(w, ann, "KLINE 10m far :why\r\nTESTMASK *@*");
    AWAIT(w, ann, "*'far' is n* nick that is or was on*");
    NEVER(w, ann, "* 205 ann *far*");
    CU_ASSERT_PTR_EQUAL(client_find(w->srv, "far"), c);
    EQUAL_NUMBER(w->srv->n_registered, 2);
    check_unreached(w, c);
    world_free(w);
}

/* It is put on a channel, and the channel is renamed: it is sent no list of members. */
static void
it_is_put_on_a_channel_and_moves_with_it(void)
{
    struct actor *ann;
    struct client *c;
    struct world *w = begin(&ann, &c);
    world_say(w, ann, "SAJOIN far #b");
    CU_ASSERT_PTR_NOT_NULL(channel_member(channel_find(w->srv, "#b"), c));
    world_say(w, ann, "RENAME #a #c :moved");
    CU_ASSERT_PTR_NOT_NULL(channel_member(channel_find(w->srv, "#c"), c));
    check_unreached(w, c);
    world_free(w);
}

/* A nick means the user that has it now, and not the client that had it before. */
static void
it_is_not_taken_for_one_that_has_left(void)
{
    struct actor *ann, *old;
    struct client *c;
    struct world *w = begin(&ann, &c);
    client_set_nick(w->srv, c, "near");
    old = world_user_at(w, "far", "192.0.2.77");
    world_say(w, old, "QUIT");
    client_set_nick(w->srv, c, "far");
    world_drain(ann);
    world_say(w, ann, "STRIKE far 1 :why\r\nCHECK far\r\nKLINE 10m far :why");
    NEVER(w, ann, "*192.0.2.77*");
    EQUAL_NUMBER(world_count(ann, "*'far' is n* nick that is or was on*"), 3);
    check_unreached(w, c);
    world_free(w);
}

/* The limits of a ban and the counts of connections are of clients with a session. */
static void
it_is_none_of_the_clients_that_a_ban_may_end(void)
{
    struct actor *ann;
    struct client *c;
    struct world *w = begin(&ann, &c);
    char nick[16];
    for (int i = 0; i < 4; i++) {
        snprintf(nick, sizeof nick, "user%d", i);
        world_user(w, nick);
        snprintf(nick, sizeof nick, "far%d", i);
        struct user_start another = far;
        another.id = far.id - 1 - (uint64_t)i;
        another.nick = nick;
        client_new_user(w->srv, &another);
    }
    world_connect(w, "192.0.2.99");
    world_drain(ann);
    world_say(w, ann, "LUSERS\r\nSTATS d\r\nSTATS u");
    EXPECT(w, ann, "* 251 ann :There are 10 users*");
    AWAIT(w, ann, "* 253 ann 1 *");
    AWAIT(w, ann, "* 255 ann :I have 5 clients and 0 servers");
    EXPECT(w, ann, "* 265 ann 5 5 *");
    EXPECT(w, ann, "* 266 ann 10 10 *");
    AWAIT(w, ann, "* 250 ann *: 6 (5 clients)*");
    world_say(w, ann, "XLINE NOW 1m Real\\su* :spam\r\nRESV NOW 1m user* :spam");
    AWAIT(w, ann, "* is too broad: it covers 4 of 5 real names*");
    AWAIT(w, ann, "* is too broad: it * 4 of 5 *");
    world_say(w, ann, "TESTMASK user*@*");
    AWAIT(w, ann, "* 727 * :4 of 5 clients match");
    world_free(w);
}

static void
it_is_killed_and_leaves_nothing(void)
{
    struct actor *ann;
    struct client *c;
    struct world *w = begin(&ann, &c);
    world_say(w, ann, "MONITOR + far\r\nACCEPT far\r\nINVITE far #a\r\nPRIVMSG far :x");
    world_drain(ann);
    world_say(w, ann, "KILL far :enough");
    AWAIT(w, ann, ":far!f@host.of.far QUIT *");
    AWAIT(w, ann, "* 731 * :far");
    CU_ASSERT_PTR_NULL(client_find(w->srv, "far"));
    const struct whowas_entry *e = whowas_find(w->srv, "far", 0);
    CU_ASSERT(e && !e->connected);
    world_drain(ann);
    world_say(w, ann, "WHOWAS far\r\nKLINE 10m far :why");
    EXPECT(w, ann, "* 314 ann far f host.of.far * :Real far");
    EXPECT(w, ann, "* 312 *");
    AWAIT(w, ann, "*'far' is n* nick that is or was on*");
    EQUAL_NUMBER(w->srv->n_registered, 1);
    world_free(w);
}

/* world_free ends the server while it is on. */
static void
it_goes_with_the_server(void)
{
    struct actor *ann;
    struct client *c;
    struct world *w = begin(&ann, &c);
    world_close(w, ann);
    CU_ASSERT(channel_find(w->srv, "#a") != NULL);
    check_unreached(w, c);
    world_free(w);
}

SUITE(client_sessionless)
{
    TEST(it_is_counted_as_a_user_and_as_no_connection);
    TEST(it_shows_in_names_who_whois_and_ison);
    TEST(nothing_is_delivered_to_it);
    TEST(it_speaks_gets_a_status_and_is_renamed);
    TEST(it_is_kicked_and_parts);
    TEST(commands_on_addresses_pass_it_by);
    TEST(it_is_put_on_a_channel_and_moves_with_it);
    TEST(it_is_not_taken_for_one_that_has_left);
    TEST(it_is_none_of_the_clients_that_a_ban_may_end);
    TEST(it_is_killed_and_leaves_nothing);
    TEST(it_goes_with_the_server);
}
