/* Frames of WebSocket clients: what is accepted, and each fault of RFC 6455 with its
 * code. Every case is read in one piece, and byte by byte. */
#include "base/mem.h"
#include "dice.h"
#include "proto/ws_reader.h"
#include "test.h"
#include "ws_client_frame.h"

#define ROOM 65536

/* All that a reader has given. */
struct ws_seen {
    char text[ROOM];  /* whole lines; "<PING x>" and "<CLOSE 1000>" where they came */
    size_t n;         /* bytes of text */
    size_t unended;   /* bytes of a message that is not whole */
    enum ws_got last; /* what the last call has given */
    enum ws_fault fault;
};

static void
note_seen(struct ws_seen *s, const char *bytes, size_t n)
{
    CU_ASSERT_FATAL(n < ROOM - s->n);
    memcpy(s->text + s->n, bytes, n);
    s->n += n;
    s->text[s->n] = '\0';
}

/* Gives one piece to the reader, in a block of exactly its size and one byte. */
static void
read_piece(struct ws_reader *r, struct ws_seen *s, const char *bytes, size_t n)
{
    char *room = xmalloc(n + 1), line[200];
    struct ws_piece p = {room + 1, n, room, room};
    struct ws_control control;
    memcpy(room + 1, bytes, n);
    do {
        s->last = ws_read(r, &p, &control);
        CU_ASSERT_FATAL(p.lines <= p.out && p.out <= p.at);
        if (s->last == WS_GOT_PING)
            snprintf(line, sizeof line, "<PING %.*s>", control.n, control.payload);
        else if (s->last == WS_GOT_CLOSE)
            snprintf(line, sizeof line, "<CLOSE %u>", control.code);
        else
            line[0] = '\0';
        /* A control frame goes in front of the line that it comes within. */
        size_t lines = (size_t)(p.lines - room);
        note_seen(s, room, lines);
        note_seen(s, line, strlen(line));
        memmove(room, p.lines, (size_t)(p.out - p.lines));
        p.out -= lines;
        p.lines = room;
    } while (s->last == WS_GOT_PING);
    CU_ASSERT(p.n == 0 || s->last != WS_GOT_MORE);
    note_seen(s, room, (size_t)(p.out - room));
    free(room);
}

/* Reads the stream in pieces of this size. */
static void
read_stream(struct ws_seen *s, const char *bytes, size_t n, size_t piece)
{
    struct ws_reader r = {0};
    *s = (struct ws_seen){0};
    for (size_t at = 0; at < n && s->last == WS_GOT_MORE; at += piece)
        read_piece(&r, s, bytes + at, n - at < piece ? n - at : piece);
    s->fault = r.fault;
    s->unended = r.in_message;
    ws_reader_clear(&r);
}

/* A stream of frames that a case describes. */
struct ws_case {
    char bytes[ROOM];
    size_t n;
};

static void
add_frame(struct ws_case *c, unsigned first, const char *payload, size_t n)
{
    CU_ASSERT_FATAL(n + WS_CLIENT_HEADER < ROOM - c->n);
    c->n += ws_client_frame(c->bytes + c->n, first, payload, n, 0xA1B2C3D4);
}

static void
add_text(struct ws_case *c, unsigned first, const char *payload)
{
    add_frame(c, first, payload, strlen(payload));
}

static struct ws_case the_case;
static struct ws_seen seen;

static struct ws_case *
new_case(void)
{
    the_case.n = 0;
    return &the_case;
}

/* In every split the stream gives this text and no fault. */
static void
expect_text(const struct ws_case *c, const char *text)
{
    for (size_t piece = 1; piece <= c->n; piece = piece < 20 ? piece + 1 : 2 * piece) {
        read_stream(&seen, c->bytes, c->n, piece);
        EQUAL_NUMBER(seen.fault, WS_FAULT_NONE);
        EQUAL_TEXT(seen.text, text);
    }
    read_stream(&seen, c->bytes, c->n, ROOM);
    EQUAL_TEXT(seen.text, text);
}

