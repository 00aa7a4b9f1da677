/* The pages of the command TABLE: their size, their cursors, their work and their cost. */
#include "base/str.h"
#include "crowd.h"
#include "enact/ban.h"
#include "policy/ban/ban.h"
#include "rows.h"
#include "state/cursor.h"

static struct actor *alice;
static struct rows rows;

static void
set_bans(struct world *w, int first, int n)
{
    for (int i = first; i < first + n; i++)
        world_sayf(w, alice, "KLINE 1d *@10.%d.%d.%d :r%d", i / 65536 % 256,
                   i / 256 % 256, i % 256, i);
    world_drain_all(w);
}

static void
a_command_answers_with_500_rows_and_a_cursor(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    set_bans(w, 0, 499);
    rows_page(w, alice, "bans", "*", "", &rows);
    EQUAL_NUMBER(rows.n, 499);
    EQUAL_TEXT(rows.cursor, "end");
    CU_ASSERT(rows.turn_rows <= 50);
    rows_free(&rows);
    set_bans(w, 499, 1);
    rows_page(w, alice, "bans", "*", "", &rows);
    EQUAL_NUMBER(rows.n, 500);
    CU_ASSERT(strcmp(rows.cursor, "end") != 0);
    rows_free(&rows);
    set_bans(w, 500, 501);
    rows_read(w, alice, "bans", "", &rows);
    EQUAL_NUMBER(rows.n, 1001);
    EQUAL_NUMBER(rows.commands, 3);
    for (int i = 0; i < 1001; i++) {
        char reason[32];
        str_format(reason, sizeof reason, "\"reason\":\"r%d\"", i);
        EQUAL_NUMBER(rows_with(&rows, reason), 1);
    }
    rows_free(&rows);
    world_free(w);
}

/* Rows of 400 bytes: 16 KiB, what a turn sends of any answer, hold fewer than 50. */
static void
an_answer_of_long_rows_has_500_rows_as_well(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    for (int i = 0; i < 600; i++)
        world_sayf(w, alice, "KLINE 1d *@10.0.%d.%d :%0200d", i / 256, i % 256, i);
    rows_page(w, alice, "bans", "*", "", &rows);
    EQUAL_NUMBER(rows.n, 500);
    CU_ASSERT(rows.turn_rows < 50);
    rows_free(&rows);
    world_free(w);
}

/* Between the pages, half of the bans are lifted and as many new ones are set, so that
 * the table grows, too. */
static void
a_row_that_stays_comes_once_whatever_comes_and_goes(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    set_bans(w, 0, 1600);
    char cursor[128] = "*";
    for (int page = 0; strcmp(cursor, "end") != 0; page++) {
        rows_page(w, alice, "bans", cursor, "", &rows);
        str_format(cursor, sizeof cursor, "%s", rows.cursor);
        for (int i = 0; i < 100; i++) {
            int gone = 1 + 2 * (page * 100 + i);
            if (gone < 1600)
                world_sayf(w, alice, "UNKLINE *@10.0.%d.%d", gone / 256, gone % 256);
        }
        if (page < 3)
            set_bans(w, 100000 + page * 600, 600);
    }
    CU_ASSERT(rows.commands >= 4);
    for (int i = 0; i < 1600; i += 2) {
        char reason[32];
        str_format(reason, sizeof reason, "\"reason\":\"r%d\"", i);
        EQUAL_NUMBER(rows_with(&rows, reason), 1);
    }
    for (size_t i = 0; i < rows.n; i++)
        EQUAL_NUMBER(rows_with(&rows, rows.row[i]), 1);
    rows_free(&rows);
    world_free(w);
}

