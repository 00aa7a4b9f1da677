/* Message ids: form, order and uniqueness over steps of the clock, full milliseconds,
 * restarts and crashes; and the facts that they and the references of batches tell
 * strangers. */
#include "state/msgid.h"
#include "state/origin.h"
#include "state/record.h"
#include "state/store_ram.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

#define YEAR (365 * MSEC_DAY)

static msec
at_of(uint64_t id)
{
    return (msec)(id >> MSGID_SEQUENCE_BITS);
}

static void
move_clocks(struct world *w, msec now, msec wall)
{
    session_clock(w->srv, w->srv->now + now, w->srv->wall + wall);
}

/* The store reports that it has saved, as it does within milliseconds. */
static void
tick_and_save(struct world *w)
{
    msgid_tick(w->srv);
    world_store_news(w);
}

/* The next id. It is above `before`, and its time is below the saved limit. */
static uint64_t
next_after(struct world *w, uint64_t before)
{
    uint64_t id = msgid_next(w->srv);
    CU_ASSERT(id > before);
    CU_ASSERT(msgid_of(w->srv)->mark == 0 || at_of(id) < msgid_of(w->srv)->mark);
    return id;
}

static void
an_id_is_the_clock_and_a_sequence_in_16_hex_digits(void)
{
    struct world *w = world_new(NULL);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    char want[80];
    uint64_t first = (uint64_t)w->srv->wall << MSGID_SEQUENCE_BITS;
    world_say(w, bob, "CAP REQ message-tags");
    world_drain_all(w);
    for (unsigned i = 0; i < 3; i++) {
        world_say(w, ann, "PRIVMSG bob :x");
        snprintf(want, sizeof want, "@msgid=%016llx :ann!ann@* PRIVMSG bob :x",
                 (unsigned long long)first + i);
        EXPECT(w, bob, want);
    }
    char text[MSGID_TEXT];
    msgid_text(&(struct origin){.node = 0}, 1, text);
    EQUAL_TEXT(text, "0000000000000001");
    world_free(w);
}

static void
ids_follow_the_clock_in_2038_and_in_sixty_years(void)
{
    static const msec ahead[] = {1, MSEC_SECOND, MSEC_DAY, 12 * YEAR, 60 * YEAR};
    struct world *w = world_new(NULL);
    uint64_t id = next_after(w, 0);
    for (size_t i = 0; i < sizeof ahead / sizeof *ahead; i++) {
        move_clocks(w, ahead[i], ahead[i]);
        world_user(w, "ann");
        tick_and_save(w);
        id = next_after(w, id);
        EQUAL_NUMBER(at_of(id), w->srv->wall);
    }
    world_free(w);
}

static void
a_full_millisecond_goes_on_in_the_next(void)
{
    struct world *w = world_new(NULL);
    uint64_t id = 0, first = next_after(w, 0);
    for (int i = 1; i < 100000; i++)
        id = msgid_next(w->srv);
    EQUAL_NUMBER(id - first, 99999);
    EQUAL_NUMBER(at_of(id), w->srv->wall);
    msgid_of(w->srv)->last = first | ((1 << MSGID_SEQUENCE_BITS) - 1);
    id = next_after(w, msgid_of(w->srv)->last);
    EQUAL_NUMBER(at_of(id), w->srv->wall + 1);
    move_clocks(w, 1, 1);
    id = next_after(w, id);
    EQUAL_NUMBER(at_of(id), w->srv->wall);
    move_clocks(w, 1, 1);
    EQUAL_NUMBER(next_after(w, id), (uint64_t)w->srv->wall << MSGID_SEQUENCE_BITS);
    world_free(w);
}

/* If the clock is set back by a day, ids go on at half the speed of the clock until it
 * has caught up two days later; they tell the time and not the number of messages. */
static void
ids_rise_when_the_clock_is_set_back(void)
{
    struct world *w = world_new(NULL);
    world_store_news(w);
    world_user(w, "ann");
    uint64_t id = next_after(w, 0), before = id;
    move_clocks(w, 0, -MSEC_DAY);
    for (int hour = 0; hour < 50; hour++) {
        for (int i = 0; i < 3; i++) {
            move_clocks(w, 20 * MSEC_MINUTE, 20 * MSEC_MINUTE);
            tick_and_save(w);
            id = next_after(w, id);
        }
        CU_ASSERT(id - before >= (uint64_t)29 * MSEC_MINUTE << MSGID_SEQUENCE_BITS);
        before = id;
    }
    EQUAL_NUMBER(at_of(id), w->srv->wall);
    world_free(w);
}

static void
a_restart_in_order_goes_on_behind_the_last_id(void)
{
    struct world *w = world_new(NULL);
    world_store_news(w);
    uint64_t id = next_after(w, 0);
    world_restart(w, NULL);
    id = next_after(w, id);
    EQUAL_NUMBER(at_of(id), w->srv->wall + 1); /* and not a reserved time ahead */
    move_clocks(w, 0, -MSEC_DAY);
    for (int i = 0; i < 3; i++) {
        world_restart(w, NULL);
        id = next_after(w, id);
    }
    world_free(w);
}

static struct {
    char bytes[64];
    size_t n;
} mark;

static void
take_mark_record(void *ctx, const void *key, size_t key_len, const void *value,
                 size_t n)
{
    (void)ctx;
    if (key_len != 1 || *(const char *)key != MSGID_RECORD)
        return;
    CU_ASSERT_FATAL(n <= sizeof mark.bytes);
    memcpy(mark.bytes, value, mark.n = n);
}

/* The next server starts from the saved limit, not from a limit that an orderly end
 * writes. */
