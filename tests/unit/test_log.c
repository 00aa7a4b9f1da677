/* Log lines: their form, their escapes, and their rate. */
#include "base/log.h"
#include "base/str.h"
#include "test.h"

#include <stdarg.h>

struct sink {
    char last[4096];
    int lines;
};

static void
write_line(void *ctx, const char *line, size_t n)
{
    struct sink *sink = ctx;

    EQUAL_NUMBER(line[n - 1], '\n');
    EQUAL_NUMBER(memchr(line, '\n', n) == line + n - 1, true);
    memcpy(sink->last, line, n);
    sink->last[n - 1] = '\0';
    sink->lines++;
}

static struct log
log_to(struct sink *sink, enum log_format format)
{
    memset(sink, 0, sizeof(*sink));
    return (struct log){.level = LOG_LEVEL_INFO,
                        .format = format,
                        .wall = 1795356185123,
                        .write = write_line,
                        .ctx = sink};
}

static size_t
take_pairs(struct log_pair *pairs, va_list ap)
{
    size_t n = 0;
    while ((pairs[n].key = va_arg(ap, const char *)) != NULL)
        pairs[n++].value = va_arg(ap, const char *);
    return n;
}

/* A line of pairs, closed by a NULL key. */
static void
log_event(struct log *log, enum log_level level, const char *event, ...)
{
    struct log_pair pairs[4];
    va_list ap;
    va_start(ap, event);
    log_line(log, level, NULL, event, pairs, take_pairs(pairs, ap));
    va_end(ap);
}

/* The same at the rate of events that an outsider can cause. */
static void
log_limited(struct log *log, enum log_level level, const char *event, ...)
{
    struct log_pair pairs[4];
    struct log_rate rate = log_limit(event);
    va_list ap;
    va_start(ap, event);
    log_line(log, level, &rate, event, pairs, take_pairs(pairs, ap));
    va_end(ap);
}

#define TEXT_HEAD "2026-11-22T14:03:05.123Z info event=test"
#define JSON_HEAD                                                                      \
    "{\"time\":\"2026-11-22T14:03:05.123Z\",\"level\":\"info\",\"event\":\"test\""

static void
pairs_follow_the_event(void)
{
    struct sink sink;
    struct log log = log_to(&sink, LOG_FORMAT_TEXT);

    log_event(&log, LOG_LEVEL_INFO, "test", "by", "alice", "gone", (char *)NULL, "n",
              "5", (char *)NULL);
    EQUAL_TEXT(sink.last, TEXT_HEAD " by=alice n=5");
    log.format = LOG_FORMAT_JSON;
    log_event(&log, LOG_LEVEL_INFO, "test", "by", "alice", "gone", (char *)NULL, "n",
              "5", (char *)NULL);
    EQUAL_TEXT(sink.last, JSON_HEAD ",\"by\":\"alice\",\"n\":\"5\"}");
    log_event(&log, LOG_LEVEL_ERROR, "x", (char *)NULL);
    CONTAINS(sink.last, "\"level\":\"error\"");
}

/* Every key of a number, and one of another kind. */
static void
numbers_are_numbers_in_json(void)
{
    static const struct {
        const char *value, *json;
    } cases[] = {
        {"0", "0"},
        {"7", "7"},
        {"999999999999999", "999999999999999"},
        {"007", "\"007\""},
        {"1000000000000000", "\"1000000000000000\""},
        {"", "\"\""},
        {"-1", "\"-1\""},
        {"7 of 9", "\"7 of 9\""},
        {"1e3", "\"1e3\""},
    };
    static const char *const keys[] = {
#define KEY(name, key, kind) #kind, key,
#include "base/log_keys.def"
#undef KEY
    };
    struct sink sink;
    struct log log = log_to(&sink, LOG_FORMAT_JSON);
    char want[200];
    int numbers = 0;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k += 2)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            bool number = strcmp(keys[k], "NUMBER") == 0;
            log_event(&log, LOG_LEVEL_INFO, "test", keys[k + 1], cases[i].value,
                      (char *)NULL);
            snprintf(want, sizeof want,
                     number ? JSON_HEAD ",\"%s\":%s}" : JSON_HEAD ",\"%s\":\"%s\"}",
                     keys[k + 1], number ? cases[i].json : cases[i].value);
            EQUAL_TEXT(sink.last, want);
            numbers += number;
        }
    CU_ASSERT(numbers > 10);
}

