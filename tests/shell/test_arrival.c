/* Connections of a proxy: the header comes before the session, and before the transport
 * of the listener. */
#include "tls_client.h"

#include "../../src/net/arrival.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/host.h"
#include "proto/mode.h"

#include <sys/socket.h>
#include <unistd.h>

#define PROXY "198.51.100.1"
#define HEADER "PROXY TCP4 192.0.2.7 10.0.0.2 56324 6667\r\n"

static const char behind[] =
    "proxy \"hap\" { match = { \"198.51.100.1\" } accepts = { \"proxy-protocol\" } } "
    "limits { per_host = 2 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate "
    "= \"9999/1s\" }";

static const char login[] = "NICK ann\r\nUSER ann 0 * :Ann\r\n";

/* A server in which all listeners are behind a proxy. */
static struct looped *
new_behind(void)
{
    struct looped *x = looped_new(behind);
    for (int i = 0; i < LOOPED_LISTENERS; i++)
        x->listeners[i].proxy = true;
    return x;
}

static int
arrive(struct looped *x, const char *bytes)
{
    int fd = looped_connect(x, LOOPED_PLAIN, PROXY);
    looped_send(fd, bytes);
    return fd;
}

/* The loop has closed the connection without a line. */
static void
expect_closed(struct looped *x, int fd)
{
    CU_ASSERT_PTR_NULL(looped_read(x, fd));
    close(fd);
}

static bool
has_logged(const struct looped *x, const char *part)
{
    return x->world->logged && strstr(x->world->logged, part);
}

static void
the_session_has_the_address_of_the_header(void)
{
    struct looped *x = new_behind();
    int fd = looped_connect(x, LOOPED_PLAIN, PROXY);
    looped_turns(x, 3);
    EQUAL_NUMBER(session_count(x->srv), 0);
    CU_ASSERT_PTR_NULL(world_host(x->world, PROXY));
    EQUAL_NUMBER(x->loop->arrivals.count, 1);
    looped_send(fd, HEADER);
    looped_turn(x);
    EQUAL_NUMBER(x->loop->arrivals.count, 0);
    EQUAL_NUMBER(session_count(x->srv), 1);
    EQUAL_TEXT(client_gateway(looped_client(x)), "hap");
    looped_send(fd, login);
    looped_turns(x, 3);
    CONTAINS(looped_read(x, fd), "ann!ann@192.0.2.7");
    EQUAL_NUMBER(world_host(x->world, "192.0.2.7")->connections, 1);
    CU_ASSERT_PTR_NULL(world_host(x->world, PROXY));
    close(fd);
    looped_free(x);
}