static void
a_cursor_holds_if_its_row_is_gone_and_if_it_is_used_twice(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    set_bans(w, 0, 501);
    rows_page(w, alice, "bans", "*", "", &rows);
    char cursor[128], *left = NULL;
    str_format(cursor, sizeof cursor, "%s", rows.cursor);
    rows_free(&rows);
    for (int twice = 0; twice < 2; twice++) {
        rows_page(w, alice, "bans", cursor, "", &rows);
        EQUAL_NUMBER(rows.n, 1);
        if (left)
            EQUAL_TEXT(rows.row[0], left);
        free(left);
        left = rows.row[0];
        rows.n = 0;
    }
    const char *mask = strstr(left, "*@");
    world_sayf(w, alice, "UNKLINE %.*s", (int)strcspn(mask, "\""), mask);
    free(left);
    rows_page(w, alice, "bans", cursor, "", &rows);
    EQUAL_NUMBER(rows.n, 0);
    EQUAL_TEXT(rows.cursor, "end");
    world_free(w);
}

/* The last client that a turn has shown leaves before the next one. */
static void
a_client_that_leaves_between_two_turns_takes_no_other_with_it(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    for (int i = 0; i < 120; i++) {
        char nick[16];
        str_format(nick, sizeof nick, "u%03d", i);
        world_user_at(w, nick, "192.0.2.9");
    }
    world_drain_all(w);
    world_say(w, alice, "TABLE clients * :user=u*");
    unsigned n = world_count(alice, "* TABLE clients :{*");
    for (int turns = 0; crowd_waits(w) && turns < 10; turns++) {
        char nick[16];
        str_format(nick, sizeof nick, "u%03u", n - 1);
        world_close(w, world_actor(w, nick));
        crowd_turn(w, alice);
        n = world_count(alice, "* TABLE clients :{*");
    }
    EQUAL_NUMBER(n, 120);
    for (int i = 0; i < 120; i++) {
        char row[64];
        str_format(row, sizeof row, "* TABLE clients :{*\"nick\":\"u%03d\"*", i);
        EQUAL_NUMBER(world_count(alice, row), 1);
    }
    EQUAL_NUMBER(world_count(alice, "* TABLE clients ? end"), 1);
    world_free(w);
}

static void
a_bad_cursor_is_refused_with_a_sentence(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    set_bans(w, 0, 501);
    rows_page(w, alice, "bans", "*", "", &rows);
    char cursor[128], other[128];
    str_format(cursor, sizeof cursor, "%s", rows.cursor);
    rows_free(&rows);
    const char *const bad[] = {"~", "~00000000.0000000000000000", "~zz", "end",
                               "0123456789abcdef"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        world_sayf(w, alice, "TABLE bans %s :", bad[i]);
        EXPECT(w, alice,
               ":irc.localhost NOTICE alice :TABLE refused: '*' is no cursor of the "
               "table bans since the server started; begin again with ?");
        SILENT(w, alice);
    }
    /* too short, too long, another letter case, an id; of another table */
    str_format(other, sizeof other, "%.*s", (int)strlen(cursor) - 1, cursor);
    world_sayf(w, alice, "TABLE bans %s", other);
    EXPECT(w, alice, "* NOTICE alice :TABLE refused: *");
    world_sayf(w, alice, "TABLE bans %s0", cursor);
    EXPECT(w, alice, "* NOTICE alice :TABLE refused: *");
    world_sayf(w, alice, "TABLE bans %s.7.bob", cursor);
    EXPECT(w, alice, "* NOTICE alice :TABLE refused: *");
    world_sayf(w, alice, "TABLE status %s", cursor);
    EXPECT(w, alice,
           "* NOTICE alice :TABLE refused: '*' is no cursor of the table "
           "status *");
    world_free(w);
}

