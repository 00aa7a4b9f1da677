/* /health: each cause alone, at both sides of its limit, and the facts of a server. */
#include "../../src/main/serve_state.h"
#include "../../src/main/web_health.h"
#include "box.h"
#include "config/config.h"
#include "fault.h"
#include "looped.h"
#include "session/session.h"
#include "state/certificate.h"
#include "store/store_gdbm.h"
#include "test.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#define WALL INT64_C(1795305600000)

static const struct web_health_facts fine = {
    .loop = {.turned = true, .listens = true},
    .unsaved_for = WEB_HEALTH_UNSAVED,
    .wall = WALL,
    .certified = WALL + 1,
};

static void
check_health(const struct web_health_facts *facts, bool ready, unsigned status,
             const char *text)
{
    struct draft d = {0};
    EQUAL_NUMBER(web_health_write(facts, ready, &d), status);
    EQUAL_TEXT(d.at, text);
    free(d.at);
}

static void
a_server_without_a_cause_is_ok(void)
{
    struct web_health_facts facts = fine;
    check_health(&facts, false, 200, "ok\n");
    check_health(&facts, true, 200, "ok\n");
    facts.certified = 0;
    check_health(&facts, false, 200, "ok\n");
}

static void
each_cause_alone_is_503_and_a_line(void)
{
    struct web_health_facts facts = fine;
    facts.ending = true;
    check_health(&facts, false, 503, "the server ends\n");
    facts = fine;
    facts.unsaved_for = WEB_HEALTH_UNSAVED + 1;
    check_health(&facts, false, 503,
                 "the database has changes that are unsaved for more than 60 s\n");
    facts = fine;
    facts.loop.listens = false;
    check_health(&facts, false, 503, "no listener of clients is open\n");
    facts = fine;
    facts.certified = WALL;
    check_health(&facts, false, 503, "a certificate in use has expired\n");
    facts = fine;
    facts.loop.late = true;
    check_health(&facts, false, 503, "the event loop stood still for more than 5 s\n");
}

static void
only_ready_asks_for_the_first_turn(void)
{
    struct web_health_facts facts = fine;
    facts.loop.turned = false;
    check_health(&facts, false, 200, "ok\n");
    check_health(&facts, true, 503, "the first turn of the event loop has not ended\n");
}

static void
causes_that_hold_together_are_a_line_each(void)
{
    struct web_health_facts facts = fine;
    facts.ending = facts.loop.late = true;
    facts.loop.listens = false;
    check_health(&facts, true, 503,
                 "the server ends\nno listener of clients is open\n"
                 "the event loop stood still for more than 5 s\n");
}

static void
a_late_turn_is_remembered_for_5_seconds(void)
{
    struct turn_time t = {0};
    msec now = turn_time_begin(&t);
    CU_ASSERT(!t.turned && !turn_time_is_late(&t, now));
    turn_time_end(&t);
    CU_ASSERT(t.turned);
    t.last = turn_time_begin(&t) - TURN_LATE + 1000; /* room for a slow machine */
    now = turn_time_begin(&t);
    CU_ASSERT(!turn_time_is_late(&t, now));
    t.last = now - TURN_LATE - 1;
    now = turn_time_begin(&t);
    CU_ASSERT(turn_time_is_late(&t, now));
    turn_time_end(&t);
    CU_ASSERT(turn_time_is_late(&t, now + TURN_LATE));
    CU_ASSERT(!turn_time_is_late(&t, now + TURN_LATE + 1));
}

static void
the_facts_are_those_of_the_server(void)
{
    struct looped *x = looped_new(NULL);
    struct serve s = {.loop = x->loop, .srv = x->srv, .log.wall = WALL};
    struct web_health_facts facts;
    struct listener *all[] = {&x->listeners[0], &x->listeners[1]};
    x->loop->turn_time = (struct turn_time){0};
    web_health_read(&s, &facts);
    CU_ASSERT(!facts.ending && !facts.loop.turned && !facts.loop.listens);
    EQUAL_NUMBER(facts.certified, 0);
    EQUAL_NUMBER(facts.unsaved_for, 0);
    EQUAL_NUMBER(facts.wall, WALL);
    looped_turns(x, 2);
    struct certificate certificates[] = {
        {.name = "a", .fingerprint = "0", .until = WALL + 9},
        {.name = "b", .fingerprint = "1", .until = WALL + 7},
        {.name = "c", .fingerprint = "2", .until = WALL + 8}};
    session_certificates(x->srv, 0, certificates, 3);
    x->loop->listeners.all = all;
    x->loop->listeners.n = 2;
    x->listeners[0].io.fd = x->listeners[1].io.fd = 0;
    x->listeners[0].serves = SERVES_CHAT | SERVES_HEALTH;
    x->listeners[1].serves = 0;
    web_health_read(&s, &facts);
    CU_ASSERT(!facts.loop.listens); /* of clients */
    x->listeners[1].serves = SERVES_IRC;
    s.ending = true;
    x->loop->turn_time.late_at = x->loop->now;
    web_health_read(&s, &facts);
    CU_ASSERT(facts.ending && facts.loop.turned && facts.loop.listens);
    CU_ASSERT(facts.loop.late);
    EQUAL_NUMBER(facts.certified, WALL + 7);
    x->listeners[1].serves = SERVES_CHAT | SERVES_WEBSOCKET;
    web_health_read(&s, &facts);
    CU_ASSERT(facts.loop.listens);
    x->listeners[0].io.fd = x->listeners[1].io.fd = -1;
    x->loop->listeners.all = NULL;
    x->loop->listeners.n = 0;
    looped_free(x);
}

static void
a_change_that_cannot_be_saved_grows_older(void)
{
    struct store_stats stats;
    struct looped *x = looped_new(NULL);
    struct web_health_facts facts;
    struct box box;
    box_init(&box);
    box.retry_ms = 20;
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    struct serve s = {.loop = x->loop,
                      .srv = x->srv,
                      .choice = {.store = box.store, .stats = store_gdbm_stats}};
    box_put(&box, 1, 1);
    CU_ASSERT(box_saved(&box, 5000));
    web_health_read(&s, &facts);
    EQUAL_NUMBER(facts.unsaved_for, 0);
    fault_arm(0, ENOSPC);
    box_put(&box, 2, 1);
    CU_ASSERT(box_failed(&box, 5000));
    nanosleep(&(struct timespec){.tv_nsec = 120000000}, NULL);
    box_put(&box, 3, 1); /* a younger one does not hide it */
    web_health_read(&s, &facts);
    CU_ASSERT(facts.unsaved_for >= 120 && facts.unsaved_for < 60000);
    fault_disarm();
    CU_ASSERT(box_saved(&box, 5000));
    store_gdbm_stats(box.store, &stats);
    EQUAL_NUMBER(stats.unsaved_for, 0);
    box_put(&box, 2, 2);
    store_gdbm_stats(box.store, &stats);
    CU_ASSERT(stats.unsaved_for < 120);
    CU_ASSERT(box_saved(&box, 5000));
    box_clear(&box);
    looped_free(x);
}

SUITE(web_health)
{
    TEST(a_server_without_a_cause_is_ok);
    TEST(each_cause_alone_is_503_and_a_line);
    TEST(only_ready_asks_for_the_first_turn);
    TEST(causes_that_hold_together_are_a_line_each);
    TEST(a_late_turn_is_remembered_for_5_seconds);
    TEST(the_facts_are_those_of_the_server);
    TEST(a_change_that_cannot_be_saved_grows_older);
}
