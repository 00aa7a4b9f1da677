/* The options of HTTP: what listeners serve, the block web, tokens of opers, and what
 * `ircd -t` tells of them. */
#include "base/str.h"
#include "faulty.h"

#define SUM "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER "sha256:10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TOKEN "token = \"" SUM "\""
#define HOSTS " hosts = { \"*@127.0.0.1\" } "

static void
roles_are_read(void)
{
    char roles[CONFIG_SERVES_TEXT];
    struct config *c = faulty_none("listen 0.0.0.0:1 { }\n"
                                   "listen 0.0.0.0:2 { serves = { irc } }\n"
                                   "listen 0.0.0.0:3 { serves = metrics }\n"
                                   "listen 0.0.0.0:4 { serves = { admin, api, health, "
                                   "metrics, websocket, chat } tls = true }\n"
                                   "listen \"unix:x\" { serves = { api } }\n"
                                   "proxy p { match = { ::1 } accepts = { "
                                   "proxy-protocol } }\n"
                                   "listen [::]:5 { serves = { websocket } proxy = "
                                   "true }");
    static const unsigned want[] = {SERVES_IRC,     SERVES_IRC, SERVES_METRICS,
                                    SERVES_ALL_WEB, SERVES_API, SERVES_WEBSOCKET};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        EQUAL_NUMBER(c->listen[i].serves, want[i]);
        EQUAL_NUMBER(config_is_web(&c->listen[i]), i >= 2);
    }
    EQUAL_TEXT(config_serves_text(SERVES_IRC, roles), "irc");
    EQUAL_TEXT(config_serves_text(c->listen[3].serves, roles),
               "chat,websocket,metrics,health,api,admin");
    EQUAL_TEXT(config_serves_text(0, roles), "");
    config_free(c);
}

static void
wrong_roles_are_refused(void)
{
#define L "listen 1.2.3.4:1 {\n serves = "
#define IS "t.conf:2: listen \"1.2.3.4:1\" serves: "
    static const struct wrong cases[] = {
        {L "{ chat, irc } }", IS "\"irc\" cannot be in one list with"},
        {L "{ irc, chat } }", IS "\"chat\" cannot be in one list with"},
        {L "{ chat, health, chat } }", IS "\"chat\" is there twice\n"},
        {L "{ irc, irc } }", IS "\"irc\" is there twice\n"},
        {L "{ Chat } }", IS "\"Chat\" is not one of irc, chat, websocket, metrics, "
                            "health, api, admin\n"},
        {L "{ } }", "t.conf:2: serves is an empty list"},
        {L "{ chat } redirect = true }",
         "t.conf:1: listen \"1.2.3.4:1\" redirect: it is for listeners that serve irc"},
        {L "{ websocket } redirect = true }\nlisten 1.2.3.4:2 { tls = true }",
         "t.conf:1: listen \"1.2.3.4:1\" redirect: it is for listeners that serve irc"},
        {L "{ chat, health } ping_every = 60s }",
         "t.conf:1: listen \"1.2.3.4:1\" ping_every: only clients of irc and"},
        {L "{ websocket } ping_every = 4s }",
         "t.conf:2: listen \"1.2.3.4:1\" ping_every: \"4s\" is not a duration from 5s "
         "to 1h"},
    };
    EACH_IS_TOLD(cases);
}

static void
a_websocket_listener_pings_more_often(void)
{
    struct config *c =
        faulty_none("limits { ping_every = 100s }\n"
                    "listen 1.2.3.4:1 { }\n"
                    "listen 1.2.3.4:2 { ping_every = 5s }\n"
                    "listen 1.2.3.4:3 { serves = { websocket } }\n"
                    "listen 1.2.3.4:4 { serves = { websocket } ping_every = 1h }\n"
                    "listen 1.2.3.4:5 { serves = { chat } }");
    static const int want[] = {0, 5, 45, 3600, 0};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        EQUAL_NUMBER(c->listen[i].ping_every, want[i] * MSEC_SECOND);
    config_free(c);
}

static void
at_most_three_times_of_listeners_differ(void)
{
#define EVERY(port, time) "listen 1.2.3.4:" port " { ping_every = " time " }\n"
    struct config *c = faulty_none(EVERY("1", "7s") EVERY("2", "8s") EVERY("3", "9s")
                                       EVERY("4", "8s") EVERY("5", "9s"));
    static const unsigned want[] = {1, 2, 3, 2, 3};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        EQUAL_NUMBER(c->listen[i].pace, want[i]);
        EQUAL_NUMBER(c->paces[want[i]], c->listen[i].ping_every);
    }
    EQUAL_NUMBER(c->paces[0], 0);
    config_free(c);
    static const struct wrong cases[] = {
        {EVERY("1", "7s") EVERY("2", "8s") EVERY("3", "9s") EVERY("4", "7s")
             EVERY("5", "10s"),
         "t.conf:5: listen \"1.2.3.4:5\" ping_every: listeners may have at most 3 "
         "different times\n"},
    };
    EACH_IS_TOLD(cases);
}

