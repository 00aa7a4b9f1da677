/* WebSocket behind the real loop: ends with their codes, pings, half of a frame, and
 * frames that clients share. The rows suite shows that the lines are those of plain
 * sockets. */
#include "row_client.h"

#include "../../src/net/conn.h"
#include "../../src/net/conn_state.h"
#include "../../src/net/transport_ws.h"
#include "base/mem.h"
#include "proto/ws_reader.h"
#include "state/client_end.h"
#include "state/out.h"
#include "ws_client_frame.h"

#include <unistd.h>

#define IDLE_MOST 150 /* bytes of an idle client over a plain one */

static const char crowd[] =
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" }\nflood { burst = 9999 unregistered = 1000 }";

static const struct row *
row_named(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    CU_FAIL_FATAL("no such row");
    return NULL;
}

static struct looped *
begin_ws(void)
{
    struct looped *x = looped_new(crowd);
    looped_use_tls(x, "database { path = '' }");
    slow.gives = 1000;
    return x;
}

/* A client that has read its welcome. */
static struct row_client *
welcomed(struct looped *x, const char *row)
{
    struct row_client *c = row_client_new(x, row_named(row), "192.0.2.1");
    row_client_say(c, "NICK ann\r\nUSER ann 0 * :Ann\r\n");
    CONTAINS(row_client_settle(c), " 001 ann ");
    c->n = 0;
    return c;
}

/* Puts one frame behind what is to be sent. */
static void
say_frame(struct row_client *c, unsigned first, const char *payload)
{
    char frame[1000];
    size_t n = ws_client_frame(frame, first, payload, strlen(payload), 0x12345678);
    row_client_raw(c, frame, n);
}

static const char *const ws_rows[] = {"ws", "ws-binary", "wss", "ws-slow"};
#define WS_ROWS (sizeof ws_rows / sizeof *ws_rows)

/* Each row, with a client. */
#define EACH_ROW(x, c)                                                                 \
    for (size_t row = 0; row < WS_ROWS; row++)                                         \
        for (struct looped *x = begin_ws(); x; looped_free(x), x = NULL)               \
            for (struct row_client *c = welcomed(x, ws_rows[row]); c;                  \
                 row_client_free(c), c = NULL)

static void
an_end_has_its_code(void)
{
    EACH_ROW(x, c)
    {
        row_client_say(c, "QUIT :bye\r\n");
        EQUAL_TEXT(row_client_settle(c),
                   "ERROR :Closing Link: 192.0.2.1 (Quit: bye)\r\n");
        EQUAL_NUMBER(c->closed, 1000);
        EQUAL_TEXT(c->said, "");
        CU_ASSERT(c->ended);
    }
    EACH_ROW(x, c)
    {
        client_kill(x->srv, looped_registered(x), END_KILL, "enough");
        EQUAL_TEXT(row_client_settle(c), "ERROR :Closing Link: 192.0.2.1 (enough)\r\n");
        EQUAL_NUMBER(c->closed, 1008);
        CU_ASSERT(c->ended);
    }
    EACH_ROW(x, c)
    {
        loop_end(x->loop, "maintenance");
        CONTAINS(row_client_settle(c), "maintenance");
        EQUAL_NUMBER(c->closed, 1001);
    }
}

/* A client answers the close frame. If the socket were closed at once, the answer would
 * be met by a reset, which destroys the close frame. */
static void
each_end_waits_for_the_answer_of_the_client(void)
{
    EACH_ROW(x, c)
    {
        row_client_say(c, "QUIT :bye\r\n");
        row_client_settle(c);
        EQUAL_NUMBER(c->closed, 1000);
        EQUAL_NUMBER(x->loop->drain.count, 1);
    }
    EACH_ROW(x, c)
    {
        row_client_raw(c, "\x81\x01x", 3);
        row_client_settle(c);
        EQUAL_NUMBER(c->closed, 1002);
        EQUAL_NUMBER(x->loop->drain.count, 1);
    }
}