/* In every split the stream ends with this fault, and the lines before are there. */
static void
expect_fault(const struct ws_case *c, enum ws_fault fault, const char *lines)
{
    for (size_t piece = 1; piece <= c->n; piece = piece < 20 ? piece + 1 : 2 * piece) {
        read_stream(&seen, c->bytes, c->n, piece);
        EQUAL_NUMBER(seen.last, WS_GOT_FAULT);
        EQUAL_NUMBER(seen.fault, fault);
        CU_ASSERT(strncmp(seen.text, lines, strlen(lines)) == 0);
        CU_ASSERT_PTR_NULL(strchr(seen.text + strlen(lines), '\n'));
    }
    read_stream(&seen, c->bytes, c->n, ROOM);
    EQUAL_NUMBER(seen.fault, fault);
    EQUAL_TEXT(seen.text, lines); /* nothing of the broken message */
}

static void
a_message_is_a_line(void)
{
    struct ws_case *c = new_case();
    add_text(c, 0x81, "NICK ann");
    add_text(c, 0x81, "USER ann 0 * :\xC3\x84nn");
    add_text(c, 0x82, "PRIVMSG #a :\xFF\x80 latin");
    add_text(c, 0x81, "");
    add_text(c, 0x81, "x");
    expect_text(
        c, "NICK ann\nUSER ann 0 * :\xC3\x84nn\nPRIVMSG #a :\xFF\x80 latin\n\nx\n");
}

static void
the_frames_of_a_message_are_joined(void)
{
    struct ws_case *c = new_case();
    add_text(c, 0x01, "PRIV");
    add_text(c, 0x00, "");
    add_text(c, 0x00, "MSG ");
    add_text(c, 0x80, "#a :x");
    add_text(c, 0x02, "");
    add_text(c, 0x80, "");
    add_text(c, 0x01, "\xE2");
    add_text(c, 0x00, "\x82");
    add_text(c, 0x80, "\xAC");
    expect_text(c, "PRIVMSG #a :x\n\n\xE2\x82\xAC\n");
}

static void
control_frames_come_between_the_frames_of_a_message(void)
{
    struct ws_case *c = new_case();
    char most[WS_CONTROL_MAX + 1] = "";
    memset(most, 'p', WS_CONTROL_MAX);
    add_text(c, 0x89, "");
    add_text(c, 0x01, "");
    add_text(c, 0x89, "one");
    add_text(c, 0x8A, "ignored");
    add_text(c, 0x80, "PING :x");
    add_text(c, 0x8A, "");
    add_frame(c, 0x89, most, WS_CONTROL_MAX);
    add_text(c, 0x88,
             "\x03\xE8"
             "bye");
    add_text(c, 0x81, "nothing follows a close frame");
    char want[200];
    snprintf(want, sizeof want, "<PING ><PING one>PING :x\n<PING %s><CLOSE 1000>",
             most);
    expect_text(c, want);
}

