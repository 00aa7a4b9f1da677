/* The page at / and /config.json, of a configuration and a request. */
#include "../../src/main/web_config.h"
#include "../../src/main/web_page.h"
#include "asked.h"
#include "config/config.h"
#include "net/tls.h"
#include "test.h"
#include "world.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct world *world;
static const char *unbound; /* the listener that is not open */

static bool
is_open(const void *ctx, const char *listener)
{
    (void)ctx;
    return unbound == NULL || strcmp(unbound, listener) != 0;
}

/* The page of a configuration for a request with these fields; freed by the caller. */
static char *
make_page(const char *config, const char *fields, bool local, bool secure,
          const struct tls_certificate *certificate)
{
    struct asked asked;
    struct draft d = {0};
    world = world_new(config);
    struct web_page page = {
        .config = world->srv->config, .certificate = certificate, .is_bound = is_open};
    asked_make(&asked, "/", fields);
    asked.request.local = local;
    asked.request.secure = secure;
    web_page_write(&page, &asked.request, &d);
    asked_clear(&asked);
    world_free(world);
    return d.at;
}

static void
check_page(const char *config, const char *fields, bool local, const char *has,
           const char *lacks)
{
    char *page = make_page(config, fields, local, false, NULL);
    if (has)
        CONTAINS(page, has);
    if (lacks)
        CU_ASSERT_PTR_NULL(strstr(page, lacks));
    free(page);
}

static int
count_text(const char *text, const char *part)
{
    int n = 0;
    while ((text = strstr(text, part)) != NULL) {
        text++;
        n++;
    }
    return n;
}

#define NAMED "Host: irc.example.org\r\n"
#define CODE(line) "<dd><code>" line "</code></dd>\n"

static void
each_client_has_its_lines_for_a_plain_listener(void)
{
    const char *config = "listen \"0.0.0.0:6667\" {}";
    check_page(config, NAMED, false, CODE("/connect irc.example.org 6667"), NULL);
    check_page(config, NAMED, false,
               CODE("/server add local irc.example.org/6667 -notls")
                   CODE("/connect local"),
               NULL);
    check_page(config, NAMED, false, CODE("/server irc.example.org 6667"), "-tls");
    check_page(config, "Host: [2001:db8::1]:8067\r\n", false,
               CODE("/server 2001:db8::1 6667"), "[2001:db8::1] 6667");
}

static void
lines_for_tls_verify_the_name_of_a_certificate(void)
{
    const char *config = "listen \"[::]:6697\" { tls = true } "
                         "tls \"irc.example.org\" { certificate = \"a\" key = \"b\" } "
                         "tls \"*.example.net\" { certificate = \"a\" key = \"b\" }";
    const char *irssi = CODE("/connect -tls -tls_verify irc.example.org 6697");
    check_page(config, NAMED, false, irssi, "pinned");
    check_page(config, "Host: 192.0.2.1\r\n", false, irssi, "192.0.2.1 6697");
    check_page(config, "Host: a.example.net\r\n", false,
               CODE("/connect -tls -tls_verify a.example.net 6697"), NULL);
    check_page(config, NAMED, false,
               CODE("/server add local-tls irc.example.org/6697 -ssl")
                   CODE("/connect local-tls"),
               NULL);
    check_page(config, NAMED, false, CODE("/server -ssl irc.example.org 6697"), NULL);
}

static void
lines_for_a_certificate_of_the_server_name_its_fingerprint(void)
{
    struct tls_certificate own = {.name = "irc.localhost", .self_signed = true};
    const char *config = "listen \"0.0.0.0:6697\" { tls = true }";
    memset(own.fingerprint, 'a', TLS_FINGERPRINT - 1);
    own.fingerprint[1] = '0';
    char *page = make_page(config, NAMED, false, false, &own);
    CONTAINS(page, CODE("/connect -tls -notls_verify -tls_pinned_cert "
                        "A0:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:"
                        "AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA "
                        "irc.example.org 6697"));
    CONTAINS(page, " -ssl -ssl_fingerprint=a0aaaaaa");
    CONTAINS(page, CODE("/server -ssl-noverify irc.example.org 6697"));
    free(page);
    own.self_signed = false;
    page = make_page(config, NAMED, false, false, &own);
    CU_ASSERT_PTR_NULL(strstr(page, "a0aaaaaa"));
    free(page);
}

