/* Transports behind the loop: bytes that they hold, reads that wait for room to write
 * and writes that wait for input, ends. */
#include "looped.h"

#include "../../src/net/conn.h"
#include "base/mem.h"
#include "base/str.h"
#include "state/client_end.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define MORE_TURN 64 /* as src/net/conn.c */

static const char crowd[] =
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" } flood { unregistered = 1000 }";

static const char login[] = "NICK ann\r\nUSER ann 0 * :Ann\r\n";

/* The welcome has come. */
static bool
is_welcomed(struct looped *x, int fd)
{
    const char *got = looped_read(x, fd);
    return got && strstr(got, " 001 ");
}

static void
plain_sockets_are_the_first_row(void)
{
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_PLAIN, "192.0.2.1");
    looped_send(fd, login);
    looped_turns(x, 2);
    CU_ASSERT(is_welcomed(x, fd));
    looped_send(fd, "QUIT :bye\r\n");
    looped_turns(x, 2);
    CONTAINS(looped_read(x, fd), "ERROR :Closing Link: 192.0.2.1 (Quit: bye)\r\n");
    CU_ASSERT_PTR_NULL(looped_read(x, fd));
    close(fd);
    looped_free(x);
}

/* A poll that waits would wait for the tick, a second at most. */
static void
held_bytes_are_read_in_the_next_turn_without_an_event(void)
{
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    looped_send(fd, login);
    looped_turn(x);
    EQUAL_NUMBER(slow.n, 1);
    msec before = loop_monotonic();
    size_t want = (sizeof login - 1 + slow.gives - 1) / slow.gives;
    for (size_t i = 1; i < want; i++) {
        slow.turn++;
        ev_run(x->loop->ev, EVRUN_ONCE);
    }
    CU_ASSERT(loop_monotonic() - before < 300);
    EQUAL_NUMBER(slow.n, want);
    for (size_t i = 1; i < want; i++)
        EQUAL_NUMBER(slow.reads[i].turn, slow.reads[i - 1].turn + 1);
    CU_ASSERT(list_empty(&x->loop->more));
    looped_turn(x);
    CU_ASSERT(!ev_is_active(&x->loop->unwritten));
    CU_ASSERT(is_welcomed(x, fd));
    close(fd);
    looped_free(x);
}

static void
a_connection_is_read_once_a_turn_though_its_socket_is_ready(void)
{
    struct looped *x = looped_new(crowd);
    int fd = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    for (int i = 0; i < 40; i++) {
        looped_send(fd, "PONG x\r\n");
        looped_turn(x);
        EQUAL_NUMBER(slow.n, i + 1);
        EQUAL_NUMBER(slow.reads[i].turn, slow.turn);
    }
    close(fd);
    looped_free(x);
}

/* Two connections with bytes for more than a hundred turns, and a plain one that comes
 * then. */
static void
held_bytes_starve_no_one_and_come_in_turn(void)
{
    struct looped *x = looped_new(crowd);
    char text[601];
    int a = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    int b = looped_connect(x, LOOPED_SLOW, "192.0.2.2");
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    looped_send(a, text);
    looped_turn(x);
    looped_send(b, text);
    looped_turns(x, 2);
    int plain = looped_connect(x, LOOPED_PLAIN, "192.0.2.3");
    looped_send(plain, login);
    looped_turns(x, 2);
    CU_ASSERT(is_welcomed(x, plain));
    looped_turns(x, 20);
    CU_ASSERT_FATAL(slow.n > 40);
    for (size_t i = 4; i < slow.n; i++)
        EQUAL_NUMBER(slow.reads[i].fd, slow.reads[i - 2].fd);
    CU_ASSERT(slow.reads[3].fd != slow.reads[4].fd);
    close(a), close(b), close(plain);
    looped_free(x);
}

static void
a_turn_reads_a_bounded_number_of_those_with_held_bytes(void)
{
    enum { ALL = 3 * MORE_TURN / 2 };
    struct looped *x = looped_new(crowd);
    int fds[ALL];
    unsigned most = 0, in_turn = 0;
    for (int i = 0; i < ALL; i++) {
        fds[i] = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
        looped_send(fds[i], "PONG abcdefghijklmnopqrstuvwxyz\r\n"); /* seven reads */
    }
    for (int i = 0; i < 10 && slow.n < ALL; i++)
        looped_turn(x);
    size_t from = slow.n;
    looped_turns(x, 20);
    EQUAL_NUMBER(slow.n, 7 * ALL);
    CU_ASSERT(list_empty(&x->loop->more));
    for (size_t i = from; i < slow.n; i++) {
        in_turn = slow.reads[i].turn == slow.reads[i - 1].turn ? in_turn + 1 : 1;
        most = in_turn > most ? in_turn : most;
        /* While all have bytes, the one that has waited longest is the next. */
        if (i < 6 * ALL)
            EQUAL_NUMBER(slow.reads[i].fd, slow.reads[i - ALL].fd);
    }
    EQUAL_NUMBER(most, MORE_TURN);
    for (int i = 0; i < ALL; i++)
        close(fds[i]);
    looped_free(x);
}

