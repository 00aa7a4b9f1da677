/* Cloaked hosts in a running server: which clients see which host, and bans match
 * whichever host is shown. */
#include "state/record.h"
#include "world.h"

#include <stdarg.h>

#define EASY                                                                           \
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@10.0.0.0/8\" } "   \
    "privileges = { \"all\" } }\n"                                                     \
    "oper \"blind\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "            \
    "privileges = { \"spy\", \"kill\" } }\n"                                           \
    "flood { burst = 100000 nick = \"9999/1s\" join = \"9999/1s\" }\n"                 \
    "limits { per_host = 99 per_network = 99 connect_rate = \"999/1s\" }\n"

static const char on[] = "server { cloak = true }\n" EASY;
static const char optional[] = "server { cloak = true cloak_optional = true }\n" EASY;
static const char off[] = "server { cloak = false }\n" EASY;

static const char *
host_of(const struct actor *a)
{
    return a->client ? a->client->user.host : "(gone)";
}

static void ATTR_PRINTF(3, 4)
    awaitf(struct world *w, struct actor *a, const char *fmt, ...)
{
    char pattern[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(pattern, sizeof pattern, fmt, args);
    va_end(args);
    AWAIT(w, a, pattern);
}

static void
the_welcome_tells_the_cloak(void)
{
    struct world *w = world_new(on);
    struct actor *a = world_connect(w, "192.0.2.7");
    world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann");
    CU_ASSERT(strstr(host_of(a), ".cloak") != NULL);
    awaitf(w, a, ":irc.localhost 001 ann :*ann!ann@%s", host_of(a));
    AWAIT(w, a, ":irc.localhost 221 ann +x");
    awaitf(w, a, ":irc.localhost 396 ann %s :is now your displayed host", host_of(a));
    SILENT(w, a);
    world_free(w);
}

static void
cloaks_are_on_unless_turned_off(void)
{
    struct world *w = world_new("# cloak: as it comes\n");
    struct actor *a = world_user(w, "ann");
    CU_ASSERT(w->srv->config->server.cloak);
    CU_ASSERT(strstr(host_of(a), ".cloak") != NULL);
    world_free(w);
    w = world_new(off);
    a = world_user(w, "ann");
    EQUAL_TEXT(host_of(a), "10.1.1.1");
    world_say(w, a, "MODE ann");
    EXPECT(w, a, ":irc.localhost 221 ann +");
    world_say(w, a, "MODE ann +x");
    EXPECT(w, a, ":irc.localhost 481 ann :Permission Denied - you have no cloak");
    world_say(w, a, "MODE ann -x");
    SILENT(w, a);
    world_free(w);
}

/* Each line that shows a host to another client. */
static void
no_reply_to_others_has_the_address(void)
{
    static const char *const lines[] = {
        "WHOIS ann",    "WHO #a",         "WHO ann",    "WHO #a %cuhsnfdlaor",
        "NAMES #a",     "USERHOST ann",   "MODE #a b",  "TOPIC #a",
        "WHO 10.1.1.*", "PRIVMSG ann :x", "WHOWAS eve",
    };
    struct world *w = world_new(on);
    struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob"),
                 *e = world_user_at(w, "eve", "10.1.1.1");
    world_say(w, b, "CAP REQ :userhost-in-names extended-join chghost away-notify");
    world_say(w, b, "JOIN #a");
    world_say(w, b, "MODE #a +o bob");
    world_say(w, a, "JOIN #a");
    world_say(w, b, "MODE #a +o ann");
    world_say(w, a, "TOPIC #a :tea\r\nMODE #a +b x!*@*\r\nAWAY :x\r\nNICK anna");
    world_say(w, a, "NICK ann\r\nPRIVMSG #a :hi\r\nINVITE bob #a\r\nPART #a");
    world_say(w, a, "JOIN #a");
    world_say(w, e, "NICK eva\r\nQUIT :bye");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        world_say(w, b, lines[i]);
    CU_ASSERT(world_count(b, "*") > 30);
    NEVER(w, b, "*10.1.1.1*");
    CU_ASSERT(world_count(b, "*.cloak*") > 10);
    world_free(w);
}

static void
the_client_itself_and_operators_with_see_address_see_it(void)
{
    struct world *w = world_new(on);
    struct actor *a = world_user(w, "ann"), *o = world_oper(w, "root"),
                 *b = world_user(w, "bob");
    world_say(w, b, "OPER blind secret");
    world_drain_all(w);
    world_say(w, a, "WHOIS ann");
    AWAIT(w, a, ":irc.localhost 338 ann ann ann@10.1.1.1 10.1.1.1 :*");
    world_say(w, o, "WHOIS ann");
    AWAIT(w, o, ":irc.localhost 338 root ann ann@10.1.1.1 10.1.1.1 :*");
    world_say(w, b, "WHOIS ann");
    NEVER(w, b, "* 338 *");
    AWAIT(w, b, ":irc.localhost 318 bob ann :*");
    world_free(w);
}

static void
notices_and_logs_show_addresses_to_operators_with_see_address(void)
{
    struct world *w = world_new(on);
    struct actor *o = world_oper(w, "root"), *b = world_user(w, "bob"),
                 *m = world_user(w, "mallory"), *v = world_user(w, "victim");
    world_say(w, b, "OPER blind secret");
    world_drain_all(w);
    world_say(w, m, "OPER alice wrong");
    AWAIT(w, o,
          "* NOTICE root :??? Failed OPER as 'alice' by mallory!mallory@10.1.3.1: *");
    awaitf(w, b, "* NOTICE bob :??? Failed OPER as 'alice' by mallory!mallory@%s: *",
           host_of(m));
    char shown[64];
    snprintf(shown, sizeof shown, "%s", host_of(v));
    world_say(w, o, "KILL victim :enough");
    AWAIT(w, o, "* NOTICE root :*root killed victim (victim@10.1.4.1): enough");
    awaitf(w, b, "* NOTICE bob :*root killed victim (victim@%s): enough", shown);
    NEVER(w, b, "*10.1.*");
    CONTAINS(w->logged, "mallory!mallory@10.1.3.1");
    CONTAINS(w->logged, "host=10.1.4.1");
    CU_ASSERT_PTR_NULL(strstr(w->logged, ".cloak"));
    world_free(w);
}

static void
the_key_outlives_a_restart(void)
{
    char before[64];
    struct world *w = world_new(on);
    struct actor *a = world_user_at(w, "ann", "192.0.2.7");
    snprintf(before, sizeof before, "%s", host_of(a));
    world_restart(w, on);
    a = world_user_at(w, "ann", "192.0.2.7");
    EQUAL_TEXT(host_of(a), before);
    /* The key is made once, and the log tells that without the key itself. */
    const char *said = strstr(w->logged, "cloak-key");
    CU_ASSERT_PTR_NOT_NULL_FATAL(said);
    CU_ASSERT_PTR_NULL(strstr(said + 1, "cloak-key"));
    CONTAINS(said, "created; bans on cloaks match as long as this database is kept");
    world_free(w);
    /* The seed of the first server is always the same here; the next server has another
     * one. */
    w = world_new(off);
    world_restart(w, on);
    a = world_user_at(w, "ann", "192.0.2.7");
    CU_ASSERT(strcmp(host_of(a), before) != 0);
    world_free(w);
}

static void
a_key_is_made_when_rehash_turns_cloaks_on(void)
{
    char before[64];
    struct world *w = world_new(off);
    struct actor *o = world_oper(w, "root");
    CU_ASSERT_PTR_NULL(strstr(w->logged, "cloak-key"));
    w->rehash_text = on;
    world_say(w, o, "REHASH");
    CONTAINS(w->logged, "cloak-key");
    struct actor *a = world_user_at(w, "ann", "192.0.2.7");
    snprintf(before, sizeof before, "%s", host_of(a));
    CU_ASSERT(strstr(before, ".cloak") != NULL);
    /* A client that was on before still shows its address, and may take a cloak. */
    EQUAL_TEXT(host_of(o), "10.1.1.1");
    world_say(w, o, "MODE root +x");
    CU_ASSERT(strstr(host_of(o), ".cloak") != NULL);
    world_restart(w, on);
    a = world_user_at(w, "ann", "192.0.2.7");
    EQUAL_TEXT(host_of(a), before);
    world_free(w);
}

static void
keep(void *ctx, const void *key, size_t key_len, const void *value, size_t n)
{
    struct record_reader *in = ctx;
    char err[100];
    if (key_len == 1 && *(const char *)key == 'K')
        CU_ASSERT_TRUE(record_open(in, value, n, err, sizeof err));
}

static void
a_broken_key_is_replaced(void)
{
    struct record r;
    struct record_reader in = {0};
    struct world *w = world_new(on);
    record_begin(&r, 'K');
    record_add_number(&r, 1);
    record_seal(&r);
    store_put(w->store, "K", 1, r.bytes, r.len);
    world_restart(w, on);
    CONTAINS(w->logged, "record-refused");
    store_each(w->store, keep, &in);
    EQUAL_NUMBER(in.end - in.at, 32);
    CU_ASSERT(strstr(host_of(world_user(w, "ann")), ".cloak") != NULL);
    world_free(w);
}

/* "*.<net>.<net>.cloak" of a cloak. */
static void
network_of(const struct actor *a, char out[64])
{
    snprintf(out, 64, "*%s", host_of(a) + 10);
}

/* A cached verdict ends with the host for which it was made. */
static void
changing_the_host_is_judged_anew(void)
{
    struct world *w = world_new(optional);
    struct actor *o = world_user(w, "op"), *a = world_user_at(w, "ann", "192.0.2.7");
    world_channel(w, "#a", "op@", "ann");
    world_say(w, a, "PRIVMSG #a :fine");
    world_sayf(w, o, "MODE #a +b *!*@%s", host_of(a));
    world_drain_all(w);
    world_say(w, a, "PRIVMSG #a :x");
    EXPECT(w, a, ":irc.localhost 404 ann #a :*");
    world_say(w, a, "MODE ann -x\r\nPRIVMSG #a :x");
    AWAIT(w, a, ":irc.localhost 404 ann #a :*");
    world_free(w);
}

static void
server_bans_match_address_and_cloak(void)
{
    static const char *const masks[] = {"*@192.0.2.7", "*@192.0.2.0/24", "ann", "cloak",
                                        "net"};
    char net[64], cloak[64];
    struct world *w = world_new(on);
    struct actor *o = world_oper(w, "root");
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        struct actor *a = world_user_at(w, "ann", "192.0.2.7");
        CU_ASSERT(!a->closed);
        network_of(a, net);
        snprintf(cloak, sizeof cloak, "%s", host_of(a));
        const char *mask = strcmp(masks[i], "net") == 0     ? net
                           : strcmp(masks[i], "cloak") == 0 ? cloak
                                                            : masks[i];
        world_sayf(w, o, "KLINE 10m %s :spam", mask);
        AWAIT(w, a, "ERROR :Closing Link: 192.0.2.7 (You are banned (K-line) *");
        world_store_news(w);
        AWAIT(w, o, "* NOTICE root :K-line * removed 1 client, saved");
        a = world_user_at(w, "ann", "192.0.2.7");
        CU_ASSERT(a->closed);
        world_sayf(w, o, "UNKLINE %s", mask);
        world_drain_all(w);
    }
    world_free(w);
}