static void
what_follows_the_header_is_input(void)
{
    static const char v2[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x14"
                             "\xc0\0\2\7\x0a\0\0\2\xdc\x04\x1a\x0b"
                             "\x20\0\5\1\0\0\0\0NICK ann\r\nUSER ann 0 * :Ann\r\n";
    struct looped *x = new_behind();
    int fd = arrive(x, HEADER "NICK ann\r\nUSER ann 0 * :Ann\r\nPING 1\r\n");
    looped_turns(x, 3);
    const char *got = looped_read(x, fd);
    CONTAINS(got, "ann!ann@192.0.2.7");
    CONTAINS(got, "PONG irc.localhost :1\r\n");
    close(fd);
    looped_turns(x, 2);
    fd = looped_connect(x, LOOPED_PLAIN, PROXY);
    CU_ASSERT_FATAL(send(fd, v2, sizeof v2 - 1, 0) == (ssize_t)sizeof v2 - 1);
    looped_turns(x, 3);
    CONTAINS(looped_read(x, fd), "ann!ann@192.0.2.7");
    const struct client *ann = client_find(x->srv, "ann");
    CU_ASSERT(ann && ann->user.modes & USER_SECURE);
    close(fd);
    looped_free(x);
}

/* The listener's own handshake comes behind the header. */
static void
the_transport_begins_behind_the_header(void)
{
    struct looped *x = new_behind();
    int fd = looped_connect(x, LOOPED_GREETED, PROXY);
    looped_send(fd, HEADER "HELLO\nNICK ann\r\n");
    looped_turns(x, 4);
    looped_send(fd, "USER ann 0 * :Ann\r\n");
    looped_turns(x, 20);
    const char *got = looped_read(x, fd);
    CONTAINS(got, "WELCOME\n");
    CONTAINS(got, "ann!ann@192.0.2.7");
    close(fd);
    looped_free(x);
}

static void
check_client_behind_tls(struct looped *x, struct tls_client *c)
{
    EQUAL_TEXT(client_gateway(looped_client(x)), "hap");
    CONTAINS(tls_client_ask(c, login), "ann!ann@192.0.2.7");
    const struct client *ann = client_find(x->srv, "ann");
    CU_ASSERT(ann && ann->user.modes & USER_SECURE);
    CU_ASSERT(ann && client_gateway(ann));
    EQUAL_NUMBER(world_host(x->world, "192.0.2.7")->connections, 1);
    CU_ASSERT_PTR_NULL(world_host(x->world, PROXY));
}

static void
tls_begins_behind_the_header(void)
{
    struct looped *x = new_behind();
    looped_use_tls(x, "database { path = '' }");
    struct tls_client *c = tls_client_new(x, PROXY);
    looped_turns(x, 3);
    EQUAL_NUMBER(session_count(x->srv), 0);
    looped_send(c->fd, HEADER);
    looped_turns(x, 2);
    EQUAL_NUMBER(session_count(x->srv), 1);
    CU_ASSERT(looped_client(x)->user.modes & USER_SECURE); /* nothing else can come */
    bool connected = tls_client_connect(c);
    CU_ASSERT(connected);
    if (connected)
        check_client_behind_tls(x, c);
    tls_client_free(c);
    looped_free(x);
}

/* The name is one that the client has asked the proxy for. */
static void
the_name_in_the_header_is_the_server_name(void)
{
    static const char v2[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x22"
                             "\xc0\0\2\7\x0a\0\0\2\xdc\x04\x1a\x0b"
                             "\x20\0\5\1\0\0\0\0\2\0\013irc.example";
    struct looped *x = new_behind();
    int fd = looped_connect(x, LOOPED_PLAIN, PROXY);
    CU_ASSERT_FATAL(send(fd, v2, sizeof v2 - 1, 0) == (ssize_t)sizeof v2 - 1);
    looped_turns(x, 3);
    struct connection_info info;
    session_info(looped_client(x), &info);
    EQUAL_TEXT(info.sni, "irc.example");
    CU_ASSERT(info.secure);
    close(fd);
    looped_free(x);
}

static void
a_header_that_is_split_anywhere_is_refused_in_its_turn(void)
{
    struct looped *x = new_behind();
    char part[sizeof HEADER];
    for (size_t n = 1; n < sizeof HEADER - 1; n++) {
        int fd = looped_connect(x, LOOPED_PLAIN, PROXY);
        str_format(part, n + 1, "%s", HEADER);
        looped_turn(x);
        looped_send(fd, part);
        looped_turn(x);
        EQUAL_NUMBER(x->loop->arrivals.count, 0);
        expect_closed(x, fd);
    }
    EQUAL_NUMBER(session_count(x->srv), 0);
    CU_ASSERT_TRUE(has_logged(x, "event=proxy-refused host=198.51.100.1 listen=test "
                                 "why=\"the header is not whole\""));
    looped_free(x);
}

static void
wrong_headers_are_refused(void)
{
    static const char *const wrong[] = {
        login,
        "PROXY TCP4 192.0.2.7 10.0.0.2 56324 66670\r\n",
        "PROXY TCP4 300.0.2.7 10.0.0.2 56324 6667\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "\x16\x03\x01",
    };
    struct looped *x = new_behind();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int fd = arrive(x, wrong[i]);
        looped_turns(x, 2);
        expect_closed(x, fd);
    }
    EQUAL_NUMBER(session_count(x->srv), 0);
    EQUAL_NUMBER(x->srv->n_refused, 0);
    looped_free(x);
}

static void
only_a_proxy_of_the_configuration_is_heard(void)
{
    struct looped *x = new_behind();
    int fd = looped_connect(x, LOOPED_PLAIN, "198.51.100.2");
    expect_closed(x, fd);
    EQUAL_NUMBER(x->loop->arrivals.count, 0);
    CU_ASSERT_TRUE(has_logged(x, "event=proxy-refused host=198.51.100.2 listen=test "
                                 "why=\"no proxy block with proxy-protocol "
                                 "matches the address\""));
    looped_free(x);
}

/* Its clients would all have the address of the proxy. */
static void
a_header_where_none_is_expected_ends_the_connection(void)
{
    static const char v2[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"
                             "\xc0\0\2\7\x0a\0\0\2\xdc\x04\x1a\x0b";
    static const struct {
        int row;
        enum refusal counted;
        const char *event;
    } cases[] = {
        {LOOPED_PLAIN, REFUSAL_proxy,
         "event=proxy-refused host=198.51.100.1 listen=test "
         "why=\"the listener has no proxy = true\""},
        {LOOPED_TLS, REFUSAL_tls,
         "event=tls-failed host=198.51.100.1 "
         "why=\"a PROXY header, and the listener has no proxy = true\""},
    };
    struct looped *x = looped_new(behind);
    looped_use_tls(x, "database { path = \"\" }");
    for (unsigned i = 0; i < 4; i++) {
        int fd = looped_connect(x, cases[i / 2].row, PROXY);
        if (i % 2)
            looped_send(fd, HEADER "NICK ann\r\nUSER ann 0 * :Ann\r\n");
        else
            CU_ASSERT_FATAL(send(fd, v2, sizeof v2 - 1, 0) == (ssize_t)sizeof v2 - 1);
        looped_turns(x, 3);
        EQUAL_TEXT(looped_read(x, fd),
                   "ERROR :Closing Link: (This port takes no PROXY header)\r\n");
        expect_closed(x, fd);
        EQUAL_NUMBER(x->srv->refusals[cases[i / 2].counted], i % 2 + 1);
        CU_ASSERT_TRUE(has_logged(x, cases[i / 2].event));
    }
    EQUAL_NUMBER(session_count(x->srv), 0);
    looped_free(x);
}

static void
two_headers_end_the_connection(void)
{
    struct looped *x = new_behind();
    int fd = arrive(x, HEADER HEADER "NICK ann\r\nUSER ann 0 * :Ann\r\n");
    looped_turns(x, 3);
    CONTAINS(looped_read(x, fd), "(This port takes no second PROXY header)");
    expect_closed(x, fd);
    CU_ASSERT_TRUE(has_logged(x, "event=proxy-refused host=192.0.2.7 listen=test "
                                 "why=\"a second header follows the first\""));
    looped_free(x);
}

/* IRC knows no command PROXY, but a client that has begun may send any line. */
static void
a_header_in_the_middle_is_a_line(void)
{
    struct looped *x = looped_new(behind);
    int fd = looped_connect(x, LOOPED_PLAIN, "192.0.2.7");
    looped_send(fd, "NICK ann\r\n");
    looped_turns(x, 2);
    looped_send(fd, HEADER "USER ann 0 * :Ann\r\n");
    looped_turns(x, 3);
    CONTAINS(looped_read(x, fd), " 001 ann ");
    CU_ASSERT_FALSE(has_logged(x, "proxy-refused"));
    close(fd);
    looped_free(x);
}

/* A health check of a proxy is no event. */
static void
checks_and_unknown_addresses_end_quietly(void)
{
    struct looped *x = new_behind();
    int fd = arrive(x, "PROXY UNKNOWN\r\n");
    looped_turns(x, 2);
    expect_closed(x, fd);
    fd = looped_connect(x, LOOPED_PLAIN, PROXY);
    CU_ASSERT_FATAL(send(fd, "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16, 0) == 16);
    looped_turns(x, 2);
    expect_closed(x, fd);
    fd = looped_connect(x, LOOPED_PLAIN, PROXY);
    looped_turn(x);
    close(fd);
    looped_turns(x, 2);
    EQUAL_NUMBER(x->loop->arrivals.count, 0);
    EQUAL_NUMBER(session_count(x->srv), 0);
    CU_ASSERT_FALSE(has_logged(x, "proxy-refused"));
    looped_free(x);
}

static void
a_header_has_five_seconds(void)
{
    struct looped *x = new_behind();
    int fd = looped_connect(x, LOOPED_PLAIN, PROXY);
    looped_turn(x);
    CU_ASSERT(ev_is_active(&x->loop->sweep));
    msec now = x->loop->now;
    x->loop->now = now + ARRIVAL_TIME - 500;
    arrival_sweep(x->loop);
    EQUAL_NUMBER(x->loop->arrivals.count, 1);
    x->loop->now = now + ARRIVAL_TIME;
    arrival_sweep(x->loop);
    EQUAL_NUMBER(x->loop->arrivals.count, 0);
    expect_closed(x, fd);
    CU_ASSERT_TRUE(has_logged(x, "why=\"no header came in time\""));
    looped_free(x);
}

static void
few_connections_wait_for_a_header(void)
{
    enum { ALL = ARRIVALS_MAX + 10 };
    struct looped *x = new_behind();
    int fds[ALL];
    for (int i = 0; i < ALL; i++)
        fds[i] = looped_connect(x, LOOPED_PLAIN, PROXY);
    EQUAL_NUMBER(x->loop->arrivals.count, ARRIVALS_MAX);
    for (int i = 0; i < 10; i++)
        expect_closed(x, fds[i]); /* the oldest */
    looped_send(fds[10], HEADER);
    looped_send(fds[ALL - 1], HEADER);
    looped_turns(x, 2);
    EQUAL_NUMBER(session_count(x->srv), 2);
    for (int i = 10; i < ALL; i++)
        close(fds[i]);
    looped_turns(x, 10);
    EQUAL_NUMBER(x->loop->arrivals.count, 0);
    looped_free(x);
}

static void
a_client_is_refused_by_its_own_address(void)
{
    struct looped *x = new_behind();
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = arrive(x, HEADER);
        looped_turns(x, 2);
    }
    CONTAINS(looped_read(x, fds[2]), "ERROR :Closing Link: 192.0.2.7 (Too many "
                                     "connections from your host: at most 2");
    int other = arrive(x, "PROXY TCP4 192.0.2.8 10.0.0.2 56324 6667\r\n");
    looped_turns(x, 2);
    EQUAL_NUMBER(session_count(x->srv), 3);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    close(other);
    looped_free(x);
}

/* The end of the server leaves no descriptor. */
static void
the_end_closes_those_that_wait(void)
{
    struct looped *x = new_behind();
    int fd = looped_connect(x, LOOPED_PLAIN, PROXY);
    looped_turn(x);
    EQUAL_NUMBER(x->loop->arrivals.count, 1);
    looped_free(x);
    char byte;
    EQUAL_NUMBER(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

/* The access mode of a unix socket says which proxies may connect. */
static void
a_unix_socket_needs_no_block(void)
{
    static char path[] = "/nowhere";
    struct looped *x = looped_new(NULL);
    x->listeners[LOOPED_PLAIN].proxy = true;
    x->listeners[LOOPED_PLAIN].path = path;
    int fd = looped_connect(x, LOOPED_PLAIN, "::1");
    looped_send(fd, HEADER);
    looped_turns(x, 2);
    EQUAL_NUMBER(session_count(x->srv), 1);
    EQUAL_TEXT(client_gateway(looped_client(x)), "test");
    close(fd);
    looped_free(x);
}

SUITE(arrival)
{
    TEST(the_session_has_the_address_of_the_header);
    TEST(what_follows_the_header_is_input);
    TEST(the_transport_begins_behind_the_header);
    TEST(tls_begins_behind_the_header);
    TEST(the_name_in_the_header_is_the_server_name);
    TEST(a_header_that_is_split_anywhere_is_refused_in_its_turn);
    TEST(wrong_headers_are_refused);
    TEST(only_a_proxy_of_the_configuration_is_heard);
    TEST(a_header_where_none_is_expected_ends_the_connection);
    TEST(two_headers_end_the_connection);
    TEST(a_header_in_the_middle_is_a_line);
    TEST(checks_and_unknown_addresses_end_quietly);
    TEST(a_header_has_five_seconds);
    TEST(few_connections_wait_for_a_header);
    TEST(a_client_is_refused_by_its_own_address);
    TEST(the_end_closes_those_that_wait);
    TEST(a_unix_socket_needs_no_block);
}
