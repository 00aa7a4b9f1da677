/* The command TABLE: rows, filters, rights and refusals; pages are in test_table_pages.c. */
#include "base/str.h"
#include "crowd.h"
#include "rows.h"

static struct actor *alice;
static struct rows rows;

static void
a_ban_is_a_row_with_all_columns(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_enact(w, alice, "KLINE 1h 192.0.2.1 :spam|from Ann");
    world_enact(w, alice, "RESV #warez :not here");
    world_drain_all(w);
    rows_read(w, alice, "bans", "kind=K-line", &rows);
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_TEXT(rows.row[0],
               "{\"kind\":\"K-line\",\"mask\":\"*@192.0.2.1\",\"setter\":\"alice\","
               "\"automatic\":false,\"set\":\"2026-11-22T00:00:00.000Z\","
               "\"expires\":\"2026-11-22T01:00:00.000Z\",\"reason\":\"spam\","
               "\"oper_reason\":\"from Ann\",\"hits\":0,\"last_hit\":null,"
               "\"level\":null,\"lift\":\"UNKLINE\"}");
    rows_free(&rows);
    rows_read(w, alice, "bans", "expires=", &rows);
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_NUMBER(rows_with(&rows, "\"kind\":\"RESV\",\"mask\":\"#warez\""), 1);
    rows_free(&rows);
    world_free(w);
}

static void
an_automatic_ban_tells_the_level_of_its_host(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_user_at(w, "bob", "192.0.2.9");
    world_enact(w, alice, "STRIKE bob 50 :ads");
    rows_read(w, alice, "bans", "automatic=true", &rows);
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_NUMBER(rows_with(&rows, "\"automatic\":true"), 1);
    EQUAL_NUMBER(rows_with(&rows, "\"level\":1"), 1);
    rows_free(&rows);
    world_free(w);
}

static void
an_expired_ban_is_no_row(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_enact(w, alice, "KLINE 1m 192.0.2.1 :x");
    world_set_wall(w, WORLD_WALL + 60 * MSEC_SECOND - 1);
    rows_read(w, alice, "bans", "", &rows);
    EQUAL_NUMBER(rows.n, 1);
    rows_free(&rows);
    w->srv->wall = WORLD_WALL + 60 * MSEC_SECOND;
    world_say(w, alice, "TABLE bans");
    EXPECT(w, alice, ":irc.localhost TABLE bans ? end");
    world_free(w);
}

