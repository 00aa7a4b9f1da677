/* Texts whose length 005 promises are whole in every line, before the longest possible
 * names. */
#include "state/channel.h"
#include "world.h"

#define LONG_NICK "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" /* 30 */
#define LONG_TEN "xxxxxxxxxx"                      /* a user name */
#define LONG_HOST "2001:db8:1111:2222:3333:4444:5555:6666"
#define LONG_NAME                                                                      \
    "irc." LONG_TEN LONG_TEN LONG_TEN LONG_TEN LONG_TEN "xxxx.test" /* 63 */

#define CONFIG(name)                                                                   \
    "server { name = \"" name "\" cloak = false }\n"                                   \
    "limits { topic_length = 390 away_length = 390 kick_length = 390 per_host = 99 "   \
    "connect_rate = \"999/1s\" }\n"                                                    \
    "flood { burst = 9999 }\n"                                                         \
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "            \
    "privileges = { \"all\" } }\n"

/* The lines of the server are as long as they can be; or those of clients are longer.
 */
static const char config[] = CONFIG(LONG_NAME), brief[] = CONFIG("a.test");

static struct world *w;
static struct actor *ann, *bob;
static char chan[NAME_CHANNEL_MAX + 1];

/* ann, with the longest possible source, is operator of a channel with the longest
 * name; bob, with the longest nick, is on it. */
static void
begin(const char *text)
{
    w = world_new(text);
    ann = world_connect(w, LONG_HOST);
    world_say(w, ann, "NICK " LONG_NICK "\r\nUSER " LONG_TEN " 0 * :Ann");
    bob = world_connect(w, LONG_HOST);
    world_sayf(w, bob, "NICK m%.29s\r\nUSER " LONG_TEN " 0 * :Bob", LONG_NICK);
    memset(chan, 'c', sizeof chan - 1);
    chan[0] = '#';
    world_sayf(w, ann, "JOIN %s", chan);
    world_sayf(w, bob, "JOIN %s", chan);
}

static size_t
promised(const char *token)
{
    const char *at = strstr(bob->inbox, token);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    return strtoul(at + strlen(token), NULL, 10);
}

/* n bytes of text, the last one different, so that a cut is seen. */
static const char *
text_of(size_t n)
{
    static char text[512];
    memset(text, 't', n);
    text[n - 1] = '!';
    text[n] = '\0';
    return text;
}

static void
look_at_topic(const char *text_of_config, const char *name)
{
    char want[1024];
    begin(text_of_config);
    size_t n = promised(" TOPICLEN=");
    CU_ASSERT(n >= 300 && n <= 390);
    for (size_t more = 0; more < 2; more++) {
        world_drain_all(w);
        world_sayf(w, ann, "TOPIC %s :%s", chan, text_of(n + more));
        const char *text = more ? text_of(n + 1) : text_of(n);
        snprintf(want, sizeof want, ":" LONG_NICK "!*TOPIC * :%.*s", (int)n, text);
        EXPECT(w, bob, want);
        EQUAL_NUMBER(strlen(channel_find(w->srv, chan)->topic), n);
        world_sayf(w, bob, "TOPIC %s", chan);
        snprintf(want, sizeof want, ":%s 332 * :%.*s", name, (int)n, text);
        EXPECT(w, bob, want);
        world_say(w, bob, "LIST");
        snprintf(want, sizeof want, ":%s 322 * :%.*s", name, (int)n, text);
        AWAIT(w, bob, want);
    }
    world_free(w);
}

static void
a_topic_is_whole_in_all_its_lines(void)
{
    look_at_topic(config, LONG_NAME);
    look_at_topic(brief, "a.test");
}

static void
an_away_text_is_whole_in_all_its_lines(void)
{
    char want[1024];
    begin(config);
    size_t n = promised(" AWAYLEN=");
    CU_ASSERT(n >= 300 && n < 390);
    world_say(w, bob, "CAP REQ :away-notify");
    for (size_t more = 0; more < 2; more++) {
        world_drain_all(w);
        world_sayf(w, ann, "AWAY :%s", text_of(n + more));
        snprintf(want, sizeof want, ":" LONG_NICK "!* AWAY :%.*s", (int)n,
                 text_of(n + more));
        EXPECT(w, bob, want);
        world_say(w, bob, "PRIVMSG " LONG_NICK " :x");
        snprintf(want, sizeof want, ":" LONG_NAME " 301 * :%.*s", (int)n,
                 text_of(n + more));
        EXPECT(w, bob, want);
    }
    world_free(w);
}

static void
the_reason_of_a_kick_is_whole(void)
{
    char want[1024];
    begin(config);
    size_t n = promised(" KICKLEN=");
    CU_ASSERT(n >= 300 && n < 390);
    for (size_t more = 0; more < 2; more++) {
        world_sayf(w, bob, "JOIN %s", chan);
        world_drain_all(w);
        world_sayf(w, ann, "KICK %s %s :%s", chan, bob->client->user.nick,
                   text_of(n + more));
        snprintf(want, sizeof want, ":" LONG_NICK "!* KICK * :%.*s", (int)n,
                 text_of(n + more));
        EXPECT(w, bob, want);
    }
    world_free(w);
}

/* The text is cut at a character; a longer one from an older database is cut when it is
 * loaded. */
static void
a_topic_is_stored_as_it_is_shown(void)
{
    char text[500], want[1024];
    begin(config);
    size_t n = promised(" TOPICLEN=");
    for (int i = 0; i < 480; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 4);
    world_drain_all(w);
    world_sayf(w, ann, "TOPIC %s :%.375s", chan, text);
    struct channel *c = channel_find(w->srv, chan);
    CU_ASSERT(strlen(c->topic) > n - 3 && strlen(c->topic) <= n);
    EQUAL_NUMBER(strlen(c->topic) % 3, 0);
    snprintf(want, sizeof want, "* TOPIC * :%s", c->topic);
    EXPECT(w, bob, want);
    world_say(w, ann, "OPER alice secret");
    world_sayf(w, ann, "MODE %s +P", chan);
    /* As 0.3.0 stored it. */
    free(c->topic);
    c->topic = strndup(text, 390);
    world_sayf(w, ann, "MODE %s +i", chan);
    world_restart(w, config);
    c = channel_find(w->srv, chan);
    CU_ASSERT_FATAL(c != NULL && c->topic != NULL);
    CU_ASSERT(strlen(c->topic) > n - 3 && strlen(c->topic) <= n);
    EQUAL_NUMBER(strlen(c->topic) % 3, 0);
    world_free(w);
}

SUITE(text_limit)
{
    TEST(a_topic_is_whole_in_all_its_lines);
    TEST(an_away_text_is_whole_in_all_its_lines);
    TEST(the_reason_of_a_kick_is_whole);
    TEST(a_topic_is_stored_as_it_is_shown);
}
