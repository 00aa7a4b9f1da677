/* Recordings: how large they and what is in them may be, and how they end. */
#include "taped.h"

#include "base/mem.h"

/* The longest text of an event. */
static size_t
longest(const struct trace *trace)
{
    size_t most = 0;
    for (size_t i = 0; i < trace->n_events; i++)
        if (trace->events[i].bytes > most)
            most = trace->events[i].bytes;
    return most;
}

/* So many bytes without an end from one who is registered, or not. */
static void
overrun(bool registered, size_t bytes, const char *config, size_t want)
{
    struct taped t;
    taped_begin(&t, config);
    struct actor *a =
        registered ? world_user(t.world, "ann") : world_connect(t.world, "192.0.2.1");
    char *flood = xmalloc(bytes);
    memset(flood, 'y', bytes);
    world_send(t.world, a, flood, bytes);
    CU_ASSERT(a->closed);
    free(flood);
    taped_stop(&t);
    struct trace *trace = taped_trace(&t);
    EQUAL_NUMBER(longest(trace), want);
    EQUAL_NUMBER(trace->events[trace->n_events - 1].kind, TRACE_CLOSE);
    trace_free(trace);
    taped_clear(&t);
}

static void
an_overrun_is_recorded_as_long_as_the_limit_of_its_client(void)
{
    static const char small[] = "limits { recvq = 16384 recvq_unregistered = 2048 }";
    static const char large[] =
        "limits { recvq = 1048576 recvq_unregistered = 65536 sendq = 2097152 }";
    overrun(false, 2049, small, 2049 + 2);
    overrun(true, 20000, small, 16385 + 2);
    overrun(false, 65537, large, 65537 + 2);
    overrun(true, 1 << 21, large, (1 << 20) + 1 + 2);
}

static void
many_long_lines_are_all_recorded(void)
{
    struct taped t;
    char line[8192];
    taped_begin(&t, world_easy);
    struct actor *a = world_user(t.world, "ann");
    memset(line, 'y', sizeof line);
    memcpy(line, "@a=", 3);
    memcpy(line + sizeof line - 20, " PRIVMSG ann :yyyyyy", 20);
    line[sizeof line - 1] = '\n';
    for (int i = 0; i < 100; i++)
        world_send(t.world, a, line, sizeof line);
    taped_stop(&t);
    struct trace *trace = taped_trace(&t);
    EQUAL_NUMBER(trace->n_events, 1 + 2 + 100);
    trace_free(trace);
    taped_clear(&t);
}

SUITE(recorder)
{
    TEST(an_overrun_is_recorded_as_long_as_the_limit_of_its_client);
    TEST(many_long_lines_are_all_recorded);
}
