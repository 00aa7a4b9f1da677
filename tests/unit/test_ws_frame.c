/* Frames of the server: their bytes, and what a short write means for the queue. */
#include "base/gather.h"
#include "base/mem.h"
#include "dice.h"
#include "proto/utf8.h"
#include "proto/ws_frame.h"
#include "test.h"

#define LINES 30000
#define STREAM (LINES * 400)

static void
a_short_line_keeps_its_size(void)
{
    char out[64];
    size_t taken;
    EQUAL_NUMBER(
        ws_frame_lines(WS_TEXT, "PING :x\r\nA\r\n\r\n", 14, out, sizeof out, &taken),
        14);
    EQUAL_NUMBER(taken, 14);
    CU_ASSERT(memcmp(out,
                     "\x81\x07PING :x\x81\x01"
                     "A\x81\x00",
                     14) == 0);
    EQUAL_NUMBER(ws_frame_lines(WS_BINARY, "\xFF\r\n", 3, out, sizeof out, &taken), 3);
    CU_ASSERT(memcmp(out, "\x82\x01\xFF", 3) == 0);
}

static void
the_length_is_in_its_shortest_form(void)
{
    static const struct {
        size_t payload, header;
        const char *bytes;
    } cases[] = {{0, 2, "\x81\x00"},
                 {1, 2, "\x81\x01"},
                 {125, 2, "\x81\x7D"},
                 {126, 4, "\x81\x7E\x00\x7E"},
                 {127, 4, "\x81\x7E\x00\x7F"},
                 {256, 4, "\x81\x7E\x01\x00"},
                 {8703, 4, "\x81\x7E\x21\xFF"},
                 {WS_LINE_MAX, 4, "\x81\x7E\xFF\xFF"}};
    char *line = xmalloc(WS_LINE_MAX + 2), *out = xmalloc(WS_LINE_MAX + 4);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t taken, rest, n = cases[i].payload, size = cases[i].header + n;
        memset(line, 'x', n);
        memcpy(line + n, "\r\n", 2);
        EQUAL_NUMBER(ws_frame_lines(WS_TEXT, line, n + 2, out, size, &taken), size);
        EQUAL_NUMBER(taken, n + 2);
        CU_ASSERT(memcmp(out, cases[i].bytes, cases[i].header) == 0);
        CU_ASSERT(memcmp(out + cases[i].header, line, n) == 0);
        EQUAL_NUMBER(ws_frame_sent(out, size, &rest), n + 2);
        EQUAL_NUMBER(rest, 0);
        EQUAL_NUMBER(ws_frame_sent(out, size - 1, &rest), 0);
        EQUAL_NUMBER(rest, size - 1);
        /* One byte of room is missing. */
        EQUAL_NUMBER(ws_frame_lines(WS_TEXT, line, n + 2, out, size - 1, &taken), 0);
        EQUAL_NUMBER(taken, 0);
    }
    free(line);
    free(out);
}

static void
only_whole_lines_that_have_room_are_framed(void)
{
    char out[16];
    size_t taken;
    EQUAL_NUMBER(
        ws_frame_lines(WS_TEXT, "one\r\ntwo\r\nthree\r\n", 17, out, 16, &taken), 10);
    EQUAL_NUMBER(taken, 10);
    EQUAL_NUMBER(ws_frame_lines(WS_TEXT, "one\r\ntw", 7, out, sizeof out, &taken), 5);
    EQUAL_NUMBER(taken, 5);
    EQUAL_NUMBER(ws_frame_lines(WS_TEXT, "", 0, out, sizeof out, &taken), 0);
    EQUAL_NUMBER(taken, 0);
}

static void
a_short_write_takes_the_whole_lines_among_its_bytes(void)
{
    char out[32];
    size_t taken, rest;
    size_t n = ws_frame_lines(WS_TEXT, "one\r\n\r\nfour\r\n", 13, out, 32, &taken);
    static const struct {
        size_t sent, lines, rest;
    } cases[] = {{0, 0, 0}, {1, 0, 1}, {4, 0, 4},  {5, 5, 0},
                 {6, 5, 1}, {7, 7, 0}, {12, 7, 5}, {13, 13, 0}};
    EQUAL_NUMBER(n, 13);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        EQUAL_NUMBER(ws_frame_sent(out, cases[i].sent, &rest), cases[i].lines);
        EQUAL_NUMBER(rest, cases[i].rest);
    }
}

/* Writes lines of random lengths; the number of bytes. */
static size_t
write_random_lines(char *out, int lines, uint64_t *seed)
{
    size_t at = 0;
    for (int i = 0; i < lines; i++) {
        size_t n = dice(seed, 8) ? dice(seed, 160) : dice(seed, 700);
        for (size_t k = 0; k < n; k++)
            out[at++] = (char)(' ' + (i + (int)k) % 90);
        memcpy(out + at, "\r\n", 2);
        at += 2;
    }
    return at;
}

