/* The limit on the waiting input of all clients together. */
#include "../../src/session/recvq.h"

#include "base/str.h"
#include "world.h"

#define MIB 1048576u

static struct world *w;

static int
gone(struct actor **all, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++)
        count += all[i]->closed;
    return count;
}

static const char small_input[] =
    "limits { recvq = 1048576 recvq_total = 1048576 per_host = 9999 "
    "per_network = 9999 unregistered_per_host = 9999 connect_rate = \"9999/1s\" }\n"
    "flood { hold = 1000 }";

static void
all_input_that_waits_is_limited(void)
{
    enum { HOLD = 5 };
    struct actor *all[HOLD], *honest;
    w = world_new(small_input);
    w->log.format = LOG_FORMAT_JSON;
    honest = world_user(w, "honest");
    world_send(w, honest, "PRIVMSG h", 9);
    for (int i = 0; i < HOLD; i++) {
        char nick[16];
        str_format(nick, sizeof nick, "h%d", i);
        all[i] = world_user(w, nick);
    }
    for (int i = 0; i < 2; i++)
        for (int n = 0; n < 450; n++)
            world_inputf(w, all[i], "PRIVMSG x :%0400d", n);
    CU_ASSERT(w->srv->input_bytes > MIB / 4 && w->srv->input_bytes <= MIB);
    world_sleep(w, 0);
    EQUAL_NUMBER(gone(all, HOLD), 0);
    for (int i = 2; i < HOLD; i++)
        for (int n = 0; n < (i == 4 ? 700 : 450); n++)
            world_inputf(w, all[i], "PRIVMSG x :%0400d", n);
    CU_ASSERT(w->srv->input_bytes > MIB);
    EQUAL_NUMBER(gone(all, HOLD), 0);
    world_sleep(w, 0);
    CU_ASSERT(w->srv->input_bytes <= MIB && w->srv->input_bytes > 0);
    CU_ASSERT(all[4]->closed && !honest->closed);
    EQUAL_NUMBER(gone(all, HOLD), 1);
    EQUAL_NUMBER(world_count(all[4], "ERROR :Closing Link: * (RecvQ exceeded (input of "
                                     "all clients together))"),
                 1);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(w->logged, "\"event\":\"recvq-total\",\"clients\":1,\"bytes\":1"));
    world_free(w);
}

static void
unfinished_lines_and_batches_count(void)
{
    w = world_new("limits { recvq_total = 1048576 }");
    struct actor *ann = world_user(w, "ann");
    EQUAL_NUMBER(w->srv->input_bytes, 0);
    world_send(w, ann, "PRIVMSG x :half", 15);
    size_t line = w->srv->input_bytes;
    CU_ASSERT(line >= 64);
    world_send(w, ann, "\r\n", 2);
    world_say(w, ann, "CAP REQ :batch draft/multiline message-tags");
    CU_ASSERT(w->srv->input_bytes <= line);
    world_say(w, ann, "BATCH +1 draft/multiline #a");
    CU_ASSERT(w->srv->input_bytes > line + 100);
    world_say(w, ann, "BATCH -1");
    CU_ASSERT(w->srv->input_bytes <= line);
    world_say(w, ann, "BATCH +1 draft/multiline #a");
    world_send(w, ann, "PRIVMSG x :half", 15);
    world_close(w, ann);
    EQUAL_NUMBER(w->srv->input_bytes, 0);
    world_free(w);
}

SUITE(recvq)
{
    TEST(all_input_that_waits_is_limited);
    TEST(unfinished_lines_and_batches_count);
}
