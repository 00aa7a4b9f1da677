/* The same session over every transport of the table: the replies are those of plain
 * sockets, whichever pieces the bytes come in, and slow readers, ends and kills are the
 * same. */
#include "row_client.h"

#include "base/mem.h"
#include "base/str.h"
#include "state/client_end.h"
#include "state/out.h"

#define PASTE 20000 /* bytes */

static const char crowd[] =
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" recvq = 65536 sendq_unregistered = 65536 }\n"
    "flood { burst = 9999 unregistered = 1000 }";

/* Everything that a client says; every answer is the same in each run. */
static const char session[] =
    "CAP LS 302\r\nCAP REQ :echo-message\r\nNICK ann\r\n"
    "USER ann 0 * :Ann\r\nCAP END\r\nJOIN #a\r\nTOPIC #a :tea\r\nMODE #a +b x!*@*\r\n"
    "PRIVMSG #a :\xc3\xa9\x16\x03\x01\r\nNAMES #a\r\nNICK anna\r\nPRIVMSG none :x\r\n"
    "BOGUS\r\nPING :end\r\nQUIT :bye\r\n";

static struct looped *
begin_row(const char *config)
{
    struct looped *x = looped_new(config);
    looped_use_tls(x, "database { path = '' }");
    slow.gives = 1000;
    return x;
}

/* Sends all in pieces of so many bytes, each in a turn of its own. */
static const char *
send_in_pieces(struct row_client *c, size_t piece)
{
    while (row_client_send(c, piece) > 0) {
        looped_turns(c->x, 1);
        row_client_read(c);
    }
    return row_client_settle(c);
}

/* Removes the lines that tell when the server began, and what only a client with TLS
 * is told. */
static void
remove_facts(char *text)
{
    char *to = text;
    for (const char *line = text, *next; *line; line = next) {
        next = strchr(line, '\n') ? strchr(line, '\n') + 1 : line + strlen(line);
        size_t n = (size_t)(next - line);
        char one[600];
        snprintf(one, sizeof one, "%.*s", (int)n, line);
        if (strstr(one, " 003 ann ") || strstr(one, " 333 ") || strstr(one, "sts="))
            continue;
        char *mode = strstr(one, " 221 ann +");
        if (mode && strchr(mode, 'Z')) { /* the user mode of clients with TLS */
            char *z = strchr(mode, 'Z');
            memmove(z, z + 1, strlen(z));
            n--;
        }
        memmove(to, one, n);
        to += n;
    }
    *to = '\0';
}

/* All that a client reads over this row if its bytes come in such pieces; free. */
static char *
run_session(const struct row *row, const char *lines, size_t piece)
{
    struct looped *x = begin_row(crowd);
    struct row_client *c = row_client_new(x, row, "192.0.2.1");
    row_client_say(c, lines);
    send_in_pieces(c, piece);
    CU_ASSERT(c->ended);
    EQUAL_NUMBER(session_count(x->srv), 0);
    char *text = xstrdup(c->got);
    remove_facts(text);
    row_client_free(c);
    looped_free(x);
    return text;
}

static void
show_difference(const struct row *row, size_t piece, const char *got, const char *want)
{
    size_t at = 0;
    if (strcmp(got, want) == 0)
        return;
    while (got[at] == want[at])
        at++;
    while (at > 0 && want[at - 1] != '\n')
        at--;
    fprintf(stderr, "row %s, pieces of %zu bytes:\n got %.120s\nwant %.120s\n",
            row->name, piece, got + at, want + at);
}

/* Over each row the answers are those of the plain one at once. */
static void
expect_same_answers(const char *lines, size_t piece)
{
    char *want = run_session(&rows[0], lines, SIZE_MAX);
    CONTAINS(want, "ERROR :Closing Link: 192.0.2.1 (Quit: bye)\r\n");
    for (size_t i = 0; i < ROWS; i++) {
        char *got = run_session(&rows[i], lines, piece);
        show_difference(&rows[i], piece, got, want);
        CU_ASSERT(strcmp(got, want) == 0);
        free(got);
    }
    free(want);
}

static void
lines_in_one_packet_have_the_answers_of_plain_sockets(void)
{
    expect_same_answers(session, SIZE_MAX);
}

static void
single_bytes_have_the_answers_of_plain_sockets(void)
{
    expect_same_answers(session, 1);
}

static void
records_cut_across_packets_have_the_answers_of_plain_sockets(void)
{
    static const size_t pieces[] = {2, 4, 5, 6, 21, 22, 23, 100, 250};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        expect_same_answers(session, pieces[i]);
}

