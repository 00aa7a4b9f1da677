/* The capability sts, listeners with redirect = true, and STARTTLS. */
#include "world.h"

/* sts is off, on, or ended, by block; the first listener with TLS is for this machine
 * alone, and the second is public. */
#define LISTEN                                                                         \
    "listen \"127.0.0.1:6667\" { } listen \"0.0.0.0:6667\" { }\n"                      \
    "listen \"192.0.2.9:6668\" { redirect = true }\n"                                  \
    "listen \"127.0.0.1:6690\" { tls = true } listen \"[::]:6697\" { tls = true }\n"   \
    "listen \"192.0.2.9:6698\" { tls = true }\n"
#define WEB                                                                            \
    "listen \"0.0.0.0:80\" { serves = { \"websocket\" } }\n"                           \
    "listen \"192.0.2.9:6691\" { tls = true serves = { \"websocket\" } }\n"
#define FILES "certificate = \"c\" key = \"k\""
#define ON "tls \"on.example.org\" { " FILES " sts = \"30d\" }\n"
#define PRELOAD "tls \"pre.example.org\" { " FILES " sts = \"1w\" preload = true }\n"
#define ENDED "tls \"ended.example.org\" { " FILES " sts = \"0s\" }\n"
#define OFF "tls \"off.example.org\" { " FILES " }\n"
#define SHORT "tls \"short.example.org\" { " FILES " sts = \"1500ms\" }\n"
#define STAR "tls \"*.example.net\" { " FILES " sts = \"90s\" }\n"

static struct actor *
connects(struct world *w, const char *address, const char *listener, const char *sni)
{
    struct connection_info info = {.listener = listener, .sni = sni};
    info.secure = strstr(listener, ":669") != NULL;
    return world_connect_with(w, address, info);
}

/* All of the answer to a CAP LS: the value of sts, or "-". */
static const char *
offered(struct world *w, struct actor *a, const char *line, char out[64])
{
    world_say(w, a, line);
    CU_ASSERT(strstr(a->inbox, " CAP * LS ") != NULL);
    const char *at = strstr(a->inbox, "sts");
    snprintf(out, 64, "%.*s", at ? (int)strcspn(at, " \r\n") : 1, at ? at : "-");
    world_drain(a);
    return out;
}

static void
it_is_offered_where_it_holds(void)
{
    static const struct {
        const char *blocks, *address, *listener, *sni, *value;
    } cases[] = {
        {OFF ON, "192.0.2.1", "0.0.0.0:6667", NULL, "sts=port=6697"},
        {PRELOAD, "192.0.2.1", "0.0.0.0:6667", NULL, "sts=port=6697"},
        {ON, "192.0.2.1", "192.0.2.9:6668", NULL, "sts=port=6697"},
        {"", "192.0.2.1", "0.0.0.0:6667", NULL, "-"},
        {OFF, "192.0.2.1", "0.0.0.0:6667", NULL, "-"},
        {ENDED, "192.0.2.1", "0.0.0.0:6667", NULL, "-"},
        /* WebSocket: a page knows no port of IRC */
        {ON WEB, "192.0.2.1", "0.0.0.0:80", NULL, "-"},
        {ON WEB, "192.0.2.1", "192.0.2.9:6691", "on.example.org", "-"},
        /* on this machine, and an unknown listener */
        {ON, "127.0.0.1", "127.0.0.1:6667", NULL, "-"},
        {ON, "127.0.0.1", "0.0.0.0:6667", NULL, "-"},
        {ON, "::1", "0.0.0.0:6667", NULL, "-"},
        {ON, "192.0.2.1", "127.0.0.1:6667", NULL, "-"},
        {ON, "192.0.2.1", "test", NULL, "-"},
        /* TLS: known, unknown, no name */
        {OFF ON, "192.0.2.1", "[::]:6697", "on.example.org", "sts=duration=2592000"},
        {ON, "127.0.0.1", "127.0.0.1:6690", "on.example.org", "sts=duration=2592000"},
        {ON, "192.0.2.1", "[::]:6697", "ON.Example.Org", "sts=duration=2592000"},
        {PRELOAD, "192.0.2.1", "[::]:6697", "pre.example.org",
         "sts=duration=604800,preload"},
        {ENDED, "192.0.2.1", "[::]:6697", "ended.example.org", "sts=duration=0"},
        {SHORT, "192.0.2.1", "[::]:6697", "short.example.org", "sts=duration=2"},
        {OFF ON, "192.0.2.1", "[::]:6697", "off.example.org", "-"},
        {ON, "192.0.2.1", "[::]:6697", "other.example.org", "-"},
        {ON, "192.0.2.1", "[::]:6697", "on.example.org.", "-"},
        {ON, "192.0.2.1", "[::]:6697", "x.on.example.org", "-"},
        {ON, "192.0.2.1", "[::]:6697", "", "-"},
        {ON, "192.0.2.1", "[::]:6697", NULL, "-"},
        /* the made certificate: no block */
        {"", "192.0.2.1", "[::]:6697", "on.example.org", "-"},
        {"", "192.0.2.1", "[::]:6697", "irc.localhost", "-"},
        /* wildcards */
        {STAR, "192.0.2.1", "[::]:6697", "a.example.net", "sts=duration=90"},
        {STAR, "192.0.2.1", "[::]:6697", "example.net", "-"},
        {STAR, "192.0.2.1", "[::]:6697", ".example.net", "-"},
        {STAR, "192.0.2.1", "[::]:6697", "a.b.example.net", "-"},
        {STAR "tls \"a.example.net\" { " FILES " }", "192.0.2.1", "[::]:6697",
         "a.example.net", "-"},
    };
    char config[2000], value[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(config, sizeof config, LISTEN "%s", cases[i].blocks);
        struct world *w = world_new(config);
        struct actor *a =
            connects(w, cases[i].address, cases[i].listener, cases[i].sni);
        EQUAL_TEXT(offered(w, a, "CAP LS 302", value), cases[i].value);
        /* Without 302 there are no values, and so no sts. */
        struct actor *b =
            connects(w, cases[i].address, cases[i].listener, cases[i].sni);
        EQUAL_TEXT(offered(w, b, "CAP LS", value), "-");
        EQUAL_TEXT(offered(w, b, "CAP LS 301", value), "-");
        world_free(w);
    }
}

