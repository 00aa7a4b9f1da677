/* Turns as bytes: a written turn is read back, and any damage is reported before an
 * entry of that turn is given out. */
#include "base/mem.h"
#include "session/turn.h"
#include "test.h"

#include <string.h>

struct bytes {
    unsigned char at[2048];
    size_t n;
    size_t turns[4]; /* where each begins; the last: the end */
};

static void
append(struct bytes *b, const void *bytes, size_t n)
{
    CU_ASSERT_FATAL(b->n + n <= sizeof b->at);
    memcpy(b->at + b->n, bytes, n);
    b->n += n;
}

static void
write_three_turns(struct bytes *b)
{
    struct turn_writer w;
    unsigned char header[TURN_HEADER];
    memset(b, 0, sizeof *b);
    turn_writer_init(&w);
    turn_header(header);
    append(b, header, sizeof header);
    for (int i = 0; i < 3; i++) {
        b->turns[i] = b->n;
        turn_begin(&w, 1000 + i, -5);
        turn_entry(&w, TURN_INPUT, i == 1, 7);
        turn_put_bytes(&w, "PING x\r\n", 8);
        turn_entry(&w, TURN_TICK, false, 0);
        turn_entry(&w, TURN_STORED, false, 0);
        turn_put_u64(&w, 0x0102030405060708u);
        turn_put_text(&w, i == 0 ? NULL : "disk full");
        turn_put_u32(&w, 0xfffefdfcu);
        turn_put_u8(&w, 9);
        turn_end(&w);
        append(b, w.bytes, w.len);
    }
    b->turns[3] = b->n;
    turn_writer_clear(&w);
}

static void
what_is_written_is_read(void)
{
    struct bytes b;
    struct turn_reader r;
    struct turn t;
    struct turn_entry e;
    char err[128];
    write_three_turns(&b);
    CU_ASSERT_TRUE_FATAL(turn_reader_init(&r, b.at, b.n));
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL_FATAL(turn_read(&r, &t, err, sizeof err), 1);
        CU_ASSERT_EQUAL(t.number, (uint64_t)i);
        CU_ASSERT_EQUAL(t.mono, 1000 + i);
        CU_ASSERT_EQUAL(t.wall, -5);
        CU_ASSERT_TRUE_FATAL(turn_next(&t, &e));
        CU_ASSERT_EQUAL(e.kind, TURN_INPUT);
        CU_ASSERT_EQUAL(e.cid, 7);
        CU_ASSERT_EQUAL(e.secret, i == 1);
        CU_ASSERT_EQUAL(e.fields.end - e.fields.at, 8);
        CU_ASSERT_TRUE_FATAL(turn_next(&t, &e));
        CU_ASSERT_EQUAL(e.kind, TURN_TICK);
        CU_ASSERT_TRUE(turn_fields_done(&e.fields));
        CU_ASSERT_TRUE_FATAL(turn_next(&t, &e));
        CU_ASSERT_EQUAL(turn_get_u64(&e.fields), 0x0102030405060708u);
        const char *text = turn_get_text(&e.fields);
        CU_ASSERT_EQUAL(text == NULL, i == 0);
        CU_ASSERT_TRUE(text == NULL || strcmp(text, "disk full") == 0);
        CU_ASSERT_EQUAL(turn_get_u32(&e.fields), 0xfffefdfcu);
        CU_ASSERT_EQUAL(turn_get_u8(&e.fields), 9);
        CU_ASSERT_TRUE(turn_fields_done(&e.fields));
        CU_ASSERT_EQUAL(turn_get_u8(&e.fields), 0);
        CU_ASSERT_TRUE(e.fields.bad);
        CU_ASSERT_FALSE(turn_next(&t, &e));
    }
    CU_ASSERT_EQUAL(turn_read(&r, &t, err, sizeof err), 0);
}

/* The number of turns that are read before the end or the fault; *end is the result at
 * which reading ended. */
static int
count_turns(const struct bytes *b, size_t n, int *end)
{
    struct turn_reader r;
    struct turn t;
    char err[128] = "";
    int turns = 0;
    *end = -1;
    if (!turn_reader_init(&r, b->at, n))
        return 0;
    while ((*end = turn_read(&r, &t, err, sizeof err)) == 1)
        turns++;
    CU_ASSERT_TRUE(*end == 0 || err[0] != '\0');
    return turns;
}

