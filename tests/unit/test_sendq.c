/* Send queues: order, sharing, joining, and the memory that grows and shrinks. */
#include "base/sendq.h"
#include "test.h"

#include <sys/uio.h>

static struct sbuf *
shared(const char *text)
{
    /* The room behind the text must not be used. */
    struct sbuf *b = sbuf_new(NULL, strlen(text) + 100);
    b->len = (uint32_t)strlen(text);
    memcpy(b->data, text, b->len);
    return b;
}

static void
push_text(struct sendq *q, const char *text)
{
    struct sbuf *b = shared(text);

    sendq_push(q, b);
    sbuf_unref(b);
}

/* All unsent bytes as text; q->bytes must agree. */
static const char *
unsent(const struct sendq *q)
{
    static char text[70000];
    static struct iovec iov[10000];
    int n = sendq_iov(q, iov, 10000);
    size_t len = 0;

    for (int i = 0; i < n; i++) {
        CU_ASSERT_TRUE(iov[i].iov_len > 0);
        memcpy(text + len, iov[i].iov_base, iov[i].iov_len);
        len += iov[i].iov_len;
    }
    text[len] = '\0';
    EQUAL_NUMBER(len, q->bytes);
    return text;
}

static void
an_empty_queue_owns_nothing(void)
{
    struct sendq q = {0};
    struct iovec iov;

    EQUAL_NUMBER(sendq_iov(&q, &iov, 1), 0);
    sendq_consume(&q, 0);
    sendq_append(&q, NULL, "", 0);
    CU_ASSERT_PTR_NULL(q.ring);
    sendq_clear(&q);
    CU_ASSERT_PTR_NULL(q.ring);
}

static void
empty_buffers_are_not_queued(void)
{
    struct sendq q = {0};

    push_text(&q, "");
    EQUAL_NUMBER(q.count, 0);
    sendq_clear(&q);
}

static void
bytes_leave_in_order(void)
{
    struct sendq q = {0};

    push_text(&q, "one ");
    sendq_append(&q, NULL, "two ", 4);
    push_text(&q, "three");
    EQUAL_TEXT(unsent(&q), "one two three");
    sendq_consume(&q, 2);
    EQUAL_TEXT(unsent(&q), "e two three");
    sendq_consume(&q, 2);
    EQUAL_TEXT(unsent(&q), "two three");
    sendq_consume(&q, 5);
    EQUAL_TEXT(unsent(&q), "hree");
    sendq_consume(&q, 4);
    EQUAL_TEXT(unsent(&q), "");
    EQUAL_NUMBER(q.count, 0);
    EQUAL_NUMBER(q.offset, 0);
    sendq_clear(&q);
}

static void
iovecs_are_at_most_what_was_asked(void)
{
    struct sendq q = {0};
    struct iovec iov[3];

    push_text(&q, "abc");
    push_text(&q, "def");
    push_text(&q, "ghi");
    sendq_consume(&q, 1);
    EQUAL_NUMBER(sendq_iov(&q, iov, 0), 0);
    EQUAL_NUMBER(sendq_iov(&q, iov, 2), 2);
    EQUAL_NUMBER(iov[0].iov_len, 2);
    EQUAL_NUMBER(iov[1].iov_len, 3);
    EQUAL_NUMBER(sendq_iov(&q, iov, 3), 3);
    sendq_clear(&q);
}

static void
members_share_one_buffer(void)
{
    enum { MEMBERS = 50 };
    static struct sendq q[MEMBERS];
    struct sbuf *b = shared("hello");
    struct iovec iov;

    for (int i = 0; i < MEMBERS; i++)
        sendq_push(&q[i], b);
    EQUAL_NUMBER(b->refs, MEMBERS + 1);
    for (int i = 0; i < MEMBERS / 2; i++)
        sendq_consume(&q[i], 5);
    EQUAL_NUMBER(b->refs, MEMBERS / 2 + 1);
    sendq_iov(&q[MEMBERS - 1], &iov, 1);
    CU_ASSERT_PTR_EQUAL(iov.iov_base, b->data);
    for (int i = 0; i < MEMBERS; i++)
        sendq_clear(&q[i]);
    EQUAL_NUMBER(b->refs, 1);
    sbuf_unref(b);
}

/* Replies and relays in turn, as for a client that asks, receives messages and reads
 * nothing. The limits count bytes, so the memory must not be many times as much. */
static void
a_long_queue_costs_a_few_times_its_bytes(void)
{
    static const size_t sizes[] = {20, 250, 300, 500, 1100, 4200};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct sendq q = {0};
        size_t memory = 0;

        while (q.bytes < 60000) {
            for (size_t n = 0; n < sizes[i]; n += 10)
                sendq_append(&q, NULL, "0123456789", 10);
            push_text(&q, "relay");
        }
        for (uint32_t k = 0; k < q.count; k++)
            if (q.ring[(q.head + k) & (q.cap - 1)]->own)
                memory += q.ring[(q.head + k) & (q.cap - 1)]->cap;
        CU_ASSERT(memory <= (sizes[i] < 240 ? 10 : 6) * (size_t)q.bytes);
        sendq_clear(&q);
    }
}

