/* Calls with a bearer token: what is refused and counted, and what their client may do. */
#include "base/str.h"
#include "metric_lint.h"
#include "policy/access.h"
#include "policy/host.h"
#include "policy/oper_lockout.h"
#include "policy/privs.h"
#include "session/session.h"
#include "world.h"

/* SHA-256 of "secret", "other" and "x". */
#define SECRET "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
#define OTHER "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
#define WRONG "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

#define GRAFANA(token, hosts, privileges)                                              \
    "oper \"grafana\" { token = \"sha256:" token "\" hosts = { " hosts " } "           \
    "privileges = { " privileges " } }\n"

static const char config[] = GRAFANA(
    SECRET, "\"*@192.0.2.*\", \"*@::1\"",
    "\"check\"") "oper \"bans\" { token = \"sha256:" OTHER "\" hosts = { \"*@*\" } "
                 "privileges = { \"all\" } }\n"
                 "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
                 "privileges = { \"all\" } }\n"
                 "limits { clients = 10 per_host = 1 connect_rate = \"1/1h\" }\n";

/* The verdict on a token from this address; a client that is admitted ends. */
static enum act_verdict
judge_from(struct world *w, const char *token, const char *address, bool secure,
           struct act_refusal *out)
{
    struct connection_info info = {.listener = "web", .secure = secure, .token = token};
    CU_ASSERT_FATAL(addr_parse(address, &info.addr));
    struct client *c = session_act(w->srv, &info, NULL, out);
    if (c) {
        session_close(w->srv, c, NULL);
        CU_ASSERT(session_dirty(w->srv) == c);
        session_free(w->srv, c);
    }
    CU_ASSERT((c != NULL) == (out->verdict == ACT_ADMITTED));
    CU_ASSERT((*out->why == '\0') == (c != NULL));
    return out->verdict;
}

static enum act_verdict
judge(struct world *w, const char *token, const char *address)
{
    struct act_refusal out;
    return judge_from(w, token, address, true, &out);
}

static struct actor *
open_token(struct world *w, const char *token, const char *address)
{
    return world_connect_with(
        w, address,
        (struct connection_info){.listener = "web", .secure = true, .token = token});
}

/* The client of a call, which has registered. */
static struct actor *
begin_call_as(struct world *w, const char *nick, const char *token)
{
    struct actor *a = open_token(w, token, "192.0.2.7");
    CU_ASSERT_FATAL(a->client != NULL);
    world_sayf(w, a,
               "CAP REQ :labeled-response batch standard-replies\r\n"
               "USER api 0 * :API\r\nNICK %s\r\nCAP END",
               nick);
    AWAIT(w, a, ":irc.localhost 381 *");
    world_drain(a);
    return a;
}

static struct actor *
begin_call(struct world *w, const char *token)
{
    return begin_call_as(w, "api01", token);
}

/* The clients of the control socket, before and after registration. */
static void
trace_and_check_show_no_client_that_acts(void)
{
    struct world *w = world_new(config);
    struct actor *alice = world_oper_as(w, "alice", "alice");
    struct connection_info info = {.owner = true, .listener = "0"};
    struct actor *owner = world_connect_with(w, "127.0.0.1", info);
    for (int registered = 0; registered < 2; registered++) {
        world_drain_all(w);
        world_say(w, alice, "TRACE");
        NEVER(w, alice, "* 203 *");
        NEVER(w, alice, "* ctl00*");
        world_say(w, alice, "CHECK 127.0.0.1");
        EQUAL_NUMBER(world_count(alice, "* NOTICE alice :Clients: none"), 1);
        NEVER(w, alice, "* :Client: *");
        world_say(w, owner, "NICK ctl00");
        world_say(w, owner, "USER ctl 0 * :x");
    }
    world_free(w);
}

static void
a_call_has_the_privileges_of_its_block_alone(void)
{
    struct world *w = world_new(config);
    struct actor *a = begin_call(w, SECRET);
    EQUAL_NUMBER(a->client->user.privileges, PRIV_check);
    EQUAL_TEXT(a->client->user.oper, "grafana");
    world_say(w, a, "@label=x KLINE 1h *@198.51.100.1 :spam");
    EXPECT(w, a, "@label=x :irc.localhost 481 api01 :* you need the privilege 'kline'");
    world_say(w, a, "@label=y CHECK 198.51.100.1");
    NEVER(w, a, "* 481 *");
    world_close(w, a);
    a = begin_call(w, OTHER);
    world_enact(w, a, "@label=x KLINE 1h *@198.51.100.1 :spam");
    EXPECT(w, a, "@label=x :irc.localhost NOTICE api01 :*, saved");
    CU_ASSERT(strstr(w->logged, "event=kline by=bans ") != NULL);
    world_free(w);
}