/* A ban by nick is one on the address, which is told to operators that may ban. */
static void
a_ban_on_a_nick_names_the_address(void)
{
    struct world *w = world_new(on);
    struct actor *o = world_oper(w, "root");
    world_user_at(w, "ann", "192.0.2.7");
    struct actor *b = world_user_at(w, "bob", "192.0.2.8");
    world_say(w, b, "QUIT");
    world_say(w, o, "KLINE 10m ann\r\nKLINE 10m bob");
    world_store_news(w);
    AWAIT(w, o, "* NOTICE root :K-line ?@192.0.2.7 set * saved");
    AWAIT(w, o, "* NOTICE root :K-line ?@192.0.2.8 set * saved");
    world_free(w);
}

static void
the_cloak_comes_off_where_that_is_allowed(void)
{
    char cloak[64];
    struct world *w = world_new(on);
    struct actor *a = world_user(w, "ann");
    world_say(w, a, "MODE ann -x");
    EXPECT(w, a,
           ":irc.localhost 481 ann :Permission Denied - this server lets no user "
           "remove the cloak");
    CU_ASSERT(strstr(host_of(a), ".cloak") != NULL);
    world_say(w, a, "MODE ann +x");
    SILENT(w, a);
    world_free(w);
    w = world_new(optional);
    a = world_user(w, "ann");
    snprintf(cloak, sizeof cloak, "%s", host_of(a));
    world_say(w, a, "MODE ann -x");
    awaitf(w, a, ":ann!ann@%s MODE ann :-x", cloak);
    EXPECT(w, a, ":irc.localhost 396 ann 10.1.1.1 :is now your displayed host");
    SILENT(w, a);
    EQUAL_TEXT(host_of(a), "10.1.1.1");
    world_say(w, a, "MODE ann -x\r\nMODE ann");
    EXPECT(w, a, ":irc.localhost 221 ann +");
    world_say(w, a, "MODE ann +x");
    EXPECT(w, a, ":ann!ann@10.1.1.1 MODE ann :+x");
    awaitf(w, a, ":irc.localhost 396 ann %s :*", cloak);
    SILENT(w, a);
    world_free(w);
}