static void
small_replies_join(void)
{
    struct sendq q = {0};

    for (int i = 0; i < 24; i++)
        sendq_append(&q, NULL, "0123456789", 10);
    EQUAL_NUMBER(q.count, 1); /* 240 bytes fit the first */
    sendq_append(&q, NULL, "x", 1);
    EQUAL_NUMBER(q.count, 2);
    for (int i = 0; i < 4095; i++)
        sendq_append(&q, NULL, "y", 1);
    EQUAL_NUMBER(q.count, 2); /* the second takes 4,096 */
    sendq_append(&q, NULL, "z", 1);
    EQUAL_NUMBER(q.count, 3);
    EQUAL_NUMBER(strlen(unsent(&q)), 240 + 4096 + 1);
    sendq_clear(&q);
}

static void
long_replies_get_a_buffer_of_their_own(void)
{
    struct sendq q = {0};
    char big[600];

    memset(big, 'b', sizeof(big));
    sendq_append(&q, NULL, "a", 1);
    sendq_append(&q, NULL, big, sizeof(big));
    sendq_append(&q, NULL, "c", 1);
    EQUAL_NUMBER(q.count, 2);
    EQUAL_NUMBER(q.bytes, 602);
    EQUAL_NUMBER(unsent(&q)[601], 'c');
    sendq_clear(&q);
}

static void
replies_do_not_join_what_was_pushed(void)
{
    struct sendq q = {0}, other = {0};
    struct sbuf *b = shared("shared ");

    sendq_push(&q, b);
    sendq_push(&other, b);
    sbuf_unref(b);
    sendq_append(&q, NULL, "mine", 4);
    EQUAL_TEXT(unsent(&q), "shared mine");
    EQUAL_TEXT(unsent(&other), "shared ");
    EQUAL_NUMBER(q.count, 2);
    sendq_consume(&q, 7);
    sendq_append(&other, NULL, "theirs", 6); /* it was shared before */
    EQUAL_NUMBER(other.count, 2);
    sendq_clear(&q);
    sendq_clear(&other);
}

static void
replies_do_not_join_what_someone_else_holds(void)
{
    struct sendq q = {0};
    struct sbuf *held;

    sendq_append(&q, NULL, "one", 3);
    held = sbuf_ref(q.ring[q.head]);
    sendq_append(&q, NULL, "two", 3);
    EQUAL_NUMBER(q.count, 2);
    EQUAL_NUMBER(held->len, 3);
    sendq_clear(&q);
    sbuf_unref(held);
}

static void
joining_a_half_sent_buffer_keeps_the_rest(void)
{
    struct sendq q = {0};

    sendq_append(&q, NULL, "abcdef", 6);
    sendq_consume(&q, 4);
    sendq_append(&q, NULL, "ghi", 3);
    EQUAL_TEXT(unsent(&q), "efghi");
    sendq_consume(&q, 5);
    EQUAL_NUMBER(q.count, 0);
    sendq_clear(&q);
}

static void
the_ring_grows_around_its_wrap(void)
{
    struct sendq q = {0};
    char text[3] = "0 ";

    for (int i = 0; i < 6; i++)
        push_text(&q, "x");
    EQUAL_NUMBER(q.cap, 8);
    sendq_consume(&q, 5);
    for (int i = 0; i < 8; i++) {
        text[0] = (char)('0' + i);
        push_text(&q, text);
    }
    EQUAL_NUMBER(q.cap, 32);
    EQUAL_TEXT(unsent(&q), "x0 1 2 3 4 5 6 7 ");
    sendq_clear(&q);
}

static void
fill(struct sendq *q, int n)
{
    for (int i = 0; i < n; i++)
        push_text(q, "x");
}

static void
a_drained_queue_has_no_ring(void)
{
    struct sendq q = {0};

    fill(&q, 8);
    EQUAL_NUMBER(q.cap, 8);
    fill(&q, 1);
    EQUAL_NUMBER(q.cap, 32);
    fill(&q, 24);
    EQUAL_NUMBER(q.cap, 128);
    sendq_consume(&q, 32);
    EQUAL_NUMBER(q.cap, 128); /* not empty yet */
    sendq_consume(&q, 1);
    EQUAL_NUMBER(q.cap, 0);
    CU_ASSERT_PTR_NULL(q.ring);
    fill(&q, 1);
    EQUAL_NUMBER(q.cap, 8);
    EQUAL_TEXT(unsent(&q), "x");
    sendq_clear(&q);
}