/* As the parts of oper.hosts: any number, in their order. */
static void
the_block_web_is_read(void)
{
    struct config *c = faulty_none("");
    EQUAL_TEXT(c->web.title, "");
    EQUAL_NUMBER(c->web.n_channels, 1);
    EQUAL_TEXT(c->web.channels[0], "#lobby");
    EQUAL_NUMBER(c->web.n_origins + c->web.n_embed + c->web.n_hosts, 0);
    CU_ASSERT_PTR_NULL(c->embed);
    config_free(c);
    c = faulty_none("web { title = \"Example \\\"chat\\\"\"\n"
                    "channels = { \"#a\", \"#b\", \"#c\" }\n"
                    "origins = { \"https://*.example.org\", \"*\", \"null\", "
                    "\"*example.org:8443\", \"https://a.b:99\" }\n"
                    "embed = { \"https://www.example.org\", \"'self'\" }\n"
                    "hosts = { chat.example.org, \"[2001:db8::1]\", 192.0.2.1 } }");
    EQUAL_TEXT(c->web.title, "Example \"chat\"");
    EQUAL_NUMBER(c->web.n_channels, 3);
    EQUAL_TEXT(c->web.channels[0], "#a");
    EQUAL_TEXT(c->web.channels[2], "#c");
    EQUAL_NUMBER(c->web.n_origins, 5);
    EQUAL_TEXT(c->web.origins[1], "*");
    EQUAL_NUMBER(c->web.n_embed, 2);
    EQUAL_TEXT(c->embed, "https://www.example.org 'self'");
    EQUAL_NUMBER(c->web.n_hosts, 3);
    EQUAL_TEXT(c->web.hosts[1], "[2001:db8::1]");
    config_free(c);
    c = faulty_none("web { channels = { } origins = { } embed = { } hosts = { } }");
    EQUAL_NUMBER(c->web.n_channels, 0);
    CU_ASSERT_PTR_NULL(c->embed);
    config_free(c);
}

static void
wrong_texts_of_web_are_refused(void)
{
#define WEB(option, text)                                                              \
    {                                                                                  \
        "web {\n " option " = { \"" text "\" } }",                                     \
            "t.conf:2: web." option ": \"" text "\" is not "                           \
    }
    static const struct wrong cases[] = {
        WEB("channels", "lobby"),
        WEB("channels", "#"),
        WEB("channels", "#a b"),
        WEB("channels", ""),
        WEB("origins", ""),
        WEB("origins", "chat.example.org"),
        WEB("origins", "https://"),
        WEB("origins", "https://a.b/"),
        WEB("origins", "https://a.b/c"),
        WEB("origins", "https://a.b, https://c.d"),
        WEB("origins", "*.example.org/"),
        WEB("embed", ""),
        WEB("embed", "https://a.b https://c.d"),
        WEB("embed", "https://a.b; script-src *"),
        WEB("hosts", ""),
        WEB("hosts", "a.b:80"),
        WEB("hosts", "https://a.b"),
        WEB("hosts", "*.example.org"),
        WEB("hosts", "2001:db8::1"),
        WEB("hosts", "[1.2.3.4]"),
        {"web {\n channels = \"#a\"\n channels = \"#b\" }",
         "t.conf:3: option channels is set twice"},
        {"web { colour = red }", "t.conf:1: unknown option \"colour\" in block web"},
        {"web a { }", "t.conf:1: block web takes no title"},
    };
    EACH_IS_TOLD(cases);
}

/* Their sum is bounded, because the head of an answer has room for so much. */
static void
embed_has_512_bytes_in_all(void)
{
    char text[800], a[300], b[300];
    memset(a, 'a', 255), a[255] = '\0';
    for (size_t n = 256; n <= 257; n++) {
        memset(b, 'b', n), b[n] = '\0';
        snprintf(text, sizeof text, "web { embed = { \"%s\",\n\"%s\" } }", a, b);
        EQUAL_NUMBER(faulty_count(text), n == 257);
        if (n == 257)
            CONTAINS(faulty_told, "t.conf:2: web.embed: ");
    }
}

