/* A long answer goes on turn by turn, without a tick, while its reader reads. */
#include "looped.h"

#include "base/str.h"
#include "state/channel.h"
#include "state/cursor.h"

#include <unistd.h>

enum { CHANNELS = 12000 };

/* A client of a server with channels for about thirty pieces of LIST. */
static int
connect_reader(struct looped *x)
{
    char name[16];
    int fd = looped_connect(x, LOOPED_PLAIN, "192.0.2.1");
    looped_send(fd, "NICK ann\r\nUSER ann 0 * :Ann\r\n");
    looped_turns(x, 3);
    CONTAINS(looped_read(x, fd), " 001 ");
    for (int i = 0; i < CHANNELS; i++) {
        str_format(name, sizeof name, "#c%05d", i);
        channel_join(x->srv, channel_new(x->srv, name), looped_registered(x), 0);
    }
    return fd;
}

static bool
is_answering(const struct looped *x)
{
    return !list_empty(&cursors_of(x->srv)->all);
}

/* No tick of the core comes for the time of the test. */
static void
an_answer_needs_no_tick_and_a_turn_for_a_piece(void)
{
    struct looped *x = looped_new(NULL);
    int fd = connect_reader(x), turns = 0;
    bool ended = false;
    size_t bytes = 0;
    looped_send(fd, "LIST\r\n");
    looped_turn(x);
    CU_ASSERT(is_answering(x));
    x->loop->tick_not_before = x->loop->now + 4000;
    msec before = loop_monotonic();
    for (; is_answering(x) && turns < 1000; turns++) {
        ev_run(x->loop->ev, EVRUN_ONCE);
        const char *got = looped_read(x, fd);
        CU_ASSERT_FATAL(got != NULL);
        bytes += strlen(got);
        CU_ASSERT(strlen(got) <= 2 * CURSOR_BYTES + 1024);
        ended = ended || strstr(got, " 323 ann ");
    }
    CU_ASSERT(ended);
    CU_ASSERT(loop_monotonic() - before < 2000);
    CU_ASSERT(turns >= (int)(bytes / (CURSOR_BYTES + 1024)) && turns < 100);
    looped_turn(x);
    CU_ASSERT(!ev_is_active(&x->loop->unwritten));
    close(fd);
    looped_free(x);
}

/* Turns of the loop in a quarter of a second. */
static uint32_t
count_turns(struct looped *x)
{
    uint32_t before = x->loop->turns;
    msec end = loop_monotonic() + 250;
    while (loop_monotonic() < end)
        ev_run(x->loop->ev, EVRUN_ONCE);
    return x->loop->turns - before;
}

static void
a_reader_that_stops_makes_no_turns_and_goes_on_later(void)
{
    struct looped *x = looped_new(NULL);
    int fd = connect_reader(x);
    looped_send(fd, "LIST\r\n");
    looped_turns(x, 200);
    CU_ASSERT(is_answering(x));
    CU_ASSERT(!x->loop->continues && !ev_is_active(&x->loop->unwritten));
    CU_ASSERT(count_turns(x) < 30);
    CU_ASSERT(is_answering(x));
    for (int turns = 0; is_answering(x) && turns < 1000; turns++) {
        CU_ASSERT_FATAL(looped_read(x, fd) != NULL);
        ev_run(x->loop->ev, EVRUN_ONCE);
    }
    CU_ASSERT(!is_answering(x));
    CONTAINS(looped_read(x, fd), " 323 ann ");
    close(fd);
    looped_free(x);
}

SUITE(pieces)
{
    TEST(an_answer_needs_no_tick_and_a_turn_for_a_piece);
    TEST(a_reader_that_stops_makes_no_turns_and_goes_on_later);
}
