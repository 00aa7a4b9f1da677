/* Every act of an operator, and every one of the server's own, is exactly one event of
 * the log, with the keys that contrib/EVENTS.md promises, in text and in JSON. */
#include "config/config.h"
#include "enact/strike.h"
#include "logged.h"
#include "policy/client_policy.h"

#define OPTIONS                                                                        \
    "oper \"gate\" { password = \"$argon2id$secret\" hosts = { \"*@203.0.113.1\" } "   \
    "privileges = { \"all\" } }\n"                                                     \
    "class \"gateway\" { match = { \"198.51.100.0/24\" } strikes = \"disconnect\" }\n" \
    "limits { sendq = 16384 sendq_unregistered = 8192 }\n"

static struct world *w;
static struct actor *root, *ann, *bob, *fresh;

static void
begin(enum log_format format)
{
    char config[1200];
    snprintf(config, sizeof config, "%s" OPTIONS, world_alice);
    w = world_new(config);
    w->log.level = LOG_LEVEL_INFO;
    w->log.format = format;
    root = world_oper(w, "root");
    ann = world_user(w, "ann");
    bob = world_user_at(w, "bob", "192.0.2.7");
    fresh = world_connect(w, "192.0.2.8");
    world_say(w, ann, "JOIN #a\r\nMODE #a +it");
    world_drain_all(w);
}

/* The lines that an operator (or, for OPER, a user) sends before, and the line that is
 * tried. */
static const struct {
    const char *before, *line, *shape;
} acts[] = {
    {NULL, "KILL bob :spam",
     "kill: by nick host reason; "
     "exit: client host cause reason by"},
    {NULL, "KILL bob",
     "kill: by nick host reason; "
     "exit: client host cause reason by"},
    {NULL, "KILL nobody :x", ""},
    {NULL, "CLOSE", "exit: client host cause reason by; close: by connections"},
    {NULL, "KLINE 1h *@192.0.2.99 :x", "kline: by mask until reason removed"},
    {NULL, "KLINE *@192.0.2.99 :x|y",
     "kline: by mask until reason oper-reason removed"},
    {NULL, "KLINE bob :x",
     "exit: client host cause reason mask; "
     "kline: by mask until reason removed"},
    {NULL, "KLINE 1h *@* :x", ""},
    {"KLINE 1h *@192.0.2.99 :x", "KLINE 2h *@192.0.2.99 :y",
     "kline: by mask until reason removed"},
    {"KLINE 1h *@192.0.2.99 :x", "UNKLINE *@192.0.2.99", "unkline: by mask"},
    {NULL, "UNKLINE *@192.0.2.99", ""},
    {NULL, "DLINE 1h 192.0.2.99 :x", "dline: by mask until reason removed"},
    {"DLINE 1h 192.0.2.99 :x", "UNDLINE 192.0.2.99", "undline: by mask"},
    {NULL, "RESV 1h free* :x", "resv: by mask until reason removed"},
    {"RESV 1h free* :x", "UNRESV free*", "unresv: by mask"},
    {NULL, "XLINE 1h *viagra* :x|y", "xline: by mask until reason oper-reason removed"},
    {"XLINE 1h *viagra* :x", "UNXLINE *viagra*", "unxline: by mask"},
    {NULL, "STRIKE bob 2 :x", "strike-given: by host nick strikes reason"},
    {NULL, "STRIKE 192.0.2.7 2", "strike-given: by host strikes"},
    {NULL, "STRIKE bob 5 :x",
     "exit: client host cause reason mask; "
     "kline: by mask until reason cause removed; "
     "strike-given: by host nick strikes reason"},
    {"STRIKE bob 2 :x", "PARDON bob", "pardon: by host what"},
    {"STRIKE bob 5 :x", "PARDON 192.0.2.7", "pardon: by host what"},
    {NULL, "PARDON bob", ""},
    {NULL, "SAMODE #a +m", "override: by command channel text"},
    {NULL, "SAMODE #a +o bob", ""},
    {NULL, "SAMODE #a -o ann", "override: by command channel text"},
    {NULL, "SAMODE #none +m", ""},
    {NULL, "SAJOIN bob #a", "override: by command channel nick"},
    {NULL, "SAJOIN #a", "override: by command channel nick"},
    {NULL, "JOIN #a", "override: by command channel"},
    {NULL, "JOIN #new", ""},
    {NULL, "MODE #a +m", "override: by command channel text"},
    {NULL, "MODE #a", ""},
    {NULL, "TOPIC #a :t", "override: by command channel text"},
    {NULL, "KICK #a ann :x", "override: by command channel nick text"},
    {"SAJOIN #a", "RENAME #a #b", "override: by command channel text"},
    {NULL, "WALLOPS :x", "wallops: by text"},
    {NULL, "GLOBOPS :x", "globops: by text"},
    {NULL, "NOTICE $$*.localhost :x", "broadcast: by command target text"},
    {NULL, "NOTICE bob :x", ""},
    {NULL, "REHASH", "rehash: by"},
    {NULL, "DIE irc.localhost :x", "die: by reason"},
    {NULL, "DIE irc.localhost :x|y", "die: by reason oper-reason"},
    {NULL, "DIE irc.localhost", "die: by"},
    {NULL, "DIE :x", ""},
    {NULL, "KILL bob :x|y",
     "kill: by nick host reason oper-reason; "
     "exit: client host cause reason by"},
    {NULL, "MODE root -o", "oper-ended: client name why"},
    {NULL, "QUIT :x", "oper-ended: client name why"},
    {NULL, "STATS k\r\nSTATS d\r\nSTATS o\r\nWHOIS bob\r\nHELP", ""},
    {NULL, "BANS\r\nTESTMASK *@192.0.2.*\r\nCHECK bob\r\nSTRIKES", ""},
};

