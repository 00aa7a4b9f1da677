/* The rows of the tables of hosts, clients and channels: their columns, the rights on
 * them, and pages while clients come and go. */
#include "base/str.h"
#include "crowd.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "rows.h"

static struct actor *alice, *mod;
static struct rows rows;

static const char cloaked[] = "server { cloak = true }\n";

static void
read_rows(struct world *w, struct actor *a, const char *table, const char *filter)
{
    rows_free(&rows);
    rows_read(w, a, table, filter, &rows);
}

static void
end_world(struct world *w)
{
    rows_free(&rows);
    world_free(w);
}

static void
a_host_with_strikes_is_a_row(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    world_user_at(w, "bob", "192.0.2.9");
    world_user_at(w, "eve", "192.0.2.10");
    world_enact(w, alice, "STRIKE bob 2 :ads|of eve");
    read_rows(w, alice, "hosts", "");
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_TEXT(rows.row[0],
               "{\"host\":\"192.0.2.9\",\"strikes\":2,\"limit\":5,\"level\":0,"
               "\"cause\":\"ads\",\"nick\":\"bob\",\"by\":\"alice\","
               "\"since\":\"2026-11-22T00:00:00.000Z\","
               "\"forgets\":\"2026-11-22T00:10:00.000Z\",\"falls\":null,"
               "\"consequence\":\"the address is banned for 10 minutes\","
               "\"connections\":1}");
    end_world(w);
}

static void
without_see_address_a_host_has_no_address(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    world_user_at(w, "bob", "192.0.2.9");
    world_enact(w, alice, "STRIKE bob 2 :ads");
    read_rows(w, mod, "hosts", "");
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_NUMBER(rows_with(&rows, "{\"host\":null,\"strikes\":2,"), 1);
    EQUAL_NUMBER(rows_with(&rows, "192.0.2"), 0);
    read_rows(w, mod, "hosts", "bob");
    EQUAL_NUMBER(rows.n, 1);
    read_rows(w, mod, "hosts", "192.0.2");
    EQUAL_NUMBER(rows.n, 0);
    read_rows(w, mod, "hosts", "host=192.0.2.*");
    EQUAL_NUMBER(rows.n, 0);
    read_rows(w, alice, "hosts", "host=192.0.2.*");
    EQUAL_NUMBER(rows.n, 1);
    end_world(w);
}

static void
decayed_strikes_are_no_row(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    world_user_at(w, "bob", "192.0.2.9");
    world_enact(w, alice, "STRIKE bob 1 :ads");
    w->srv->wall += 600 * MSEC_SECOND - 1;
    read_rows(w, alice, "hosts", "");
    EQUAL_NUMBER(rows.n, 1);
    world_leap(w, 601 * MSEC_SECOND);
    read_rows(w, alice, "hosts", "");
    EQUAL_NUMBER(rows.n, 0);
    end_world(w);
}

static void
a_host_with_a_level_tells_when_it_falls(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    world_user_at(w, "bob", "192.0.2.9");
    world_enact(w, alice, "STRIKE bob 5 :ads");
    read_rows(w, alice, "hosts", "level=1");
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_NUMBER(rows_with(&rows, "\"strikes\":0,\"limit\":5,\"level\":1,"), 1);
    EQUAL_NUMBER(rows_with(&rows, "\"since\":null,\"forgets\":null,\"falls\":\"2026-"),
                 1);
    EQUAL_NUMBER(rows_with(&rows, "\"connections\":0}"), 1);
    end_world(w);
}

