/* A long session of many clients, after which its whole log is searched: in either
 * format it names no client that is to be hidden, and it has no secret in any mode. */
#include "base/str.h"
#include "config/config.h"
#include "enact/strike.h"
#include "logged.h"
#include "policy/client_policy.h"
#include "policy/policy.h"
#include "proto/casemap.h"

#define CONFIG                                                                         \
    "oper \"staff\" { password = \"$argon2id$sesame\" hosts = { \"*@*\" } "            \
    "privileges = { \"all\" } }\n"                                                     \
    "oper \"inner\" { password = \"$argon2id$sesame\" hosts = { \"*@203.0.113.250\" "  \
    "} privileges = { \"all\" } }\n"                                                   \
    "class \"gateway\" { match = { \"198.51.100.0/24\" } strikes = \"disconnect\" }\n" \
    "server { cloak = %s }\n"

/* The names and secrets that must not be found. No text of the server has these
 * letters. */
static const char *const people[] = {
    "zebedee", "quagga",     "yorick",      "xanthe",       "wombat",
    "vixen",   "203.0.113.", "198.51.100.", "2001:db8:77:", "gossip",
    ".cloak",  "zq*",        "wom?at",      "192.0.2.",     "cb00:71",
};
static const char *const secrets[] = {"sesame", "hunter2", "opensaysme", "swordfish",
                                      "$argon2id$"};

static struct world *w;

static void
flood(struct actor *a)
{
    for (int i = 0; i < 60 && a->client; i++)
        world_say(w, a, "ISON wombat");
    for (int i = 0; i < 5 && a->client; i++)
        enact_strike(w->srv, a->client, STRIKE_NICK);
    world_sleep(w, 0);
}

static void
log_in(struct actor *a, struct actor *other)
{
    static const char *const lines[] = {
        "OPER staff hunter2", "OPER opensaysme staff", "OPER inner sesame",
        "OPER inner wrong",   "OPER staff sesame",     "OPER opensaysme hunter2",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        world_say(w, other, lines[i]);
        world_sleep(w, 3000);
    }
    world_say(w, a, "OPER staff sesame");
    CU_ASSERT_FATAL(a->client->user.oper != NULL);
    policy_of(a->client)->exempt |= EXEMPT_FLOOD;
}

static void
act(struct actor *a)
{
    static const char *const lines[] = {
        "KLINE 1h *@203.0.113.99 :gossip of Wombat|WOMBAT@203.0.113.98 told",
        "KLINE FORCE 1m *vixen*@2001:db8:77::/48 :gossip",
        "KLINE zq*!*@198.51.100.* :gossip",
        "KLINE 1h yorick :gossip",
        "KLINE 1h nobody@[203.0.113.1] :gossip",
        "KLINE 1h wom?at!*@192.0.2.* :gossip",
        "DLINE 1m 203.0.113.64/26 :gossip from 203.0.113.65",
        "DLINE 1h 192.0.2.1/33 :gossip",
        "UNKLINE *@203.0.113.99",
        "UNDLINE 203.0.113.64/26",
        "UNDLINE 203.0.113.1",
        "SAMODE #c +o wombat",
        "SAMODE #c +k-k swordfish",
        "SAMODE #c +b zq*!*@203.0.113.4",
        "SAJOIN wombat #c",
        "KICK #c wombat :gossip",
        "WALLOPS :zebedee is at 203.0.113.5",
        "GLOBOPS :zebedee is at 2001:db8:77::1",
        "NOTICE $$*.localhost :gossip",
        "PRIVMSG $$*.localhost :yorick: gossip",
        "STATS k",
        "STATS o",
        "WHOIS wombat",
        "CLOSE",
        "DLINE 1h 203.0.113.77 :gossip",
        "KILL wombat :zebedee says gossip",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        world_say(w, a, lines[i]);
        world_sleep(w, 10);
    }
}

static void
reload(struct actor *a)
{
    static const char *const texts[] = {
        "oper \"staff\" { password = \"hunter2\" hosts = { \"quagga@203.0.113.7\" } }",
        "oper \"staff\" { password = \"$argon2id$sesame\" hosts = { "
        "\"quagga@@203.0.113.7\", \"zebedee!x@2001:db8:77::/129\" } }",
        "exempt \"203.0.113.7/33\" { from = { \"bans\" } }\n"
        "class \"x\" { match = { \"2001:db8:77::g\" } }",
        "server { cloak = true } oper \"staff\" { password = \"$argon2id$sesame\" "
        "hosts = { \"*@*\" } privileges = { \"kill\", \"rehash\" } }",
        "server { cloak = true }",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        w->rehash_text = texts[i];
        world_say(w, a, "REHASH");
    }
}

/* All kinds of clients do all kinds of things. */
static void
tell_a_story(void)
{
    struct actor *zebedee = world_user_at(w, "zebedee", "203.0.113.10");
    struct actor *quagga = world_user_at(w, "quagga", "2001:db8:77:1::7");
    struct actor *yorick = world_user_at(w, "yorick", "203.0.113.77");
    struct actor *xanthe = world_user_at(w, "xanthe", "198.51.100.9");
    struct actor *wombat = world_user_at(w, "wombat", "::ffff:203.0.113.12");
    struct actor *vixen = world_user_at(w, "vixen", "203.0.113.13");
    world_say(w, wombat, "JOIN #c\r\nMODE #c +ik swordfish");
    world_say(w, zebedee, "PASS hunter2\r\nQUIT :gossip");
    log_in(quagga, vixen);
    act(quagga);
    flood(xanthe);
    flood(vixen);
    world_store_news(w);
    for (int i = 0; i < 12; i++)
        world_user_at(w, "zebedee", "203.0.113.13");
    world_user_at(w, "yorick", "203.0.113.77");
    struct actor *slow = world_connect(w, "203.0.113.44");
    for (int i = 0; i < 25; i++)
        world_say(w, slow, "NICK wombat");
    world_connect(w, "203.0.113.45");
    world_sleep(w, 130000);
    world_say(w, quagga, "PONG x");
    if (yorick->client)
        world_close(w, yorick);
    reload(quagga);
}