static void
every_act_of_an_operator_is_one_event(void)
{
    for (size_t i = 0; i < 2 * (sizeof acts / sizeof *acts); i++) {
        begin(i % 2 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
        w->rehash_text = world_alice;
        if (acts[i / 2].before)
            world_say(w, root, acts[i / 2].before);
        logged_clear(w);
        world_say(w, root, acts[i / 2].line);
        if (strcmp(logged_shape(w), acts[i / 2].shape) != 0)
            printf("\n    after %s\n", acts[i / 2].line);
        EQUAL_TEXT(logged_shape(w), acts[i / 2].shape);
        logged_check(w);
        world_free(w);
    }
}

/* A strike is an act of its own. */
#define STRIKE "; strike: host nick cause strikes"
static const struct {
    int times; /* said before */
    const char *line, *shape;
} logins[] = {
    {0, "OPER alice secret", "oper: client name"},
    {0, "OPER alice wrong", "oper-failed: client name why" STRIKE},
    {0, "OPER gate secret", "oper-host: client name mask why"},
    {3, "OPER gate secret", "oper-host: client name mask why"},
    {0, "OPER secret alice", "oper-failed: client why" STRIKE},
    {2, "OPER alice wrong",
     "oper-failed: client name why" STRIKE "; oper-lockout: host until"},
    {2, "OPER gate wrong",
     "oper-failed: client name why" STRIKE "; oper-lockout: host until"},
    {3, "OPER alice wrong", "oper-refused: client name why"},
    {3, "OPER secret alice", "oper-refused: client why"},
    {0, "OPER alice", ""},
    {0, "DIE", ""},
};

static void
every_login_is_one_event_and_a_strike_where_it_failed(void)
{
    for (size_t i = 0; i < 2 * (sizeof logins / sizeof *logins); i++) {
        begin(i % 2 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
        for (int n = 0; n < logins[i / 2].times; n++)
            world_say(w, bob, logins[i / 2].line);
        world_sleep(w, 5000);
        logged_clear(w);
        world_say(w, bob, logins[i / 2].line);
        if (strcmp(logged_shape(w), logins[i / 2].shape) != 0)
            printf("\n    after %s\n", logins[i / 2].line);
        EQUAL_TEXT(logged_shape(w), logins[i / 2].shape);
        CU_ASSERT_PTR_NULL(strstr(w->logged, "secret"));
        logged_check(w);
        world_free(w);
    }
}

static void
a_busy_worker_is_said(void)
{
    begin(LOG_FORMAT_TEXT);
    world_fill_worker(w, true);
    logged_clear(w);
    world_say(w, bob, "OPER alice secret");
    EQUAL_TEXT(logged_shape(w), "oper-refused: client name why");
    CONTAINS(w->logged, "why=\"too many logins at once\"");
    world_free(w);
}

/* Acts of the server itself. */

static void
strike_to_the_limit(struct actor *a)
{
    for (int i = 0; i < 5 && a->client; i++)
        enact_strike(w->srv, a->client, STRIKE_FLOOD);
    world_sleep(w, 0);
}

static void
ban_by_strikes(void)
{
    strike_to_the_limit(bob);
}

static void
disconnect_by_strikes(void)
{
    struct actor *gate = world_user_at(w, "gate", "198.51.100.7");
    logged_clear(w);
    strike_to_the_limit(gate);
}

static void
send_too_much(void)
{
    for (int i = 0; i < 21; i++)
        world_say(w, fresh, "PONG x");
}

static void
read_too_little(void)
{
    bob->deaf = true;
    policy_of(bob->client)->exempt |= EXEMPT_FLOOD;
    for (int i = 0; i < 200 && bob->client; i++)
        world_sayf(w, bob, "PING :%0400d", i);
    world_sleep(w, 0);
    bob->deaf = false;
}

static void
let_bans_end(void)
{
    world_say(w, root, "KLINE 1m *@192.0.2.99 :x\r\nDLINE 2m 192.0.2.99 :x");
    logged_clear(w);
    world_sleep(w, 130000);
}

static void
connect_too_often(void)
{
    for (int i = 0; i < 4; i++)
        world_connect(w, "203.0.113.9");
}

static void
come_though_banned(void)
{
    world_say(w, root, "KLINE 1h *@203.0.113.9 :x");
    logged_clear(w);
    world_user_at(w, "eve", "203.0.113.9");
}

static void
refuse_a_configuration(void)
{
    w->rehash_text = "limits { per_host = 0 }\njunk";
    world_say(w, root, "REHASH");
}

static void
take_a_block_away(void)
{
    w->rehash_text = "";
    world_say(w, root, "REHASH");
}

static void
change_a_block(void)
{
    w->rehash_text = "oper \"alice\" { password = \"$argon2id$secret\" hosts = { "
                     "\"*@*\" } privileges = { \"kill\" } }\n";
    world_say(w, root, "REHASH");
}

static const struct {
    void (*run)(void);
    const char *shape;
} automatic[] = {
    {ban_by_strikes, "strike: host nick cause strikes" STRIKE STRIKE STRIKE STRIKE
                     "; exit: client host cause reason mask"
                     "; kline: by mask until reason cause removed"},
    {disconnect_by_strikes,
     "strike: host nick cause strikes" STRIKE STRIKE STRIKE STRIKE
     "; strikes-disconnect: host nick cause; exit: client host cause reason"},
    {send_too_much, "excess-flood: client" STRIKE "; exit: client host cause reason"},
    {read_too_little, "sendq-exceeded: client why; exit: client host cause reason"},
    {let_bans_end,
     "exit: client host cause reason; ban-expired: kind mask; ban-expired: kind mask"},
    {connect_too_often, "refused: host told"},
    {come_though_banned, "refused: client told; exit: client host cause reason mask"},
    {refuse_a_configuration, "rehash-refused: by faults why"},
    {take_a_block_away, "oper-ended: client name why; rehash: by"},
    {change_a_block, "oper-changed: nick name; rehash: by"},
};

static void
every_act_of_the_server_is_one_event(void)
{
    for (size_t i = 0; i < 2 * (sizeof automatic / sizeof *automatic); i++) {
        begin(i % 2 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
        w->srv->config->limits.ping_every = w->srv->config->limits.ping_timeout =
            1000 * MSEC_SECOND;
        logged_clear(w);
        automatic[i / 2].run();
        EQUAL_TEXT(logged_shape(w), automatic[i / 2].shape);
        logged_check(w);
        world_sleep(w, 0);
        world_free(w);
    }
}

static void
a_failed_reload_is_one_event_with_all_its_faults(void)
{
    begin(LOG_FORMAT_TEXT);
    w->rehash_text = "limits { per_host = 1 }\nlimits { per_host = 2 }";
    session_configure_failed(w->srv, 0, "a:1: one\nb:2: two");
    CONTAINS(w->logged,
             "event=rehash-refused by=signal faults=2 why=\"a:1: one; b:2: two\"\n");
    world_free(w);
}

SUITE(log_events)
{
    TEST(every_act_of_an_operator_is_one_event);
    TEST(every_login_is_one_event_and_a_strike_where_it_failed);
    TEST(a_busy_worker_is_said);
    TEST(every_act_of_the_server_is_one_event);
    TEST(a_failed_reload_is_one_event_with_all_its_faults);
}