static void
held_bytes_wait_while_all_queues_are_over_their_limit(void)
{
    struct looped *x = looped_new(crowd);
    int fd = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    looped_send(fd, login);
    looped_turn(x);
    size_t more = (size_t)1 << 40;
    x->srv->buffers.sum.bytes += more;
    conn_read_more(x->loop);
    EQUAL_NUMBER(slow.n, 1);
    CU_ASSERT(!list_empty(&x->loop->more));
    x->srv->buffers.sum.bytes -= more;
    conn_read_more(x->loop);
    EQUAL_NUMBER(slow.n, 2);
    close(fd);
    looped_free(x);
}

static void
held_bytes_come_before_the_end_of_a_half_closed_stream(void)
{
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    looped_send(fd, login);
    looped_send(fd, "QUIT :all said\r\n");
    CU_ASSERT_FATAL(shutdown(fd, SHUT_WR) == 0);
    looped_turns(x, 20);
    CONTAINS(looped_read(x, fd), "(Quit: all said)\r\n");
    int other = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    looped_send(other, login);
    CU_ASSERT_FATAL(shutdown(other, SHUT_WR) == 0);
    looped_turns(x, 20);
    CONTAINS(looped_read(x, other), " 001 ann ");
    CONTAINS(x->world->logged, "event=exit client=ann!ann@192.0.2.1 host=192.0.2.1 "
                               "cause=closed reason=\"Connection closed\"");
    EQUAL_NUMBER(session_count(x->srv), 0);
    EQUAL_NUMBER(slow.finished + slow.closed, 2);
    close(fd), close(other);
    looped_free(x);
}

static void
a_client_that_dies_with_held_bytes_is_read_no_more(void)
{
    struct looped *x = looped_new(crowd);
    int fd = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    looped_send(fd, "QUIT\r\nPONG a line that no one reads\r\n");
    looped_turns(x, 3);
    size_t n = slow.n;
    CU_ASSERT(n > 0 && n < 4);
    looped_turns(x, 5);
    EQUAL_NUMBER(slow.n, n);
    EQUAL_NUMBER(session_count(x->srv), 0);
    CU_ASSERT(list_empty(&x->loop->more));
    close(fd);
    looped_free(x);
}

static void
a_read_may_wait_for_room_to_write(void)
{
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    slow.gives = 1000;
    slow.read_waits_write = 1;
    looped_send(fd, login);
    looped_turn(x);
    EQUAL_NUMBER(slow.n, 0);
    looped_turns(x, 2);
    EQUAL_NUMBER(slow.n, 1);
    CU_ASSERT(is_welcomed(x, fd));
    /* Only room to write lets it continue: input does not keep the turn busy. */
    char block[4096];
    struct client *c = client_find(x->srv, "ann");
    struct ev_io *io = session_conn(c); /* the first field of a conn */
    memset(block, '.', sizeof block);
    while (send(io->fd, block, sizeof block, MSG_NOSIGNAL) > 0)
        continue;
    slow.read_waits_write = 1;
    looped_send(fd, "PING :still there\r\n");
    looped_turns(x, 10);
    EQUAL_NUMBER(slow.read_waits_write, 0);
    EQUAL_NUMBER(slow.n, 1);
    looped_read(x, fd);
    while (looped_read(x, fd) && x->got[0])
        continue;
    looped_turns(x, 3);
    EQUAL_NUMBER(slow.n, 2);
    CONTAINS(looped_read(x, fd), ":still there\r\n");
    close(fd);
    looped_free(x);
}

static void
a_write_may_wait_for_input(void)
{
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    slow.gives = 1000;
    slow.write_waits_read = 1;
    looped_send(fd, login);
    looped_turns(x, 5);
    EQUAL_NUMBER(slow.write_waits_read, 0);
    EQUAL_TEXT(looped_read(x, fd), "");
    looped_send(fd, "PING :and now\r\n");
    looped_turns(x, 3);
    CONTAINS(looped_read(x, fd), " 001 ann ");
    CONTAINS(x->got, ":and now\r\n");
    close(fd);
    looped_free(x);
}

static void
what_is_taken_in_pieces_arrives_whole_and_in_order(void)
{
    static char all[1 << 16];
    struct looped *x = looped_new(NULL);
    int slowly = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    slow.gives = 1000;
    slow.takes = 7;
    looped_send(slowly, login);
    struct str s;
    str_init(&s, all, sizeof all);
    for (int i = 0; i < 600; i++) {
        looped_turn(x);
        str_add(&s, looped_read(x, slowly));
    }
    int plain = looped_connect(x, LOOPED_PLAIN, "192.0.2.1");
    looped_send(plain, "NICK bob\r\nUSER ann 0 * :Ann\r\n");
    looped_turns(x, 3);
    CONTAINS(all, " 001 ann :");
    CONTAINS(all, "\r\n:");
    /* The lines are the same, but for its nick and the number of clients. */
    const char *want = looped_read(x, plain), *got = all;
    size_t lines = 0;
    for (; *want && *got; lines++) {
        EQUAL_NUMBER(strncmp(got, want, 15), 0);
        got = strchr(got, '\n') + 1;
        want = strchr(want, '\n') + 1;
    }
    CU_ASSERT(lines > 10 && *want == '\0' && *got == '\0');
    close(slowly), close(plain);
    looped_free(x);
}