static void
a_client_is_a_row_with_all_columns(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    world_user_at(w, "bob", "192.0.2.9");
    world_channel(w, "#a", "bob");
    world_leap(w, 7 * MSEC_SECOND);
    read_rows(w, alice, "clients", "nick=bob");
    EQUAL_NUMBER(rows.n, 1);
    CONTAINS(rows.row[0], "{\"id\":\"");
    CONTAINS(rows.row[0], "\"nick\":\"bob\",\"user\":\"bob\",\"host\":\"");
    CONTAINS(rows.row[0], "\"address\":\"192.0.2.9\",\"realname\":\"");
    CONTAINS(rows.row[0], "\"account\":null,\"registered\":true,\"oper\":null,"
                          "\"secure\":false,\"listener\":null,\"gateway\":null,"
                          "\"class\":null,\"connected\":\"2026-11-22T00:00:00.000Z\","
                          "\"signon\":\"2026-11-22T00:00:00.000Z\",\"idle\":7,"
                          "\"channels\":1,\"sendq\":");
    read_rows(w, alice, "clients", "oper=?*");
    EQUAL_NUMBER(rows.n, 2);
    EQUAL_NUMBER(rows_with(&rows, "\"oper\":\"mod\""), 1);
    end_world(w);
}

static void
a_client_tells_its_way(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    world_user_with(w, "bob",
                    (struct connection_info){.secure = true, .gateway = "kiwi"});
    read_rows(w, mod, "clients", "nick=bob secure=true gateway=kiwi");
    EQUAL_NUMBER(rows.n, 1);
    end_world(w);
}

static void
without_see_address_a_client_has_no_address(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    struct actor *bob = world_user_at(w, "bob", "192.0.2.9");
    world_connect(w, "192.0.2.10");
    world_drain_all(w);
    CU_ASSERT(strcmp(bob->client->user.host, "192.0.2.9") != 0);
    read_rows(w, mod, "clients", "");
    EQUAL_NUMBER(rows.n, 4);
    EQUAL_NUMBER(rows_with(&rows, "192.0.2"), 0);
    EQUAL_NUMBER(rows_with(&rows, "\"registered\":false"), 1);
    EQUAL_NUMBER(rows_with(&rows, "\"nick\":null,\"user\":null,\"host\":null,"
                                  "\"address\":null,\"realname\":null"),
                 1);
    read_rows(w, mod, "clients", "192.0.2.");
    EQUAL_NUMBER(rows.n, 0);
    read_rows(w, mod, "clients", "address=192.0.2.9");
    EQUAL_NUMBER(rows.n, 0);
    read_rows(w, mod, "clients", "host=192.0.2.10");
    EQUAL_NUMBER(rows.n, 0);
    read_rows(w, alice, "clients", "address=192.0.2.*");
    EQUAL_NUMBER(rows.n, 2);
    end_world(w);
}

/* Each client may read its own address. */
static void
the_reader_sees_its_own_address(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    read_rows(w, mod, "clients", "address=?*");
    EQUAL_NUMBER(rows.n, 1);
    EQUAL_NUMBER(rows_with(&rows, "\"nick\":\"mod\""), 1);
    end_world(w);
}

static void
an_invisible_client_is_a_row_for_those_that_see_it(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    struct actor *bob = world_user(w, "bob");
    world_say(w, bob, "MODE bob +i");
    read_rows(w, mod, "clients", "nick=bob");
    EQUAL_NUMBER(rows.n, 0);
    read_rows(w, alice, "clients", "nick=bob");
    EQUAL_NUMBER(rows.n, 1);
    world_channel(w, "#a", "bob", "mod");
    read_rows(w, mod, "clients", "nick=bob");
    EQUAL_NUMBER(rows.n, 1);
    end_world(w);
}

static void
channels_that_the_reader_may_not_know_are_not_counted(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    world_channel(w, "#open", "bob@");
    world_channel(w, "#secret", "bob@");
    world_say(w, world_actor(w, "bob"), "MODE #secret +s");
    read_rows(w, mod, "clients", "nick=bob");
    EQUAL_NUMBER(rows_with(&rows, "\"channels\":1,"), 1);
    read_rows(w, alice, "clients", "nick=bob");
    EQUAL_NUMBER(rows_with(&rows, "\"channels\":2,"), 1);
    end_world(w);
}

static void
a_client_of_the_control_socket_is_no_row(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    struct actor *owner =
        world_connect_with(w, "127.0.0.1", (struct connection_info){.owner = true});
    read_rows(w, alice, "clients", "");
    EQUAL_NUMBER(rows.n, 2);
    world_say(w, owner, "NICK ctl00");
    world_say(w, owner, "USER ctl 0 * :x");
    read_rows(w, alice, "clients", "");
    EQUAL_NUMBER(rows.n, 2);
    read_rows(w, owner, "clients", "");
    EQUAL_NUMBER(rows.n, 2);
    end_world(w);
}