/* The first bytes of frames, and the fault of each. */
static const struct {
    const char *bytes;
    size_t n;
    enum ws_fault fault;
} broken[] = {
    {"\xC1\x80\0\0\0\0", 6, WS_FAULT_RESERVED_BITS},
    {"\xA1\x80\0\0\0\0", 6, WS_FAULT_RESERVED_BITS},
    {"\x91\x80\0\0\0\0", 6, WS_FAULT_RESERVED_BITS},
    {"\xC9\x80\0\0\0\0", 6, WS_FAULT_RESERVED_BITS},
    {"\xF3", 1, WS_FAULT_RESERVED_BITS},
    {"\x83\x80\0\0\0\0", 6, WS_FAULT_OPCODE},
    {"\x84", 1, WS_FAULT_OPCODE},
    {"\x85", 1, WS_FAULT_OPCODE},
    {"\x86", 1, WS_FAULT_OPCODE},
    {"\x87", 1, WS_FAULT_OPCODE},
    {"\x8B", 1, WS_FAULT_OPCODE},
    {"\x8C", 1, WS_FAULT_OPCODE},
    {"\x8D", 1, WS_FAULT_OPCODE},
    {"\x8E", 1, WS_FAULT_OPCODE},
    {"\x8F", 1, WS_FAULT_OPCODE},
    {"\x03", 1, WS_FAULT_OPCODE},
    {"\x0B", 1, WS_FAULT_OPCODE},
    {"\x09\x80\0\0\0\0", 6, WS_FAULT_CONTROL_FRAGMENT},
    {"\x08", 1, WS_FAULT_CONTROL_FRAGMENT},
    {"\x0A", 1, WS_FAULT_CONTROL_FRAGMENT},
    {"\x89\xFE\0\x7E\0\0\0\0", 8, WS_FAULT_CONTROL_LENGTH},
    {"\x88\xFE", 2, WS_FAULT_CONTROL_LENGTH},
    {"\x8A\xFF", 2, WS_FAULT_CONTROL_LENGTH},
    {"\x80\x81\0\0\0\0x", 7, WS_FAULT_NOT_BEGUN},
    {"\x00\x81\0\0\0\0x", 7, WS_FAULT_NOT_BEGUN},
    {"\x01\x81\0\0\0\0x\x81\x80\0\0\0\0", 13, WS_FAULT_NOT_ENDED},
    {"\x02\x80\0\0\0\0\x01", 7, WS_FAULT_NOT_ENDED},
    {"\x81\x01x", 3, WS_FAULT_NOT_MASKED},
    {"\x81\x00", 2, WS_FAULT_NOT_MASKED},
    {"\x89\x00", 2, WS_FAULT_NOT_MASKED},
    {"\x81\x7E", 2, WS_FAULT_NOT_MASKED},
    {"\x81\xFE\x00\x00", 4, WS_FAULT_LENGTH_FORM},
    {"\x81\xFE\x00\x7D", 4, WS_FAULT_LENGTH_FORM},
    {"\x82\xFF\0\0\0\0\0\0\0\x7D", 10, WS_FAULT_LENGTH_FORM},
    {"\x82\xFF\0\0\0\0\0\0\xFF\xFF", 10, WS_FAULT_LENGTH_FORM},
    {"\x82\xFF\x80\0\0\0\0\x01\0\0", 10, WS_FAULT_LENGTH_BIT},
    {"\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10, WS_FAULT_LENGTH_BIT},
    {"\x82\xFF\0\0\0\0\0\x01\0\0", 10, WS_FAULT_TOO_LONG},
    {"\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10, WS_FAULT_TOO_LONG},
    {"\x81\xFE\x11\xFD", 4, WS_FAULT_TOO_LONG},
    {"\x81\xFE\xFF\xFF", 4, WS_FAULT_TOO_LONG},
};

static void
each_broken_header_has_its_fault(void)
{
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct ws_case *c = new_case();
        add_text(c, 0x81, "PING :first");
        memcpy(c->bytes + c->n, broken[i].bytes, broken[i].n);
        c->n += broken[i].n;
        expect_fault(c, broken[i].fault, "PING :first\n");
        /* The same without the bytes before, and with lines behind. */
        c = new_case();
        memcpy(c->bytes, broken[i].bytes, broken[i].n);
        c->n = broken[i].n;
        add_text(c, 0x81, "PING :never read");
        expect_fault(c, broken[i].fault, "");
    }
}

static void
a_header_is_judged_before_its_last_byte(void)
{
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct ws_case *c = new_case();
        memcpy(c->bytes, broken[i].bytes, broken[i].n);
        c->n = broken[i].n;
        expect_fault(c, broken[i].fault, "");
    }
}

static void
a_message_has_a_limit(void)
{
    static char text[WS_MESSAGE_MAX + 2];
    memset(text, 'x', WS_MESSAGE_MAX + 1);
    for (int part = 0; part < 3; part++) {
        size_t first = part == 0 ? 0 : part == 1 ? 1 : WS_MESSAGE_MAX - 3;
        struct ws_case *c = new_case();
        add_frame(c, 0x01, text, first);
        add_text(c, 0x00, "two");
        add_frame(c, 0x80, text, WS_MESSAGE_MAX - 3 - first);
        add_frame(c, 0x81, text, WS_MESSAGE_MAX);
        read_stream(&seen, c->bytes, c->n, ROOM);
        EQUAL_NUMBER(seen.fault, WS_FAULT_NONE);
        EQUAL_NUMBER(seen.n, 2 * (WS_MESSAGE_MAX + 1));
        c = new_case();
        add_text(c, 0x81, "PING :first");
        add_frame(c, 0x01, text, first);
        add_text(c, 0x00, "two");
        add_frame(c, 0x80, text, WS_MESSAGE_MAX - 2 - first);
        expect_fault(c, WS_FAULT_TOO_LONG, "PING :first\n");
    }
    EQUAL_NUMBER(WS_MESSAGE_MAX, 512 - 2 + 4094);
}

