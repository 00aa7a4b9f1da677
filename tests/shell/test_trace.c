/* The reader of traces: valid files, and each fault with its place. */
#include "../../src/replay/trace.h"
#include "test.h"

#include "base/mem.h"

struct faults {
    char text[4096];
    int n;
};

static void
collect(void *ctx, const char *text)
{
    struct faults *f = ctx;
    size_t len = strlen(f->text);
    f->n++;
    snprintf(f->text + len, sizeof f->text - len, "%s\n", text);
}

static struct trace *
read_text(const char *text, struct faults *f)
{
    FILE *from = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    *f = (struct faults){.n = 0};
    struct trace *t = trace_read(from, "t.jsonl", collect, f);
    fclose(from);
    CU_ASSERT((t == NULL) == (f->n > 0));
    return t;
}

#define ON "{\"time\":0,\"id\":\"a\",\"connect\":\"192.0.2.1\"}\n"

static void
each_kind_of_event_is_read(void)
{
    struct faults f;
    struct trace *t =
        read_text("{\"time\":0.5,\"id\":\"a\",\"connect\":\"192.0.2.1\",\"login\":["
                  "\"NICK a\",\"X\"],"
                  "\"retry\":[10,0.5]}\r\n"
                  "\n"
                  "{\"line\":\"\",\"id\":\"a\",\"time\":0.5}\n"
                  "{\"time\":2,\"id\":\"a\",\"lines\":[\"JOIN #\\u00e9\",\"QUIT\"]}\n"
                  "{\"time\":3,\"id\":\"a\",\"close\":true}\n"
                  "{\"time\":3.0004,\"id\":\"a\",\"connect\":\"::1\"}",
                  &f);
    CU_ASSERT_FATAL(t != NULL);
    EQUAL_NUMBER(t->n_events, 5);
    EQUAL_NUMBER(t->n_conns, 2);
    EQUAL_NUMBER(t->wall, TRACE_WALL);
    EQUAL_NUMBER(t->conns[0].n_retry, 2);
    EQUAL_NUMBER(t->conns[0].retry[1], 500);
    EQUAL_NUMBER(t->conns[1].n_retry, 0);
    static const struct {
        msec at;
        enum trace_kind kind;
        unsigned conn;
        const char *text;
    } want[] = {{500, TRACE_CONNECT, 0, "NICK a\r\nX\r\n"},
                {500, TRACE_LINES, 0, "\r\n"},
                {2000, TRACE_LINES, 0, "JOIN #\xc3\xa9\r\nQUIT\r\n"},
                {3000, TRACE_CLOSE, 0, ""},
                {3000, TRACE_CONNECT, 1, ""}};
    for (size_t i = 0; i < 5; i++) {
        EQUAL_NUMBER(t->events[i].at, want[i].at);
        EQUAL_NUMBER(t->events[i].kind, want[i].kind);
        EQUAL_NUMBER(t->events[i].conn, want[i].conn);
        EQUAL_TEXT(t->events[i].text, want[i].text);
        EQUAL_NUMBER(t->events[i].bytes, strlen(want[i].text));
    }
    trace_free(t);
}

static void
moments_begin_with_the_first(void)
{
    struct faults f;
    struct trace *t = read_text("{\"time\":\"2026-11-22T14:03:05Z\",\"id\":\"a\","
                                "\"connect\":\"192.0.2.1\"}\n"
                                "{\"time\":\"2026-11-22T14:03:06.250Z\",\"id\":\"a\","
                                "\"close\":true}\n",
                                &f);
    CU_ASSERT_FATAL(t != NULL);
    EQUAL_NUMBER(t->wall, 1795356185000);
    EQUAL_NUMBER(t->events[0].at, 0);
    EQUAL_NUMBER(t->events[1].at, 1250);
    trace_free(t);
}