static void
an_answer_with_a_label_is_one_batch(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    set_bans(w, 0, 120);
    world_say(w, alice, "CAP REQ :batch labeled-response");
    world_drain_all(w);
    world_say(w, alice, "@label=x TABLE bans");
    for (int i = 0; i < 100 && crowd_waits(w); i++)
        crowd_turn(w, alice);
    EXPECT(w, alice, "@label=x :irc.localhost BATCH +* labeled-response");
    EQUAL_NUMBER(world_count(alice, "@batch=* :irc.localhost TABLE bans :{*"), 120);
    EQUAL_NUMBER(world_count(alice, "@batch=* :irc.localhost TABLE bans ? end"), 1);
    AWAIT(w, alice, ":irc.localhost BATCH -*");
    SILENT(w, alice);
    world_free(w);
}

/* 2 for the command, and 1 for each 50 rows, at its end. */
static void
rows_cost_tokens(void)
{
    struct actor *mod;
    struct world *w = rows_begin("", "\"check\"", &alice, &mod);
    set_bans(w, 0, 500);
    world_leap(w, 30 * MSEC_SECOND);
    world_drain_all(w);
    world_say(w, mod, "TABLE bans * :kind=RESV");
    EXPECT(w, mod, ":irc.localhost TABLE bans ? end");
    EQUAL_NUMBER(world_owed(w, mod), 2);
    world_leap(w, 30 * MSEC_SECOND);
    msec from = w->srv->now;
    rows_page(w, mod, "bans", "*", "", &rows);
    EQUAL_NUMBER(world_owed(w, mod), 12 - (w->srv->now - from) / 500);
    rows_free(&rows);
    world_free(w);
}

/* The work to read n bans, set directly; *turn: the most of one turn. */
static size_t
measure_bans(int n, const char *filter, size_t *turn)
{
    struct world *w = world_with_oper(world_easy, &alice);
    struct ban_outcome done;
    w->check_every = 1000000;
    w->log.level = LOG_LEVEL_ERROR;
    for (int i = 0; i < n; i++) {
        struct mask mask;
        char text[40], err[160];
        str_format(text, sizeof text, "*@10.%d.%d.%d", i / 65536, i / 256 % 256,
                   i % 256);
        CU_ASSERT_FATAL(mask_parse_strict(text, &mask, err, sizeof err));
        ban_put(w->srv,
                &(struct ban_request){.kind = BAN_KLINE,
                                      .mask = &mask,
                                      .setter = "x",
                                      .reason = "a reason of the usual length",
                                      .oper_reason = ""},
                &done);
    }
    rows_read(w, alice, "bans", filter, &rows);
    CU_ASSERT(*filter || (int)rows.n == n);
    size_t work = rows.all_work;
    *turn = rows.turn_work;
    rows_free(&rows);
    world_free(w);
    return work;
}

/* A unit of work is about a nanosecond. Pages of many bans take twice the time for twice
 * the bans, and no turn takes more than a piece of an answer may (CURSOR_WORK), also if
 * the filter leaves no row. */
static void
paging_is_linear_and_no_turn_is_long(void)
{
    static const char *const filters[] = {"", "reason=*no*such*text*"};
    for (size_t i = 0; i < 2; i++) {
        size_t turn[2];
        size_t one = measure_bans(10000, filters[i], &turn[0]);
        size_t two = measure_bans(20000, filters[i], &turn[1]);
        CU_ASSERT(two > one && two < one * 5 / 2);
        CU_ASSERT(turn[0] < CURSOR_WORK + 10000 && turn[1] < CURSOR_WORK + 10000);
    }
}

SUITE(table_pages)
{
    TEST(a_command_answers_with_500_rows_and_a_cursor);
    TEST(an_answer_of_long_rows_has_500_rows_as_well);
    TEST(a_row_that_stays_comes_once_whatever_comes_and_goes);
    TEST(a_cursor_holds_if_its_row_is_gone_and_if_it_is_used_twice);
    TEST(a_client_that_leaves_between_two_turns_takes_no_other_with_it);
    TEST(a_bad_cursor_is_refused_with_a_sentence);
    TEST(an_answer_with_a_label_is_one_batch);
    TEST(rows_cost_tokens);
    TEST(paging_is_linear_and_no_turn_is_long);
}
