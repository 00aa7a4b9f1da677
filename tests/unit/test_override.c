/* SAMODE, SAJOIN, GLOBOPS, CLOSE: acts of operators against the rules of a channel. */
#include "logged.h"
#include "state/channel.h"
#include "world.h"

static struct actor *root, *ann, *bob;

static const char config[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "oper \"small\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"kill\" } }\n"
    "flood { burst = 10000 join = \"999/1s\" }\n"
    "limits { channels_per_client = 2 }";

static struct world *
begin(void)
{
    struct world *w = world_new(config);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    root = world_oper(w, "root");
    world_channel(w, "#a", "ann@");
    return w;
}

static void
the_privileges_are_asked_for(void)
{
    static const char *const lines[] = {"SAMODE #a +m", "SAJOIN #a", "GLOBOPS :x",
                                        "CLOSE"};
    struct world *w = begin();
    world_say(w, bob, "OPER small secret");
    world_drain_all(w);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        world_say(w, ann, lines[i]);
        EXPECT(w, ann, ":irc.localhost 481 ann :*");
        SILENT(w, ann);
    }
    for (size_t i = 0; i < 3; i++) {
        world_say(w, bob, lines[i]);
        EXPECT(w, bob, ":irc.localhost 481 bob :*");
    }
    world_free(w);
}

static void
samode_changes_from_outside(void)
{
    struct world *w = begin();
    world_say(w, root, "SAMODE #a +mv-o ann ann");
    AWAIT(w, ann, ":root!root@* MODE #a +mv-o ann ann");
    world_say(w, root, "SAMODE #none +m");
    AWAIT(w, root, ":irc.localhost 403 root #none :*");
    world_say(w, root, "SAMODE ann +i");
    EXPECT(w, root, ":irc.localhost 403 root ann :*");
    world_say(w, root, "SAMODE #a");
    EXPECT(w, root, ":irc.localhost 461 root SAMODE :*");
    CONTAINS(w->logged, "command=SAMODE");
    world_free(w);
}

static void
sajoin_joins_whatever_the_modes_say(void)
{
    struct world *w = begin();
    world_say(w, ann, "MODE #a +ik key");
    world_drain_all(w);
    world_say(w, root, "SAJOIN bob #a");
    EXPECT(w, bob, ":bob!bob@* JOIN *#a");
    AWAIT(w, bob, ":irc.localhost 366 bob #a :*");
    AWAIT(w, ann, ":bob!bob@* JOIN *#a");
    world_say(w, root, "SAJOIN bob #A");
    AWAIT(w, root, ":irc.localhost 443 root bob #a :*");
    world_say(w, root, "SAJOIN nobody #a");
    EXPECT(w, root, ":irc.localhost 401 root nobody :*");
    world_say(w, root, "SAJOIN bob notachannel");
    EXPECT(w, root, ":irc.localhost 476 root notachannel :*");
    world_say(w, root, "SAJOIN #a");
    AWAIT(w, root, ":root!root@* JOIN *#a");
    world_say(w, root, "SAJOIN bob #new");
    AWAIT(w, bob, ":irc.localhost 353 bob = #new :@bob");
    world_say(w, root, "SAJOIN bob #more");
    AWAIT(w, root, ":irc.localhost 405 root #more :*");
    world_free(w);
}

static void
globops_reaches_all_operators_and_no_others(void)
{
    struct world *w = begin();
    world_say(w, bob, "OPER small secret");
    world_drain_all(w);
    world_say(w, root, "GLOBOPS :tea %s");
    EXPECT(w, bob, ":irc.localhost NOTICE ? :?** GLOBOPS from root: tea %s");
    EXPECT(w, root, ":irc.localhost NOTICE ? :?** GLOBOPS from root: tea %s");
    SILENT(w, ann);
    world_free(w);
}

static void
close_ends_the_unregistered(void)
{
    struct world *w = begin();
    struct actor *a = world_connect(w, "192.0.2.1"), *b = world_connect(w, "192.0.2.2");
    world_say(w, a, "NICK half");
    world_say(w, root, "CLOSE");
    EXPECT(w, root, ":irc.localhost 362 root 192.0.2.1 :Closed");
    EXPECT(w, root, ":irc.localhost 362 root 192.0.2.2 :Closed");
    EXPECT(w, root, ":irc.localhost 363 root 2 :Connections closed");
    CU_ASSERT(a->closed && b->closed);
    CU_ASSERT(!ann->closed && !root->closed);
    AWAIT(w, a, "ERROR :Closing Link: * (Closed by an operator)");
    world_drain_all(w);
    world_say(w, root, "CLOSE");
    EXPECT(w, root, ":irc.localhost 363 root 0 :*");
    world_free(w);
}

/* Target, changes and text of each act go to the other operators and to the log; the
 * operator that acts reads only the act itself, once. */
