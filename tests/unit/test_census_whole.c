/* The census compared with the allocator: all memory that the server takes is in the
 * census, and none that it has freed. */
#include "state/census.h"
#include "state/subsystem.h"

#include "base/mem.h"
#include "base/str.h"
#include "crowd.h"
#include "heap.h"

#include <stdarg.h>

#define PEOPLE 1000

static struct world *w;
static struct actor *alice;

/* A client of a crowd, without a check of the whole server after each line. */
static void ATTR_PRINTF(2, 3) says(int i, const char *fmt, ...)
{
    char nick[16], line[600];
    va_list args;
    str_format(nick, sizeof nick, "u%05d", i % PEOPLE);
    struct client *c = client_find(w->srv, nick);
    if (c == NULL)
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    session_clock(w->srv, w->srv->now, w->srv->wall); /* a turn of its own */
    session_input(w->srv, c, line, strlen(line));
}

static void
people(void)
{
    crowd_people(w, PEOPLE, "#all");
}

static void
channels(void)
{
    crowd_channels(w, 500);
}

static void
joins(void)
{
    for (int i = 0; i < PEOPLE; i++)
        says(i, "JOIN #g%d,#h%d\r\n", i % 40, i);
}

static void
topics(void)
{
    for (int i = 0; i < PEOPLE; i++)
        says(i, "TOPIC #h%d :about %d\r\nMODE #h%d +kf key #all\r\n", i, i, i);
}

static void
lists(void)
{
    for (int i = 0; i < PEOPLE; i++)
        says(i, "MODE #h%d +bbbe a%d!*@* ~time:1h:b!*@* *!*@10.0.0.0/8 e!*@*\r\n", i,
             i);
}

static void
invitations(void)
{
    for (int i = 0; i < PEOPLE; i++)
        says(i, "INVITE u%05d #h%d\r\n", (i + 1) % PEOPLE, i);
}

static void
watches(void)
{
    for (int i = 0; i < PEOPLE; i++)
        says(i, "MONITOR + x%d,y%d,both\r\nACCEPT u%05d\r\n", i, i, (i + 7) % PEOPLE);
}

static void
talks(void)
{
    for (int i = 0; i < PEOPLE; i++)
        for (int k = 1; k <= 9; k++)
            says(i, "PRIVMSG u%05d :hello\r\n", (i + k * 31) % PEOPLE);
}

static void
texts(void)
{
    for (int i = 0; i < PEOPLE; i++)
        says(i, "AWAY :until tomorrow, or the day after\r\n");
}

static void
parts(void)
{
    for (int i = 0; i < PEOPLE; i += 2)
        says(i, "PART #h%d\r\n", i);
}

/* Clients of a gateway that have not registered. */
static void
certificates(void)
{
    static const char certfp[] =
        "3c4d8b1f0a9e7d6c5b4a39281706f5e4d3c2b1a0998877665544332211000fed";
    struct connection_info info = {
        .certfp = certfp, .sni = "irc.example.org", .gateway = "kiwi", .secure = true};
    char text[32];
    for (int i = 0; i < 300; i++) {
        str_format(text, sizeof text, "172.16.%d.%d", i / 200, 1 + i % 200);
        CU_ASSERT_FATAL(addr_parse(text, &info.addr));
        struct actor *a = world_connect(w, "192.0.2.1");
        CU_ASSERT(session_rehome(w->srv, a->client, &info));
    }
}

static void
unfinished_lines(void)
{
    for (int i = 0; i < PEOPLE; i += 3)
        says(i, "PRIVMSG #all :%0200d", i);
}

static void
long_answers(void)
{
    for (int i = 1; i < PEOPLE; i += 3)
        says(i, "NAMES #all\r\nLIST\r\n");
}

static void
bans(void)
{
    for (int i = 0; i < 300; i++) {
        world_sayf(w, alice, "KLINE 1h *@192.0.%d.0/24 :spam|seen %d times", i % 256,
                   i);
        world_sayf(w, alice, "KLINE x%d*y@*.example%d.org :spam", i, i);
        world_sayf(w, alice, "XLINE buy%dnow :no", i);
        world_sayf(w, alice, "RESV service%d :no", i);
        world_drain(alice);
    }
}

