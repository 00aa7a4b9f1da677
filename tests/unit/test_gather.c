/* Gathering of queued bytes: the pieces have the bytes of the vectors, and equal queues
 * share one copy. */
#include "base/gather.h"
#include "base/mem.h"
#include "base/sbuf.h"
#include "base/sendq.h"
#include "test.h"

#include <sys/uio.h>

#define VECTORS 64

static struct sbuf *
text_buffer(const char *text, size_t n)
{
    struct sbuf *b = sbuf_new(NULL, n);
    memcpy(b->data, text, n);
    b->len = (uint32_t)n;
    return b;
}

/* The same line into all queues, as a fan-out does. */
static void
fan_out(struct sendq *q, int queues, const char *text, size_t n)
{
    struct sbuf *b = text_buffer(text, n);
    for (int i = 0; i < queues; i++)
        sendq_push(&q[i], b);
    sbuf_unref(b);
}

/* The bytes of gather_iov as a text that the caller frees; *vectors: their number. */
static char *
gathered(struct gather *g, const struct sendq *q, int *vectors, size_t *len)
{
    static char text[GATHER_BYTES + 1];
    struct iovec iov[VECTORS];
    *vectors = gather_iov(g, q, iov, VECTORS);
    *len = 0;
    for (int i = 0; i < *vectors && *len + iov[i].iov_len < sizeof text; i++) {
        memcpy(text + *len, iov[i].iov_base, iov[i].iov_len);
        *len += iov[i].iov_len;
    }
    text[*len] = '\0';
    return text;
}

static void
queues_that_hold_the_same_share_one_copy(void)
{
    struct gather *g = xcalloc(1, sizeof *g);
    struct sendq q[3] = {0};
    int vectors;
    size_t len;
    fan_out(q, 3, "one\r\n", 5);
    fan_out(q, 3, "two\r\n", 5);
    for (int i = 0; i < 3; i++) {
        EQUAL_TEXT(gathered(g, &q[i], &vectors, &len), "one\r\ntwo\r\n");
        EQUAL_NUMBER(vectors, 1);
        sendq_consume(&q[i], len);
        EQUAL_NUMBER(q[i].bytes, 0);
    }
    EQUAL_NUMBER(g->made, 1);
    gather_release(g);
    for (int i = 0; i < 3; i++)
        sendq_clear(&q[i]);
    free(g);
}

static void
a_queue_that_differs_gets_its_own_bytes(void)
{
    static const char *const extra[] = {"two\r\n", "TWO\r\n", ""};
    struct gather *g = xcalloc(1, sizeof *g);
    struct sendq q[3] = {0};
    int vectors;
    size_t len;
    fan_out(q, 3, "one\r\n", 5);
    for (int i = 0; i < 3; i++)
        fan_out(&q[i], 1, extra[i], strlen(extra[i]));
    EQUAL_TEXT(gathered(g, &q[0], &vectors, &len), "one\r\ntwo\r\n");
    EQUAL_TEXT(gathered(g, &q[1], &vectors, &len), "one\r\nTWO\r\n");
    EQUAL_TEXT(gathered(g, &q[2], &vectors, &len), "one\r\n");
    EQUAL_TEXT(gathered(g, &q[0], &vectors, &len), "one\r\ntwo\r\n");
    gather_release(g);
    for (int i = 0; i < 3; i++)
        sendq_clear(&q[i]);
    free(g);
}

/* The memory of a sent buffer must not be used again while the piece made of it can
 * still be taken for the old buffer. */
static void
a_new_buffer_is_never_taken_for_an_old_one(void)
{
    struct gather *g = xcalloc(1, sizeof *g);
    struct sendq q = {0};
    char line[16];
    int vectors;
    size_t len;
    for (int i = 0; i < 1000; i++) {
        snprintf(line, sizeof line, "a%03d\r\n", i);
        fan_out(&q, 1, line, 6);
        fan_out(&q, 1, line, 6);
        CU_ASSERT(strncmp(gathered(g, &q, &vectors, &len), line, 6) == 0);
        EQUAL_NUMBER(len, 12);
        sendq_consume(&q, len);
    }
    EQUAL_NUMBER(g->made, 1000);
    gather_release(g);
    sendq_clear(&q);
    free(g);
}