static void
a_bad_filter_is_refused_with_a_sentence(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    static const char *const bad[][2] = {
        {"colour=red", "'colour=red' names no column of the table bans"},
        {"kind=K-line hits=many", "'many' is not a number"},
        {"automatic=yes", "'yes' is not true or false"},
        {"a b c d e f g h i", "the filter has more than 8 words"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        world_sayf(w, alice, "TABLE bans * :%s", bad[i][0]);
        char line[200];
        str_format(line, sizeof line, ":irc.localhost NOTICE alice :TABLE refused: %s",
                   bad[i][1]);
        EXPECT(w, alice, line);
        SILENT(w, alice);
    }
    world_say(w, alice, "TABLE bans * :a b c d e f g h");
    EXPECT(w, alice, ":irc.localhost TABLE bans ? end");
    world_say(w, alice, "TABLE bans * spam from Ann");
    EXPECT(
        w, alice,
        ":irc.localhost NOTICE alice :TABLE refused: a filter of several words needs "
        "':' before it");
    SILENT(w, alice);
    world_free(w);
}

static void
a_filter_matches_words_and_columns(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_enact(w, alice, "KLINE 1h 192.0.2.1 :Spam wave|of ann");
    world_enact(w, alice, "KLINE 192.0.2.2 :flood");
    world_enact(w, alice, "XLINE 1h *free\\smoney* :spam in real names");
    static const struct {
        const char *filter;
        unsigned n;
    } cases[] = {
        {"", 3},
        {"spam", 2},
        {"SPAM", 2},
        {"spam wave", 1},
        {"spam*", 2},
        {"*spam", 0},
        {"reason=spam", 0},
        {"reason=spam?wave", 1},
        {"kind=k-line", 2},
        {"kind=line", 0},
        {"kind=*line", 3},
        {"expires=", 1},
        {"expires=?*", 2},
        {"hits=0", 3},
        {"hits=1", 0},
        {"automatic=false kind=X*", 1},
        {"192.0.2.", 2},
        {"ann", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rows_read(w, alice, "bans", cases[i].filter, &rows);
        EQUAL_NUMBER(rows.n, cases[i].n);
        rows_free(&rows);
    }
    /* Without a cursor the filter is the second parameter. */
    world_drain_all(w);
    world_say(w, alice, "TABLE BANS flood");
    EXPECT(w, alice, ":irc.localhost TABLE bans :{\"kind\":\"K-line\",*");
    EXPECT(w, alice, ":irc.localhost TABLE bans ? end");
    world_free(w);
}

/* 255 bytes of reason for each side, with characters that need escapes. */
static void
a_long_row_goes_on_in_further_lines(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    char text[256], line[800];
    for (size_t i = 0; i < 200; i++)
        text[i] = i % 3 == 0 ? '"' : i % 3 == 1 ? '\x02' : 'x';
    text[200] = '\0';
    str_format(line, sizeof line, "KLINE 192.0.2.1 :%s|%s", text, text);
    world_enact(w, alice, line);
    world_drain_all(w);
    world_say(w, alice, "TABLE bans");
    unsigned more = world_count(alice, ":irc.localhost TABLE bans + :*");
    CU_ASSERT(more >= 2);
    rows_read(w, alice, "bans", "", &rows);
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_NUMBER(rows_with(&rows, "\\\"\\u0002x\\\""), 1);
    CU_ASSERT(strchr(rows.row[0], '\x02') == NULL);
    rows_free(&rows);
    world_free(w);
}

static void
blanks_at_the_end_of_a_line_stay(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    for (int at = 150; at < 200; at++) {
        char line[800];
        str_format(line, sizeof line, "KLINE 192.0.2.1 :%*s %*s end", at, "x", 100,
                   "y");
        world_enact(w, alice, line);
        world_drain_all(w);
        world_say(w, alice, "TABLE bans");
        EQUAL_NUMBER(world_count(alice, "* "), 0);
        EQUAL_NUMBER(world_count(alice, "* + : *"), 0);
        world_drain_all(w);
    }
    world_free(w);
}

static void
table_needs_check(void)
{
    struct actor *mod, *bob;
    struct world *w =
        rows_begin("", "\"kill\", \"kline\", \"see_address\"", &alice, &mod);
    bob = world_user(w, "bob");
    world_say(w, bob, "TABLE bans");
    EXPECT(w, bob, ":irc.localhost 481 bob :*");
    SILENT(w, bob);
    world_say(w, mod, "TABLE bans");
    EXPECT(w, mod, ":irc.localhost 481 mod :*'check'*");
    SILENT(w, mod);
    world_say(w, mod, "TABLE status");
    EXPECT(w, mod, ":irc.localhost 481 mod :*'check'*");
    world_free(w);
    w = rows_begin("", "\"check\"", &alice, &mod);
    world_say(w, mod, "TABLE bans");
    EXPECT(w, mod, ":irc.localhost TABLE bans ? end");
    world_free(w);
}

static void
the_reason_for_operators_of_an_automatic_ban_needs_see_address(void)
{
    struct actor *mod;
    struct world *w = rows_begin("", "\"check\"", &alice, &mod);
    world_user_at(w, "bob", "192.0.2.9");
    world_enact(w, alice, "STRIKE bob 50 :ads");
    rows_read(w, alice, "bans", "", &rows);
    EQUAL_NUMBER(rows_with(&rows, "bob"), 1);
    rows_free(&rows);
    rows_read(w, mod, "bans", "", &rows);
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_NUMBER(rows_with(&rows, "bob"), 0);
    rows_free(&rows);
    rows_read(w, mod, "bans", "bob", &rows);
    EQUAL_NUMBER(rows.n, 0);
    rows_free(&rows);
    world_free(w);
}

static void
an_unknown_table_is_refused(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_say(w, alice, "TABLE users");
    EXPECT(w, alice,
           ":irc.localhost NOTICE alice :TABLE refused: 'users' is no table; there are "
           "*bans*");
    SILENT(w, alice);
    world_say(w, alice, "TABLE");
    EXPECT(w, alice, ":irc.localhost 461 alice TABLE :*");
    world_free(w);
}

static void
a_refusal_is_a_standard_reply_for_those_that_know_them(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_say(w, alice, "CAP REQ :standard-replies");
    world_drain_all(w);
    world_say(w, alice, "TABLE users");
    EXPECT(w, alice, ":irc.localhost FAIL TABLE UNKNOWN_TABLE :TABLE refused: *");
    world_say(w, alice, "TABLE bans ~x");
    EXPECT(w, alice, ":irc.localhost FAIL TABLE INVALID_CURSOR :TABLE refused: *");
    world_say(w, alice, "TABLE bans x=y");
    EXPECT(w, alice, ":irc.localhost FAIL TABLE INVALID_FILTER :TABLE refused: *");
    world_free(w);
}

/* A row of each line of STATS s, in its order. */
static void
status_has_the_lines_of_stats_s(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_say(w, alice, "STATS s");
    unsigned lines = world_count(alice, ":irc.localhost 249 alice s :*");
    rows_read(w, alice, "status", "", &rows);
    EQUAL_NUMBER(rows.n, lines);
    CONTAINS(rows.row[0], "{\"key\":\"server\",\"value\":\"irc.localhost, ircd ");
    EQUAL_NUMBER(rows_with(&rows, "{\"key\":\"wrong\",\"value\":\"nothing\"}"), 1);
    rows_free(&rows);
    rows_read(w, alice, "status", "key=wrong", &rows);
    EQUAL_NUMBER(rows.n, 1);
    rows_free(&rows);
    world_free(w);
}

static void
help_names_the_columns(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    world_say(w, alice, "HELP TABLES");
    AWAIT(w, alice, ":irc.localhost 705 alice TABLES :bans: kind? mask? *");
    AWAIT(w, alice, ":irc.localhost 706 alice TABLES :*");
    world_free(w);
}

SUITE(table)
{
    TEST(a_ban_is_a_row_with_all_columns);
    TEST(an_automatic_ban_tells_the_level_of_its_host);
    TEST(an_expired_ban_is_no_row);
    TEST(a_bad_filter_is_refused_with_a_sentence);
    TEST(a_filter_matches_words_and_columns);
    TEST(a_long_row_goes_on_in_further_lines);
    TEST(blanks_at_the_end_of_a_line_stay);
    TEST(table_needs_check);
    TEST(the_reason_for_operators_of_an_automatic_ban_needs_see_address);
    TEST(an_unknown_table_is_refused);
    TEST(a_refusal_is_a_standard_reply_for_those_that_know_them);
    TEST(status_has_the_lines_of_stats_s);
    TEST(help_names_the_columns);
}