static void
a_channel_is_a_row_with_all_columns(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    world_channel(w, "#a", "bob@");
    world_say(w, world_actor(w, "bob"), "TOPIC #a :the \"topic\"");
    world_say(w, world_actor(w, "bob"), "MODE #a +k secret");
    read_rows(w, mod, "channels", "");
    EQUAL_NUMBER(rows.n, 1);
    CONTAINS(rows.row[0], "{\"name\":\"#a\",\"members\":1,\"modes\":\"");
    CONTAINS(rows.row[0],
             "+knt *\",\"topic\":\"the \\\"topic\\\"\",\"topic_by\":\"bob!bob@");
    CONTAINS(rows.row[0], "\"topic_at\":\"2026-11-22T00:00:00.000Z\","
                          "\"created\":\"2026-11-22T00:00:00.000Z\"}");
    read_rows(w, alice, "channels", "");
    EQUAL_NUMBER(rows_with(&rows, "+knt secret\","), 1);
    world_channel(w, "#b", "mod@");
    world_say(w, mod, "MODE #b +k own");
    read_rows(w, mod, "channels", "name=#b");
    EQUAL_NUMBER(rows_with(&rows, "+knt own\","), 1);
    EQUAL_NUMBER(rows_with(&rows, "\"topic\":null,\"topic_by\":null,\"topic_at\":null"),
                 1);
    end_world(w);
}

static void
a_secret_channel_is_a_row_for_those_that_see_it(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    world_channel(w, "#secret", "bob@");
    world_say(w, world_actor(w, "bob"), "MODE #secret +s");
    read_rows(w, mod, "channels", "");
    EQUAL_NUMBER(rows.n, 0);
    read_rows(w, alice, "channels", "");
    EQUAL_NUMBER(rows.n, 1);
    world_channel(w, "#secret", "mod");
    read_rows(w, mod, "channels", "");
    EQUAL_NUMBER(rows.n, 1);
    end_world(w);
}

/* The number of rows with the nick of this number of the crowd. */
static unsigned
count_crowd(int i)
{
    char text[64];
    str_format(text, sizeof text, "\"user\":\"u\",\"host\":\"10.%d.%d.1\"",
               100 + i / 250, i % 250);
    return rows_with(&rows, text);
}

/* Between the pages, clients change their nicks, leave and come. */
static void
a_client_that_stays_comes_once_whatever_nick_it_takes(void)
{
    struct world *w = world_with_oper(world_easy, &alice);
    crowd_people(w, 1200, NULL);
    char cursor[128] = "*";
    int next = 1200, gone = 0;
    rows_free(&rows);
    for (int page = 0; strcmp(cursor, "end") != 0; page++) {
        rows_page(w, alice, "clients", cursor, "user=u", &rows);
        str_format(cursor, sizeof cursor, "%s", rows.cursor);
        for (int i = 0; i < 1200; i++) {
            char nick[32], line[64];
            str_format(nick, sizeof nick, page % 2 ? "v%05d" : "u%05d", i);
            struct client *c = client_find(w->srv, nick);
            if (c == NULL)
                continue;
            str_format(line, sizeof line, "NICK %c%05d\r\n", page % 2 ? 'u' : 'v', i);
            if (i % 3 == page % 3 && i % 2 && ++gone)
                str_format(line, sizeof line, "QUIT\r\n");
            session_input(w->srv, c, line, strlen(line));
        }
        world_settle(w);
        if (page < 2)
            crowd_people_from(w, next, 300);
        next += 300;
    }
    CU_ASSERT(gone > 100 && rows.commands >= 3);
    for (int i = 0; i < 1200; i += 2)
        EQUAL_NUMBER(count_crowd(i), 1);
    for (int i = 1; i < 1200; i += 2)
        CU_ASSERT(count_crowd(i) <= 1);
    end_world(w);
}