static void
each_fault_names_line_value_and_what_was_expected(void)
{
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"", "t.jsonl:1: there is nothing in it; expected objects, one a line\n"},
        {"{\"time\":0", "t.jsonl:1: column 9: "},
        {"[]", "t.jsonl:1: []; expected a JSON object: {\"time\":0,...}\n"},
        {ON "{}",
         "t.jsonl:2: expected time, id and one of connect, line, lines and close"},
        {ON "{\"time\":1,\"id\":\"a\",\"line\":\"x\",\"close\":true}",
         "t.jsonl:2: expected "},
        {ON "{\"time\":1,\"time\":2,\"id\":\"a\",\"line\":\"x\"}",
         "duplicate object key"},
        {ON "{\"time\":1,\"id\":\"a\",\"line\":\"x\",\"typo\":1}",
         "t.jsonl:2: unknown key \"typo\"; there are time, id, "},
        {ON "{\"time\":-1,\"id\":\"a\",\"line\":\"x\"}", "time: -1; expected seconds "},
        {ON "{\"time\":1e10,\"id\":\"a\",\"line\":\"x\"}", "expected seconds "},
        {ON "{\"time\":true,\"id\":\"a\",\"line\":\"x\"}",
         "time: true; expected seconds "},
        {ON "{\"time\":\"noon\",\"id\":\"a\",\"line\":\"x\"}",
         "time: \"noon\"; expected "},
        {ON "{\"time\":\"2026-11-22T14:03:05Z\",\"id\":\"a\",\"line\":\"x\"}",
         "expected seconds, as on the lines before"},
        {ON "{\"time\":2,\"id\":\"a\",\"line\":\"x\"}\n{\"time\":1.9,\"id\":\"a\","
            "\"line\":\"x\"}",
         "t.jsonl:3: time: 1.9"},
        {ON "{\"time\":1,\"id\":7,\"line\":\"x\"}", "id: 7; expected a name"},
        {ON "{\"time\":1,\"id\":\"\",\"line\":\"x\"}", "id: \"\"; expected a name"},
        {ON "{\"time\":1,\"id\":\"b\",\"line\":\"x\"}",
         "id: \"b\" is not connected; expected a connect before it"},
        {ON ON, "t.jsonl:2: id: \"a\" is connected since line 1; close it first"},
        {"{\"time\":0,\"id\":\"a\",\"connect\":\"192.0.2\"}\n{\"time\":1,\"id\":\"a\","
         "\"line\":\"x\"}",
         "t.jsonl:1: connect: \"192.0.2\"; expected an address, such as \"192.0.2.7\""},
        {ON "{\"time\":1,\"id\":\"a\",\"line\":\"x\\r\"}",
         "line: \"x\\r\"; expected a line "},
        {ON "{\"time\":1,\"id\":\"a\",\"line\":[\"x\"]}",
         "line: [\"x\"]; expected a line "},
        {ON "{\"time\":1,\"id\":\"a\",\"lines\":\"x\"}",
         "lines: \"x\"; expected lines: "},
        {ON "{\"time\":1,\"id\":\"a\",\"lines\":[]}", "lines: []; expected lines: "},
        {ON "{\"time\":1,\"id\":\"a\",\"lines\":[\"x\",1]}",
         "lines: 1; expected a line "},
        {ON "{\"time\":1,\"id\":\"a\",\"close\":false}", "close: false; expected true"},
        {ON "{\"time\":1,\"id\":\"a\",\"line\":\"x\",\"login\":[\"x\"]}",
         "login and retry go with connect only"},
        {ON "{\"time\":1,\"id\":\"a\",\"line\":\"x\",\"tls\":true}",
         "tls and certfp go with connect only"},
        {"{\"time\":0,\"id\":\"a\",\"connect\":\"::1\",\"tls\":1}",
         "tls: 1; expected true"},
        {"{\"time\":0,\"id\":\"a\",\"connect\":\"::1\",\"certfp\":\"12AB\"}",
         "certfp: \"12AB\"; expected a SHA-256 fingerprint: 64 lower-case hex digits"},
        {"{\"time\":0,\"id\":\"a\",\"connect\":\"::1\",\"retry\":[0]}",
         "retry: [0]; expected 1 to 16 waits of 0.1 to 86400 seconds: [10,20,40]"},
        {"{\"time\":0,\"id\":\"a\",\"connect\":\"::1\",\"retry\":10}",
         "retry: 10; expected "},
        {"{\"time\":0,\"id\":\"a\",\"connect\":\"::1\",\"retry\":[1,1,1,1,1,1,1,1,1,1,"
         "1,1,"
         "1,1,1,1,1]}",
         "expected 1 to 16 waits"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct faults f;
        CU_ASSERT(read_text(cases[i].text, &f) == NULL);
        CONTAINS(f.text, cases[i].fault);
        EQUAL_NUMBER(f.n, 1); /* and no other follows from it */
    }
}

static void
all_faults_are_told_up_to_a_limit(void)
{
    for (int lines = TRACE_FAULTS; lines <= TRACE_FAULTS + 2; lines++) {
        char text[256] = "";
        struct faults f;
        for (int i = 0; i < lines; i++)
            strncat(text, "[]\n", sizeof text - strlen(text) - 1);
        CU_ASSERT(read_text(text, &f) == NULL);
        bool more = lines > TRACE_FAULTS;
        EQUAL_NUMBER(f.n, TRACE_FAULTS + more);
        CONTAINS(f.text, "t.jsonl:20: []");
        if (lines == TRACE_FAULTS + 2)
            CONTAINS(f.text, "t.jsonl: and 2 faults more\n");
        CU_ASSERT(more == (strstr(f.text, "more") != NULL));
    }
}

static void
a_line_has_a_limit(void)
{
    static const char head[] = "{\"time\":1,\"id\":\"a\",\"line\":\"";
    for (size_t over = 0; over < 2; over++) {
        size_t len = TRACE_LINE_MAX + over, start = strlen(ON);
        char *text = xmalloc(start + len + 1);
        memset(text, 'x', start + len);
        memcpy(text, ON, start);
        memcpy(text + start, head, strlen(head));
        memcpy(text + start + len - 2, "\"}", 3);
        struct faults f;
        struct trace *t = read_text(text, &f);
        CU_ASSERT((t != NULL) == (over == 0));
        if (over)
            CONTAINS(f.text, "t.jsonl:2: 1052673 bytes; expected at most 1052672");
        trace_free(t);
        free(text);
    }
}

SUITE(trace)
{
    TEST(each_kind_of_event_is_read);
    TEST(moments_begin_with_the_first);
    TEST(each_fault_names_line_value_and_what_was_expected);
    TEST(all_faults_are_told_up_to_a_limit);
    TEST(a_line_has_a_limit);
}
