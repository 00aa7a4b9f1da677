/* Answers of HTTP and turns of the loop: a crowd of requests takes a short time of each
 * turn, in the order in which the requests came. looped_turn ends a turn, polls and reads,
 * so two of them are needed for the first answer. */
#include "web_client.h"

#include "../../src/net/web_serve.h"
#include "base/str.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define CROWD 4 /* connections of one host */

static char order[20]; /* a letter for each request, as they were answered */

/* An answer that costs more than a turn has for requests. */
static void
answer_slowly(struct looped *x, enum web_route route, const struct web_request *r,
              struct web_answer *out)
{
    (void)route;
    uint64_t until = turn_time_now() + WEB_STEPS_TIME + 1;
    while (turn_time_now() < until)
        continue;
    order[x->requests - 1] = r->head->path[1];
    *out = (struct web_answer){.status = 200, .type = "text/plain"};
}

static struct looped *
begin_slowly(void)
{
    struct looped *x = web_looped(NULL);
    memset(order, 0, sizeof order);
    x->web = answer_slowly;
    return x;
}

static void
connect_crowd(struct looped *x, const char *address, int fds[CROWD])
{
    for (int i = 0; i < CROWD; i++)
        fds[i] = web_connect(x, address);
}

static void
ask_all(const int fds[CROWD], const char *ask)
{
    for (int i = 0; i < CROWD; i++)
        looped_send(fds[i], ask);
}

static void
close_all(const int fds[CROWD])
{
    for (int i = 0; i < CROWD; i++)
        close(fds[i]);
}

static void
a_turn_has_a_time_for_answers(void)
{
    int first[CROWD], second[CROWD];
    struct looped *x = begin_slowly();
    connect_crowd(x, WEB_ADDR, first);
    connect_crowd(x, "192.0.2.2", second);
    ask_all(first, WEB_GET("/a"));
    looped_turns(x, 2);
    EQUAL_NUMBER(x->requests, 1);
    CU_ASSERT(ev_is_active(&x->loop->unwritten)); /* the poll does not wait */
    ask_all(second, WEB_GET("/b"));
    for (int i = 2; i <= 2 * CROWD; i++) {
        looped_turn(x);
        EQUAL_NUMBER(x->requests, i);
    }
    EQUAL_TEXT(order, "aaaabbbb");
    CU_ASSERT(list_empty(&x->loop->webs.due));
    for (int i = 0; i < CROWD; i++) {
        CONTAINS(looped_read(x, first[i]), "200 OK");
        CONTAINS(looped_read(x, second[i]), "200 OK");
    }
    close_all(first);
    close_all(second);
    looped_free(x);
}

static void
a_client_does_not_wait_for_a_crowd(void)
{
    int fds[CROWD];
    struct looped *x = begin_slowly();
    int client = looped_connect(x, LOOPED_PLAIN, "192.0.2.9");
    connect_crowd(x, WEB_ADDR, fds);
    ask_all(fds, WEB_GET("/a"));
    looped_send(client, "PING now\r\n");
    looped_turns(x, 2);
    CONTAINS(looped_read(x, client), "PONG");
    EQUAL_NUMBER(x->requests, 1);
    close_all(fds);
    close(client);
    looped_free(x);
}

/* A call of the API is a request as well. */
static void
a_request_in_the_queue_keeps_its_connection(void)
{
    int fds[CROWD];
    struct looped *x = begin_slowly();
    connect_crowd(x, WEB_ADDR, fds);
    ask_all(fds, WEB_GET("/a"));
    looped_turns(x, 2);
    EQUAL_NUMBER(x->requests, 1);
    EQUAL_NUMBER(web_count(x, WEB_READING), CROWD - 1);
    EQUAL_NUMBER(web_count(x, WEB_IDLE), 1);
    web_wait(x, 5100); /* the idle one ends */
    EQUAL_NUMBER(web_memory(x->loop).n, CROWD - 1);
    looped_turns(x, CROWD - 1);
    EQUAL_NUMBER(x->requests, CROWD);
    close_all(fds);
    looped_free(x);
}

/* A connection that ends, or is ended, while its request waits. */
static void
a_connection_may_end_in_the_queue(void)
{
    int fds[CROWD];
    struct looped *x = begin_slowly();
    connect_crowd(x, WEB_ADDR, fds);
    ask_all(fds, WEB_GET("/a"));
    looped_turns(x, 2);
    web_wait(x, 10100); /* 408, and the idle one ends */
    CU_ASSERT(list_empty(&x->loop->webs.due));
    EQUAL_NUMBER(web_requests(x, "refused", "408"), CROWD - 1);
    EQUAL_NUMBER(web_memory(x->loop).n, 0);
    looped_turns(x, 2);
    EQUAL_NUMBER(x->requests, 1);
    close_all(fds);
    connect_crowd(x, WEB_ADDR, fds);
    ask_all(fds, WEB_GET("/a"));
    looped_turns(x, 2);
    close_all(fds);
    looped_turns(x, CROWD + 1);
    EQUAL_NUMBER(web_memory(x->loop).n, 0);
    connect_crowd(x, WEB_ADDR, fds);
    ask_all(fds, WEB_GET("/a"));
    looped_turns(x, 2);
    looped_free(x); /* the server ends */
    close_all(fds);
}

SUITE(web_turns)
{
    TEST(a_turn_has_a_time_for_answers);
    TEST(a_client_does_not_wait_for_a_crowd);
    TEST(a_request_in_the_queue_keeps_its_connection);
    TEST(a_connection_may_end_in_the_queue);
}