static void
a_message_has_no_line_end(void)
{
    static const char bytes[] = {'\r', '\n', '\0'};
    static const size_t places[] = {0, 9, 17};
    for (size_t i = 0; i < sizeof bytes; i++)
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            char text[] = "PRIVMSG #a :a text";
            text[places[k]] = bytes[i];
            for (unsigned opcode = WS_TEXT; opcode <= WS_BINARY; opcode++) {
                struct ws_case *c = new_case();
                add_text(c, 0x82, "PING :first");
                add_frame(c, 0x80 | opcode, text, sizeof text - 1);
                expect_fault(c, WS_FAULT_LINE_END, "PING :first\n");
                c = new_case();
                add_text(c, opcode, "begins");
                add_frame(c, 0x80, text, sizeof text - 1);
                expect_fault(c, WS_FAULT_LINE_END, "");
            }
        }
}

static void
text_is_utf8(void)
{
    static const char *const bad[] = {"\xFF",     "\x80",         "\xC3",
                                      "a\xC3z",   "\xC0\xAF",     "\xE2\x82",
                                      "\xF0\x9F", "\xED\xA0\x80", "\xF4\x90\x80\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ws_case *c = new_case();
        add_text(c, 0x81, "PING :first");
        add_text(c, 0x81, bad[i]);
        expect_fault(c, WS_FAULT_TEXT, "PING :first\n");
        c = new_case();
        add_text(c, 0x01, "a");
        for (const char *b = bad[i]; *b; b++)
            add_frame(c, 0x00, b, 1);
        add_text(c, 0x80, "");
        expect_fault(c, WS_FAULT_TEXT, "");
        c = new_case();
        add_text(c, 0x82, bad[i]);
        char want[10];
        snprintf(want, sizeof want, "%s\n", bad[i]);
        expect_text(c, want);
    }
}