static int
turns_before(const struct bytes *b, size_t at)
{
    int n = 0;
    while (n < 3 && b->turns[n + 1] <= at)
        n++;
    return n;
}

static void
each_flipped_bit_is_told(void)
{
    struct bytes b;
    int end;
    write_three_turns(&b);
    for (size_t bit = 0; bit < 8 * b.n; bit++) {
        b.at[bit / 8] ^= (unsigned char)(1u << bit % 8);
        CU_ASSERT_EQUAL(count_turns(&b, b.n, &end), turns_before(&b, bit / 8));
        CU_ASSERT_EQUAL(end, -1);
        b.at[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}

/* Cut behind a whole turn, it is that journal without its last entry (TURN_END). */
static void
each_cut_is_told(void)
{
    struct bytes b;
    int end;
    write_three_turns(&b);
    for (size_t n = 0; n <= b.n; n++) {
        int turns = turns_before(&b, n);
        CU_ASSERT_EQUAL(count_turns(&b, n, &end), turns);
        bool between = n == b.turns[0] || n == b.turns[turns];
        CU_ASSERT_EQUAL(end, between ? 0 : -1);
    }
}

static void
a_turn_that_is_left_out_or_moved_is_told(void)
{
    struct bytes b, other;
    int end;
    write_three_turns(&b);
    other = b;
    other.n = b.turns[1];
    append(&other, b.at + b.turns[2], b.turns[3] - b.turns[2]);
    CU_ASSERT_EQUAL(count_turns(&other, other.n, &end), 1);
    CU_ASSERT_EQUAL(end, -1);
    other.n = b.turns[1];
    append(&other, b.at + b.turns[2], b.turns[3] - b.turns[2]);
    append(&other, b.at + b.turns[1], b.turns[2] - b.turns[1]);
    CU_ASSERT_EQUAL(count_turns(&other, other.n, &end), 1);
    CU_ASSERT_EQUAL(end, -1);
}

static void
wrong_entries_are_told_before_any_is_given_out(void)
{
    struct turn_writer w;
    struct turn_reader r;
    struct turn t;
    char err[128];
    unsigned char all[512];
    for (int fault = 0; fault < 3; fault++) {
        turn_writer_init(&w);
        turn_header(all);
        turn_begin(&w, 1, 1);
        turn_entry(&w, TURN_TICK, false, 0);
        turn_entry(&w, fault == 0 ? TURN_KINDS : TURN_TICK, false, 0);
        if (fault == 1) /* half of the fixed part of another one */
            w.entry = 0, turn_put_u32(&w, 1);
        if (fault == 2) { /* longer than its turn */
            w.entry = 0;
            w.bytes[w.len - 4] = 1;
        }
        turn_end(&w);
        memcpy(all + TURN_HEADER, w.bytes, w.len);
        CU_ASSERT_TRUE_FATAL(turn_reader_init(&r, all, TURN_HEADER + w.len));
        CU_ASSERT_EQUAL(turn_read(&r, &t, err, sizeof err), -1);
        CU_ASSERT_PTR_NOT_NULL(strstr(err, "entry"));
        turn_writer_clear(&w);
    }
}

static void
a_text_without_its_nul_is_bad(void)
{
    static const unsigned char none[] = {2, 0, 0, 0, 'a', 'b'};
    static const unsigned char early[] = {2, 0, 0, 0, 0, 0};
    static const unsigned char beyond[] = {9, 0, 0, 0, 'a', 0};
    struct turn_fields fields[] = {{none, none + sizeof none, false},
                                   {early, early + sizeof early, false},
                                   {beyond, beyond + sizeof beyond, false}};
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_PTR_NULL(turn_get_text(&fields[i]));
        CU_ASSERT_TRUE(fields[i].bad);
    }
}

SUITE(turn_codec)
{
    TEST(what_is_written_is_read);
    TEST(each_flipped_bit_is_told);
    TEST(each_cut_is_told);
    TEST(a_turn_that_is_left_out_or_moved_is_told);
    TEST(wrong_entries_are_told_before_any_is_given_out);
    TEST(a_text_without_its_nul_is_bad);
}