static void
no_public_listener_with_tls_no_port(void)
{
    char value[64];
    struct world *w = world_new("listen \"0.0.0.0:6667\" { }\n"
                                "listen \"[::1]:6697\" { tls = true }\n" ON);
    struct actor *a = connects(w, "192.0.2.1", "0.0.0.0:6667", NULL);
    EQUAL_TEXT(offered(w, a, "CAP LS 302", value), "-");
    world_free(w);
}

/* A proxy may speak TLS for the server. Clients of a unix socket know no port of it. */
static void
behind_a_proxy_only_what_holds_there_is_offered(void)
{
#define PROXIED                                                                        \
    "proxy \"hap\" { match = { \"192.0.2.2\" } accepts = { \"proxy-protocol\" } }\n"   \
    "listen \"192.0.2.9:6660\" { proxy = true } listen \"unix:x\" { }\n"               \
    "listen \"unix:y\" { proxy = true } "
    static const struct {
        const char *listener, *gateway, *sni;
        bool secure;
        const char *value;
    } cases[] = {
        {"192.0.2.9:6660", "hap", NULL, false, "-"},
        {"192.0.2.9:6660", "hap", "on.example.org", true, "sts=duration=2592000"},
        {"192.0.2.9:6660", "hap", NULL, true, "-"},
        {"unix:x", NULL, NULL, false, "-"},
        {"unix:y", "unix:y", NULL, false, "-"},
        {"unix:y", "unix:y", "on.example.org", true, "-"},
        {"0.0.0.0:6667", NULL, NULL, false, "sts=port=6697"},
        {"0.0.0.0:6667", "kiwi", NULL, false, "-"},
    };
    char value[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(LISTEN PROXIED ON);
        struct connection_info info = {.listener = cases[i].listener,
                                       .gateway = cases[i].gateway,
                                       .sni = cases[i].sni,
                                       .secure = cases[i].secure};
        struct actor *a = world_connect_with(w, "192.0.2.1", info);
        EQUAL_TEXT(offered(w, a, "CAP LS 302", value), cases[i].value);
        world_free(w);
    }
    /* The port of a listener behind a proxy is not for clients. */
    struct world *w =
        world_new("listen \"0.0.0.0:6667\" { }\n" PROXIED
                  "listen \"[::]:6697\" { tls = true proxy = true }\n" ON);
    struct actor *a = connects(w, "192.0.2.1", "0.0.0.0:6667", NULL);
    EQUAL_TEXT(offered(w, a, "CAP LS 302", value), "-");
    world_free(w);
}