/* After a text of any length a number is whole or missing. */
static void
a_number_is_never_cut(void)
{
    static char long_text[2100];
    struct sink sink;
    struct log log = log_to(&sink, LOG_FORMAT_JSON);
    int whole = 0, missing = 0;
    for (size_t n = 1850; n < 2050; n++) {
        memset(long_text, 'x', n);
        log_event(&log, LOG_LEVEL_INFO, "test", "note", long_text, "records",
                  "123456789012345", (char *)NULL);
        bool has = strstr(sink.last, "\",\"records\":123456789012345}") != NULL;
        whole += has;
        missing += strstr(sink.last, "x\"}") != NULL;
        CU_ASSERT(has || strstr(sink.last, "records") == NULL);
    }
    EQUAL_NUMBER(whole + missing, 200);
    CU_ASSERT(whole > 20 && missing > 20);
}

static void
values_are_escaped(void)
{
    static const struct {
        const char *value, *text, *json;
    } cases[] = {
        {"plain-1.2.3.4", "plain-1.2.3.4", "plain-1.2.3.4"},
        {"", "\"\"", ""},
        {"two words", "\"two words\"", "two words"},
        {"a=b", "\"a=b\"", "a=b"},
        {"say \"hi\"", "\"say \\\"hi\\\"\"", "say \\\"hi\\\""},
        {"back\\slash", "\"back\\\\slash\"", "back\\\\slash"},
        {"a\r\nb\tc", "\"a\\r\\nb\\tc\"", "a\\r\\nb\\tc"},
        {"\x01\x1b[0m\x7f", "\"\\x01\\x1b[0m\\x7f\"", "\\u0001\\u001b[0m\\u007f"},
        {"gr\xC3\xBC\xC3\x9F", "\"gr\xC3\xBC\xC3\x9F\"", "gr\xC3\xBC\xC3\x9F"},
        {"\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\"", "\xF0\x9F\x98\x80"},
        {"\xC2\x85\xC2\xA0", "\"\\x85\xC2\xA0\"", "\\u0085\xC2\xA0"},
        {"a\xFF\xC3", "\"a\\xff\\xc3\"", "a\\ufffd\\ufffd"},
        {"\xED\xA0\x80", "\"\\xed\\xa0\\x80\"", "\\ufffd\\ufffd\\ufffd"},
    };
    char want[200];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sink sink;
        struct log log = log_to(&sink, LOG_FORMAT_TEXT);

        log_event(&log, LOG_LEVEL_INFO, "test", "v", cases[i].value, (char *)NULL);
        str_format(want, sizeof(want), TEXT_HEAD " v=%s", cases[i].text);
        EQUAL_TEXT(sink.last, want);
        log.format = LOG_FORMAT_JSON;
        log_event(&log, LOG_LEVEL_INFO, "test", "v", cases[i].value, (char *)NULL);
        str_format(want, sizeof(want), JSON_HEAD ",\"v\":\"%s\"}", cases[i].json);
        EQUAL_TEXT(sink.last, want);
    }
}

static void
long_lines_are_cut_but_well_formed(void)
{
    char value[2100];

    for (size_t n = 1900; n < 2100; n++) {
        struct sink sink;
        struct log log = log_to(&sink, LOG_FORMAT_JSON);
        size_t len;

        memset(value, n % 2 ? '\x01' : 'a', n);
        value[n] = '\0';
        log_event(&log, LOG_LEVEL_INFO, "test", "v", value, "after", "x", (char *)NULL);
        len = strlen(sink.last);
        CU_ASSERT_TRUE(len < 2048);
        EQUAL_TEXT(sink.last + len - 2, "\"}");
        if (n > 2048 || n % 2)
            CU_ASSERT_PTR_NULL(strstr(sink.last, "after"));
        if (n % 2)
            EQUAL_TEXT(sink.last + len - 8, "\\u0001\"}");
        log.format = LOG_FORMAT_TEXT;
        log_event(&log, LOG_LEVEL_INFO, "test", "v", value, "after", "x", (char *)NULL);
        CU_ASSERT_TRUE(strlen(sink.last) < 2048);
        if (n % 2)
            EQUAL_TEXT(sink.last + strlen(sink.last) - 5, "\\x01\"");
    }
}