static void
the_first_wrong_byte_of_a_message_decides(void)
{
    static const struct {
        const char *text;
        enum ws_fault fault;
    } cases[] = {{"a\xFF"
                  "b\n",
                  WS_FAULT_TEXT},
                 {"a\nb\xFF", WS_FAULT_LINE_END},
                 {"a\xC3\n", WS_FAULT_LINE_END},
                 {"a\xC3"
                  "b\n",
                  WS_FAULT_TEXT},
                 {"a long text before \xE2\x82z and a CR\r", WS_FAULT_TEXT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ws_case *c = new_case();
        add_text(c, 0x81, cases[i].text);
        expect_fault(c, cases[i].fault, "");
    }
}

static void
close_frames_have_a_code_that_may_be_sent(void)
{
    for (unsigned code = 0; code < 65536; code += code < 5100 ? 1 : 997) {
        char payload[] = {(char)(code >> 8), (char)code, 'x'};
        bool good = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                    (code >= 3000 && code <= 4999);
        struct ws_case *c = new_case();
        add_frame(c, 0x88, payload, 2 + code % 2);
        read_stream(&seen, c->bytes, c->n, ROOM);
        EQUAL_NUMBER(seen.fault, good ? WS_FAULT_NONE : WS_FAULT_CLOSE_CODE);
        EQUAL_NUMBER(seen.last, good ? WS_GOT_CLOSE : WS_GOT_FAULT);
    }
    struct ws_case *c = new_case();
    add_text(c, 0x88, "");
    expect_text(c, "<CLOSE 0>");
    c = new_case();
    add_text(c, 0x88, "\x03");
    expect_fault(c, WS_FAULT_CLOSE_LENGTH, "");
    c = new_case();
    add_text(c, 0x88, "\x03\xE8 \xC3");
    expect_fault(c, WS_FAULT_CLOSE_TEXT, "");
    c = new_case();
    add_text(c, 0x88, "\x13\x87 \xC3\xA4");
    expect_text(c, "<CLOSE 4999>");
}

static void
pings_have_a_least_gap(void)
{
    struct ws_reader r = {0};
    CU_ASSERT(ws_reader_allows_ping(&r, 0));
    CU_ASSERT(ws_reader_allows_ping(&r, WS_PING_GAP));
    CU_ASSERT(ws_reader_allows_ping(&r, 2 * WS_PING_GAP));
    EQUAL_NUMBER(r.fault, WS_FAULT_NONE);
    CU_ASSERT_FALSE(ws_reader_allows_ping(&r, 3 * WS_PING_GAP - 1));
    EQUAL_NUMBER(r.fault, WS_FAULT_PINGS);
    struct ws_piece none = {0};
    EQUAL_NUMBER(ws_read(&r, &none, NULL), WS_GOT_FAULT);
}

static void
each_fault_has_a_code_and_a_sentence(void)
{
    CU_ASSERT_PTR_NULL(ws_fault_text(WS_FAULT_NONE));
    EQUAL_NUMBER(ws_fault_code(WS_FAULT_NONE), 0);
    for (enum ws_fault f = WS_FAULT_NONE + 1; f < WS_FAULTS; f++) {
        CU_ASSERT(strlen(ws_fault_text(f)) <= WS_CONTROL_MAX - 2);
        CU_ASSERT(ws_fault_code(f) >= 1002 && ws_fault_code(f) <= 1009);
    }
    EQUAL_NUMBER(ws_fault_code(WS_FAULT_NOT_MASKED), 1002);
    EQUAL_NUMBER(ws_fault_code(WS_FAULT_LINE_END), 1002);
    EQUAL_NUMBER(ws_fault_code(WS_FAULT_TEXT), 1007);
    EQUAL_NUMBER(ws_fault_code(WS_FAULT_PINGS), 1008);
    EQUAL_NUMBER(ws_fault_code(WS_FAULT_TOO_LONG), 1009);
}

/* Messages of random lengths in random fragments with random masks, read in random
 * pieces, come out as they went in. */
static void
random_messages_arrive_whole(void)
{
    static char want[ROOM];
    for (uint64_t run = 1; run <= 200; run++) {
        uint64_t seed = run;
        struct ws_case *c = new_case();
        size_t n_want = 0;
        while (c->n < 20000) {
            size_t n = dice(&seed, 6) ? dice(&seed, 150) : dice(&seed, WS_MESSAGE_MAX);
            char *text = want + n_want;
            for (size_t i = 0; i < n; i++)
                text[i] = (char)(' ' + dice(&seed, 90));
            for (size_t at = 0, part; at < n || at == 0; at += part) {
                part = dice(&seed, 3) ? n - at : dice(&seed, 1 + (unsigned)(n - at));
                bool ends = at + part == n;
                c->n += ws_client_frame(c->bytes + c->n,
                                        (ends ? 0x80u : 0) | (at == 0 ? 1u : 0),
                                        text + at, part, dice(&seed, 1u << 31) * 2);
                if (part == 0 &&
                    !ends) { /* the message has begun with an empty frame */
                    c->n += ws_client_frame(c->bytes + c->n, 0x80, text + at, n - at,
                                            dice(&seed, 1u << 31));
                    break;
                }
                if (ends)
                    break;
            }
            n_want += n;
            want[n_want++] = '\n';
        }
        want[n_want] = '\0';
        struct ws_reader r = {0};
        seen = (struct ws_seen){0};
        for (size_t at = 0, part; at < c->n; at += part) {
            part = 1 + dice(&seed, run % 2 ? 40 : 5000);
            part = part < c->n - at ? part : c->n - at;
            read_piece(&r, &seen, c->bytes + at, part);
        }
        EQUAL_NUMBER(r.fault, WS_FAULT_NONE);
        EQUAL_NUMBER(seen.n, n_want);
        CU_ASSERT(memcmp(seen.text, want, n_want) == 0);
        ws_reader_clear(&r);
    }
}

SUITE(ws_reader)
{
    TEST(a_message_is_a_line);
    TEST(the_frames_of_a_message_are_joined);
    TEST(control_frames_come_between_the_frames_of_a_message);
    TEST(each_broken_header_has_its_fault);
    TEST(a_header_is_judged_before_its_last_byte);
    TEST(a_message_has_a_limit);
    TEST(a_message_has_no_line_end);
    TEST(text_is_utf8);
    TEST(the_first_wrong_byte_of_a_message_decides);
    TEST(close_frames_have_a_code_that_may_be_sent);
    TEST(pings_have_a_least_gap);
    TEST(each_fault_has_a_code_and_a_sentence);
    TEST(random_messages_arrive_whole);
}
