/* Connections of HTTP that become WebSockets: the upgrade is the connect. */
#include "web_client.h"

#include "../../src/net/conn_state.h"
#include "../../src/net/web_serve.h"
#include "base/str.h"
#include "state/refusal.h"
#include "ws_client_frame.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* The bytes behind the head of the last answer. */
static const char *
after_head(const struct looped *x)
{
    const char *end = strstr(x->got, "\r\n\r\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(end);
    return end + 4;
}

static void
send_line(int fd, unsigned opcode, const char *line)
{
    char frame[600];
    size_t n = ws_client_frame(frame, 0x80 | opcode, line, strlen(line), 0x12345678);
    CU_ASSERT_FATAL(send(fd, frame, n, 0) == (ssize_t)n);
}

static int
upgrade(struct looped *x, const char *address, const char *fields)
{
    char text[1000];
    int fd = web_connect(x, address);
    snprintf(text, sizeof text, WEB_UPGRADE_HEAD "%s\r\n", fields);
    CU_ASSERT_PTR_NOT_NULL_FATAL(web_ask(x, fd, text));
    return fd;
}

static void
a_request_makes_a_client_of_its_connection(void)
{
    struct looped *x = web_looped(NULL);
    int fd = upgrade(x, WEB_ADDR, "");
    CU_ASSERT(strncmp(x->got, "HTTP/1.1 101 Switching Protocols\r\n", 34) == 0);
    CONTAINS(x->got, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    CU_ASSERT_PTR_NULL(strstr(x->got, "Sec-WebSocket-Protocol"));
    EQUAL_TEXT(after_head(x), "");
    EQUAL_NUMBER(session_count(x->srv), 1);
    EQUAL_NUMBER(x->listeners[LOOPED_WEB].clients, 1);
    EQUAL_NUMBER(x->loop->webs.hosts.connections, 0);
    EQUAL_NUMBER(web_memory(x->loop).n, 0);
    EQUAL_NUMBER(x->loop->kept, 1);
    EQUAL_NUMBER(web_requests(x, "irc", "101"), 1);
    send_line(fd, 1, "NICK ann");
    send_line(fd, 1, "USER ann 0 * :Ann");
    looped_turns(x, 3);
    CONTAINS(looped_read(x, fd), " 001 ann ");
    EQUAL_NUMBER(x->got[0], (char)0x81);
    close(fd);
    looped_turns(x, 3);
    EQUAL_NUMBER(session_count(x->srv), 0);
    EQUAL_NUMBER(x->loop->kept_bytes, 0);
    looped_free(x);
}

static void
the_client_chooses_the_protocol(void)
{
    static const struct {
        const char *asked, *chosen;
        int opcode;
    } cases[] = {
        {"text.ircv3.net", "text.ircv3.net", 1},
        {"binary.ircv3.net", "binary.ircv3.net", 2},
        {"mqtt, binary.ircv3.net, text.ircv3.net", "binary.ircv3.net", 2},
        {"text.ircv3.net,binary.ircv3.net", "text.ircv3.net", 1},
        {"mqtt", NULL, 1},
    };
    struct looped *x = web_looped(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char fields[200], line[200];
        snprintf(fields, sizeof fields, "Sec-WebSocket-Protocol: %s\r\n",
                 cases[i].asked);
        int fd = upgrade(x, WEB_ADDR, fields);
        snprintf(line, sizeof line, "Sec-WebSocket-Protocol: %s\r\n", cases[i].chosen);
        if (cases[i].chosen)
            CONTAINS(x->got, line);
        else
            CU_ASSERT_PTR_NULL(strstr(x->got, "Sec-WebSocket-Protocol"));
        send_line(fd, 1, "PING 1");
        looped_turns(x, 3);
        CU_ASSERT_PTR_NOT_NULL_FATAL(looped_read(x, fd));
        EQUAL_NUMBER((unsigned char)x->got[0], 0x80 | cases[i].opcode);
        close(fd);
        looped_turns(x, 2);
    }
    looped_free(x);
}

static void
an_upgrade_needs_its_fields(void)
{
    static const char *const cases[][2] = {
        {WEB_GET("/irc"), "426 Upgrade Required"},
        {"GET /irc HTTP/1.1\r\n" WEB_HOST
         "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
         "Sec-WebSocket-Version: 13\r\n"},
        {"GET /irc HTTP/1.1\r\n" WEB_HOST
         "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhl\r\n\r\n",
         "400 Bad Request"},
    };
    struct looped *x = web_looped(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CONTAINS(web_ask_new(x, cases[i][0]), cases[i][1]);
        EQUAL_NUMBER(session_count(x->srv), 0);
    }
    looped_free(x);
}

/* A client that sends before it is answered may be a proxy that does not understand the
 * upgrade (RFC 6455 10.3). */
static void
bytes_behind_the_request_are_refused(void)
{
    struct looped *x = web_looped(NULL);
    int fd = web_connect(x, WEB_ADDR);
    const char *got = web_ask(x, fd, WEB_UPGRADE_HEAD "\r\n\x81\x81");
    CONTAINS(got, "400 Bad Request");
    CONTAINS(got, "must wait for its answer");
    web_expect_closed(x, fd);
    EQUAL_NUMBER(session_count(x->srv), 0);
    looped_free(x);
}

static void
pages_of_other_servers_are_refused(void)
{
    static const struct {
        const char *origin;
        bool allowed;
    } cases[] = {
        {"https://irc.example.org", true},
        {"https://chat.example.net", true},
        {"https://evil.example", false},
        {"null", false},
    };
    struct looped *x =
        web_looped("web { origins = { \"https://chat.example.*\" } }\nlimits { "
                   "per_host = 9999 unregistered_per_host = 9999 }");
    unsigned refused = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char fields[200];
        snprintf(fields, sizeof fields, "Origin: %s\r\n", cases[i].origin);
        int fd = upgrade(x, WEB_ADDR, fields);
        refused += !cases[i].allowed;
        CONTAINS(x->got, cases[i].allowed ? "101 " : "403 Forbidden");
        EQUAL_NUMBER(x->srv->refusals[REFUSAL_origin], refused);
        if (refused == 1 && !cases[i].allowed) /* the log has what differs */
            CONTAINS(
                x->world->logged,
                "web.origins. Host: irc.example.org. Origin: https://evil.example.\"");
        close(fd);
        looped_turns(x, 2);
    }
    EQUAL_NUMBER(web_requests(x, "irc", "403"), refused);
    looped_free(x);
}

/* A connection whose request for a WebSocket is answered a few bytes a turn. */
static int
ask_slowly(struct looped *x)
{
    struct listener *at = &x->listeners[LOOPED_WS_SLOW];
    at->serves = x->listeners[LOOPED_WEB].serves;
    slow.gives = 4000;
    slow.takes = 100;
    int fd = looped_connect(x, LOOPED_WS_SLOW, WEB_ADDR);
    looped_send(fd, WEB_UPGRADE_HEAD "\r\n");
    looped_turns(x, 3);
    EQUAL_NUMBER(web_count(x, WEB_ANSWERING), 1);
    return fd;
}

static void
the_answer_may_go_out_in_parts(void)
{
    char room[2000];
    struct str answer;
    struct looped *x = web_looped(NULL);
    int fd = ask_slowly(x);
    str_init(&answer, room, sizeof room);
    send_line(fd, 1, "PING 1"); /* before its end: the frame waits */
    for (int i = 0; i < 100 && web_count(x, WEB_ANSWERING) > 0; i++) {
        EQUAL_NUMBER(session_count(x->srv), 0);
        str_add(&answer, looped_read(x, fd));
        looped_turn(x);
    }
    str_add(&answer, looped_read(x, fd));
    CU_ASSERT(strncmp(answer.at, "HTTP/1.1 101 Switching Protocols\r\n", 34) == 0);
    CONTAINS(answer.at, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    EQUAL_NUMBER(session_count(x->srv), 1);
    slow.takes = 0;
    looped_turns(x, 3);
    CONTAINS(looped_read(x, fd), "PONG");
    close(fd);
    looped_turns(x, 3);
    EQUAL_NUMBER(session_count(x->srv), 0);
    looped_free(x);
}

static void
a_connection_may_end_within_its_answer(void)
{
    struct looped *x = web_looped(NULL);
    close(ask_slowly(x));
    looped_turns(x, 20);
    EQUAL_NUMBER(web_memory(x->loop).n, 0);
    EQUAL_NUMBER(session_count(x->srv), 0);
    int fd = ask_slowly(x);
    web_wait(x, 30100);
    EQUAL_NUMBER(web_memory(x->loop).n, 0);
    EQUAL_NUMBER(session_count(x->srv), 0);
    close(fd);
    fd = ask_slowly(x);
    looped_free(x);
    close(fd);
}

static const struct metric_count *
find_count(const struct metric_series *s, const char *first)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->all[i].labels[0], first) == 0)
            return &s->all[i];
    CU_FAIL_FATAL("no such series");
    return NULL;
}