static void
a_token_of_an_oper_is_read(void)
{
    struct config *c = faulty_none(
        "oper a {" HOSTS TOKEN " }\n"
        "oper b {" HOSTS "token = \"" OTHER "\" password = \"$argon2id$x\" }\n"
        "oper c {" HOSTS "password = \"$argon2id$x\" }\n"
        "proxy p { match = { ::1 } accepts = { webirc } " TOKEN " }");
    EQUAL_TEXT(c->oper[0].token, SUM);
    CU_ASSERT_TRUE(c->oper[0].token_only);
    EQUAL_TEXT(c->oper[1].token, OTHER);
    CU_ASSERT_FALSE(c->oper[1].token_only || c->oper[2].token_only);
    CU_ASSERT_PTR_NULL(c->oper[2].token);
    config_free(c);
}

static void
wrong_tokens_of_opers_are_refused(void)
{
    static const struct wrong cases[] = {
        {"oper a {" HOSTS "}",
         "t.conf:1: oper \"a\": option password is missing; `ircd "
         "--hash-password` makes its value, or certfp or token "
         "takes its place\n"},
        {"oper a {" HOSTS "\ntoken = open-sesame }",
         "t.conf:2: oper \"a\" token: the value is not the SHA-256 of a token; a token "
         "is never written here as plain text, `ircd --make-token` makes"},
        {"oper a { " TOKEN " }", "t.conf:1: oper \"a\": option hosts is missing"},
        {"oper a {" HOSTS TOKEN " }\noper b {" HOSTS TOKEN " }",
         "t.conf:2: oper \"b\" token: the oper block on line 1 has the same one\n"},
    };
    EACH_IS_TOLD(cases);
    CU_ASSERT_PTR_NULL(strstr(faulty_told, SUM));
}

static void
take_warning(void *ctx, const char *text)
{
    struct str *s = ctx;
    str_addf(s, "%s\n", text);
}

/* What `ircd -t` tells of a configuration without faults. */
static const char *
warnings_of(const char *text)
{
    static char told[4000];
    struct str s;
    struct config *c = faulty_none(text);
    str_init(&s, told, sizeof told);
    config_plaintext(c, take_warning, &s);
    config_web_mistakes(c, take_warning, &s);
    config_free(c);
    return told;
}

struct warned {
    const char *text;
    const char *told; /* a part; "": nothing is told */
};

static void
each_is_warned_of(const struct warned *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *told = warnings_of(cases[i].text);
        if (*cases[i].told == '\0')
            EQUAL_TEXT(told, "");
        else
            CONTAINS(told, cases[i].told);
    }
}
#define EACH_IS_WARNED_OF(cases)                                                       \
    each_is_warned_of(cases, sizeof(cases) / sizeof *(cases))

static void
roles_without_tls_for_other_machines_are_told(void)
{
#define GRAFANA "oper grafana {" HOSTS TOKEN " }\n"
    static const struct warned cases[] = {
        {"", ""},
        {GRAFANA "listen 127.0.0.1:1 { serves = { chat, websocket, metrics, api } }",
         ""},
        {GRAFANA "listen \"unix:x\" { serves = { chat, websocket, metrics, api } }",
         ""},
        {"listen 0.0.0.0:1 { serves = { health } }", ""},
        {GRAFANA
         "listen 0.0.0.0:1 { serves = { chat, websocket, metrics, api, admin } tls = "
         "true }",
         ""},
        {"proxy p { match = { 10.0.0.1 } accepts = { proxy-protocol } }\n"
         "listen 0.0.0.0:1 { serves = { websocket } proxy = true }",
         ""},
        {"listen 0.0.0.0:1 { serves = { metrics } }",
         "listen \"0.0.0.0:1\": other machines use metrics without TLS: the figures"},
        {"listen 0.0.0.0:1 { serves = { api, health } }",
         "listen \"0.0.0.0:1\": other machines use api without TLS: requests with a"},
        {"listen 0.0.0.0:1 { serves = { admin } }", "use admin without TLS: requests"},
        {"listen [::]:1 { serves = { chat, websocket } }",
         "listen \"[::]:1\": other machines use chat,websocket without TLS: passwords"},
        {"listen [::]:1 { serves = { websocket } }", "use websocket without TLS: pass"},
    };
    EACH_IS_WARNED_OF(cases);
}