static void
wrong_tokens_close_the_door_as_wrong_passwords_do(void)
{
    struct act_refusal out;
    struct world *w = world_new(config);
    for (int i = 0; i < 3; i++)
        EQUAL_NUMBER(judge(w, WRONG, "192.0.2.7"), ACT_UNKNOWN);
    EQUAL_NUMBER(judge_from(w, SECRET, "192.0.2.7", true, &out), ACT_LOCKED_OUT);
    EQUAL_NUMBER(out.seconds, 600);
    EQUAL_NUMBER(judge(w, SECRET, "192.0.2.8"), ACT_ADMITTED);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    world_drain(bob);
    world_say(w, bob, "OPER alice secret");
    EXPECT(w, bob, "* NOTICE bob :OPER refused: too many failures from your host; *");
    world_leap(w, 10 * MSEC_MINUTE - 1);
    EQUAL_NUMBER(judge(w, SECRET, "192.0.2.7"), ACT_LOCKED_OUT);
    world_leap(w, 1);
    EQUAL_NUMBER(judge(w, SECRET, "192.0.2.7"), ACT_ADMITTED);
    world_free(w);
}

static void
wrong_passwords_close_the_door_to_tokens(void)
{
    struct world *w = world_new(config);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    for (int i = 0; i < 2; i++)
        world_say(w, bob, "OPER alice wrong");
    EQUAL_NUMBER(judge(w, WRONG, "192.0.2.7"), ACT_UNKNOWN);
    EQUAL_NUMBER(judge(w, SECRET, "192.0.2.7"), ACT_LOCKED_OUT);
    world_free(w);
}

static void
a_wrong_token_gives_the_strikes_of_a_wrong_password(void)
{
    struct world *w = world_new(config);
    EQUAL_NUMBER(judge(w, WRONG, "192.0.2.7"), ACT_UNKNOWN);
    EQUAL_NUMBER(world_settled_host(w, "192.0.2.7")->strikes, 2);
    world_free(w);
}

static void
a_right_token_is_no_failure(void)
{
    struct world *w = world_new(config);
    int fails, seconds;
    for (int i = 0; i < 50; i++)
        EQUAL_NUMBER(judge(w, SECRET, "192.0.2.7"), ACT_ADMITTED);
    oper_lockout_look(w->srv, world_host(w, "192.0.2.7"), &fails, &seconds);
    EQUAL_NUMBER(fails, 0);
    world_free(w);
}

static void
the_block_says_from_which_hosts_its_token_works(void)
{
    struct act_refusal out;
    struct world *w = world_new(config);
    for (int i = 0; i < 9; i++)
        EQUAL_NUMBER(judge_from(w, SECRET, "198.51.100.1", true, &out), ACT_HOST);
    CU_ASSERT(strstr(out.why, "hosts") != NULL);
    EQUAL_NUMBER(judge(w, OTHER, "198.51.100.1"),
                 ACT_ADMITTED); /* no failure counted */
    CU_ASSERT(strstr(w->logged, "event=token-failed host=198.51.100.1 name=grafana ") !=
              NULL);
    world_free(w);
    w = world_new(GRAFANA(SECRET, "\"*@192.0.2.7\"", "\"check\""));
    for (int i = 0; i < 9; i++) /* no token is compared */
        EQUAL_NUMBER(judge(w, i ? WRONG : SECRET, "192.0.2.8"), ACT_HOST);
    CU_ASSERT(world_host(w, "192.0.2.8") == NULL);
    world_free(w);
}

static void
a_token_comes_encrypted_or_from_this_machine(void)
{
    struct act_refusal out;
    struct world *w = world_new(config);
    for (int i = 0; i < 9; i++)
        EQUAL_NUMBER(judge_from(w, i ? WRONG : SECRET, "192.0.2.7", false, &out),
                     ACT_PLAIN);
    EQUAL_NUMBER(judge_from(w, SECRET, "192.0.2.7", true, &out), ACT_ADMITTED);
    EQUAL_NUMBER(judge_from(w, SECRET, "::1", false, &out), ACT_ADMITTED);
    EQUAL_NUMBER(judge_from(w, OTHER, "127.0.0.1", false, &out), ACT_ADMITTED);
    world_free(w);
}