static void
a_close_frame_of_the_client_is_answered_behind_its_lines(void)
{
    static const struct {
        const char *payload;
        int closed;
    } cases[] = {{"\x03\xE8", 1000}, {"\x13\x87reason", 4999}, {"", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EACH_ROW(x, c)
        {
            row_client_say(c, "PING :before\r\n");
            say_frame(c, 0x88, cases[i].payload);
            row_client_say(c, "PING :after\r\n");
            EQUAL_TEXT(row_client_settle(c),
                       ":irc.localhost PONG irc.localhost :before\r\n");
            EQUAL_NUMBER(c->closed, cases[i].closed);
            EQUAL_TEXT(c->said, "");
            CU_ASSERT(c->ended);
            EQUAL_NUMBER(session_count(x->srv), 0);
            CONTAINS(x->world->logged, "reason=\"Connection closed\"");
        }
}

static void
a_fault_ends_the_client_with_its_code_and_sentence(void)
{
    static const struct {
        const char *bytes;
        size_t n;
        enum ws_fault fault;
    } cases[] = {
        {"\x81\x04QUIT", 6, WS_FAULT_NOT_MASKED},
        {"\xC1\x80\0\0\0\0", 6, WS_FAULT_RESERVED_BITS},
        {"\x81\x81\0\0\0\0\n", 7, WS_FAULT_LINE_END},
        {"\x81\x81\0\0\0\0\xFF", 7, WS_FAULT_TEXT},
        {"\x81\xFE\x11\xFD\0\0\0\0", 8, WS_FAULT_TOO_LONG},
        {"\x88\x82\0\0\0\0\x03\xED", 8, WS_FAULT_CLOSE_CODE},
        {"GET / HTTP/1.1\r\n\r\n", 18, WS_FAULT_RESERVED_BITS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EACH_ROW(x, c)
        {
            char reason[200], want[300];
            row_client_say(c, "PING :before\r\n");
            row_client_raw(c, cases[i].bytes, cases[i].n);
            row_client_say(c, "PING :after\r\n");
            snprintf(want, sizeof want,
                     ":irc.localhost PONG irc.localhost :before\r\n"
                     "ERROR :Closing Link: (%s)\r\n",
                     ws_fault_text(cases[i].fault));
            EQUAL_TEXT(row_client_settle(c), want);
            EQUAL_NUMBER(c->closed, ws_fault_code(cases[i].fault));
            EQUAL_TEXT(c->said, ws_fault_text(cases[i].fault));
            CU_ASSERT(c->ended);
            snprintf(reason, sizeof reason, "reason=\"Read error: %s\"", c->said);
            CONTAINS(x->world->logged, reason);
        }
}

static void
a_ping_is_answered_and_a_second_one_ends_the_client(void)
{
    EACH_ROW(x, c)
    {
        say_frame(c, 0x89, "are you there?");
        row_client_say(c, "PING :x\r\n");
        say_frame(c, 0x8A, "a pong is ignored");
        EQUAL_TEXT(row_client_settle(c), ":irc.localhost PONG irc.localhost :x\r\n");
        EQUAL_NUMBER(c->pongs, 1);
        EQUAL_TEXT(c->said, "are you there?");
        say_frame(c, 0x89, "again");
        row_client_settle(c);
        EQUAL_NUMBER(c->pongs, 1);
        EQUAL_NUMBER(c->closed, 1008);
        EQUAL_TEXT(c->said, ws_fault_text(WS_FAULT_PINGS));
    }
}

static void
frames_without_data_are_bounded(void)
{
    EACH_ROW(x, c)
    {
        static char pongs[24000];
        for (size_t at = 0; at < sizeof pongs; at += 6)
            memcpy(pongs + at, "\x8A\x80mask", 6);
        row_client_raw(c, pongs, sizeof pongs);
        row_client_settle(c);
        EQUAL_NUMBER(c->closed, 1008);
        EQUAL_TEXT(c->said, ws_fault_text(WS_FAULT_NO_DATA));
    }
}

static const struct ws_own *
own_of(struct client *client)
{
    return conn_own(session_conn(client));
}

/* Says lines until the socket takes no more; their number. */
static int
fill_socket(struct looped *x, struct client *client)
{
    int said = 0;
    do {
        for (int k = 0; k < 300; k++)
            out_line(x->srv, client, ":test NOTICE ann :%08d%0*d", said++, 50 + k % 200,
                     0);
        looped_turn(x);
    } while (!own_of(client)->waits && said < 10000);
    CU_ASSERT(own_of(client)->waits);
    return said;
}

/* The lines of fill_socket, in order; what follows them. */
static const char *
skip_lines(const char *text, int said)
{
    char want[64];
    for (int i = 0; i < said; i++) {
        snprintf(want, sizeof want, ":test NOTICE ann :%08d", i);
        const char *end = strstr(text, "\r\n");
        if (end == NULL || strncmp(text, want, strlen(want)) != 0)
            return "a line is missing";
        text = end + 2;
    }
    return text;
}

/* The row over TLS has no half of a frame of its own: OpenSSL keeps the record. */
static void
a_kill_while_half_of_a_frame_is_sent_comes_behind_it(void)
{
    EACH_ROW(x, c)
    {
        struct client *client = looped_registered(x);
        slow.takes = 4099;
        int said = fill_socket(x, client);
        slow.takes = 0;
        CU_ASSERT(own_of(client)->skip > 0 || row == 2);
        row_client_read(c);
        client_kill(x->srv, client, END_KILL, "enough");
        EQUAL_TEXT(skip_lines(row_client_settle(c), said),
                   "ERROR :Closing Link: 192.0.2.1 (enough)\r\n");
        EQUAL_NUMBER(c->closed, 1008);
        CU_ASSERT(c->ended);
    }
}

/* Nothing can be said behind half of a frame that the socket does not take. */
static void
a_kill_of_a_full_socket_ends_it_within_the_frame(void)
{
    EACH_ROW(x, c)
    {
        struct client *client = looped_registered(x);
        slow.takes = 4099;
        int said = fill_socket(x, client);
        client_kill(x->srv, client, END_KILL, "enough");
        looped_turn(x);
        EQUAL_NUMBER(session_count(x->srv), 0);
        row_client_settle(c);
        CU_ASSERT(c->ended);
        EQUAL_NUMBER(c->closed, 0);
        for (int i = 0; i < said; i++)
            if (*skip_lines(c->got, i) == '\0')
                said = 0; /* the lines that have come are the first ones */
        EQUAL_NUMBER(said, 0);
    }
}

/* limits.sendq_total drops a queue, so the rest of a begun frame is gone. */
static void
a_dropped_queue_ends_the_client_within_the_frame(void)
{
    EACH_ROW(x, c)
    {
        struct client *client = looped_registered(x);
        slow.takes = 4099;
        fill_socket(x, client);
        slow.takes = 0;
        CU_ASSERT(own_of(client)->skip > 0 || row == 2);
        row_client_read(c);
        size_t lines = c->n;
        x->srv->buffers.sum.bytes += (size_t)1 << 40;
        session_written(x->srv);
        x->srv->buffers.sum.bytes -= (size_t)1 << 40;
        EQUAL_NUMBER(session_sendq(client)->count, 1);
        row_client_settle(c);
        CU_ASSERT(c->ended);
        EQUAL_NUMBER(c->closed, 0);
        CU_ASSERT(c->n == lines || row == 2);
    }
}

/* The bytes of ERROR must not pass as the rest of the frame that was begun. */
static void
half_of_a_frame_is_never_ended_by_another_line(void)
{
    struct looped *x = begin_ws();
    struct row_client *c = welcomed(x, "ws-slow");
    struct client *client = looped_registered(x);
    slow.takes = 10;
    out_line(x->srv, client, ":test NOTICE ann :%0300d", 0);
    looped_turn(x);
    size_t skip = own_of(client)->skip;
    CU_ASSERT(skip > 0 && skip < 40);
    slow.takes = 0;
    x->srv->buffers.sum.bytes += (size_t)1 << 40;
    session_written(x->srv);
    x->srv->buffers.sum.bytes -= (size_t)1 << 40;
    row_client_settle(c);
    CU_ASSERT(c->ended);
    EQUAL_NUMBER(c->n_raw, skip + strlen("END\n")); /* the last word of the slow row */
    row_client_free(c);
    looped_free(x);
}

/* A pong waits for the end of a frame that has begun. */
static void
a_pong_goes_between_two_lines(void)
{
    EACH_ROW(x, c)
    {
        struct client *client = looped_registered(x);
        slow.takes = 4099;
        int said = fill_socket(x, client);
        say_frame(c, 0x89, "tea");
        row_client_send(c, SIZE_MAX);
        looped_turn(x);
        EQUAL_NUMBER(c->pongs, 0);
        EQUAL_TEXT(skip_lines(row_client_settle(c), said), "");
        EQUAL_NUMBER(c->pongs, 1);
        EQUAL_TEXT(c->said, "tea");
        CU_ASSERT_PTR_NULL(own_of(client)->control);
        row_client_say(c, "PING :x\r\n");
        CONTAINS(row_client_settle(c), " :x\r\n");
    }
}

static void
clients_with_equal_queues_share_frames(void)
{
    static const char *const names[] = {"ws",        "ws",        "wss",  "ws-slow",
                                        "ws-binary", "ws-binary", "plain"};
    enum { ALL = sizeof names / sizeof *names };
    struct looped *x = begin_ws();
    struct row_client *c[ALL];
    struct client *clients[ALL];
    char line[64];
    for (int i = 0; i < ALL; i++) {
        c[i] = row_client_new(x, row_named(names[i]), "192.0.2.1");
        snprintf(line, sizeof line, "NICK n%d\r\nUSER a 0 * :a\r\nJOIN #a\r\n", i);
        row_client_say(c[i], line);
        row_client_settle(c[i]);
        clients[i] = looped_registered(x);
    }
    for (int i = 0; i < ALL; i++) {
        row_client_settle(c[i]);
        c[i]->n = 0;
        CU_ASSERT(session_sendq(clients[i])->bytes == 0);
    }
    uint64_t text = x->loop->formed[TRANSPORT_WS_TEXT].made;
    uint64_t binary = x->loop->formed[TRANSPORT_WS_BINARY].made;
    row_client_say(c[ALL - 1], "PRIVMSG #a :one\r\nPRIVMSG #a :two\r\n");
    row_client_settle(c[ALL - 1]);
    EQUAL_NUMBER(x->loop->formed[TRANSPORT_WS_TEXT].made, text + 1);
    EQUAL_NUMBER(x->loop->formed[TRANSPORT_WS_BINARY].made, binary + 1);
    EQUAL_NUMBER(x->loop->formed[TRANSPORT_WS_TEXT].count, 0);
    for (int i = 0; i < ALL - 1; i++)
        EQUAL_TEXT(row_client_read(c[i]), ":n6!a@192.0.2.1 PRIVMSG #a :one\r\n"
                                          ":n6!a@192.0.2.1 PRIVMSG #a :two\r\n");
    for (int i = 0; i < ALL; i++)
        row_client_free(c[i]);
    looped_free(x);
}

static void
a_refusal_is_a_message_and_a_close_frame(void)
{
    struct looped *x = looped_new("limits { unregistered_per_host = 1 }");
    looped_use_tls(x, "database { path = '' }");
    static const char *const names[] = {"ws", "wss"};
    for (size_t i = 0; i < 2; i++) {
        const char *address = i ? "192.0.2.1" : "192.0.2.2";
        int first = looped_connect(x, LOOPED_PLAIN, address);
        struct row_client *c = row_client_new(x, row_named(names[i]), address);
        row_client_say(c, "NICK ann\r\n");
        CONTAINS(row_client_settle(c), "ERROR :Closing Link: 192.0.2.");
        CONTAINS(c->got, "Too many");
        EQUAL_NUMBER(c->closed, 1008);
        CU_ASSERT(c->ended);
        row_client_free(c);
        close(first);
    }
    looped_free(x);
}

static void
an_idle_client_costs_little_more_than_a_plain_one(void)
{
    size_t plain = mem_block(sizeof(struct conn));
    size_t ws = mem_block(sizeof(struct conn_kept) + transport_ws.own);
    CU_ASSERT(ws <= plain + IDLE_MOST);
    EACH_ROW(x, c)
    {
        CU_ASSERT_PTR_NULL(own_of(looped_registered(x))->control);
        CU_ASSERT_PTR_NULL(own_of(looped_registered(x))->reader.control);
    }
}

SUITE(transport_ws)
{
    TEST(an_end_has_its_code);
    TEST(each_end_waits_for_the_answer_of_the_client);
    TEST(a_close_frame_of_the_client_is_answered_behind_its_lines);
    TEST(a_fault_ends_the_client_with_its_code_and_sentence);
    TEST(a_ping_is_answered_and_a_second_one_ends_the_client);
    TEST(frames_without_data_are_bounded);
    TEST(a_kill_while_half_of_a_frame_is_sent_comes_behind_it);
    TEST(a_kill_of_a_full_socket_ends_it_within_the_frame);
    TEST(a_dropped_queue_ends_the_client_within_the_frame);
    TEST(half_of_a_frame_is_never_ended_by_another_line);
    TEST(a_pong_goes_between_two_lines);
    TEST(clients_with_equal_queues_share_frames);
    TEST(a_refusal_is_a_message_and_a_close_frame);
    TEST(an_idle_client_costs_little_more_than_a_plain_one);
}