static void
other_mistakes_of_http_are_told(void)
{
#define NGINX(match)                                                                   \
    "proxy nginx { match = { \"" match "\" } accepts = { forwarded } }\n"
#define LOCAL "listen 127.0.0.1:1 { serves = { websocket } }\n"
    static const struct warned cases[] = {
        {NGINX("127.0.0.1") LOCAL,
         "listen \"127.0.0.1:1\": requests that proxy \"nginx\" passes on are refused "
         "(421)"},
        {NGINX("127.0.0.1") LOCAL "web { hosts = { chat.example.org } }", ""},
        {NGINX("10.0.0.1") LOCAL, ""},
        {NGINX("::1") "listen [::1]:1 { serves = { health } }", "are refused (421)"},
        {NGINX("127.0.0.1") "listen 10.0.0.2:1 { serves = { health } }", ""},
        {NGINX("127.0.0.1") "listen \"unix:x\" { serves = { health } }", ""},
        {NGINX("127.0.0.1") "listen 127.0.0.1:1 { }",
         "proxy \"nginx\": \"forwarded\" has no effect, because no listener serves"},
        {"listen 127.0.0.1:1 { serves = { chat } }",
         "listen \"127.0.0.1:1\": the chat page connects to its own address"},
        {"web { hosts = { a.b } }\n" NGINX("127.0.0.1") LOCAL
         "listen 127.0.0.1:2 { serves = { chat } }",
         ""},
        {"oper a {" HOSTS TOKEN " }\nlisten 127.0.0.1:1 { serves = { health } }",
         "oper \"a\": its token works nowhere"},
        {"oper a {" HOSTS TOKEN " }\nlisten 127.0.0.1:1 { serves = { api } }", ""},
        {"oper a {" HOSTS TOKEN " }\n", ""},
        {"listen 127.0.0.1:1 { serves = { api } }",
         "listen \"127.0.0.1:1\": no program can use its api, because no oper block "
         "has"},
        {"oper a {" HOSTS "password = \"$argon2id$x\" }\n"
         "listen 127.0.0.1:1 { serves = { api, health } }",
         "no program can use its api"},
        {"oper a {" HOSTS "password = \"$argon2id$x\" }\n", ""}, /* built in */
        {"listen 127.0.0.1:1 { serves = { admin } }", ""},
    };
    EACH_IS_WARNED_OF(cases);
}

/* Listeners of HTTP are told neither of IRC without TLS nor as its port with TLS. */
static void
listeners_of_http_are_no_ports_of_irc(void)
{
    static const struct warned cases[] = {
        {"listen 0.0.0.0:1 { serves = { health } }\n"
         "opers { plaintext = never } oper a {" HOSTS TOKEN " }",
         "its token works nowhere"},
        {"listen 127.0.0.1:1 { }\nopers { plaintext = never }\n"
         "oper a {" HOSTS "password = \"$argon2id$x\" }",
         "OPER works nowhere"},
        {"listen 127.0.0.1:1 { }\nopers { plaintext = never }\n"
         "listen 0.0.0.0:2 { serves = { metrics } tls = true }\n"
         "oper a {" HOSTS "password = \"$argon2id$x\" }",
         "OPER works nowhere"},
        {"listen 127.0.0.1:1 { }\nopers { plaintext = never }\n"
         "listen 0.0.0.0:2 { serves = { websocket } tls = true }\n"
         "oper a {" HOSTS "password = \"$argon2id$x\" }",
         ""},
        {"tls a.b { certificate = c key = k }\n"
         "listen 0.0.0.0:2 { serves = { metrics } tls = true }",
         ""},
        {"class a { tls = true }\nlisten 0.0.0.0:2 { serves = { websocket } tls = true "
         "}",
         ""},
        {"class a { tls = true }\nlisten 0.0.0.0:2 { serves = { metrics } tls = true }",
         "class \"a\": no client is of this class"},
    };
    EACH_IS_WARNED_OF(cases);
    struct config *c =
        faulty_none("listen 0.0.0.0:443 { serves = { websocket } tls = true }\n"
                    "listen 0.0.0.0:1 { }");
    EQUAL_NUMBER(config_public_tls_port(c), 0);
    EQUAL_NUMBER(config_tls_port(c, true), 0);
    CU_ASSERT_PTR_EQUAL(config_tls_listener(c), &c->listen[0]);
    config_free(c);
    EQUAL_NUMBER(faulty_count("listen 0.0.0.0:443 { serves = { websocket } tls = true "
                              "}\nlisten 0.0.0.0:1 { redirect = true }"),
                 1);
    CONTAINS(faulty_told, "redirect: there is no listener with tls = true");
}

SUITE(config_web)
{
    TEST(roles_are_read);
    TEST(wrong_roles_are_refused);
    TEST(a_websocket_listener_pings_more_often);
    TEST(at_most_three_times_of_listeners_differ);
    TEST(the_block_web_is_read);
    TEST(wrong_texts_of_web_are_refused);
    TEST(embed_has_512_bytes_in_all);
    TEST(a_token_of_an_oper_is_read);
    TEST(wrong_tokens_of_opers_are_refused);
    TEST(roles_without_tls_for_other_machines_are_told);
    TEST(other_mistakes_of_http_are_told);
    TEST(listeners_of_http_are_no_ports_of_irc);
}
