/* Answers of the shell come at once, in the turn after the question. */
#include "looped.h"

#include <unistd.h>

/* A poll that waits would wait for the tick. */
static void
the_next_turn_begins_at_once_and_answers(void)
{
    struct looped *x = looped_new(NULL);
    looped_turns(x, 2);
    msec before = loop_monotonic();
    for (int i = 1; i <= 3; i++) {
        loop_answer(x->loop);
        loop_answer(x->loop);
        EQUAL_NUMBER(x->answers, i - 1);
        ev_run(x->loop->ev, EVRUN_ONCE);
        EQUAL_NUMBER(x->answers, i);
    }
    CU_ASSERT(loop_monotonic() - before < 300);
    looped_turn(x);
    EQUAL_NUMBER(x->answers, 3);
    looped_free(x);
}

static void
a_server_that_ends_is_asked_no_more(void)
{
    struct looped *x = looped_new(NULL);
    int fd = looped_connect(x, LOOPED_PLAIN, "192.0.2.1"); /* is waited for */
    loop_end(x->loop, "test ends");
    looped_turn(x);
    CU_ASSERT(x->loop->told);
    loop_answer(x->loop);
    looped_turn(x);
    EQUAL_NUMBER(x->answers, 0);
    CU_ASSERT_FALSE(x->loop->answers);
    close(fd);
    looped_free(x);
}

SUITE(answer)
{
    TEST(the_next_turn_begins_at_once_and_answers);
    TEST(a_server_that_ends_is_asked_no_more);
}