static void
it_cannot_be_requested(void)
{
    static const char *const requests[] = {"sts", "-sts", "sts=port=6697",
                                           "server-time sts"};
    struct world *w = world_new(LISTEN ON);
    struct actor *a = connects(w, "192.0.2.1", "0.0.0.0:6667", NULL);
    struct actor *b = connects(w, "192.0.2.1", "[::]:6697", "on.example.org");
    world_say(w, a, "CAP LS 302");
    world_say(w, b, "CAP LS 302");
    world_drain_all(w);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        char want[64];
        snprintf(want, sizeof want, ":irc.localhost CAP * NAK :%s", requests[i]);
        world_sayf(w, a, "CAP REQ :%s", requests[i]);
        EXPECT(w, a, want);
        world_sayf(w, b, "CAP REQ :%s", requests[i]);
        EXPECT(w, b, want);
    }
    world_say(w, b, "CAP LIST");
    EXPECT(w, b, ":irc.localhost CAP * LIST :cap-notify");
    world_free(w);
}

/* The longest names and the longest value: all capabilities are in one line. */
static void
it_never_makes_a_line_too_long(void)
{
    static const char config[] =
        LISTEN "tls \"pre.example.org\" { " FILES " sts = \"3650d\" preload = true }\n"
               "server { name = \"irc.a-network-with-a-name-of-as-many-bytes-as-it-can-"
               "be.example\" }\n"
               "limits { nick_length = 30 }";
    char nick[31] = "";
    struct world *w = world_new(config);
    struct actor *a = connects(w, "192.0.2.1", "[::]:6697", "pre.example.org");
    memset(nick, 'n', sizeof nick - 1);
    world_sayf(w, a, "NICK %s", nick);
    world_drain(a);
    EQUAL_NUMBER(w->srv->me.name_len, 63);
    world_say(w, a, "CAP LS 302"); /* the world looks at the length */
    CONTAINS(a->inbox, nick);
    CONTAINS(a->inbox, " sts=duration=315360000,preload\r\n");
    /* If this fails, there are more capabilities: test that sts may stand in a line of
     * its own. */
    EQUAL_NUMBER(world_count(a, "* CAP *"), 1);
    world_free(w);
}

static void
rehash(struct world *w, const char *blocks)
{
    static char text[2000];
    snprintf(text, sizeof text, LISTEN "%s", blocks);
    w->rehash_text = text;
    CU_ASSERT(world_rehash(w));
}

/* Registered or not; only clients with 302 can read values. */
static void
changes_are_told_and_nothing_is_withdrawn(void)
{
    struct world *w = world_new(LISTEN OFF);
    struct actor *a = connects(w, "192.0.2.1", "0.0.0.0:6667", NULL);
    struct actor *b = connects(w, "192.0.2.2", "[::]:6697", "on.example.org");
    struct actor *c = connects(w, "192.0.2.3", "[::]:6697", "on.example.org");
    struct actor *d = connects(w, "192.0.2.4", "0.0.0.0:6667", NULL);
    world_say(w, a, "CAP LS 302");
    world_say(w, b, "CAP LS 302\r\nNICK bob\r\nUSER bob 0 * :Bob\r\nCAP END");
    world_say(w, c, "CAP LS\r\nCAP REQ cap-notify\r\nNICK cid");
    world_say(w, d, "NICK dan\r\nUSER dan 0 * :Dan");
    world_drain_all(w);
    rehash(w, OFF);
    SILENT(w, a);
    SILENT(w, b);
    rehash(w, ON);
    EXPECT(w, a, ":irc.localhost CAP * NEW :sts=port=6697");
    EXPECT(w, b, ":irc.localhost CAP bob NEW :sts=duration=2592000");
    rehash(w, "tls \"on.example.org\" { " FILES " sts = \"60s\" }");
    SILENT(w, a);
    EXPECT(w, b, ":irc.localhost CAP bob NEW :sts=duration=60");
    rehash(w, "tls \"on.example.org\" { " FILES " sts = \"0s\" }");
    SILENT(w, a);
    EXPECT(w, b, ":irc.localhost CAP bob NEW :sts=duration=0");
    rehash(w, "");
    SILENT(w, a);
    SILENT(w, b);
    rehash(w, STAR); /* another name */
    EXPECT(w, a, ":irc.localhost CAP * NEW :sts=port=6697");
    SILENT(w, b);
    SILENT(w, c);
    SILENT(w, d);
    world_free(w);
}

static void
a_gateway_offers_no_port(void)
{
    char value[64];
    struct world *w = world_new(LISTEN ON);
    struct actor *a = connects(w, "192.0.2.1", "0.0.0.0:6667", NULL);
    struct connection_info info = {.gateway = "kiwi"};
    CU_ASSERT_FATAL(addr_parse("198.51.100.7", &info.addr));
    CU_ASSERT(session_rehome(w->srv, a->client, &info));
    EQUAL_TEXT(offered(w, a, "CAP LS 302", value), "-");
    /* A proxy in front that speaks TLS and passes the name on. */
    info.secure = true;
    info.sni = "on.example.org";
    CU_ASSERT(session_rehome(w->srv, a->client, &info));
    EQUAL_TEXT(offered(w, a, "CAP LS 302", value), "sts=duration=2592000");
    world_free(w);
}