static void
loopback_listeners_are_shown_on_this_machine_alone(void)
{
    const char *config = "listen \"127.0.0.1:6667\" {} listen \"[::1]:6668\" {}";
    const char *nothing = "No port of this server takes IRC clients from here.";
    check_page(config, "", true, CODE("/connect 127.0.0.1 6667"), nothing);
    check_page(config, "", true, CODE("/connect ::1 6668"), NULL);
    check_page(config, "", false, nothing, "127.0.0.1");
    check_page(config, NAMED, true, nothing, "127.0.0.1"); /* by a proxy */
}

static void
only_open_listeners_that_a_client_reaches_are_shown(void)
{
    const char *config = "listen \"0.0.0.0:6601\" {} listen \"[::]:6601\" {} "
                         "listen \"0.0.0.0:6602\" { proxy = true } "
                         "listen \"0.0.0.0:6603\" { redirect = true } "
                         "listen \"0.0.0.0:6604\" { serves = { \"chat\" } } "
                         "listen \"unix:/nowhere/irc\" {} "
                         "listen \"0.0.0.0:6605\" { tls = true } "
                         "proxy \"p\" { match = { \"127.0.0.1\" } "
                         "accepts = { \"proxy-protocol\" } }";
    char *page = make_page(config, NAMED, false, false, NULL);
    EQUAL_NUMBER(count_text(page, "<h2>Port "), 2);
    EQUAL_NUMBER(count_text(page, "<h2>Port 6601, without encryption</h2>"), 1);
    CU_ASSERT(strstr(page, "Port 6605, with TLS") < strstr(page, "Port 6601"));
    free(page);
    unbound = "0.0.0.0:6605";
    check_page(config, NAMED, false, NULL, "6605");
    unbound = "0.0.0.0:6601"; /* the other one is open */
    check_page(config, NAMED, false, "<h2>Port 6601, ", NULL);
    unbound = NULL;
}

static void
texts_of_the_configuration_are_escaped(void)
{
    const char *config =
        "server { network = \"<b>'&\" } web { title = \"\\\"</title>\" "
        "channels = { \"#a<b\", \"#c\" } }";
    check_page(config, "", true, "<title>&quot;&lt;/title&gt;</title>", "\"</title>");
    check_page(config, "", true, "the network &lt;b&gt;'&amp;</p>", "<b>");
    check_page(config, "", true,
               "<p><code>/join #a&lt;b</code></p>\n<p><code>/join #c</code></p>\n",
               NULL);
    check_page(config, "", true, "/server add b 127.0.0.1/6667 -notls", NULL);
    check_page("web { channels = { } }", "", true, NULL, "/join");
}

static void
the_websocket_has_the_host_and_port_of_the_request(void)
{
    char *page;
    check_page("", "Host: a.example:8067\r\n", false, "<code>ws://a.example:8067/irc<",
               NULL);
    page = make_page("", NAMED, false, true, NULL);
    CONTAINS(page, "<code>wss://irc.example.org/irc<");
    free(page);
    check_page("", "Host: [::1]:8067\r\n", true, "<code>ws://[::1]:8067/irc<", NULL);
}

/* default-src 'none', script-src 'self', style-src 'self' */
static void
the_page_has_no_mark_and_nothing_inline(void)
{
    char *page = make_page("", "", true, false, NULL);
    CONTAINS(page, "<!doctype html>");
    CONTAINS(page, "</html>");
    CU_ASSERT_PTR_NULL(strstr(page, "{{"));
    CU_ASSERT_PTR_NULL(strstr(page, "}}"));
    CU_ASSERT_PTR_NULL(strstr(page, "<script"));
    CU_ASSERT_PTR_NULL(strstr(page, "<style"));
    CU_ASSERT_PTR_NULL(strstr(page, " style="));
    CU_ASSERT_PTR_NULL(strstr(page, "http://"));
    free(page);
}