static void
crash(struct world *w, msec wall)
{
    store_each(w->store, take_mark_record, NULL);
    world_restart(w, NULL);
    struct record_reader in;
    char err[80];
    CU_ASSERT_FATAL(record_open(&in, mark.bytes, mark.n, err, sizeof err));
    saved_forget(&msgid_of(w->srv)->wait);
    *msgid_of(w->srv) = (struct msgid_clock){0};
    w->srv->wall += wall;
    CU_ASSERT_TRUE(msgid_records[0].load(w->srv, &in, "I", 1));
    msgid_begin(w->srv);
    world_store_news(w);
}

static void
a_crash_never_leads_to_a_repeat(void)
{
    static const msec steps[] = {0, -1, -MSEC_DAY, -MSEC_DAY, 1, 0, MSEC_DAY, 0, 0};
    struct world *w = world_new(NULL);
    world_store_news(w);
    uint64_t id = next_after(w, 0);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        crash(w, steps[i]);
        id = next_after(w, id);
        move_clocks(w, MSEC_SECOND, MSEC_SECOND);
        id = next_after(w, id);
    }
    world_free(w);
}

/* The clock goes far ahead, or the disk fails: no id passes the saved limit. */
static void
no_id_passes_the_saved_mark(void)
{
    struct world *w = world_new(NULL);
    world_user(w, "ann");
    world_store_news(w);
    msec saved = msgid_of(w->srv)->mark;
    EQUAL_NUMBER(saved, w->srv->wall + MSGID_AHEAD);
    uint64_t id = next_after(w, 0);
    store_ram_fail(w->store, "disk full");
    for (int i = 0; i < 100; i++) {
        move_clocks(w, MSEC_SECOND, i == 50 ? MSEC_DAY : MSEC_SECOND);
        world_store_news(w);
        id = next_after(w, id);
        EQUAL_NUMBER(msgid_of(w->srv)->mark, saved);
    }
    uint64_t late = id;
    for (int i = 0; i < 1000; i++)
        id = next_after(w, id);
    EQUAL_NUMBER(id - late, 1000);
    store_ram_fail(w->store, NULL);
    world_store_news(w);
    tick_and_save(w);
    EQUAL_NUMBER(at_of(next_after(w, id)), w->srv->wall);
    world_free(w);
}

static store_ticket
last_ticket(struct world *w)
{
    return store_put(w->store, "x", 1, NULL, 0);
}

/* The limit is written each half minute, with clients or without: the reserved time is
 * never used up, and the first message after a quiet time has its true time. */
static void
reservations_are_rare_and_in_time(void)
{
    struct world *w = world_new(NULL);
    world_store_news(w);
    for (int clients = 0; clients < 2; clients++) {
        store_ticket before = last_ticket(w);
        for (int i = 0; i < 3600; i++) {
            move_clocks(w, MSEC_SECOND, MSEC_SECOND);
            tick_and_save(w);
            if (clients > 0)
                EQUAL_NUMBER(at_of(msgid_next(w->srv)), w->srv->wall);
        }
        EQUAL_NUMBER(at_of(msgid_next(w->srv)), w->srv->wall);
        store_ticket writes = last_ticket(w) - before - 1;
        CU_ASSERT(writes >= 110 && writes <= 120);
        world_user(w, "ann");
    }
    world_free(w);
}

static void
without_a_durable_store_the_clock_alone_decides(void)
{
    struct world *w = world_new(NULL);
    w->store->durable = false;
    world_restart(w, NULL);
    CU_ASSERT_TRUE(msgid_is_ready(w->srv));
    EQUAL_NUMBER(msgid_of(w->srv)->wait.ticket, 0);
    uint64_t id = 0;
    for (int i = 0; i < 10; i++) {
        move_clocks(w, MSEC_HOUR, MSEC_HOUR);
        id = next_after(w, id);
        EQUAL_NUMBER(at_of(id), w->srv->wall);
    }
    world_free(w);
}

static int
compare_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void
references_are_unique_and_tell_no_number(void)
{
    enum { MANY = 200000 };
    static char all[MANY][ORIGIN_REFERENCE_TEXT];
    struct world *w = world_new(NULL);
    int neighbours = 0;
    for (int i = 0; i < MANY; i++) {
        origin_reference_next(w->srv, all[i]);
        unsigned long now = strtoul(all[i], NULL, 16);
        unsigned long last = i ? strtoul(all[i - 1], NULL, 16) : 0;
        neighbours += i && (now > last ? now - last : last - now) < 100;
    }
    EQUAL_TEXT(all[0], WORLD_REFERENCE_1);
    CU_ASSERT(neighbours < 50);
    qsort(all, MANY, sizeof all[0], compare_text);
    int twice = 0;
    for (int i = 1; i < MANY; i++)
        twice += strcmp(all[i], all[i - 1]) == 0;
    EQUAL_NUMBER(twice, 0);
    world_free(w);
}

SUITE(msgid)
{
    TEST(an_id_is_the_clock_and_a_sequence_in_16_hex_digits);
    TEST(ids_follow_the_clock_in_2038_and_in_sixty_years);
    TEST(a_full_millisecond_goes_on_in_the_next);
    TEST(ids_rise_when_the_clock_is_set_back);
    TEST(a_restart_in_order_goes_on_behind_the_last_id);
    TEST(a_crash_never_leads_to_a_repeat);
    TEST(no_id_passes_the_saved_mark);
    TEST(reservations_are_rare_and_in_time);
    TEST(without_a_durable_store_the_clock_alone_decides);
    TEST(references_are_unique_and_tell_no_number);
}
