/* Lines are cut out of a stream, however it is split. */
#include "base/linebuf.h"
#include "base/str.h"
#include "test.h"

#define MAX 10
#define OUT 1000 /* room for the text that feed writes */

/* Feeds bytes in pieces of `step` (0: pieces of random sizes). Writes the result as
 * text: lines in [], '!' for a line that was too long. */
static void
feed(struct linebuf *lb, const char *bytes, size_t n, size_t step, char out[OUT])
{
    unsigned seed = 7;
    struct str s;

    str_init(&s, out, OUT);
    while (n > 0) {
        char piece[256]; /* a copy, because lines are ended in place */
        size_t take, len;
        char *p = piece, *line;
        enum linebuf_got got;

        seed = seed * 1103515245u + 12345u;
        take = step > 0 ? step : (seed >> 16) % 13 + 1;
        take = take < n ? take : n;
        memcpy(piece, bytes, take);
        bytes += take;
        n -= take;
        while ((got = linebuf_next(lb, MAX, &p, &take, &line, &len)) != LINEBUF_MORE) {
            if (got == LINEBUF_LINE) {
                EQUAL_NUMBER(strlen(line), len);
                str_addf(&s, "[%s]", line);
            } else {
                str_addc(&s, '!');
            }
        }
        EQUAL_NUMBER(take, 0);
    }
}

static const struct {
    const char *stream, *lines;
} streams[] = {
    {"one\r\ntwo\nthree", "[one][two]"},
    {"\r\n\n", "[][]"},
    {"a\rb\r\n", "[a\rb]"},
    {"a\r\r\n", "[a\r]"},
    {"0123456789\r\n", "[0123456789]"},
    {"0123456789\n", "[0123456789]"},
    {"0123456789a\n", "!"},
    {"0123456789a\r\n", "!"},
    {"0123456789\r\r\n", "!"},
    {"0123456789\ra\n", "!"},
    {"012345678\r\r\n", "[012345678\r]"},
    {"0123456789012345678901234567890123456789\r\nok\r\n", "![ok]"},
    {"0123456789\r0123456789\r0123456789\r\nok\n0123456789a\nok\n", "![ok]![ok]"},
    {"\r\n0123456789a\n\r\n", "[]![]"},
};

static void
any_split_gives_the_same_lines(void)
{
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        for (size_t step = 0; step <= 45; step++) {
            struct linebuf lb = {0};
            char out[OUT];

            feed(&lb, streams[i].stream, strlen(streams[i].stream), step, out);
            EQUAL_TEXT(out, streams[i].lines);
            linebuf_clear(&lb);
        }
    }
}

static void
random_streams_split_alike(void)
{
    unsigned seed = 99;

    for (int round = 0; round < 300; round++) {
        char stream[200], whole[OUT], got[OUT];

        for (size_t i = 0; i < sizeof(stream); i++) {
            seed = seed * 1103515245u + 12345u;
            stream[i] = "ab\r\ncdefghijkl"[(seed >> 16) % 14];
        }
        for (size_t step = 0; step <= 7; step++) {
            struct linebuf lb = {0};

            if (step == 0)
                feed(&lb, stream, sizeof(stream), 200, whole);
            feed(&lb, "\n", 1, 1, got); /* end the rest of the first line */
            linebuf_clear(&lb);
            feed(&lb, stream, sizeof(stream), step, got);
            EQUAL_TEXT(got, whole);
            linebuf_clear(&lb);
        }
    }
}

static void
whole_lines_are_not_copied(void)
{
    struct linebuf lb = {0};
    char bytes[] = "first\r\nsecond\n";
    char *p = bytes, *line = NULL;
    size_t n = strlen(bytes), len;

    EQUAL_NUMBER(linebuf_next(&lb, MAX, &p, &n, &line, &len), LINEBUF_LINE);
    CU_ASSERT_PTR_EQUAL(line, bytes);
    EQUAL_NUMBER(bytes[5], '\0');
    EQUAL_NUMBER(linebuf_next(&lb, MAX, &p, &n, &line, &len), LINEBUF_LINE);
    CU_ASSERT_PTR_EQUAL(line, bytes + 7);
    EQUAL_NUMBER(linebuf_next(&lb, MAX, &p, &n, &line, &len), LINEBUF_MORE);
    CU_ASSERT_PTR_NULL(lb.data);
}