static bool
has(const char *text, const char *word)
{
    /* A search by hand, because the words have wildcards. */
    for (; *text; text++) {
        size_t i = 0;
        while (word[i] && (text[i] | 32) == (word[i] | 32))
            i++;
        if (word[i] == '\0')
            return true;
    }
    return false;
}

static void
search(const char *const *words, size_t n, bool wanted)
{
    for (size_t i = 0; i < n; i++) {
        if (has(w->logged, words[i]) != wanted)
            printf("\n    %s: %s\n", wanted ? "not in the log" : "in the log",
                   words[i]);
        CU_ASSERT(has(w->logged, words[i]) == wanted);
    }
}

static void
run(enum redact_mode mode, enum log_format format, const char *cloak)
{
    char config[1000];
    str_format(config, sizeof config, CONFIG, cloak);
    w = world_new(config);
    w->log.redact.mode = mode;
    w->log.format = format;
    tell_a_story();
    session_shutdown(w->srv, "Server stopped by quagga: gossip");
    world_sleep(w, 0);
}

static void
a_redacted_log_names_no_client(void)
{
    for (int i = 0; i < 8; i++) {
        run(i & 1 ? REDACT_FULL : REDACT_HASH,
            i & 2 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT, i & 4 ? "true" : "false");
        search(people, sizeof people / sizeof *people, false);
        search(secrets, sizeof secrets / sizeof *secrets, false);
        CONTAINS(w->logged, i & 1 ? "<redacted>" : ">!<");
        world_free(w);
    }
}

/* The same session without redaction: the search above would find the words. */
static void
the_open_log_has_them_but_no_secret(void)
{
    for (int i = 0; i < 2; i++) {
        run(REDACT_NONE, i ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT, "false");
        search(people, 10, true);
        search(secrets, sizeof secrets / sizeof *secrets, false);
        CU_ASSERT_PTR_NULL(strstr(w->logged, "<redacted>"));
        world_free(w);
    }
}

static const char *const told[] = {
    "oper:",          "oper-failed:",  "oper-host:",
    "oper-refused:",  "oper-lockout:", "oper-ended:",
    "oper-changed:",  "kill:",         "kline:",
    "dline:",         "unkline:",      "undline:",
    "close:",         "override:",     "wallops:",
    "globops:",       "broadcast:",    "rehash:",
    "rehash-refused", "refused:",      "strike:",
    "ban-expired:",   "excess-flood",  "registered:",
    "connect:",       "exit:",         "strikes-disconnect:",
    "saved:",
};

static void
the_story_has_every_event_that_is_about_people(void)
{
    char *shapes = calloc(1, 1);
    size_t len = 0;
    run(REDACT_HASH, LOG_FORMAT_TEXT, "false");
    for (char *at = w->logged, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        struct world one = {.logged = at};
        *end = '\0';
        const char *shape = logged_shape(&one);
        shapes = realloc(shapes, len + strlen(shape) + 2);
        len += (size_t)snprintf(shapes + len, strlen(shape) + 2, "%s ", shape);
        logged_check(&one);
    }
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        CONTAINS(shapes, told[i]);
    free(shapes);
    world_free(w);
}

/* The "<…>" behind this text in the log. */
static const char *
token_behind(const char *text, char out[15])
{
    const char *at = strstr(w->logged, text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    str_format(out, 15, "%s", at + strlen(text));
    return out;
}

static void
one_person_is_one_token_through_the_whole_log(void)
{
    char config[1000], host[15], other[15], masked[40];
    str_format(config, sizeof config, CONFIG, "true");
    w = world_new(config);
    w->log.redact.mode = REDACT_HASH;
    struct actor *quagga = world_user_at(w, "quagga", "192.0.2.7");
    EQUAL_TEXT(token_behind("event=connect host=", host),
               token_behind("event=connect host=", other));
    str_format(masked, sizeof masked, "@%s", host);
    CONTAINS(strstr(w->logged, "event=registered"), masked);
    enact_strike(w->srv, quagga->client, STRIKE_FLOOD);
    EQUAL_TEXT(token_behind("event=strike host=", other), host);
    world_say(w, quagga, "OPER staff sesame");
    CONTAINS(strstr(w->logged, "event=oper "), masked);
    world_say(w, quagga, "KLINE FORCE 1h quagga :x");
    CONTAINS(strstr(w->logged, "event=kline "), masked);
    world_user_at(w, "zebedee", "192.0.2.7");
    CONTAINS(strstr(w->logged, "event=refused "), masked);
    world_say(w, quagga, "DLINE FORCE 1h 192.0.2.7 :x");
    EQUAL_TEXT(token_behind("event=dline by=staff mask=", other), host);
    world_free(w);
}

SUITE(log_privacy)
{
    TEST(a_redacted_log_names_no_client);
    TEST(the_open_log_has_them_but_no_secret);
    TEST(the_story_has_every_event_that_is_about_people);
    TEST(one_person_is_one_token_through_the_whole_log);
}
