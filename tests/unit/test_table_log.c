/* TABLE log: the last events of the core, and who may read what of them. */
#include "base/str.h"
#include "crowd.h"
#include "rows.h"
#include "state/event_ring.h"

static struct actor *alice, *mod;
static struct rows rows;

static void
read_log(struct world *w, struct actor *a, const char *filter)
{
    rows_free(&rows);
    rows_read(w, a, "log", filter, &rows);
}

static void
end_world(struct world *w)
{
    rows_free(&rows);
    world_free(w);
}

static void
an_event_is_a_row_with_its_keys(void)
{
    struct world *w = rows_begin("", "\"check\", \"spy\"", &alice, &mod);
    world_enact(w, alice, "KLINE 1h 192.0.2.1 :spam|from Ann");
    read_log(w, alice, "event=kline");
    EQUAL_NUMBER(rows.n, 1);
    CONTAINS(rows.row[0], "{\"seq\":");
    CONTAINS(
        rows.row[0],
        ",\"time\":\"2026-11-22T00:00:00.000Z\",\"level\":\"info\","
        "\"event\":\"kline\",\"mask\":\"*@192.0.2.1\",\"oper-reason\":\"from Ann\","
        "\"reason\":\"spam\",\"removed\":0,\"by\":\"alice\",\"until\":\"");
    read_log(w, alice, "by=alice mask=*192.0.2.1");
    EQUAL_NUMBER(rows.n, 1);
    read_log(w, alice, "kline oper-reason=from*");
    EQUAL_NUMBER(rows.n, 1);
    end_world(w);
}

