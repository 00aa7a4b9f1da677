/* A channel of WebSocket clients of all kinds, of which some read slowly: each gets each
 * line once and in order. */
#include "row_client.h"

#include "dice.h"

#define MEMBERS 48
#define LINES 1000

static const char crowd[] =
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" }\nflood { burst = 99999 unregistered = 1000 }";

static struct row_client *
new_member(struct looped *x, int number)
{
    static const char *const names[] = {"ws", "ws-binary", "wss", "ws-slow"};
    const struct row *row = rows;
    char lines[100];
    while (strcmp(row->name, names[number % 4]) != 0)
        row++;
    struct row_client *c = row_client_new(x, row, "192.0.2.1");
    snprintf(lines, sizeof lines, "NICK m%d\r\nUSER a 0 * :a\r\nJOIN #a\r\n", number);
    row_client_say(c, lines);
    CONTAINS(row_client_settle(c), " JOIN :#a\r\n");
    return c;
}

/* Lines of many sizes, from the first member. */
static void
speak(struct row_client *c, int from, int count)
{
    char line[600];
    for (int i = from; i < from + count; i++) {
        snprintf(line, sizeof line, "PRIVMSG #a :%04d %0*d\r\n", i, 1 + i * 7 % 400, 0);
        row_client_say(c, line);
    }
}

static void
expect_all_lines(struct row_client *c)
{
    char want[32];
    const char *at = c->got;
    int seen = 0;
    for (const char *end; (end = strstr(at, "\r\n")) != NULL; at = end + 2) {
        snprintf(want, sizeof want, " PRIVMSG #a :%04d 0", seen);
        const char *text = strstr(at, want);
        seen += text != NULL && text < end;
        CU_ASSERT(text != NULL && text < end);
    }
    EQUAL_NUMBER(seen, LINES);
    EQUAL_TEXT(at, "");
}

static void
each_member_gets_each_line_once_and_in_order(void)
{
    struct row_client *c[MEMBERS];
    struct looped *x = looped_new(crowd);
    uint64_t seed = 1;
    looped_use_tls(x, "database { path = '' }");
    slow.gives = 1000;
    for (int i = 0; i < MEMBERS; i++)
        c[i] = new_member(x, i);
    for (int i = 0; i < MEMBERS; i++) {
        row_client_settle(c[i]);
        c[i]->n = 0;
    }
    slow.takes = 777;
    for (int said = 0; said < LINES; said += 50) {
        speak(c[0], said, 50);
        row_client_send(c[0], SIZE_MAX);
        looped_turns(x, 1 + (int)dice(&seed, 3));
        for (int i = 0; i < MEMBERS; i++)
            if (i % 5 != 0 || dice(&seed, 20) == 0)
                row_client_read(c[i]);
    }
    for (int i = 1; i < MEMBERS; i++) {
        row_client_settle(c[i]);
        expect_all_lines(c[i]);
    }
    for (int i = 0; i < MEMBERS; i++)
        row_client_free(c[i]);
    looped_free(x);
}

SUITE(ws_crowd)
{
    TEST(each_member_gets_each_line_once_and_in_order);
}