static void
a_redirecting_listener_only_lists_capabilities(void)
{
    static const char *const lines[] = {"NICK ann",
                                        "USER ann 0 * :Ann",
                                        "CAP REQ :server-time",
                                        "CAP END",
                                        "CAP LIST",
                                        "PASS secret",
                                        "PING x",
                                        "QUIT",
                                        "CAP",
                                        "GET / HTTP/1.1",
                                        "STARTTLS",
                                        "NONSENSE"};
    char value[64];
    struct world *w =
        world_new(LISTEN ON "limits { per_host = 99 unregistered_per_host "
                            "= 99 connect_rate = \"99/1s\" }");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct actor *a = connects(w, "192.0.2.1", "192.0.2.9:6668", NULL);
        EQUAL_TEXT(offered(w, a, "CAP LS 302", value), "sts=port=6697");
        EQUAL_TEXT(offered(w, a, "cap ls", value), "-");
        world_say(w, a, lines[i]);
        EXPECT(w, a, "ERROR :Closing Link: * (Use TLS: port 6697)");
        CU_ASSERT(a->closed);
    }
    CONTAINS(w->logged, "cause=redirected");
    EQUAL_NUMBER(session_count(w->srv), 0);
    world_free(w);
}

/* REHASH takes all listeners with TLS away while a client of a redirecting one is on. */
static void
a_redirect_without_a_port_names_none(void)
{
    struct world *w = world_new(LISTEN);
    struct actor *a = connects(w, "192.0.2.1", "192.0.2.9:6668", NULL);
    w->rehash_text = "listen \"0.0.0.0:6667\" { }";
    CU_ASSERT(world_rehash(w));
    world_say(w, a, "NICK ann");
    EXPECT(w, a, "ERROR :Closing Link: * (Use TLS)");
    world_free(w);
}

static void
starttls_is_refused_with_the_port(void)
{
    struct world *w = world_new(LISTEN);
    struct actor *a = connects(w, "192.0.2.1", "0.0.0.0:6667", NULL);
    world_say(w, a, "STARTTLS");
    EXPECT(w, a,
           ":irc.localhost 691 * :STARTTLS failed: connect with TLS to port 6697 *");
    SILENT(w, a);
    struct actor *b = world_user(w, "bob");
    world_say(w, b, "STARTTLS");
    EXPECT(w, b, ":irc.localhost 691 bob :STARTTLS failed: *");
    world_say(w, a, "CAP LS 302");
    CU_ASSERT_PTR_NULL(strstr(a->inbox, "tls"));
    world_free(w);
    w = world_new("listen \"0.0.0.0:6667\" { }");
    a = world_connect(w, "192.0.2.1");
    world_say(w, a, "STARTTLS");
    EXPECT(w, a,
           ":irc.localhost 691 * :STARTTLS failed: this server has no port with TLS");
    world_free(w);
    /* A port for this machine is no help to other machines. */
    w = world_new("listen \"[::1]:6697\" { tls = true }");
    a = world_connect(w, "192.0.2.1");
    world_say(w, a, "STARTTLS");
    EXPECT(w, a,
           ":irc.localhost 691 * :STARTTLS failed: this server has no port with TLS");
    a = world_connect(w, "::1");
    world_say(w, a, "STARTTLS");
    EXPECT(w, a,
           ":irc.localhost 691 * :STARTTLS failed: connect with TLS to port 6697 *");
    a = connects(w, "192.0.2.1", "[::1]:6697", NULL);
    world_say(w, a, "STARTTLS");
    EXPECT(w, a,
           ":irc.localhost 691 * :STARTTLS failed: this connection has TLS already");
    world_free(w);
}

SUITE(sts)
{
    TEST(it_is_offered_where_it_holds);
    TEST(no_public_listener_with_tls_no_port);
    TEST(behind_a_proxy_only_what_holds_there_is_offered);
    TEST(it_cannot_be_requested);
    TEST(it_never_makes_a_line_too_long);
    TEST(changes_are_told_and_nothing_is_withdrawn);
    TEST(a_gateway_offers_no_port);
    TEST(a_redirecting_listener_only_lists_capabilities);
    TEST(a_redirect_without_a_port_names_none);
    TEST(starttls_is_refused_with_the_port);
}
