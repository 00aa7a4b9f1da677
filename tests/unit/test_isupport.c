/* 005 is true: each token is compared with the behaviour of the server. */
#include "world.h"

/* All tokens of 005, with a blank before and behind each. */
static char *
tokens(struct world *w, struct actor *a, char out[4096])
{
    snprintf(out, 4096, " ");
    world_say(w, a, "VERSION");
    for (const char *at = a->inbox; (at = strstr(at, " 005 ")) != NULL; at++) {
        const char *first = strchr(at + 5, ' ') + 1;
        const char *end = strstr(first, ":are supported by this server");
        CU_ASSERT_FATAL(end != NULL);
        int n = 0;
        for (const char *p = first; p < end; p++)
            n += *p == ' ';
        CU_ASSERT(n >= 1 && n <= 13);
        strncat(out, first, (size_t)(end - first));
    }
    world_drain(a);
    return out;
}

static void
the_tokens_are_those_of_the_configuration(void)
{
    static const char *const want[] = {
        "CASEMAPPING=ascii",
        "CHANLIMIT=#:7",
        "CHANMODES=beIq,k,lSjf,CcimnPpstz",
        "CHANNELLEN=64",
        "CHANTYPES=#",
        "NICKLEN=12",
        "PREFIX=(ohv)@%+",
        "EXCEPTS=e",
        "EXTBAN=~,cmrt",
        "INVEX=I",
        "MAXLIST=b:9,e:9,I:9,q:9",
        "NETWORK=Tea",
        "TOPICLEN=111",
        "AWAYLEN=22",
        "KICKLEN=33",
        "KEYLEN=23",
        "MODES=12",
        "MAXTARGETS=5",
        "USERLEN=10",
        "HOSTLEN=63",
        "LINELEN=512",
        "UTF8ONLY",
        "NAMELEN=150",
        "TARGMAX=PRIVMSG:5,NOTICE:5,TAGMSG:5,KICK:5,WHOIS:5,NAMES:5,JOIN:,PART:",
        "BOT=B",
        "ELIST=CMNTU",
        "SAFELIST",
        "WHOX",
    };
    /* Features that the server lacks must not be promised. */
    static const char *const early[] = {" CHATHISTORY", " MSGREFTYPES",
                                        " ACCOUNTEXTBAN", " REGISTER", " VAPID"};
    char all[4096], token[128];
    struct world *w = world_new(
        "server { network = \"Tea\" } limits { channels_per_client = 7 nick_length = "
        "12 "
        "bans_per_channel = 9 topic_length = 111 away_length = 22 kick_length = 33 "
        "targets = 5 }");
    tokens(w, world_user(w, "ann"), all);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        snprintf(token, sizeof token, " %s ", want[i]);
        CONTAINS(all, token);
    }
    for (size_t i = 0; i < sizeof early / sizeof *early; i++)
        CU_ASSERT_PTR_NULL(strstr(all, early[i]));
    world_free(w);
}

static void
the_lengths_are_enforced(void)
{
    struct world *w =
        world_new("limits { nick_length = 5 topic_length = 50 away_length = "
                  "10 kick_length = 10 } flood { burst = 99 }");
    struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob");
    world_say(w, a, "NICK abcdef");
    EXPECT(w, a, ":irc.localhost 432 ann abcdef :*1 to 5 *");
    world_say(w, a, "NICK abcde");
    EXPECT(w, a, ":ann!ann@* NICK :abcde");
    world_channel(w, "#a", "abcde@", "bob");
    world_say(w, a, "TOPIC #a :12345678901234567890123456789012345678901234567890xyz");
    EXPECT(w, a, "* TOPIC #a :12345678901234567890123456789012345678901234567890");
    world_say(w, a, "AWAY :1234567890abc");
    world_drain_all(w);
    world_say(w, b, "PRIVMSG abcde :x");
    EXPECT(w, b, ":irc.localhost 301 bob abcde :1234567890");
    world_say(w, a, "KICK #a bob :1234567890abc");
    AWAIT(w, b, ":abcde!ann@* KICK #a bob :1234567890");
    world_free(w);
}

/* message-tags and Modern IRC: a token that changes is sent again, "-TOKEN" if it is
 * gone; nothing is sent if no token has changed. */
static void
rehash_tells_what_has_changed_and_no_more(void)
{
    char text[512];
    struct world *w = world_new(world_alice);
    struct actor *ann = world_oper(w, "ann"), *bob = world_user(w, "bob");
    struct actor *new = world_connect(w, "192.0.2.7"),
                 *old = world_connect(w, "192.0.2.8");
    world_say(w, new, "CAP REQ :batch draft/extended-isupport");
    snprintf(text, sizeof text,
             "%s server { client_tag_deny = \"*\" } limits { channels_per_client = 7 "
             "away_length = 22 }",
             world_alice);
    const char *const configs[] = {text, text, world_alice};
    const char *const want[] = {"CHANLIMIT=#:7 CLIENTTAGDENY=?", NULL,
                                "CHANLIMIT=#:50 -CLIENTTAGDENY"};
    for (size_t i = 0; i < 3; i++) {
        char line[200];
        world_drain_all(w);
        w->rehash_text = configs[i];
        world_say(w, ann, "REHASH");
        if (want[i]) {
            snprintf(line, sizeof line, ":irc.localhost 005 bob %s :are supported *",
                     want[i]);
            EXPECT(w, bob, line);
            snprintf(line, sizeof line, "@batch=* 005 ? %s :are supported *", want[i]);
            EXPECT(w, new, ":irc.localhost BATCH +* draft/isupport");
            EXPECT(w, new, line);
            EXPECT(w, new, ":irc.localhost BATCH -*");
            AWAIT(w, ann, ":irc.localhost 005 ann *");
        }
        SILENT(w, bob);
        SILENT(w, new);
        SILENT(w, old);
        NEVER(w, ann, "* 005 *");
    }
    world_free(w);
}

SUITE(isupport)
{
    TEST(rehash_tells_what_has_changed_and_no_more);
    TEST(the_tokens_are_those_of_the_configuration);
    TEST(the_lengths_are_enforced);
}