/* More than one read of the loop takes. */
static void
a_paste_has_the_answers_of_plain_sockets(void)
{
    static char lines[PASTE + 2000];
    struct str s;
    str_init(&s, lines, sizeof lines);
    str_add(&s, "NICK ann\r\nUSER ann 0 * :Ann\r\n");
    for (int i = 0; strlen(lines) < PASTE; i++)
        str_addf(&s, "PRIVMSG ann :%04d%0380d\r\n", i, 0);
    str_add(&s, "PING :end\r\nQUIT :bye\r\n");
    expect_same_answers(lines, SIZE_MAX);
    expect_same_answers(lines, 1000);
}

static struct row_client *
registered(struct looped *x, const struct row *row)
{
    struct row_client *c = row_client_new(x, row, "192.0.2.1");
    row_client_say(c, "NICK ann\r\nUSER ann 0 * :Ann\r\n");
    CONTAINS(row_client_settle(c), " 001 ann ");
    c->n = 0;
    if (c->tls)
        c->tls->n = 0;
    return c;
}

/* The lines of a blocked client are there without a lost or doubled byte. */
static void
a_blocked_write_goes_on_over_each_row(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        struct looped *x = begin_row(crowd);
        struct row_client *c = registered(x, &rows[i]);
        struct client *client = looped_registered(x);
        char line[64];
        int said = 0, seen = 0;
        slow.takes = 4099;
        for (int round = 0; round < 40; round++) {
            for (int k = 0; k < 120; k++)
                out_line(x->srv, client, ":test NOTICE ann :%08d", said++);
            looped_turn(x);
            if (round % 7 == 6)
                row_client_read(c);
        }
        const char *at = row_client_settle(c);
        for (; seen < said; seen++, at += strlen(line)) {
            snprintf(line, sizeof line, ":test NOTICE ann :%08d\r\n", seen);
            if (strncmp(at, line, strlen(line)) != 0)
                break;
        }
        EQUAL_NUMBER(seen, said);
        EQUAL_TEXT(at, "");
        EQUAL_NUMBER(session_sendq(client)->bytes, 0);
        row_client_free(c);
        looped_free(x);
    }
}

/* The queue of a client that reads nothing; false: it has ended. */
static bool
fill_queue(struct looped *x, struct client *client, int lines)
{
    for (int i = 0; i < lines && session_count(x->srv) > 0; i++) {
        out_line(x->srv, client, ":test NOTICE ann :%0400d", i);
        if (i % 50 == 49)
            looped_turn(x);
    }
    looped_turns(x, 3);
    return session_count(x->srv) > 0;
}

static void
a_client_that_does_not_read_is_dropped_with_the_reason(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        struct looped *x = begin_row("limits { sendq = 65536 }");
        struct row_client *c = registered(x, &rows[i]);
        CU_ASSERT_FALSE(fill_queue(x, looped_registered(x), 3000));
        CONTAINS(x->world->logged, "event=sendq-exceeded client=ann");
        CONTAINS(x->world->logged, "reason=\"SendQ exceeded\"");
        row_client_settle(c);
        CU_ASSERT(c->ended);
        row_client_free(c);
        looped_free(x);
    }
}

static void
a_client_with_a_blocked_write_can_be_killed(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        struct looped *x = begin_row(crowd);
        struct row_client *c = registered(x, &rows[i]);
        struct client *client = looped_registered(x);
        CU_ASSERT(fill_queue(x, client, 1500));
        CU_ASSERT(session_sendq(client)->bytes > 0);
        client_kill(x->srv, client, END_KILL, "enough");
        looped_turns(x, 3);
        EQUAL_NUMBER(session_count(x->srv), 0);
        row_client_settle(c);
        CU_ASSERT(c->ended);
        row_client_free(c);
        looped_free(x);
    }
}

static void
bytes_before_the_end_of_a_stream_are_answered(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        struct looped *x = begin_row(crowd);
        struct row_client *c = registered(x, &rows[i]);
        row_client_say(c, "PING :one\r\nPING :two\r\n");
        row_client_half_close(c);
        CONTAINS(row_client_settle(c), ":two\r\n");
        CU_ASSERT(c->ended);
        EQUAL_NUMBER(session_count(x->srv), 0);
        CONTAINS(x->world->logged, "reason=\"Connection closed\"");
        row_client_free(c);
        looped_free(x);
    }
}

SUITE(rows)
{
    TEST(lines_in_one_packet_have_the_answers_of_plain_sockets);
    TEST(single_bytes_have_the_answers_of_plain_sockets);
    TEST(records_cut_across_packets_have_the_answers_of_plain_sockets);
    TEST(a_paste_has_the_answers_of_plain_sockets);
    TEST(a_blocked_write_goes_on_over_each_row);
    TEST(a_client_that_does_not_read_is_dropped_with_the_reason);
    TEST(a_client_with_a_blocked_write_can_be_killed);
    TEST(bytes_before_the_end_of_a_stream_are_answered);
}