/* sendq_append must not add to a buffer with bytes in the piece. */
static void
a_reply_behind_a_gathered_one_is_not_lost(void)
{
    struct gather *g = xcalloc(1, sizeof *g);
    struct sendq q = {0};
    int vectors;
    size_t len;
    fan_out(&q, 1, "shared\r\n", 8);
    sendq_append(&q, NULL, "own\r\n", 5);
    EQUAL_TEXT(gathered(g, &q, &vectors, &len), "shared\r\nown\r\n");
    sendq_append(&q, NULL, "more\r\n", 6);
    EQUAL_TEXT(gathered(g, &q, &vectors, &len), "shared\r\nown\r\nmore\r\n");
    EQUAL_NUMBER(len, q.bytes);
    gather_release(g);
    sendq_clear(&q);
    free(g);
}

static void
begun_large_and_single_buffers_are_not_copied(void)
{
    struct gather *g = xcalloc(1, sizeof *g);
    struct sendq begun = {0}, large = {0}, single = {0};
    char *block = xcalloc(1, 4096);
    int vectors;
    size_t len;
    memset(block, 'x', 4096);
    fan_out(&begun, 1, "one\r\n", 5);
    fan_out(&begun, 1, "two\r\n", 5);
    sendq_consume(&begun, 2);
    EQUAL_TEXT(gathered(g, &begun, &vectors, &len), "e\r\ntwo\r\n");
    EQUAL_NUMBER(vectors, 2);
    fan_out(&large, 1, block, 4096);
    fan_out(&large, 1, block, 4096);
    gathered(g, &large, &vectors, &len);
    EQUAL_NUMBER(vectors, 2);
    EQUAL_NUMBER(len, 8192);
    fan_out(&single, 1, "one\r\n", 5);
    EQUAL_TEXT(gathered(g, &single, &vectors, &len), "one\r\n");
    EQUAL_NUMBER(g->made, 0);
    sendq_clear(&begun);
    sendq_clear(&large);
    sendq_clear(&single);
    free(block);
    free(g);
}

/* More than a piece holds, by number and by bytes: the bytes come in order, in several
 * pieces. */
static void
a_long_queue_comes_piece_by_piece(void)
{
    static const struct {
        int buffers, bytes;
    } cases[] = {{GATHER_BUFFERS, 10},      {GATHER_BUFFERS + 1, 10},
                 {3 * GATHER_BUFFERS, 10},  {GATHER_BYTES / 500, 500},
                 {GATHER_BYTES / 512, 512}, {400, 500}};
    struct gather *g = xcalloc(1, sizeof *g);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sendq q[2] = {0};
        char line[513];
        int vectors;
        for (int b = 0; b < cases[i].buffers; b++) {
            snprintf(line, sizeof line, "%0*d", cases[i].bytes, b);
            fan_out(q, 2, line, (size_t)cases[i].bytes);
        }
        int next = 0;
        while (q[0].bytes > 0) {
            size_t len, again;
            char *text = gathered(g, &q[0], &vectors, &len);
            for (size_t at = 0; at < len; at += (size_t)cases[i].bytes) {
                snprintf(line, sizeof line, "%0*d", cases[i].bytes, next++);
                CU_ASSERT(memcmp(text + at, line, (size_t)cases[i].bytes) == 0);
            }
            gathered(g, &q[1], &vectors, &again);
            EQUAL_NUMBER(again, len);
            sendq_consume(&q[0], len);
            sendq_consume(&q[1], len);
        }
        EQUAL_NUMBER(next, cases[i].buffers);
        EQUAL_NUMBER(q[1].bytes, 0);
        gather_release(g);
        sendq_clear(&q[0]);
        sendq_clear(&q[1]);
    }
    free(g);
}