/* A row over another: lines in frames over a transport that gives and takes a few bytes
 * at a time. */
static void
a_transport_may_stand_over_another(void)
{
    static char all[1 << 16];
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_FRAMED, "192.0.2.1");
    slow.takes = 7;
    looped_send(fd, ">NICK ann\r\n>USER ann 0 * :Ann\r\n>PING :end\r\n");
    struct str s;
    str_init(&s, all, sizeof all);
    for (int i = 0; i < 700; i++) {
        looped_turn(x);
        str_add(&s, looped_read(x, fd));
    }
    int plain = looped_connect(x, LOOPED_PLAIN, "192.0.2.1");
    looped_send(plain, "NICK bob\r\nUSER ann 0 * :Ann\r\nPING :end\r\n");
    looped_turns(x, 3);
    const char *want = looped_read(x, plain), *got = all;
    size_t lines = 0;
    for (; *want && *got; lines++) {
        EQUAL_NUMBER(*got, '<');
        EQUAL_NUMBER(strncmp(got + 1, want, 15), 0);
        EQUAL_NUMBER(strchr(got, '\n')[-1], '\r');
        got = strchr(got, '\n') + 1;
        want = strchr(want, '\n') + 1;
    }
    CU_ASSERT(lines > 10 && *want == '\0' && *got == '\0');
    CU_ASSERT(session_sendq(client_find(x->srv, "ann"))->bytes == 0);
    looped_send(fd, "no frame\r\n");
    looped_turns(x, 2);
    CONTAINS(x->world->logged, "reason=\"Read error: Protocol error\"");
    EQUAL_NUMBER(slow.finished + slow.closed, 1);
    close(fd), close(plain);
    looped_free(x);
}

static void
a_failed_read_ends_the_client_with_its_reason(void)
{
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    slow.read_error = EPROTO;
    looped_send(fd, login);
    looped_turns(x, 2);
    CONTAINS(x->world->logged, "reason=\"Read error: Protocol error\"");
    EQUAL_NUMBER(session_count(x->srv), 0);
    EQUAL_NUMBER(slow.finished + slow.closed, 1);
    close(fd);
    looped_free(x);
}

static void
the_transport_ends_what_it_began(void)
{
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    slow.gives = 1000;
    looped_send(fd, login);
    looped_turns(x, 2);
    looped_read(x, fd);
    client_kill(x->srv, client_find(x->srv, "ann"), END_KILL, "enough");
    looped_turns(x, 2);
    EQUAL_TEXT(looped_read(x, fd), "ERROR :Closing Link: 192.0.2.1 (enough)\r\nBYE\n");
    EQUAL_NUMBER(slow.finished, 1);
    EQUAL_NUMBER(slow.closed, 0);
    close(fd);
    fd = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    looped_send(fd, "QUIT\r\n");
    looped_turns(x, 2);
    EQUAL_TEXT(looped_read(x, fd), "ERROR :Closing Link: 192.0.2.1 (Client quit)\r\n");
    EQUAL_NUMBER(slow.finished, 1);
    EQUAL_NUMBER(slow.closed, 1);
    close(fd);
    looped_free(x);
}

static void
a_refused_connection_is_told_by_its_transport(void)
{
    struct looped *x = looped_new("limits { unregistered_per_host = 1 }");
    int first = looped_connect(x, LOOPED_SLOW, "192.0.2.1");
    int fd = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
    looped_turn(x);
    CONTAINS(looped_read(x, fd), "REFUSED: ERROR :Closing Link: 192.0.2.1 (Too many");
    CU_ASSERT_PTR_NULL(looped_read(x, fd));
    EQUAL_NUMBER(slow.opened + slow.finished + slow.closed, 0);
    close(first), close(fd);
    looped_free(x);
}

SUITE(transport)
{
    TEST(plain_sockets_are_the_first_row);
    TEST(held_bytes_are_read_in_the_next_turn_without_an_event);
    TEST(a_connection_is_read_once_a_turn_though_its_socket_is_ready);
    TEST(held_bytes_starve_no_one_and_come_in_turn);
    TEST(a_turn_reads_a_bounded_number_of_those_with_held_bytes);
    TEST(held_bytes_wait_while_all_queues_are_over_their_limit);
    TEST(held_bytes_come_before_the_end_of_a_half_closed_stream);
    TEST(a_client_that_dies_with_held_bytes_is_read_no_more);
    TEST(a_read_may_wait_for_room_to_write);
    TEST(a_write_may_wait_for_input);
    TEST(what_is_taken_in_pieces_arrives_whole_and_in_order);
    TEST(a_transport_may_stand_over_another);
    TEST(a_failed_read_ends_the_client_with_its_reason);
    TEST(the_transport_ends_what_it_began);
    TEST(a_refused_connection_is_told_by_its_transport);
}