static json_t *
make_config(const char *config, const char *listener)
{
    struct draft d = {0};
    world = world_new(config);
    web_config_write(world->srv->config, listener, &d);
    json_t *object = json_loads(d.at, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    EQUAL_NUMBER(d.at[d.len - 1], '\n');
    free(d.at);
    world_free(world);
    return object;
}

static const char *
read_member(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void
config_json_has_the_configuration_in_force(void)
{
    json_t *object =
        make_config("server { name = \"irc.example.org\" network = \"Ex\\\"ample\" } "
                    "limits { nick_length = 12 ping_every = \"90s\" } "
                    "listen \"0.0.0.0:80\" { serves = { \"chat\", \"websocket\" } "
                    "ping_every = \"30s\" } "
                    "listen \"0.0.0.0:81\" { serves = { \"chat\" } } "
                    "web { title = \"The <chat>\" channels = { \"#a\", \"#ü\" } }",
                    "0.0.0.0:80");
    EQUAL_TEXT(read_member(object, "network"), "Ex\"ample");
    EQUAL_TEXT(read_member(object, "title"), "The <chat>");
    EQUAL_TEXT(read_member(object, "server"), "irc.example.org");
    EQUAL_TEXT(read_member(object, "version"), "ircd " IRCD_VERSION);
    EQUAL_TEXT(read_member(object, "websocket"), "irc");
    EQUAL_NUMBER(json_integer_value(json_object_get(object, "nick_length")), 12);
    EQUAL_NUMBER(json_integer_value(json_object_get(object, "ping_seconds")), 30);
    CU_ASSERT(json_is_false(json_object_get(object, "accounts")));
    CU_ASSERT(json_is_false(json_object_get(object, "history")));
    const json_t *channels = json_object_get(object, "channels");
    EQUAL_NUMBER(json_array_size(channels), 2);
    EQUAL_TEXT(json_string_value(json_array_get(channels, 1)), "#ü");
    EQUAL_NUMBER(json_object_size(object), 10);
    json_decref(object);
}

/* A page is on the listener of its WebSocket. */
static void
config_json_has_no_websocket_that_the_listener_lacks(void)
{
    json_t *object =
        make_config("listen \"0.0.0.0:80\" { serves = { \"chat\" } }", "0.0.0.0:80");
    CU_ASSERT(json_is_null(json_object_get(object, "websocket")));
    json_decref(object);
    object = make_config("", "0.0.0.0:9"); /* a REHASH has removed it */
    CU_ASSERT(json_is_null(json_object_get(object, "websocket")));
    json_decref(object);
}

static void
config_json_has_defaults(void)
{
    json_t *object = make_config("server { network = \"Home\" }", "127.0.0.1:8067");
    EQUAL_TEXT(read_member(object, "title"), "Home");
    EQUAL_TEXT(
        json_string_value(json_array_get(json_object_get(object, "channels"), 0)),
        "#lobby");
    EQUAL_NUMBER(json_integer_value(json_object_get(object, "ping_seconds")), 45);
    json_decref(object);
}

SUITE(web_page)
{
    TEST(each_client_has_its_lines_for_a_plain_listener);
    TEST(lines_for_tls_verify_the_name_of_a_certificate);
    TEST(lines_for_a_certificate_of_the_server_name_its_fingerprint);
    TEST(loopback_listeners_are_shown_on_this_machine_alone);
    TEST(only_open_listeners_that_a_client_reaches_are_shown);
    TEST(texts_of_the_configuration_are_escaped);
    TEST(the_websocket_has_the_host_and_port_of_the_request);
    TEST(the_page_has_no_mark_and_nothing_inline);
    TEST(config_json_has_the_configuration_in_force);
    TEST(config_json_has_no_websocket_that_the_listener_lacks);
    TEST(config_json_has_defaults);
}