static void
a_hash_of_another_form_is_no_token(void)
{
    static const char *const tokens[] = {"", "sha256:" SECRET, "2bb80d53", SECRET "0"};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        struct world *w = world_new(config);
        EQUAL_NUMBER(judge(w, tokens[i], "192.0.2.7"), ACT_UNKNOWN);
        world_free(w);
    }
}

static void
no_limit_password_or_ban_stops_a_call(void)
{
    char text[2048];
    str_format(text, sizeof text, "%sserver { password = \"$argon2id$secret\" }\n",
               config);
    struct world *w = world_new(text);
    for (int i = 0; i < 20; i++) {
        struct actor *a = begin_call(w, OTHER);
        world_say(w, a, "KLINE FORCE 1h *@192.0.2.7 :all of this host");
        world_say(w, a, "RESV FORCE 1h api* :its nicks");
        world_say(w, a, "XLINE FORCE 1h API :its name");
        world_store_news(w);
        CU_ASSERT(!a->closed);
        world_close(w, a);
    }
    world_free(w);
}

static void
a_call_is_hidden_and_not_counted(void)
{
    struct world *w = world_new(config);
    struct actor *alice = world_oper_as(w, "alice", "alice");
    size_t most = w->srv->max_clients;
    world_say(w, alice, "MONITOR + api01");
    world_say(w, alice, "MODE alice +s +c");
    world_drain_all(w);
    struct actor *a = begin_call(w, SECRET);
    EQUAL_NUMBER(session_count(w->srv), 1);
    EQUAL_NUMBER(w->srv->max_clients, most);
    static const char *const lines[] = {"WHOIS api01",  "WHO *",     "WHO * o",
                                        "TRACE",        "STATS p",   "WHOWAS api01",
                                        "USERIP api01", "WHO api01", "ISON api01"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        world_say(w, alice, lines[i]);
    world_close(w, a);
    NEVER(w, alice, "* 311 *");
    NEVER(w, alice, "* 352 * api01 *");
    NEVER(w, alice, "* 204 * api01*");
    NEVER(w, alice, "*:0 API");
    NEVER(w, alice, "*grafana*");
    NEVER(w, alice, "* 730 *");
    NEVER(w, alice, "*onnecting*api01*");
    NEVER(w, alice, "*xiting*api01*");
    NEVER(w, alice, "* 303 alice :api01*");
    world_free(w);
}

static void
no_gauge_of_clients_has_a_call(void)
{
    static const char *const names[] = {"ircd_clients{state=\"registered\"}",
                                        "ircd_clients{state=\"unregistered\"}",
                                        "ircd_opers"};
    static struct metric_snapshot before, now;
    struct world *w = world_new(config);
    world_oper_as(w, "alice", "alice");
    world_connect(w, "198.51.100.9");
    metric_snapshot_take(&before, w->srv);
    open_token(w, SECRET, "192.0.2.7"); /* it has not registered */
    begin_call(w, SECRET);
    metric_snapshot_take(&now, w->srv);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        EQUAL_NUMBER(metric_snapshot_value(&before, names[i]), 1);
        EQUAL_NUMBER(metric_snapshot_value(&now, names[i]), 1);
    }
    metric_snapshot_clear(&before);
    metric_snapshot_clear(&now);
    world_free(w);
}

static void
the_limits_of_a_host_do_not_count_its_calls(void)
{
    struct world *w = world_new(config);
    struct actor *a = begin_call(w, SECRET);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.7");
    CU_ASSERT(!bob->closed);
    CU_ASSERT(world_connect(w, "192.0.2.7")->closed);
    world_close(w, a);
    CU_ASSERT(world_connect(w, "192.0.2.7")->closed);
    world_free(w);
}