static void
an_oper_block_admits_the_address(void)
{
    struct world *w = world_new(on);
    struct actor *a = world_user(w, "ann"), *b = world_user_at(w, "bob", "192.0.2.7");
    world_say(w, a, "OPER alice secret");
    AWAIT(w, a, ":irc.localhost 381 ann :*");
    world_say(w, b, "OPER alice secret");
    AWAIT(w, b, ":irc.localhost 491 bob :*"); /* the block is for another host */
    world_free(w);
}

SUITE(cloaking)
{
    TEST(the_welcome_tells_the_cloak);
    TEST(cloaks_are_on_unless_turned_off);
    TEST(no_reply_to_others_has_the_address);
    TEST(the_client_itself_and_operators_with_see_address_see_it);
    TEST(notices_and_logs_show_addresses_to_operators_with_see_address);
    TEST(the_key_outlives_a_restart);
    TEST(a_key_is_made_when_rehash_turns_cloaks_on);
    TEST(a_broken_key_is_replaced);
    TEST(changing_the_host_is_judged_anew);
    TEST(server_bans_match_address_and_cloak);
    TEST(a_ban_on_a_nick_names_the_address);
    TEST(the_cloak_comes_off_where_that_is_allowed);
    TEST(an_oper_block_admits_the_address);
}
