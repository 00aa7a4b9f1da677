/* Handshakes of transports run before the first byte, a few steps a turn, within the
 * time for registration. */
#include "looped.h"

#include "../../src/net/handshake.h"
#include "base/str.h"
#include "policy/host.h"
#include "state/client_end.h"
#include "state/out.h"

#include <unistd.h>

static const char crowd[] =
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" }";

static const char login[] = "NICK ann\r\nUSER ann 0 * :Ann\r\n";

/* The welcome has come. */
static bool
is_greeted(struct looped *x, int fd)
{
    const char *got = looped_read(x, fd);
    return got && strstr(got, " 001 ");
}

static void
a_session_begins_behind_the_handshake(void)
{
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
    EQUAL_NUMBER(session_count(x->srv), 1);
    looped_send(fd, "HEL");
    looped_turns(x, 3);
    looped_send(fd, "LO\nNICK ann\r\nUS");
    looped_turns(x, 6);
    EQUAL_TEXT(looped_read(x, fd), "WELCOME\n");
    looped_send(fd, "ER ann 0 * :Ann\r\n");
    looped_turns(x, 20);
    CU_ASSERT(is_greeted(x, fd));
    close(fd);
    looped_free(x);
}

/* Thirty connect at once; those that came first are done first, and a client that talks
 * waits for no more than a few steps. */
static void
a_turn_makes_a_few_steps_of_handshakes_in_order(void)
{
    enum { ALL = 30 };
    struct looped *x = looped_new(crowd);
    int fds[ALL], plain = looped_connect(x, LOOPED_PLAIN, "192.0.2.1");
    for (int i = 0; i < ALL; i++) {
        fds[i] = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
        looped_send(fds[i], "HELLO\n");
    }
    looped_send(plain, login);
    looped_turns(x, 2);
    CU_ASSERT(is_greeted(x, plain));
    EQUAL_NUMBER(slow.steps, HANDSHAKE_STEPS);
    looped_turns(x, 4);
    CU_ASSERT(slow.steps > ALL);
    for (size_t i = HANDSHAKE_STEPS; i < slow.steps; i++)
        CU_ASSERT(slow.step[i].turn > slow.step[i - HANDSHAKE_STEPS].turn);
    /* The first step of each comes before the second of any. */
    for (size_t i = 0; i < ALL; i++)
        for (size_t k = 0; k < i; k++)
            CU_ASSERT(slow.step[i].fd != slow.step[k].fd);
    looped_turns(x, 20);
    EQUAL_NUMBER(slow.steps, 2 * ALL);
    CU_ASSERT(!ev_is_active(&x->loop->unwritten));
    for (int i = 0; i < ALL; i++) {
        EQUAL_TEXT(looped_read(x, fds[i]), "WELCOME\n");
        close(fds[i]);
    }
    close(plain);
    looped_free(x);
}

/* A poll that waits would wait for the tick. */
static void
no_poll_waits_while_a_step_is_due(void)
{
    enum { ALL = 3 * HANDSHAKE_STEPS };
    struct looped *x = looped_new(crowd);
    int fds[ALL];
    for (int i = 0; i < ALL; i++) {
        fds[i] = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
        looped_send(fds[i], "HELLO");
    }
    msec before = loop_monotonic();
    for (int i = 0; i < 3; i++)
        ev_run(x->loop->ev, EVRUN_ONCE);
    CU_ASSERT(loop_monotonic() - before < 300);
    EQUAL_NUMBER(slow.steps, 2 * HANDSHAKE_STEPS);
    for (int i = 0; i < ALL; i++)
        close(fds[i]);
    looped_free(x);
}

static void
a_client_that_dies_while_a_step_is_due_makes_none(void)
{
    struct looped *x = looped_new(crowd);
    int fds[2 * HANDSHAKE_STEPS];
    for (int i = 0; i < 2 * HANDSHAKE_STEPS; i++) {
        fds[i] = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
        looped_send(fds[i], "HELLO\n");
    }
    looped_turn(x);
    LIST_EACH(&x->srv->unregistered, node)
        client_kill(x->srv, LIST_ENTRY(node, struct client, link), END_KILL, "all out");
    looped_turns(x, 3);
    CU_ASSERT(slow.steps <= HANDSHAKE_STEPS);
    EQUAL_NUMBER(session_count(x->srv), 0);
    EQUAL_NUMBER(slow.unmade, 2 * HANDSHAKE_STEPS);
    CU_ASSERT(list_empty(&x->loop->handshakes));
    for (int i = 0; i < 2 * HANDSHAKE_STEPS; i++)
        close(fds[i]);
    looped_free(x);
}

