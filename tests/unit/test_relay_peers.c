/* The lines that a client makes its peers receive are limited, by a bucket of their own
 * where one short line reaches all channels at once. */
#include "policy/host.h"
#include "world.h"

#define CLOAKS                                                                         \
    "server { cloak = true cloak_optional = true }\nflood { burst = 1000 }\n"          \
    "limits { ping_every = \"1h\" ping_timeout = \"1h\" }\n"

static struct actor *bob, *peer;

static struct world *
begin(const char *config)
{
    struct world *w = world_new(config);
    bob = world_user_at(w, "bob", "192.0.2.7");
    peer = world_user_at(w, "peer", "192.0.2.8");
    world_say(w, peer, "CAP REQ :away-notify setname message-tags");
    world_say(w, bob, "CAP REQ :message-tags setname");
    world_channel(w, "#a", "bob@", "peer");
    world_channel(w, "#b", "bob@", "peer");
    return w;
}

static void
taking_the_cloak_off_and_on_is_as_rare_as_a_new_nick(void)
{
    struct world *w = begin(CLOAKS);
    for (int i = 0; i < 5; i++) {
        world_say(w, bob, i % 2 ? "MODE bob +x" : "MODE bob -x");
        EQUAL_NUMBER(world_count(peer, ":bob!* QUIT :Changing host"), i + 1);
        EQUAL_NUMBER(world_count(peer, ":bob!* JOIN *"), 2 * (i + 1));
    }
    NEVER(w, bob, "*refused*");
    world_drain_all(w);
    world_say(w, bob, "MODE bob +x");
    AWAIT(w, bob,
          ":irc.localhost NOTICE bob :Strike 1 of 5: nick changed too often. At 5 *");
    AWAIT(w, bob,
          ":irc.localhost NOTICE bob :MODE bob +x refused: you change your host too "
          "often; try again in 12s");
    SILENT(w, bob);
    SILENT(w, peer);
    world_sleep(w, 12 * MSEC_SECOND - 1);
    world_say(w, bob, "MODE bob +x");
    SILENT(w, peer);
    world_sleep(w, 1);
    world_say(w, bob, "MODE bob +x");
    EQUAL_NUMBER(world_count(peer, ":bob!* QUIT :Changing host"), 1);
    world_free(w);
}

static void
what_changes_no_host_takes_nothing(void)
{
    struct world *w = begin(CLOAKS);
    for (int i = 0; i < 30; i++)
        world_say(w, bob, i % 2 ? "MODE bob +x-i" : "MODE bob +x+i");
    for (int i = 0; i < 30; i++)
        world_say(w, bob, "MODE bob -x+x");
    NEVER(w, bob, "*refused*");
    SILENT(w, peer);
    /* The other letters of a refused line take effect. */
    for (int i = 0; i < 6; i++)
        world_say(w, bob, i % 2 ? "MODE bob +x" : "MODE bob -x");
    world_drain_all(w);
    world_say(w, bob, "MODE bob +w+x");
    AWAIT(w, bob, "* NOTICE bob :MODE bob +x refused: *");
    EXPECT(w, bob, ":bob!* MODE bob :+w");
    world_free(w);
}

/* It shares its bucket with NICK and SETNAME, so none of them is a way around the
 * limit. */
static void
nick_real_name_and_cloak_have_one_bucket(void)
{
    struct world *w = begin(CLOAKS);
    world_say(w, bob,
              "NICK rob\r\nSETNAME :x\r\nMODE rob -x\r\nNICK bob\r\nSETNAME :y");
    NEVER(w, bob, "*too often*");
    world_say(w, bob, "MODE bob +x");
    AWAIT(w, bob, "* :MODE bob +x refused: *");
    world_free(w);
}

/* All that the peers receive in a minute of a client that sends two lines a second, in
 * turn. */
static void
each_command_that_peers_hear_is_limited(void)
{
    static const struct {
        const char *lines[2], *heard;
        int most; /* bursts included */
    } cases[] = {
        {{"NICK ~", "NICK n~"}, ":*!* NICK *", 5 + 5},
        {{"SETNAME :~", "SETNAME :x~"}, ":*!* SETNAME *", 5 + 5},
        {{"MODE bob -x", "MODE bob +x"}, ":*!* QUIT *", 5 + 5},
        {{"AWAY :x~", "AWAY"}, ":*!* AWAY*", 2 * (5 + 5)},
        {{"AWAY :~", "AWAY :x~"}, ":*!* AWAY*", 5 + 5},
        {{"PART #a", "JOIN #a"}, ":*!* JOIN *", 65},
        {{"JOIN 0", "JOIN #a"}, ":*!* PART *", 65 + 1},
        {{"INVITE peer #mine", "INVITE peer #mine"}, ":*!* INVITE *", 10 + 10},
        {{"KNOCK #shut", "KNOCK #shut"}, "* 710 *", 3 + 3},
        {{"PRIVMSG #a :x", "NOTICE #a :x"}, "*:bob!* #a :x", 10 + 120},
        {{"@+a=1 TAGMSG #a", "@+a=1 TAGMSG #b"}, "* TAGMSG *", 10 + 120},
        {{"TOPIC #a :~", "TOPIC #a :x~"}, ":*!* TOPIC *", 10 + 120},
        {{"MODE #a +m", "MODE #a -m"}, ":*!* MODE *", 10 + 120},
        {{"PRIVMSG #a :\001PING\001", "NOTICE #a :\001PING\001"},
         "*\001PING\001",
         5 + 5},
        {{"RENAME #a #c", "RENAME #c #a"}, ":*!* PART *", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = begin(
            "server { cloak = true cloak_optional = true }\nstrikes { limit = 1000 }\n"
            "limits { ping_every = \"1h\" ping_timeout = \"1h\" }\n");
        world_say(w, bob, "JOIN #mine");
        world_say(w, peer, "JOIN #shut\r\nMODE #shut +i");
        world_sleep(w, 20 * MSEC_SECOND);
        world_drain_all(w);
        for (int n = 0; n < 600 && !bob->closed; n++) {
            char line[80];
            const char *form = cases[i].lines[n % 2];
            size_t before = strcspn(form, "~");
            snprintf(line, sizeof line, "%.*s", (int)before, form);
            if (form[before])
                snprintf(line + before, sizeof line - before, "z%d", n);
            world_say(w, bob, line);
            world_sleep(w, 100);
        }
        unsigned heard = world_count(peer, cases[i].heard);
        if (heard == 0 || heard > (unsigned)cases[i].most)
            printf("\n    %s: heard %u times\n", cases[i].lines[0], heard);
        CU_ASSERT(heard > 0 && heard <= (unsigned)cases[i].most);
        world_free(w);
    }
}

SUITE(relay_peers)
{
    TEST(taking_the_cloak_off_and_on_is_as_rare_as_a_new_nick);
    TEST(what_changes_no_host_takes_nothing);
    TEST(nick_real_name_and_cloak_have_one_bucket);
    TEST(each_command_that_peers_hear_is_limited);
}