static void
nul_bytes_stay_in_the_line(void)
{
    struct linebuf lb = {0};
    char bytes[] = "a\0b\n";
    char *p = bytes, *line;
    size_t n = 4, len = 0;

    EQUAL_NUMBER(linebuf_next(&lb, MAX, &p, &n, &line, &len), LINEBUF_LINE);
    EQUAL_NUMBER(len, 3);
    EQUAL_NUMBER(line[2], 'b');
}

static void
pending_counts_what_has_no_end_yet(void)
{
    struct linebuf lb = {0};
    char out[OUT];

    EQUAL_NUMBER(linebuf_pending(&lb), 0);
    feed(&lb, "abc", 3, 3, out);
    EQUAL_NUMBER(linebuf_pending(&lb), 3);
    feed(&lb, "0123456", 7, 7, out);
    EQUAL_NUMBER(linebuf_pending(&lb), 10);
    feed(&lb, "\r", 1, 1, out);
    EQUAL_NUMBER(linebuf_pending(&lb), 11);
    EQUAL_NUMBER(lb.skipped, 0); /* an LF would still make it a line */
    feed(&lb, "x", 1, 1, out);
    EQUAL_NUMBER(linebuf_pending(&lb), 12);
    EQUAL_NUMBER(lb.skipped, 12);
    CU_ASSERT_PTR_NULL(lb.data);
    feed(&lb, "yz", 2, 1, out);
    EQUAL_NUMBER(linebuf_pending(&lb), 14);
    feed(&lb, "\nab", 3, 3, out);
    EQUAL_TEXT(out, "!");
    EQUAL_NUMBER(linebuf_pending(&lb), 2);
    linebuf_clear(&lb);
    EQUAL_NUMBER(linebuf_pending(&lb), 0);
    CU_ASSERT_PTR_NULL(lb.data);
}

static void
memory_is_gone_once_the_line_is(void)
{
    struct linebuf lb = {0};
    char out[OUT];

    feed(&lb, "abc", 3, 3, out);
    CU_ASSERT_PTR_NOT_NULL(lb.data);
    feed(&lb, "def\r\n", 5, 5, out);
    EQUAL_TEXT(out, "[abcdef]");
    CU_ASSERT_PTR_NULL(lb.data);
    EQUAL_NUMBER(lb.cap, 0);
}

static void
an_endless_line_costs_no_memory(void)
{
    struct linebuf lb = {0};
    char piece[200], out[OUT];

    memset(piece, 'x', sizeof(piece));
    for (int i = 0; i < 50000; i++)
        feed(&lb, piece, sizeof(piece), sizeof(piece), out);
    CU_ASSERT_PTR_NULL(lb.data);
    EQUAL_NUMBER(linebuf_pending(&lb), 10000000);
    lb.skipped = UINT32_MAX - 1;
    feed(&lb, piece, sizeof(piece), sizeof(piece), out);
    EQUAL_NUMBER(linebuf_pending(&lb), UINT32_MAX);
    feed(&lb, "\nok\n", 4, 1, out);
    EQUAL_TEXT(out, "![ok]");
}

SUITE(linebuf)
{
    TEST(any_split_gives_the_same_lines);
    TEST(random_streams_split_alike);
    TEST(whole_lines_are_not_copied);
    TEST(nul_bytes_stay_in_the_line);
    TEST(pending_counts_what_has_no_end_yet);
    TEST(memory_is_gone_once_the_line_is);
    TEST(an_endless_line_costs_no_memory);
}