static void
what_override_alone_allows_is_told_and_logged(void)
{
    static const struct {
        const char *line, *told, *logged;
    } cases[] = {
        {"TOPIC #a :new topic", "TOPIC: #a new topic",
         "command=TOPIC channel=#a text=\"new topic\""},
        {"TOPIC #a :", "TOPIC: #a (none)", "command=TOPIC channel=#a text=(none)"},
        {"MODE #a +mb x!*@*", "MODE: #a +mb x!?@?",
         "command=MODE channel=#a text=\"+mb x!*@*\""},
        {"MODE #a +kl hush 9", "MODE: #a +kl ? 9",
         "command=MODE channel=#a text=\"+kl * 9\""},
        {"SAMODE #a -m", "SAMODE: #a -m", "command=SAMODE channel=#a text=-m"},
        {"INVITE eve #a", "INVITE: #a eve", "command=INVITE channel=#a nick=eve"},
        {"RENAME #a #b", "RENAME: #a #b", "command=RENAME channel=#a text=#b"},
        {"RENAME #b #a", "RENAME: #b #a", "command=RENAME channel=#b text=#a"},
        {"KICK #a bob :spam", "KICK: #a bob spam",
         "command=KICK channel=#a nick=bob text=spam"},
        {"SAJOIN bob #a", "SAJOIN: #a bob", "command=SAJOIN channel=#a nick=bob"},
        {"JOIN #a", "JOIN: #a", "command=JOIN channel=#a"},
        {"MODE #a +o root", "MODE: #a +o root",
         "command=MODE channel=#a text=\"+o root\""},
    };
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_user(w, "eve");
    root = world_oper(w, "root");
    struct actor *other = world_oper(w, "other");
    world_channel(w, "#a", "ann@", "bob");
    world_say(w, ann, "MODE #a +is");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char told[100], logged[160];
        if (strncmp(cases[i].line, "RENAME", 6) == 0)
            world_sleep(w, 61000); /* a channel is renamed once a minute */
        world_drain_all(w);
        logged_clear(w);
        world_say(w, root, cases[i].line);
        snprintf(told, sizeof told, "* :?** root used %s", cases[i].told);
        snprintf(logged, sizeof logged, "event=override by=alice %s\n",
                 cases[i].logged);
        EXPECT(w, other, told);
        SILENT(w, other);
        CONTAINS(w->logged, logged);
        NEVER(w, root, "* root used *");
        CU_ASSERT(root->len > 0);
    }
    world_drain_all(w);
    world_say(w, root, "MODE #a +t-t"); /* by right now */
    world_say(w, root, "TOPIC #a :mine");
    SILENT(w, other);
    world_free(w);
}

/* An invitation by an operator passes bans also without a status on the channel. */
static void
an_invitation_past_a_ban_is_told(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    struct actor *eve = world_user(w, "eve");
    root = world_oper(w, "root");
    struct actor *other = world_oper(w, "other");
    world_say(w, ann, "JOIN #a\r\nMODE #a +b eve!*@*");
    world_say(w, root, "JOIN #a");
    world_say(w, eve, "JOIN #a");
    AWAIT(w, eve, "* 474 eve #a *");
    world_drain_all(w);
    world_say(w, root, "INVITE eve #a");
    EXPECT(w, other, "* :?** root used INVITE: #a eve");
    CONTAINS(w->logged, "event=override by=alice command=INVITE channel=#a nick=eve");
    world_say(w, eve, "JOIN #a");
    AWAIT(w, eve, "* 366 eve #a *");
    world_say(w, ann, "MODE #a +o root\r\nKICK #a eve");
    world_drain_all(w);
    world_say(w, root, "INVITE eve #a"); /* by right now */
    SILENT(w, other);
    world_free(w);
}

static void
what_is_refused_or_changes_nothing_is_not_told(void)
{
    static const char *const lines[] = {
        "SAMODE #a +b ~foo:bar", "SAMODE #a +o nobody",
        "SAMODE #a +m",          "SAMODE #a",
        "MODE #a +v eve",        "MODE #a b",
        "KICK #a eve",           "TOPIC #a",
        "INVITE bob #a",         "RENAME #a nochannel",
        "SAJOIN bob #a",         "SAJOIN nobody #a",
        "SAJOIN bob nochannel",  "SAMODE #none +m",
    };
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_user(w, "eve");
    root = world_oper(w, "root");
    struct actor *other = world_oper(w, "other");
    world_channel(w, "#a", "ann@", "bob");
    world_say(w, ann, "MODE #a +mi");
    world_drain_all(w);
    logged_clear(w);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        world_say(w, root, lines[i]);
        SILENT(w, other);
    }
    CU_ASSERT(strstr(w->logged, "event=override") == NULL);
    world_free(w);
}

static void
override_alone_reaches_a_secret_channel(void)
{
    struct world *w = world_new(
        "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
        "privileges = { \"override\" } }");
    ann = world_user(w, "ann");
    root = world_oper(w, "root");
    world_say(w, ann, "JOIN #s\r\nMODE #s +s");
    world_drain_all(w);
    world_say(w, root, "SAMODE #s +m");
    AWAIT(w, ann, "*MODE #s +m");
    world_say(w, root, "TOPIC #s :t");
    AWAIT(w, ann, "*TOPIC #s :t");
    world_free(w);
}

SUITE(override)
{
    TEST(the_privileges_are_asked_for);
    TEST(samode_changes_from_outside);
    TEST(sajoin_joins_whatever_the_modes_say);
    TEST(globops_reaches_all_operators_and_no_others);
    TEST(close_ends_the_unregistered);
    TEST(what_override_alone_allows_is_told_and_logged);
    TEST(an_invitation_past_a_ban_is_told);
    TEST(what_is_refused_or_changes_nothing_is_not_told);
    TEST(override_alone_reaches_a_secret_channel);
}