static void
each_call_is_one_line_of_the_log_without_its_token(void)
{
    struct world *w = world_new(config);
    size_t before = w->logged_len;
    struct actor *a = begin_call(w, SECRET);
    world_say(w, a, "@label=x CHECK 198.51.100.1");
    world_close(w, a);
    EQUAL_TEXT(strstr(w->logged + before, "event="),
               "event=api name=grafana host=192.0.2.7 command=CHECK\n");
    before = w->logged_len;
    a = begin_call(w, SECRET);
    world_say(w, a, "@label=x hunter2");
    world_close(w, a);
    EQUAL_TEXT(strstr(w->logged + before, "event="),
               "event=api name=grafana host=192.0.2.7 command=?\n");
    judge(w, WRONG, "192.0.2.7");
    judge(w, SECRET, "198.51.100.1");
    CU_ASSERT(strstr(w->logged, SECRET) == NULL);
    CU_ASSERT(strstr(w->logged, WRONG) == NULL);
    CU_ASSERT(strstr(w->logged, "hunter2") == NULL);
    world_free(w);
}

static void
a_call_runs_no_command_with_which_users_chat(void)
{
    static const char *const lines[] = {
        "JOIN #a",      "PRIVMSG alice :x", "NOTICE alice :x",
        "NICK other",   "QUIT :x",          "OPER alice secret",
        "AWAY :x",      "CAP REQ :sasl",    "PING x",
        "PASS x",       "SETNAME x",        "BATCH +a x",
        "TAGMSG alice", "WEBIRC a b c d",   "USER a b c d",
    };
    struct world *w = world_new(config);
    struct actor *a = begin_call(w, OTHER);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        world_drain_all(w);
        world_sayf(w, a, "@label=x %s", lines[i]);
        if (world_count(a, "@label=x * 481 *") + world_count(a, "@label=x * 462 *") !=
            1)
            EQUAL_TEXT(lines[i], "refused");
        CU_ASSERT_FATAL(!a->closed);
    }
    world_free(w);
}

static void
a_new_configuration_changes_tokens_and_rights(void)
{
    struct world *w = world_new(config);
    struct actor *a = begin_call(w, SECRET), *b = begin_call_as(w, "api02", OTHER);
    w->rehash_text = GRAFANA(WRONG, "\"*@192.0.2.*\"", "\"check\", \"kline\"");
    CU_ASSERT_FATAL(world_rehash(w));
    EQUAL_NUMBER(judge(w, WRONG, "192.0.2.7"), ACT_ADMITTED);
    EQUAL_NUMBER(judge(w, SECRET, "192.0.2.7"), ACT_UNKNOWN);
    /* The rights of calls that are under way are those of the block now. */
    EQUAL_NUMBER(a->client->user.privileges, PRIV_check | PRIV_kline);
    EQUAL_NUMBER(b->client->user.privileges, 0);
    world_say(w, b, "@label=x CHECK 192.0.2.7");
    AWAIT(w, b, "@label=x :irc.localhost 481 *");
    world_free(w);
}

/* Each try of a call with a nick that is taken is two lines. */
static void
taken_nicks_do_not_end_a_call(void)
{
    struct world *w = world_new(config);
    CU_ASSERT_PTR_NOT_NULL(world_user_at(w, "taken", "192.0.2.1"));
    struct actor *a = open_token(w, OTHER, "192.0.2.7");
    world_say(w, a, "USER api 0 * :API");
    for (int i = 0; i < 99; i++) {
        world_say(w, a, "NICK taken");
        world_say(w, a, "CHECK 192.0.2.7");
    }
    CU_ASSERT_FATAL(a->client != NULL && !session_is_dead(a->client));
    world_say(w, a, "NICK free");
    AWAIT(w, a, ":irc.localhost 381 free *");
    world_free(w);
}

SUITE(acting)
{
    TEST(taken_nicks_do_not_end_a_call);
    TEST(trace_and_check_show_no_client_that_acts);
    TEST(a_call_has_the_privileges_of_its_block_alone);
    TEST(wrong_tokens_close_the_door_as_wrong_passwords_do);
    TEST(wrong_passwords_close_the_door_to_tokens);
    TEST(a_wrong_token_gives_the_strikes_of_a_wrong_password);
    TEST(a_right_token_is_no_failure);
    TEST(the_block_says_from_which_hosts_its_token_works);
    TEST(a_token_comes_encrypted_or_from_this_machine);
    TEST(a_hash_of_another_form_is_no_token);
    TEST(no_limit_password_or_ban_stops_a_call);
    TEST(a_call_is_hidden_and_not_counted);
    TEST(no_gauge_of_clients_has_a_call);
    TEST(the_limits_of_a_host_do_not_count_its_calls);
    TEST(each_call_is_one_line_of_the_log_without_its_token);
    TEST(a_call_runs_no_command_with_which_users_chat);
    TEST(a_new_configuration_changes_tokens_and_rights);
}