/* n buffers of home in q: a letter each, beginning with the letter `from`. */
static void
fill_counted(struct sendq *q, struct sbuf_home *home, int n, int from)
{
    for (int i = 0; i < n; i++) {
        struct sbuf *b = sbuf_new(home, 1);
        b->len = 1;
        b->data[0] = (char)('a' + (from + i) % 26);
        sendq_push(q, b);
        sbuf_unref(b);
    }
}

static bool
is_in_order(const struct sendq *q, int from)
{
    const char *text = unsent(q);
    for (int i = 0; text[i]; i++)
        if (text[i] != 'a' + (from + i) % 26)
            return false;
    return true;
}

/* The ring after a burst, with its wrap anywhere; the counts are exact. */
static void
a_queue_that_must_wait_gives_back_slots(void)
{
    static const struct {
        uint32_t sent, left, more, cap; /* more: come behind, around the wrap */
    } cases[] = {
        {4000, 96, 0, 128},      {4000, 96, 60, 256},   {4095, 1, 0, 8},
        {4089, 7, 0, 8},         {4088, 8, 0, 16},      {3073, 1023, 0, 1024},
        {3072, 1024, 0, 2048},   {2049, 2047, 0, 2048}, {2048, 2048, 0, 0},
        {4092, 4, 3, 8},         {3000, 1096, 2000, 0}, {0, 4096, 0, 0},
        {3000, 1096, 900, 2048},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sbuf_home home = {0};
        struct sendq q = {0};
        uint32_t n = cases[i].left + cases[i].more;
        fill_counted(&q, &home, 4096, 0);
        EQUAL_NUMBER(q.cap, 4096);
        sendq_consume(&q, cases[i].sent);
        fill_counted(&q, &home, (int)cases[i].more, 4096);
        size_t before = home.sum.bytes;
        sendq_shrink(&q);
        uint32_t cap = cases[i].cap ? cases[i].cap : 4096;
        EQUAL_NUMBER(q.cap, cap);
        EQUAL_NUMBER(before - home.sum.bytes, (4096 - cap) * sizeof(void *));
        EQUAL_NUMBER(q.bytes, n);
        CU_ASSERT(is_in_order(&q, (int)cases[i].sent));
        sendq_shrink(&q);
        EQUAL_NUMBER(q.cap, cap);
        fill_counted(&q, &home, 5000, 4096 + (int)cases[i].more); /* it grows again */
        CU_ASSERT(is_in_order(&q, (int)cases[i].sent));
        sendq_consume(&q, q.bytes);
        EQUAL_NUMBER(home.sum.bytes, 0);
    }
    struct sendq none = {0};
    sendq_shrink(&none);
    CU_ASSERT_PTR_NULL(none.ring);
}

static void
random_traffic_arrives_unchanged(void)
{
    struct sendq q = {0};
    unsigned seed = 1;
    uint32_t in = 0, out = 0; /* bytes queued and sent; byte n is 'a' + n % 26 */

    for (int step = 0; step < 20000; step++) {
        char text[64];
        size_t n;

        seed = seed * 1103515245u + 12345u;
        n = (seed >> 16) % 60;
        for (size_t i = 0; i < n; i++)
            text[i] = (char)('a' + (in + i) % 26);
        text[n] = '\0';
        if ((seed >> 24) % 3 == 0) {
            push_text(&q, text);
            in += (uint32_t)n;
        } else if ((seed >> 24) % 3 == 1) {
            sendq_append(&q, NULL, text, n);
            in += (uint32_t)n;
        } else {
            struct iovec iov;

            if (sendq_iov(&q, &iov, 1) == 1 &&
                *(const char *)iov.iov_base != (char)('a' + out % 26))
                CU_FAIL_FATAL("bytes out of order");
            n = n * 2 < q.bytes ? n * 2 : q.bytes;
            sendq_consume(&q, n);
            if (seed & 1 << 20)
                sendq_shrink(&q);
            out += (uint32_t)n;
        }
        if (q.bytes != in - out)
            CU_FAIL_FATAL("bytes miscounted");
    }
    CU_ASSERT_TRUE(out > 10000);
    sendq_clear(&q);
    EQUAL_NUMBER(q.bytes, 0);
}

SUITE(sendq)
{
    TEST(an_empty_queue_owns_nothing);
    TEST(empty_buffers_are_not_queued);
    TEST(bytes_leave_in_order);
    TEST(iovecs_are_at_most_what_was_asked);
    TEST(members_share_one_buffer);
    TEST(small_replies_join);
    TEST(a_long_queue_costs_a_few_times_its_bytes);
    TEST(long_replies_get_a_buffer_of_their_own);
    TEST(replies_do_not_join_what_was_pushed);
    TEST(replies_do_not_join_what_someone_else_holds);
    TEST(joining_a_half_sent_buffer_keeps_the_rest);
    TEST(the_ring_grows_around_its_wrap);
    TEST(a_drained_queue_has_no_ring);
    TEST(a_queue_that_must_wait_gives_back_slots);
    TEST(random_traffic_arrives_unchanged);
}