static void
flat_pieces_are_shared_and_single_buffers_are_not_copied(void)
{
    struct gather *g = xcalloc(1, sizeof *g);
    struct sendq q[2] = {0}, none = {0};
    char *block = xcalloc(1, GATHER_FLAT_LEAST);
    size_t n = 7;
    CU_ASSERT_PTR_NULL(gather_flat(g, &none, &n));
    EQUAL_NUMBER(n, 0);
    fan_out(q, 2, "one\r\n", 5);
    CU_ASSERT_PTR_EQUAL(gather_flat(g, &q[0], &n), q[0].ring[0]->data);
    EQUAL_NUMBER(n, 5);
    fan_out(q, 2, "two\r\n", 5);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT(memcmp(gather_flat(g, &q[i], &n), "one\r\ntwo\r\n", 10) == 0);
        EQUAL_NUMBER(n, 10);
    }
    EQUAL_NUMBER(g->made, 1);
    for (int i = 0; i < 2; i++)
        sendq_consume(&q[i], 2);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT(memcmp(gather_flat(g, &q[i], &n), "e\r\ntwo\r\n", 8) == 0);
        EQUAL_NUMBER(n, 8);
    }
    EQUAL_NUMBER(g->count, 0);
    sendq_clear(&q[0]);
    sendq_clear(&q[1]);
    fan_out(q, 1, block, GATHER_FLAT_LEAST);
    fan_out(q, 1, "one\r\n", 5);
    CU_ASSERT_PTR_EQUAL(gather_flat(g, &q[0], &n), q[0].ring[0]->data);
    EQUAL_NUMBER(n, GATHER_FLAT_LEAST);
    sendq_consume(&q[0], 1); /* one byte less than is given as it is */
    CU_ASSERT_PTR_EQUAL(gather_flat(g, &q[0], &n), g->piece);
    EQUAL_NUMBER(n, GATHER_FLAT_LEAST + 4);
    sendq_clear(&q[0]);
    gather_release(g);
    free(block);
    free(g);
}

/* A write of TLS that is tried again must have all bytes of the first try in front. */
static void
a_flat_piece_never_shrinks_while_bytes_are_added(void)
{
    struct gather *g = xcalloc(1, sizeof *g);
    static char line[70000], before[GATHER_FLAT_LEAST];
    unsigned seed = 1;
    for (int round = 0; round < 300; round++) {
        struct sendq q = {0}, other = {0};
        size_t had = 0;
        for (int i = 0; i < 60; i++) {
            seed = seed * 1103515245u + 12345u;
            unsigned dice = seed >> 16;
            size_t len = dice % 50 == 0 ? 1 + dice % sizeof line : 1 + dice % 600;
            memset(line, 'a' + i % 26, len);
            fan_out(&q, 1, line, len);
            fan_out(&other, 1, line, len);
            if (dice % 3 == 0) { /* another queue takes the piece meanwhile */
                size_t ignored;
                gather_flat(g, &other, &ignored);
            }
            size_t n;
            const char *piece = gather_flat(g, &q, &n);
            size_t tried = n < GATHER_FLAT_LEAST ? n : GATHER_FLAT_LEAST;
            CU_ASSERT(tried >= had && memcmp(piece, before, had) == 0);
            memcpy(before, piece, tried);
            had = tried;
            if (dice % 4 == 0) {
                sendq_consume(&q, tried / 2 + 1);
                had = 0;
            }
        }
        sendq_clear(&q);
        sendq_clear(&other);
    }
    gather_release(g);
    free(g);
}

/* Each line in brackets, without its LF: a form that needs one byte more than a line. */
static size_t
bracket_lines(const char *from, size_t n, char *out, size_t room, size_t *taken)
{
    size_t made = 0;
    const char *end;
    *taken = 0;
    while ((end = memchr(from + *taken, '\n', n - *taken)) != NULL) {
        size_t len = (size_t)(end - from) - *taken;
        if (len + 2 > room - made)
            break;
        out[made++] = '[';
        memcpy(out + made, from + *taken, len);
        made += len;
        out[made++] = ']';
        *taken += len + 1;
    }
    return made;
}

