/* Relays: built once for each form, cut at a character, with the tags that each reader
 * wants. */
#include "proto/utf8.h"
#include "state/channel.h"
#include "state/client_end.h"
#include "state/out.h"
#include "state/relay.h"
#include "state/relay_peers.h"
#include "state/server.h"
#include "state/tell.h"
#include "world.h"

static void
a_form_is_built_once(void)
{
    char name[16];
    struct relay r;
    struct world *w = world_new(world_easy);
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "u%d", i);
        struct actor *a = world_user(w, name);
        world_say(w, a, "JOIN #a");
        a->client->out.caps = i % 4 == 1   ? CAP_SERVER_TIME
                              : i % 4 == 2 ? CAP_SERVER_TIME | CAP_ECHO_MESSAGE
                              : i % 4 == 3 ? CAP_MESSAGE_TAGS | CAP_MULTI_PREFIX
                                           : 0;
    }
    world_drain_all(w);
    struct channel *chan = channel_find(w->srv, "#a");
    relay_begin(&r, w->srv, w->actors[0].client, "PRIVMSG #a :hi");
    relay_channel(&r, chan, NULL);
    EQUAL_NUMBER(r.built, 2); /* without tags no form for message-tags */
    relay_end(&r);
    relay_begin(&r, w->srv, w->actors[0].client, "PRIVMSG #a :hi");
    r.tagging.client = "+a=b";
    relay_channel(&r, chan, w->actors[0].client);
    EQUAL_NUMBER(r.built, 3);
    relay_end(&r);
    world_say(w, &w->actors[1], "PING x"); /* so that the world delivers */
    EQUAL_NUMBER(world_count(&w->actors[0], ":u0!u0@* PRIVMSG #a :hi"), 1);
    EQUAL_NUMBER(world_count(&w->actors[1], "@time=*Z :u0!u0@* PRIVMSG #a :hi"), 2);
    EQUAL_NUMBER(world_count(&w->actors[3], ":u0!u0@* PRIVMSG #a :hi"), 1);
    EQUAL_NUMBER(world_count(&w->actors[3], "@+a=b :u0!u0@* PRIVMSG #a :hi"), 1);
    world_free(w);
}

static void
all_shared_bytes_are_let_go(void)
{
    struct relay r;
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    relay_begin(&r, w->srv, NULL, "NOTICE * :x");
    relay_end(&r); /* to no client */
    EQUAL_NUMBER(r.built, 0);
    relay_begin(&r, w->srv, NULL, "NOTICE ann :x");
    client_kill(w->srv, a->client, END_KILL, "gone");
    relay_to(&r, a->client); /* a client that is ending gets nothing */
    EQUAL_NUMBER(a->client->out.sendq.bytes, 0);
    relay_end(&r);
    world_free(w);
}

static void
need_holds_a_relay_back(void)
{
    struct relay r;
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob");
    b->client->out.caps = CAP_MESSAGE_TAGS;
    relay_begin(&r, w->srv, NULL, "TAGMSG x");
    r.need = CAP_MESSAGE_TAGS;
    relay_to(&r, a->client);
    relay_to(&r, b->client);
    relay_end(&r);
    EQUAL_NUMBER(a->client->out.sendq.bytes, 0);
    CU_ASSERT(b->client->out.sendq.bytes > 0);
    world_free(w);
}

static void
peers_get_one_each(void)
{
    struct relay r;
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob");
    struct actor *c = world_user(w, "cat");
    world_say(w, a, "JOIN #a,#b,#c");
    world_say(w, b, "JOIN #a,#b,#c");
    world_drain_all(w);
    relay_begin(&r, w->srv, a->client, "TEST");
    relay_peers(&r, a->client);
    relay_end(&r);
    world_say(w, c, "PING x");
    SILENT(w, a);
    EXPECT(w, b, ":ann!ann@* TEST");
    SILENT(w, b);
    world_free(w);
}

/* One line of `head` bytes and then characters of one kind, sent by each function that
 * sends. */
static void
send_cut(struct world *w, struct actor *a, int sender, const char *text)
{
    struct relay r;
    switch (sender) {
    case 0:
        out_numeric(w->srv, a->client, RPL_MOTD, text);
        break;
    case 1:
        out_notice(w->srv, a->client, "%s", text);
        break;
    case 2:
        out_line(w->srv, a->client, "PING :%s", text);
        break;
    case 3:
        relay_begin(&r, w->srv, NULL, "NOTICE ann :%s", text);
        relay_to(&r, a->client);
        relay_end(&r);
        break;
    default:
        client_kill(w->srv, a->client, END_KILL, text);
        break;
    }
}

static void
every_sender_cuts_at_a_character(void)
{
    static const char *const chars[] = {"x", "\xc3\xa9", "\xe2\x82\xac",
                                        "\xf0\x9f\x98\x80"};
    for (int sender = 0; sender < 5; sender++)
        for (int c = 0; c < 4; c++)
            for (int shift = 0; shift < 5; shift++) {
                struct world *w = world_new(world_easy);
                struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob");
                char text[800], *at = text + snprintf(text, 8, "%.*s", shift, "aaaaa");
                while (at < text + 700)
                    at += snprintf(at, 8, "%s", chars[c]);
                send_cut(w, a, sender, text);
                world_say(w, b, "PING x");
                CU_ASSERT(a->len <= MESSAGE_LINE);
                CU_ASSERT(a->len > MESSAGE_LINE - 4);
                CU_ASSERT(utf8_valid(a->inbox, a->len));
                world_free(w);
            }
}

static void
server_notices_go_to_opers_alone(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann"), *o = world_oper(w, "root");
    struct actor *deaf = world_oper(w, "rest");
    world_say(w, deaf, "MODE rest -s");
    world_drain_all(w);
    TELL(w->srv, TELL_ALL, ban_reason, .oper = "x", .reason = "100%s %n");
    world_say(w, a, "PONG x");
    EXPECT(w, o, ":irc.localhost NOTICE root :*** x: ... reason: 100%s %n");
    SILENT(w, a);
    SILENT(w, deaf);
    world_free(w);
}

SUITE(out)
{
    TEST(a_form_is_built_once);
    TEST(all_shared_bytes_are_let_go);
    TEST(need_holds_a_relay_back);
    TEST(peers_get_one_each);
    TEST(every_sender_cuts_at_a_character);
    TEST(server_notices_go_to_opers_alone);
}