/* Lines to it wait meanwhile. */
static void
no_byte_is_written_before_the_handshake_is_done(void)
{
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
    out_line(x->srv, looped_client(x), ":test NOTICE * :early");
    looped_turns(x, 3);
    EQUAL_TEXT(looped_read(x, fd), "");
    looped_send(fd, "HELLO\n");
    looped_turns(x, 3);
    EQUAL_TEXT(looped_read(x, fd), "WELCOME\n:test NOTICE * :early\r\n");
    close(fd);
    looped_free(x);
}

static void
a_failed_handshake_ends_the_client_without_a_line(void)
{
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
    looped_send(fd, "NICK ann\nUSER ann 0 * :Ann\n");
    looped_turns(x, 2);
    CU_ASSERT_PTR_NULL(looped_read(x, fd));
    CONTAINS(x->world->logged, "reason=\"Handshake error: Protocol error\"");
    EQUAL_NUMBER(session_count(x->srv), 0);
    close(fd);
    fd = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
    looped_send(fd, "HEL");
    close(fd);
    looped_turns(x, 3);
    CONTAINS(x->world->logged, "reason=\"Connection closed\"");
    EQUAL_NUMBER(session_count(x->srv), 0);
    EQUAL_NUMBER(slow.closed, 2);
    EQUAL_NUMBER(slow.unmade, 2);
    fd = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
    slow.fault = "the client speaks no greeting";
    looped_send(fd, "NICK ann\n");
    looped_turns(x, 3);
    CONTAINS(x->world->logged,
             "reason=\"Handshake error: the client speaks no greeting\"");
    close(fd);
    looped_free(x);
}

static void
a_handshake_tells_the_address_of_the_client(void)
{
    struct looped *x = looped_new("limits { per_host = 1 }");
    struct connection_info info;
    slow.peer = "203.0.113.7";
    slow.gives = 1000;
    int fd = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
    looped_send(fd, "HELLO\nNICK ann\r\nUSER ann 0 * :Ann\r\n");
    looped_turns(x, 5);
    CONTAINS(looped_read(x, fd), " 001 ann ");
    struct client *c = client_find(x->srv, "ann");
    EQUAL_TEXT(c->user.host, "203.0.113.7");
    session_info(c, &info);
    EQUAL_TEXT(info.certfp, "0123abcd");
    EQUAL_TEXT(info.gateway, "kiwi");
    CU_ASSERT(info.secure);
    /* The next connection is one too many there, and reads so after its handshake. */
    int other = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
    looped_send(other, "HELLO\nNICK bob\r\n");
    looped_turns(x, 5);
    CONTAINS(looped_read(x, other),
             "WELCOME\nERROR :Closing Link: 203.0.113.7 (Too many connections");
    EQUAL_NUMBER(session_count(x->srv), 1);
    close(fd), close(other);
    looped_free(x);
}

/* Time passes, as if it had connected so long ago. */
static void
grow_old(struct looped *x, msec age)
{
    struct client *c = looped_client(x);
    c->session->since = x->srv->now - age;
    session_tick(x->srv);
    looped_turns(x, 2);
}

static void
a_handshake_has_the_time_that_registration_has(void)
{
    struct looped *x = looped_new(NULL);
    msec limit = 30 * MSEC_SECOND;
    for (int i = 0; i < 2; i++) {
        int fd = looped_connect(x, LOOPED_GREETED, "192.0.2.1");
        looped_send(fd, "HELLO");
        looped_turns(x, 2);
        grow_old(x, limit - 1);
        EQUAL_TEXT(looped_read(x, fd), "");
        grow_old(x, limit);
        CU_ASSERT_PTR_NULL(looped_read(x, fd));
        EQUAL_NUMBER(session_count(x->srv), 0);
        close(fd);
    }
    /* The second timeout in a row is an offence, as without a handshake. */
    struct addr addr;
    addr_parse("192.0.2.1", &addr);
    EQUAL_NUMBER(host_find(x->srv, &addr)->strikes, 1);
    CONTAINS(x->world->logged, "reason=\"Registration timed out\"");
    looped_free(x);
}

SUITE(handshake)
{
    TEST(a_session_begins_behind_the_handshake);
    TEST(a_turn_makes_a_few_steps_of_handshakes_in_order);
    TEST(no_poll_waits_while_a_step_is_due);
    TEST(a_client_that_dies_while_a_step_is_due_makes_none);
    TEST(no_byte_is_written_before_the_handshake_is_done);
    TEST(a_failed_handshake_ends_the_client_without_a_line);
    TEST(a_handshake_tells_the_address_of_the_client);
    TEST(a_handshake_has_the_time_that_registration_has);
}