static char *
formed(struct gather *g, const struct sendq *q)
{
    static char text[GATHER_BYTES + 1];
    size_t n, lines;
    const char *piece = gather_formed(g, bracket_lines, q, &n, &lines);
    EQUAL_NUMBER(lines, q->bytes);
    memcpy(text, piece, n);
    text[n] = '\0';
    return text;
}

static void
equal_queues_share_a_piece_in_another_form(void)
{
    struct gather *g = xcalloc(1, sizeof *g);
    struct sendq q[3] = {0};
    size_t n = 7, lines = 7;
    CU_ASSERT_PTR_NULL(gather_formed(g, bracket_lines, &q[0], &n, &lines));
    EQUAL_NUMBER(n + lines, 0);
    fan_out(q, 3, "one\ntwo\n", 8);
    fan_out(q, 3, "three\n", 6);
    for (int i = 0; i < 3; i++)
        EQUAL_TEXT(formed(g, &q[i]), "[one][two][three]");
    EQUAL_NUMBER(g->made, 1);
    sendq_consume(&q[0], 4); /* a line of a buffer */
    EQUAL_TEXT(formed(g, &q[0]), "[two][three]");
    EQUAL_NUMBER(g->count, 0);
    EQUAL_TEXT(formed(g, &q[1]), "[one][two][three]");
    sendq_append(&q[1], NULL, "own\n", 4);
    EQUAL_TEXT(formed(g, &q[1]), "[one][two][three][own]");
    sendq_append(&q[1], NULL, "more\n", 5); /* never into a buffer of the piece */
    EQUAL_TEXT(formed(g, &q[1]), "[one][two][three][own][more]");
    EQUAL_TEXT(formed(g, &q[2]), "[one][two][three]");
    gather_release(g);
    for (int i = 0; i < 3; i++)
        sendq_clear(&q[i]);
    free(g);
}

/* Buffers that fit in a piece and whose forms do not, one buffer of many lines that is
 * larger than a piece, and more buffers than a piece holds. */
static void
a_long_queue_is_formed_piece_by_piece(void)
{
    static const struct {
        int buffers, lines;
    } cases[] = {{9, 1820}, {1, 40000}, {40000, 1}, {3 * GATHER_BUFFERS, 3}};
    struct gather *g = xcalloc(1, sizeof *g);
    char *block = xcalloc(40000, 8);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sendq q = {0};
        int said = 0, seen = 0;
        for (int b = 0; b < cases[i].buffers; b++) {
            size_t n = 0;
            for (int k = 0; k < cases[i].lines; k++)
                n += (size_t)sprintf(block + n, "%06d\n", said++);
            fan_out(&q, 1, block, n);
        }
        while (q.bytes > 0) {
            size_t n, taken;
            const char *piece = gather_formed(g, bracket_lines, &q, &n, &taken);
            CU_ASSERT_FATAL(n > 0 && n % 8 == 0);
            EQUAL_NUMBER(taken, n / 8 * 7);
            size_t lines = seen % 3 ? n / 8 : (n / 8 + 1) / 2; /* a short write */
            for (size_t k = 0; k < lines; k++) {
                char line[16];
                snprintf(line, sizeof line, "[%06d]", seen++);
                CU_ASSERT(memcmp(piece + 8 * k, line, 8) == 0);
            }
            sendq_consume(&q, lines * 7);
        }
        EQUAL_NUMBER(seen, said);
        sendq_clear(&q);
    }
    gather_release(g);
    free(block);
    free(g);
}

SUITE(gather)
{
    TEST(equal_queues_share_a_piece_in_another_form);
    TEST(a_long_queue_is_formed_piece_by_piece);
    TEST(flat_pieces_are_shared_and_single_buffers_are_not_copied);
    TEST(a_flat_piece_never_shrinks_while_bytes_are_added);
    TEST(queues_that_hold_the_same_share_one_copy);
    TEST(a_queue_that_differs_gets_its_own_bytes);
    TEST(a_new_buffer_is_never_taken_for_an_old_one);
    TEST(a_reply_behind_a_gathered_one_is_not_lost);
    TEST(begun_large_and_single_buffers_are_not_copied);
    TEST(a_long_queue_comes_piece_by_piece);
}