static void
bans_go(void)
{
    for (int i = 0; i < 300; i++) {
        world_sayf(w, alice, "UNKLINE x%d*y@*.example%d.org", i, i);
        world_sayf(w, alice, "UNXLINE buy%dnow", i);
        world_drain(alice);
    }
}

static void
strikes(void)
{
    for (int i = 0; i < 300; i++) {
        world_sayf(w, alice, "STRIKE 198.51.%d.%d 2 :saw it, number %d", i / 200,
                   1 + i % 200, i);
        world_drain(alice);
    }
}

static void
wrong_opers(void)
{
    for (int i = 0; i < 60; i++) {
        says(i * 3 + 2, "OPER alice guess%d\r\n", i);
        world_verify(w);
    }
}

static void
acks_are_told(void)
{
    world_store_news(w);
    world_drain(alice);
}

static void
half_of_them_quit(void)
{
    for (int i = 0; i < PEOPLE; i += 2)
        says(i, "\r\nQUIT :gone\r\n");
}

static void
time_passes(void)
{
    world_sleep(w, 6 * MSEC_MINUTE);
}

/* Memory of the heap that is not the server's. */
static size_t
of_the_test(void)
{
    size_t all = mem_block(sizeof *w) + mem_block(w->logged_len + 1);
    for (int i = 0; i < w->n_actors; i++)
        all += mem_block(w->actors[i].cap);
    return all;
}

struct look {
    size_t heap, census;
};

static struct look
look(void)
{
    struct census all;
    size_t connections = 0;
    subsystems_census(w->srv, &all);
    for (size_t i = 0; i < all.n_rows; i++)
        if (strcmp(all.rows[i].name, "connections") == 0)
            connections = all.rows[i].bytes;
    return (struct look){heap_bytes() - of_the_test(), all.all - connections};
}

/* The allocator gives some blocks 16 bytes more than were asked for. */
static void
compare(const char *step, struct look before, struct look after)
{
    long long heap = (long long)(after.heap - before.heap);
    long long census = (long long)(after.census - before.census);
    long long off = heap > census ? heap - census : census - heap;
    long long may = (heap > 0 ? heap : -heap) / 20 + 4096;
    if (off > may)
        printf("\n    %s: the heap has grown by %lld, the census by %lld\n", step, heap,
               census);
    CU_ASSERT(off <= may);
}

static void
what_the_server_holds_is_in_the_census(void)
{
    static const struct {
        const char *what;
        void (*run)(void);
        long long grows; /* at least; negative: the memory shrinks */
    } steps[] = {
        {"people", people, 5000000},
        {"channels", channels, 200000},
        {"joins", joins, 1500000},
        {"topics", topics, 500000},
        {"lists", lists, 1900000},
        {"invitations", invitations, 500000},
        {"watches", watches, 500000},
        {"talks", talks, 1000000},
        {"texts", texts, 40000},
        {"parts", parts, -500000},
        {"certificates", certificates, 300000},
        {"unfinished lines", unfinished_lines, 80000},
        {"long answers", long_answers, 5000000},
        {"bans", bans, 2500000},
        {"strikes", strikes, 150000},
        {"wrong opers", wrong_opers, 20000},
        {"acks", acks_are_told, -100000},
        {"bans go", bans_go, -900000},
        {"quits", half_of_them_quit, 1500000},
        {"time", time_passes, -20000000},
    };
    w = world_new(world_easy);
    alice = world_oper(w, "root");
    struct look first = look(), before = first;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        steps[i].run();
        world_sleep(w, 0);
        struct look after = look();
        compare(steps[i].what, before, after);
        long long grown = (long long)(after.heap - before.heap);
        CU_ASSERT(steps[i].grows < 0 ? grown <= steps[i].grows
                                     : grown >= steps[i].grows);
        before = after;
    }
    compare("all", first, before);
    compare("from nothing", (struct look){0, 0}, before);
    world_free(w);
}

SUITE(census_whole)
{
    TEST(what_the_server_holds_is_in_the_census);
}
