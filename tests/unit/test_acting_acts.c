/* What users and operators read of the acts of a call, and what is counted of it. */
#include "base/str.h"
#include "metric_lint.h"
#include "proto/mode.h"
#include "session/session.h"
#include "world.h"

/* SHA-256 of "other". */
#define TOKEN "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"

static const char config[] =
    "oper \"bans\" { token = \"sha256:" TOKEN "\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "limits { clients = 10 }\n";

static struct actor *
begin_call(struct world *w)
{
    struct actor *a = world_connect_with(
        w, "192.0.2.7",
        (struct connection_info){.listener = "web", .secure = true, .token = TOKEN});
    CU_ASSERT_FATAL(a->client != NULL);
    world_say(w, a,
              "CAP REQ :labeled-response batch standard-replies\r\n"
              "USER api 0 * :API\r\nNICK api01\r\nCAP END");
    AWAIT(w, a, ":irc.localhost 381 *");
    world_drain(a);
    return a;
}

/* Its nick is a means of this program: no client of that name can be asked for. */
static void
users_read_acts_of_a_call_as_the_servers_own(void)
{
    static const char *const lines[] = {
        "TOPIC #lobby :new",   "MODE #lobby +b *!*@198.51.100.77",
        "MODE #lobby +m",      "KICK #lobby carl",
        "WALLOPS :at nine",    "GLOBOPS :look",
        "KILL dora :flooding", "KLINE 1h *@198.51.100.1 :spam",
    };
    struct world *w = world_new(config);
    struct actor *alice = world_oper_as(w, "alice", "alice");
    struct actor *bob = world_user_at(w, "bob", "198.51.100.2");
    struct actor *carl = world_user_at(w, "carl", "198.51.100.3");
    struct actor *dora = world_user_at(w, "dora", "198.51.100.4");
    world_say(w, alice, "MODE alice +s");
    world_say(w, bob, "JOIN #lobby");
    world_say(w, carl, "JOIN #lobby");
    world_say(w, dora, "JOIN #lobby");
    world_say(w, bob, "MODE bob +w");
    world_drain_all(w);
    struct actor *a = begin_call(w);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        world_say(w, a, lines[i]);
    world_store_news(w);
    world_say(w, bob, "TOPIC #lobby");
    world_say(w, bob, "MODE #lobby b");
    EXPECT(w, bob, ":irc.localhost TOPIC #lobby :new");
    EXPECT(w, bob, ":irc.localhost MODE #lobby +b *!*@198.51.100.77");
    EXPECT(w, bob, ":irc.localhost MODE #lobby +m");
    EXPECT(w, bob, ":irc.localhost KICK #lobby carl :irc.localhost");
    EXPECT(w, bob, ":irc.localhost WALLOPS :at nine");
    EXPECT(w, bob, ":dora!* QUIT :Killed (irc.localhost (flooding))");
    AWAIT(w, bob, "* 333 bob #lobby irc.localhost *");
    AWAIT(w, bob, "* 367 bob #lobby *!*@198.51.100.77 irc.localhost *");
    AWAIT(w, dora, ":irc.localhost KILL dora :flooding");
    EQUAL_NUMBER(world_count(alice, "*GLOBOPS from bans: look"), 1);
    CU_ASSERT(world_count(alice, "* NOTICE *bans*") >= 6);
    NEVER(w, alice, "*api01*");
    NEVER(w, bob, "*api01*");
    NEVER(w, carl, "*api01*");
    NEVER(w, dora, "*api01*");
    world_free(w);
}

/* What a call needs to register is no use of a command, and a call is no connection. */
static void
the_lines_before_a_call_are_not_counted(void)
{
    static const char *const verbs[] = {"CAP", "USER", "NICK"};
    static struct metric_snapshot before, now;
    struct world *w = world_new(config);
    struct actor *alice = world_oper_as(w, "alice", "alice");
    char name[80];
    world_drain_all(w);
    world_say(w, alice, "STATS u");
    EXPECT(w, alice, "* 242 *");
    EXPECT(w, alice, "* 250 alice :* 1 *(1 connections received)");
    metric_snapshot_take(&before, w->srv);
    struct actor *a = begin_call(w);
    world_say(w, a, "TIME");
    metric_snapshot_take(&now, w->srv);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        str_format(name, sizeof name, "ircd_commands_total{command=\"%s\"}", verbs[i]);
        EQUAL_NUMBER(metric_snapshot_value(&now, name) -
                         metric_snapshot_value(&before, name),
                     0);
    }
    str_format(name, sizeof name, "ircd_commands_total{command=\"TIME\"}");
    EQUAL_NUMBER(
        metric_snapshot_value(&now, name) - metric_snapshot_value(&before, name), 1);
    world_drain_all(w);
    world_say(w, alice, "STATS u");
    AWAIT(w, alice, "* 250 alice :* 1 *(1 connections received)");
    world_say(w, alice, "STATS c");
    AWAIT(w, alice, "*1 connections, 1 registered, 10 allowed");
    metric_snapshot_clear(&before);
    metric_snapshot_clear(&now);
    world_free(w);
}

static void
a_call_cannot_end_its_own_rights(void)
{
    struct world *w = world_new(config);
    struct actor *a = begin_call(w);
    world_say(w, a, "@label=x MODE api01 -o");
    EXPECT(w, a, "@label=x :irc.localhost 481 api01 :* its oper block gives +o");
    world_say(w, a, "MODE api01 -i");
    CU_ASSERT((a->client->user.modes & USER_OPER) != 0);
    CU_ASSERT_PTR_NULL(strstr(w->logged, "event=oper-ended"));
    world_close(w, a);
    EQUAL_NUMBER(w->srv->n_opers, 0);
    EQUAL_NUMBER(w->srv->n_invisible, 0);
    world_free(w);
}

SUITE(acting_acts)
{
    TEST(users_read_acts_of_a_call_as_the_servers_own);
    TEST(the_lines_before_a_call_are_not_counted);
    TEST(a_call_cannot_end_its_own_rights);
}