/* Reads the frames of a stream as a client does: the lines, as they were in the queue. */
static size_t
read_frames(const unsigned char *from, size_t n, char *out)
{
    size_t at = 0, made = 0;
    while (at < n) {
        bool is_long = from[at + 1] == 126;
        size_t size = is_long ? from[at + 2] * 256u + from[at + 3] : from[at + 1];
        CU_ASSERT_FATAL(from[at] == 0x81 && (is_long ? size > 125 : size < 126));
        at += is_long ? 4 : 2;
        memcpy(out + made, from + at, size);
        memcpy(out + made + size, "\r\n", 2);
        made += size + 2;
        at += size;
    }
    CU_ASSERT_EQUAL(at, n);
    return made;
}

/* Lines are added to a queue at random, and a socket takes a random number of the bytes
 * of frames. Only the number of bytes of the first frame that are sent is kept from one
 * write to the next. */
static void
lines_arrive_identical_through_random_short_writes(void)
{
    char *queue = xmalloc(STREAM), *wire = xmalloc(2 * STREAM), *got = xmalloc(STREAM);
    static char piece[GATHER_BYTES];
    for (uint64_t run = 1; run <= 3; run++) {
        uint64_t seed = run;
        size_t all = write_random_lines(queue, LINES, &seed);
        size_t head = 0, tail = 0, skip = 0, on_wire = 0, most = run == 1 ? 9 : 6000;
        while (head < all) {
            for (unsigned more = dice(&seed, 40); more > 0 && tail < all; more--)
                tail = (size_t)((char *)memchr(queue + tail, '\n', all - tail) + 1 -
                                queue);
            size_t room = most < 10 || dice(&seed, 4) == 0 ? 1000 + dice(&seed, 3000)
                                                           : sizeof piece;
            size_t taken, n = ws_frame_lines(WS_TEXT, queue + head, tail - head, piece,
                                             room, &taken);
            size_t left = n - skip < most ? n - skip : most;
            size_t sent = dice(&seed, 1 + (unsigned)left);
            memcpy(wire + on_wire, piece + skip, sent);
            on_wire += sent;
            head += ws_frame_sent(piece, skip + sent, &skip);
            if (head == tail)
                EQUAL_NUMBER(skip, 0);
        }
        EQUAL_NUMBER(read_frames((unsigned char *)wire, on_wire, got), all);
        CU_ASSERT(memcmp(got, queue, all) == 0);
    }
    free(queue);
    free(wire);
    free(got);
}

static void
control_frames_have_their_payload(void)
{
    char out[WS_CONTROL_ROOM], full[WS_CONTROL_MAX];
    EQUAL_NUMBER(ws_frame_control(WS_PONG, "tea", 3, out), 5);
    CU_ASSERT(memcmp(out, "\x8A\x03tea", 5) == 0);
    EQUAL_NUMBER(ws_frame_control(WS_PONG, "", 0, out), 2);
    CU_ASSERT(memcmp(out, "\x8A\x00", 2) == 0);
    memset(full, 'x', sizeof full);
    EQUAL_NUMBER(ws_frame_control(WS_PING, full, sizeof full, out), WS_CONTROL_ROOM);
    CU_ASSERT(memcmp(out, "\x89\x7D", 2) == 0);
    CU_ASSERT(memcmp(out + 2, full, sizeof full) == 0);
}

static void
a_close_frame_has_its_code_and_reason(void)
{
    char out[WS_CONTROL_ROOM], reason[302] = "";
    EQUAL_NUMBER(ws_frame_close(1001, "ends", out), 8);
    CU_ASSERT(memcmp(out,
                     "\x88\x06\x03\xE9"
                     "ends",
                     8) == 0);
    EQUAL_NUMBER(ws_frame_close(1000, "", out), 4);
    CU_ASSERT(memcmp(out, "\x88\x02\x03\xE8", 4) == 0);
    EQUAL_NUMBER(ws_frame_close(0, "", out), 2);
    CU_ASSERT(memcmp(out, "\x88\x00", 2) == 0);
    for (int i = 0; i < 100; i++)
        strcat(reason, "\xE2\x82\xAC");
    size_t n = ws_frame_close(1008, reason, out);
    EQUAL_NUMBER(n, 2 + 2 + 123);
    CU_ASSERT(utf8_valid(out + 4, n - 4));
    memmove(reason + 1, reason, 300);
    reason[0] = 'x';
    n = ws_frame_close(1008, reason, out);
    EQUAL_NUMBER(n, 2 + 2 + 121);
    CU_ASSERT(utf8_valid(out + 4, n - 4));
}

SUITE(ws_frame)
{
    TEST(a_short_line_keeps_its_size);
    TEST(the_length_is_in_its_shortest_form);
    TEST(only_whole_lines_that_have_room_are_framed);
    TEST(a_short_write_takes_the_whole_lines_among_its_bytes);
    TEST(lines_arrive_identical_through_random_short_writes);
    TEST(control_frames_have_their_payload);
    TEST(a_close_frame_has_its_code_and_reason);
}