static void
the_loop_tells_of_requests_and_clients(void)
{
    struct looped *x = web_looped(NULL);
    int fd = upgrade(x, WEB_ADDR, ""), idle = web_connect(x, WEB_ADDR);
    struct metrics_facts facts = {0};
    struct shell_memory memory;
    struct listener *all[] = {&x->listeners[LOOPED_WEB]};
    struct listeners before = x->loop->listeners;
    x->loop->listeners.all = all;
    x->loop->listeners.n = 1;
    loop_metrics(x->loop, &facts);
    x->loop->listeners = before;
    EQUAL_NUMBER(find_count(&facts.clients, "ws")->n, 1);
    EQUAL_NUMBER(find_count(&facts.clients, "wss")->n, 0);
    EQUAL_NUMBER(find_count(&facts.connections, "test")->n, 1);
    EQUAL_TEXT(find_count(&facts.requests, "irc")->labels[1], "101");
    metrics_facts_clear(&facts);
    loop_memory(x->loop, &memory);
    EQUAL_NUMBER(memory.webs.n, 1);
    CU_ASSERT(memory.webs.bytes > 200 && memory.webs.bytes < 1500);
    EQUAL_NUMBER(memory.connections.n, 1);
    close(fd);
    close(idle);
    looped_free(x);
}