static void
the_log_needs_spy_as_well_as_check(void)
{
    static const struct {
        const char *privileges, *answer;
    } cases[] = {
        {"\"check\", \"see_address\"", ":irc.localhost 481 mod :*'spy'*"},
        {"\"spy\"", ":irc.localhost 481 mod :*'check'*"},
        {"\"check\", \"spy\"", ":irc.localhost TABLE log :{*"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = rows_begin("", cases[i].privileges, &alice, &mod);
        world_say(w, mod, "TABLE log");
        EXPECT(w, mod, cases[i].answer);
        end_world(w);
    }
}

static void
without_see_address_no_event_has_an_address(void)
{
    struct world *w = rows_begin("", "\"check\", \"spy\"", &alice, &mod);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.9");
    world_say(w, bob, "OPER alice wrong");
    world_enact(w, alice, "STRIKE bob 1 :seen at 192.0.2.9 and 2001:db8::9");
    world_enact(w, alice, "KLINE 1h *@192.0.2.* :spam");
    world_enact(w, alice, "DLINE 1h 198.51.100.0/24 :spam");
    world_enact(w, alice, "PARDON 192.0.2.9");
    world_enact(w, alice, "XLINE 1h *free\\smoney* :spam");
    CU_ASSERT(world_connect(w, "198.51.100.7")->closed);
    read_log(w, alice, "");
    size_t all = rows.n;
    CU_ASSERT(rows_with(&rows, "192.0.2.") >= 5 &&
              rows_with(&rows, "198.51.100.") >= 2);
    read_log(w, mod, "");
    EQUAL_NUMBER(rows.n, all);
    EQUAL_NUMBER(rows_with(&rows, "192.0.2"), 0);
    EQUAL_NUMBER(rows_with(&rows, "198.51.100"), 0);
    EQUAL_NUMBER(rows_with(&rows, "2001:db8"), 0);
    /* What is no address stays. */
    EQUAL_NUMBER(rows_with(&rows, "\"mask\":\"*free\\\\smoney*\""), 1);
    EQUAL_NUMBER(rows_with(&rows, "\"client\":\"bob!bob@*\""), 2);
    EQUAL_NUMBER(rows_with(&rows, "\"mask\":\"*/24\""), 1);
    EQUAL_NUMBER(rows_with(&rows, "seen at * and *"), 1);
    /* No filter finds one. */
    read_log(w, mod, "192.0.2");
    EQUAL_NUMBER(rows.n, 0);
    read_log(w, mod, "host=192.0.2.9");
    EQUAL_NUMBER(rows.n, 0);
    end_world(w);
}

static void
the_last_thousand_events_are_kept(void)
{
    struct world *w = rows_begin("", "\"check\", \"spy\"", &alice, &mod);
    for (int i = 0; i < EVENT_RING + 7; i++)
        world_sayf(w, alice, "WALLOPS :number %d.", i);
    world_drain_all(w);
    read_log(w, alice, "");
    EQUAL_NUMBER(rows.n, EVENT_RING);
    EQUAL_NUMBER(rows_with(&rows, "number 6."), 0);
    for (int i = 7; i < EVENT_RING + 7; i++) {
        char text[32];
        str_format(text, sizeof text, "number %d.", i);
        CONTAINS(rows.row[i - 7], text);
    }
    end_world(w);
}

/* Between two pages, events come and the oldest go. */
static void
a_cursor_goes_on_where_it_was(void)
{
    struct world *w = rows_begin("", "\"check\", \"spy\"", &alice, &mod);
    for (int i = 0; i < EVENT_RING; i++)
        world_sayf(w, alice, "WALLOPS :number %d.", i);
    rows_page(w, alice, "log", "*", "", &rows);
    EQUAL_NUMBER(rows.n, 500);
    CONTAINS(rows.row[499], "number 499.");
    char cursor[128];
    str_format(cursor, sizeof cursor, "%s", rows.cursor);
    rows_free(&rows);
    world_say(w, alice, "WALLOPS :number 1000.");
    rows_page(w, alice, "log", cursor, "", &rows);
    CONTAINS(rows.row[0], "number 500.");
    rows_free(&rows);
    for (int i = 1001; i < 1600; i++)
        world_sayf(w, alice, "WALLOPS :number %d.", i);
    rows_page(w, alice, "log", cursor, "", &rows);
    CONTAINS(rows.row[0], "number 600.");
    end_world(w);
}

/* An outsider fails to connect again and again; the acts of operators stay. */
static void
outsiders_cannot_push_out_the_other_events(void)
{
    struct world *w = rows_begin("", "\"check\", \"spy\"", &alice, &mod);
    world_enact(w, alice, "DLINE 1h 198.51.100.0/24 :spam");
    for (int i = 0; i < 3 * EVENT_RING; i++)
        CU_ASSERT(world_connect(w, "198.51.100.7")->closed);
    world_leap(w, 2 * MSEC_SECOND);
    CU_ASSERT(world_connect(w, "198.51.100.7")->closed);
    read_log(w, alice, "event=dline");
    EQUAL_NUMBER(rows.n, 1);
    read_log(w, alice, "event=refused");
    EQUAL_NUMBER(rows.n, 11);
    EQUAL_NUMBER(rows_with(&rows, "\"suppressed\":2990"), 1);
    end_world(w);
}

/* log.level is about the log; a level below info is never kept. */
static void
the_level_of_the_log_changes_nothing(void)
{
    static const enum log_level levels[] = {LOG_LEVEL_ERROR, LOG_LEVEL_TRACE};
    for (size_t i = 0; i < 2; i++) {
        struct world *w = rows_begin("", "\"check\", \"spy\"", &alice, &mod);
        w->log.level = levels[i];
        struct actor *bob = world_user(w, "bob");
        world_enact(w, alice, "KILL bob :bye");
        CU_ASSERT(bob->closed);
        read_log(w, alice, "");
        EQUAL_NUMBER(rows_with(&rows, "\"event\":\"kill\""), 1);
        EQUAL_NUMBER(rows_with(&rows, "\"event\":\"exit\",\"client\":\"bob!"), 1);
        EQUAL_NUMBER(rows_with(&rows, "\"event\":\"connect\""), 0);
        EQUAL_NUMBER(rows_with(&rows, "\"event\":\"line-in\""), 0);
        end_world(w);
    }
}

static void
reading_the_tables_is_no_event(void)
{
    struct world *w = rows_begin("", "\"check\", \"spy\"", &alice, &mod);
    struct actor *owner = world_connect_with(
        w, "127.0.0.1", (struct connection_info){.owner = true, .listener = "0"});
    world_say(w, owner, "NICK ctl00");
    world_say(w, owner, "USER ctl 0 * :x");
    world_say(w, owner, "KLINE 1h 192.0.2.1 :x");
    world_say(w, owner, "TABLE bans");
    read_log(w, alice, "event=control");
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_NUMBER(rows_with(&rows, "\"command\":\"KLINE\""), 1);
    end_world(w);
}

/* `ircd ctl table` asks for each page; the log has the first command. */
static void
further_pages_are_no_line_of_the_log(void)
{
    struct world *w = rows_begin("", "\"check\", \"spy\"", &alice, &mod);
    struct actor *owner = world_connect_with(
        w, "127.0.0.1", (struct connection_info){.owner = true, .listener = "0"});
    world_say(w, owner, "NICK ctl00");
    world_say(w, owner, "USER ctl 0 * :x");
    world_drain_all(w);
    for (int i = 0; i < EVENT_RING; i++)
        world_sayf(w, alice, "WALLOPS :number %d.", i);
    world_drain_all(w);
    read_log(w, owner, "");
    CU_ASSERT(rows.commands >= 2);
    const char *first = strstr(w->logged, "command=TABLE");
    CU_ASSERT_FATAL(first != NULL);
    CU_ASSERT(strstr(first + 1, "command=TABLE") == NULL);
    end_world(w);
}

/* SHA-256 of "secret". */
#define SECRET "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

static const char grafana[] =
    "oper \"grafana\" { token = \"sha256:" SECRET "\" hosts = { \"*@*\" } "
    "privileges = { \"check\" } }\n"
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n";

static void
a_call_of_the_api_is_no_row_and_its_tables_are_no_event(void)
{
    struct world *w = world_with_oper(grafana, &alice);
    struct actor *call = world_connect_with(
        w, "192.0.2.7",
        (struct connection_info){.listener = "web", .secure = true, .token = SECRET});
    world_say(w, call, "USER api 0 * :API\r\nNICK api01");
    world_drain_all(w);
    rows_free(&rows);
    rows_read(w, call, "clients", "", &rows);
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_NUMBER(rows_with(&rows, "\"nick\":\"alice\""), 1);
    world_say(w, call, "CHECK alice");
    read_log(w, alice, "event=api");
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_NUMBER(rows_with(&rows, "\"name\":\"grafana\",\"command\":\"CHECK\"") +
                     rows_with(&rows, "\"command\":\"CHECK\",\"name\":\"grafana\""),
                 1);
    end_world(w);
}

/* A text that does not fit is cut at a character, and the values behind it stay. */
static void
the_memory_of_an_event_is_limited(void)
{
    struct world *w = rows_begin("", "\"check\", \"spy\"", &alice, &mod);
    static char text[3 * EVENT_RING_TEXT];
    for (size_t i = 0; i + 3 < sizeof text; i += 3)
        memcpy(text + i, "\xE2\x82\xAC", 3);
    NOTE_EVENT(w->srv, broadcast, .by = "x", .command = "NOTICE", .text = text);
    NOTE_EVENT(w->srv, override, .by = text, .command = text, .text = "last");
    session_check(w->srv);
    NOTE_EVENT(w->srv, close, .by = text, .connections = 1234567);
    read_log(w, alice, "event=close");
    EQUAL_NUMBER(rows_with(&rows, "1234567") + rows_with(&rows, "\"connections\""), 0);
    read_log(w, alice, "event=broadcast");
    EQUAL_NUMBER(rows.n, 1);
    CU_ASSERT(strlen(rows.row[0]) < EVENT_RING_TEXT + 200);
    EQUAL_NUMBER(rows_with(&rows, "ufffd"), 0);
    EQUAL_NUMBER(rows_with(&rows, "\"target\""), 0);
    read_log(w, alice, "event=override");
    EQUAL_NUMBER(rows.n, 1);
    size_t bytes = 0;
    const struct kept_event *e;
    for (uint64_t seq = 0; (e = event_ring_find(w->srv, seq)); seq = e->seq + 1)
        bytes += e->size;
    CU_ASSERT(bytes > EVENT_RING_TEXT);
    end_world(w);
}

static void
the_census_counts_kept_events(void)
{
    struct world *w = rows_begin("", "\"check\", \"spy\"", &alice, &mod);
    size_t before = world_counted(w, "kept events");
    world_say(w, alice, "WALLOPS :x");
    EQUAL_NUMBER(world_counted(w, "kept events"), before + 1);
    end_world(w);
}

SUITE(table_log)
{
    TEST(an_event_is_a_row_with_its_keys);
    TEST(the_log_needs_spy_as_well_as_check);
    TEST(without_see_address_no_event_has_an_address);
    TEST(the_last_thousand_events_are_kept);
    TEST(a_cursor_goes_on_where_it_was);
    TEST(outsiders_cannot_push_out_the_other_events);
    TEST(the_level_of_the_log_changes_nothing);
    TEST(reading_the_tables_is_no_event);
    TEST(further_pages_are_no_line_of_the_log);
    TEST(a_call_of_the_api_is_no_row_and_its_tables_are_no_event);
    TEST(the_memory_of_an_event_is_limited);
    TEST(the_census_counts_kept_events);
}