static void
levels_above_the_limit_are_dropped(void)
{
    struct sink sink;
    struct log log = log_to(&sink, LOG_FORMAT_TEXT);

    log_event(&log, LOG_LEVEL_DEBUG, "quiet", (char *)NULL);
    log_limited(&log, LOG_LEVEL_DEBUG, "quiet", (char *)NULL);
    EQUAL_NUMBER(sink.lines, 0);
    log.level = LOG_LEVEL_DEBUG;
    log_event(&log, LOG_LEVEL_DEBUG, "heard", (char *)NULL);
    EQUAL_NUMBER(sink.lines, 1);
    log.level = LOG_LEVEL_ERROR;
    log_event(&log, LOG_LEVEL_WARN, "quiet", (char *)NULL);
    EQUAL_NUMBER(sink.lines, 1);
}

static void
a_log_without_writer_is_silent(void)
{
    struct log log = {0};

    log_event(&log, LOG_LEVEL_ERROR, "test", (char *)NULL);
    log_limited(&log, LOG_LEVEL_ERROR, "test", (char *)NULL);
    CU_ASSERT_PTR_NULL(log.repeats[0].name);
}

static void
repeated_events_are_suppressed_and_counted(void)
{
    struct sink sink;
    struct log log = log_to(&sink, LOG_FORMAT_TEXT);

    for (int i = 0; i < 35; i++)
        log_limited(&log, LOG_LEVEL_INFO, "test", "n", "1", (char *)NULL);
    EQUAL_NUMBER(sink.lines, 10);
    EQUAL_TEXT(sink.last, TEXT_HEAD " n=1");
    log_limited(&log, LOG_LEVEL_INFO, "other", (char *)NULL);
    EQUAL_NUMBER(sink.lines, 11);
    log.wall += 999;
    log_limited(&log, LOG_LEVEL_INFO, "test", "n", "2", (char *)NULL);
    EQUAL_NUMBER(sink.lines, 11);
    log.wall += 1;
    log_limited(&log, LOG_LEVEL_INFO, "test", "n", "3", (char *)NULL);
    EQUAL_NUMBER(sink.lines, 12);
    CONTAINS(sink.last, "event=test suppressed=26 n=3");
    log.wall += 1000;
    log_limited(&log, LOG_LEVEL_INFO, "test", "n", "4", (char *)NULL);
    CONTAINS(sink.last, "event=test n=4");
}

static void
a_clock_set_back_does_not_silence(void)
{
    struct sink sink;
    struct log log = log_to(&sink, LOG_FORMAT_TEXT);

    for (int i = 0; i < 11; i++)
        log_limited(&log, LOG_LEVEL_INFO, "test", (char *)NULL);
    log.wall -= 86400000;
    log_limited(&log, LOG_LEVEL_INFO, "test", (char *)NULL);
    EQUAL_NUMBER(sink.lines, 10);
    log.wall += 1000;
    log_limited(&log, LOG_LEVEL_INFO, "test", (char *)NULL);
    EQUAL_NUMBER(sink.lines, 11);
}

static void
more_names_than_rows_still_pass(void)
{
    char names[LOG_LIMITED + 2][8];
    struct sink sink;
    struct log log = log_to(&sink, LOG_FORMAT_TEXT);

    for (int i = 0; i < LOG_LIMITED + 2; i++) {
        log.wall += 1;
        str_format(names[i], sizeof names[i], "n%d", i);
        log_limited(&log, LOG_LEVEL_INFO, names[i], (char *)NULL);
    }
    EQUAL_NUMBER(sink.lines, LOG_LIMITED + 2);
    for (int i = 0; i < 20; i++)
        log_limited(&log, LOG_LEVEL_INFO, names[LOG_LIMITED + 1], (char *)NULL);
    EQUAL_NUMBER(sink.lines, LOG_LIMITED + 2 + 9);
}

static void
level_names_are_read(void)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    enum log_level level = LOG_LEVEL_WARN;

    for (int i = 0; i < 4; i++) {
        CU_ASSERT_TRUE(log_level_parse(names[i], &level));
        EQUAL_NUMBER(level, i);
    }
    CU_ASSERT_FALSE(log_level_parse("Error", &level));
    CU_ASSERT_FALSE(log_level_parse("", &level));
    CU_ASSERT_FALSE(log_level_parse("warning", &level));
}

SUITE(log)
{
    TEST(pairs_follow_the_event);
    TEST(numbers_are_numbers_in_json);
    TEST(a_number_is_never_cut);
    TEST(values_are_escaped);
    TEST(long_lines_are_cut_but_well_formed);
    TEST(levels_above_the_limit_are_dropped);
    TEST(a_log_without_writer_is_silent);
    TEST(repeated_events_are_suppressed_and_counted);
    TEST(a_clock_set_back_does_not_silence);
    TEST(more_names_than_rows_still_pass);
    TEST(level_names_are_read);
}