/* A script sees nothing of an upgrade that fails, so it gets the reason in a message. */
static void
expect_explained(struct looped *x, int fd, const char *why)
{
    const unsigned char *frame = (const unsigned char *)after_head(x);
    char line[200];
    EQUAL_NUMBER(frame[0], 0x81);
    snprintf(line, sizeof line, "%.*s", (int)frame[1], (const char *)frame + 2);
    CONTAINS(line, "ERROR :Closing Link: 192.0.2.1 (");
    CONTAINS(line, why);
    frame += 2 + frame[1];
    EQUAL_NUMBER(frame[0], 0x88);
    EQUAL_NUMBER(frame[2] << 8 | frame[3], 1008);
    EQUAL_NUMBER(x->loop->drain.count, 1);
    web_expect_closed(x, fd);
    looped_turn(x);
}

static void
a_refused_client_can_read_why(void)
{
    struct looped *x = web_looped("limits { per_host = 1 }");
    int first = upgrade(x, WEB_ADDR, "");
    EQUAL_NUMBER(session_count(x->srv), 1);
    int fd = upgrade(x, WEB_ADDR, "");
    CONTAINS(x->got, "101 Switching Protocols");
    expect_explained(x, fd, "Too many connections from your host");
    EQUAL_NUMBER(session_count(x->srv), 1);
    EQUAL_NUMBER(x->loop->webs.hosts.connections, 0);
    EQUAL_NUMBER(x->loop->kept, 1);
    close(first);
    looped_free(x);
}

/* Pages cost no place of a client. */
static void
only_the_upgrade_is_a_connect(void)
{
    struct looped *x = web_looped("limits { per_host = 1 connect_rate = \"1/1h\" }");
    for (int i = 0; i < 5; i++)
        CONTAINS(web_ask_new(x, WEB_GET("/")), "200 OK");
    int fd = upgrade(x, WEB_ADDR, "");
    CONTAINS(x->got, "101 ");
    EQUAL_NUMBER(session_count(x->srv), 1);
    close(fd);
    looped_turns(x, 3);
    fd = upgrade(x, WEB_ADDR, "");
    expect_explained(x, fd, "Connecting too fast");
    looped_free(x);
}

/* The listener has gone: its requests end, its clients stay. */
static void
clients_outlive_their_listener(void)
{
    struct looped *x = web_looped(NULL);
    int client = upgrade(x, WEB_ADDR, ""), idle = web_connect(x, WEB_ADDR),
        part = web_connect(x, WEB_ADDR);
    looped_send(part, "GET /");
    looped_turns(x, 2);
    web_retire(x->loop, &x->listeners[LOOPED_TLS]);
    EQUAL_NUMBER(web_memory(x->loop).n, 2);
    web_retire(x->loop, &x->listeners[LOOPED_WEB]);
    EQUAL_NUMBER(web_memory(x->loop).n, 0);
    web_expect_closed(x, idle);
    web_expect_closed(x, part);
    send_line(client, 1, "PING 1");
    looped_turns(x, 3);
    CU_ASSERT_PTR_NOT_NULL(looped_read(x, client));
    EQUAL_NUMBER(session_count(x->srv), 1);
    close(client);
    looped_free(x);
}

static void
the_end_of_the_server_ends_both(void)
{
    struct looped *x = web_looped(NULL);
    int client = upgrade(x, WEB_ADDR, ""), idle = web_connect(x, WEB_ADDR);
    loop_end(x->loop, "maintenance");
    looped_turns(x, 2);
    CONTAINS(looped_read(x, client), "maintenance");
    const char *close_frame = strchr(x->got, (char)0x88);
    CU_ASSERT_PTR_NOT_NULL_FATAL(close_frame);
    EQUAL_NUMBER(memcmp(close_frame + 2, "\x03\xe9", 2), 0); /* 1001 */
    web_expect_closed(x, idle);
    close(client);
    looped_free(x);
}

SUITE(web_socket)
{
    TEST(a_request_makes_a_client_of_its_connection);
    TEST(the_client_chooses_the_protocol);
    TEST(an_upgrade_needs_its_fields);
    TEST(bytes_behind_the_request_are_refused);
    TEST(pages_of_other_servers_are_refused);
    TEST(the_answer_may_go_out_in_parts);
    TEST(a_connection_may_end_within_its_answer);
    TEST(the_loop_tells_of_requests_and_clients);
    TEST(a_refused_client_can_read_why);
    TEST(only_the_upgrade_is_a_connect);
    TEST(clients_outlive_their_listener);
    TEST(the_end_of_the_server_ends_both);
}