/* n clients of one address; the work to read all of them. */
static size_t
measure_one_host(int n, bool forget_nicks, size_t *turn)
{
    struct world *w = world_with_oper(world_easy, &alice);
    w->log.level = LOG_LEVEL_WARN;
    w->check_every = 1000000;
    for (int i = 0; i < n; i++) {
        char nick[32], line[64];
        struct actor *a = world_connect(w, "192.0.2.9");
        a->drains = true;
        str_format(nick, sizeof nick, "u%05d", i);
        str_format(line, sizeof line, "NICK %s\r\nUSER u 0 * :r\r\n", nick);
        world_send(w, a, line, strlen(line));
    }
    char cursor[128] = "*";
    rows_free(&rows);
    while (strcmp(cursor, "end") != 0) {
        rows_page(w, alice, "clients", cursor, "user=u", &rows);
        size_t len = strlen(rows.cursor);
        /* as if that client had left or changed its nick */
        if (forget_nicks && len > 3)
            rows.cursor[len - 1] = '_';
        str_format(cursor, sizeof cursor, "%s", rows.cursor);
    }
    EQUAL_NUMBER(rows.n, n);
    for (int i = 0; i < n; i += 97) {
        char nick[32];
        str_format(nick, sizeof nick, "\"nick\":\"u%05d\"", i);
        EQUAL_NUMBER(rows_with(&rows, nick), 1);
    }
    size_t work = rows.all_work;
    *turn = rows.turn_work;
    end_world(w);
    return work;
}

static void
many_clients_of_one_host_are_paged_in_linear_time(void)
{
    size_t turn;
    size_t one = measure_one_host(1000, false, &turn);
    size_t two = measure_one_host(2000, false, &turn);
    CU_ASSERT(two < one * 5 / 2);
    CU_ASSERT(turn < 500000);
    /* Without the nicks, each page finds its place in the list of the host. */
    measure_one_host(1100, true, &turn);
    CU_ASSERT(turn < 500000);
}

static void
a_gateway_moves_a_client_to_another_host_in_order(void)
{
    struct world *w = rows_begin(cloaked, "\"check\"", &alice, &mod);
    struct connection_info info = {.listener = "test"};
    struct actor *late = world_connect(w, "192.0.2.1");
    w->check_every = 1000000; /* the rows tell the order as well */
    world_user_at(w, "ann", "192.0.2.9");
    world_user_at(w, "bob", "192.0.2.9");
    CU_ASSERT_FATAL(addr_parse("192.0.2.9", &info.addr));
    CU_ASSERT(session_rehome(w->srv, late->client, &info));
    EQUAL_NUMBER(policy_of(late->client)->host->connections, 3);
    CU_ASSERT_PTR_EQUAL(policy_of(late->client)->host->clients,
                        policy_of(late->client));
    read_rows(w, alice, "clients", "address=192.0.2.9");
    EQUAL_NUMBER(rows.n, 3);
    EQUAL_NUMBER(rows_with(&rows, "\"registered\":false"), 1);
    end_world(w);
}

SUITE(table_rows)
{
    TEST(a_host_with_strikes_is_a_row);
    TEST(without_see_address_a_host_has_no_address);
    TEST(decayed_strikes_are_no_row);
    TEST(a_host_with_a_level_tells_when_it_falls);
    TEST(a_client_is_a_row_with_all_columns);
    TEST(a_client_tells_its_way);
    TEST(without_see_address_a_client_has_no_address);
    TEST(the_reader_sees_its_own_address);
    TEST(an_invisible_client_is_a_row_for_those_that_see_it);
    TEST(channels_that_the_reader_may_not_know_are_not_counted);
    TEST(a_client_of_the_control_socket_is_no_row);
    TEST(a_channel_is_a_row_with_all_columns);
    TEST(a_secret_channel_is_a_row_for_those_that_see_it);
    TEST(a_client_that_stays_comes_once_whatever_nick_it_takes);
    TEST(many_clients_of_one_host_are_paged_in_linear_time);
    TEST(a_gateway_moves_a_client_to_another_host_in_order);
}
