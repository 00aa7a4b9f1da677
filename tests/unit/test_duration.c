/* Lengths of time, moments and rates as texts. */
#include "base/duration.h"
#include "test.h"

#define UNTOUCHED 4711

static void
waits_are_rounded_up_to_seconds(void)
{
    CU_ASSERT_EQUAL(msec_seconds_up(-1), 0);
    CU_ASSERT_EQUAL(msec_seconds_up(0), 0);
    CU_ASSERT_EQUAL(msec_seconds_up(1), 1);
    CU_ASSERT_EQUAL(msec_seconds_up(1000), 1);
    CU_ASSERT_EQUAL(msec_seconds_up(1001), 2);
}

static void
durations_are_read(void)
{
    static const struct {
        const char *text;
        bool ok;
        msec length;
    } cases[] = {
        {"500ms", true, 500},
        {"90s", true, 90000},
        {"10m", true, 600000},
        {"1h30m", true, 5400000},
        {"1d12h", true, 36 * MSEC_HOUR},
        {"2w", true, 14 * MSEC_DAY},
        {"1y", true, 365 * MSEC_DAY},
        {"1y2w3d4h5m6s7ms", true,
         382 * MSEC_DAY + 4 * MSEC_HOUR + 5 * MSEC_MINUTE + 6007},
        {"5m30s", true, 330000},
        {"5m30ms", true, 300030},
        {"0", true, 0},
        {"0s", true, 0},
        {"100y", true, DURATION_MAX},
        {"101y", true, DURATION_MAX},
        {"99999999999999999999999999999y", true, DURATION_MAX},
        {"99999999999999999999999999999ms", true, DURATION_MAX},
        {"100y1ms", true, DURATION_MAX},
        {"36499d", true, 36499 * MSEC_DAY},
        {"", false, 0},
        {"5", false, 0},
        {"m", false, 0},
        {"-5m", false, 0},
        {"+5m", false, 0},
        {" 5m", false, 0},
        {"5m ", false, 0},
        {"5 m", false, 0},
        {"5M", false, 0},
        {"5x", false, 0},
        {"5ss", false, 0},
        {"1.5h", false, 0},
        {"30m1h", false, 0},
        {"1h1h", false, 0},
        {"1h30", false, 0},
        {"1h0", false, 0},
        {"5msx", false, 0},
        {"00", false, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        msec got = UNTOUCHED;

        EQUAL_NUMBER(duration_parse(cases[i].text, DURATION_NEEDS_UNIT, &got),
                     cases[i].ok);
        EQUAL_NUMBER(got, cases[i].ok ? cases[i].length : UNTOUCHED);
    }
}

static void
bare_numbers_are_minutes_where_allowed(void)
{
    msec got = UNTOUCHED;

    CU_ASSERT_TRUE(duration_parse("15", DURATION_BARE_MINUTES, &got));
    EQUAL_NUMBER(got, 15 * MSEC_MINUTE);
    CU_ASSERT_TRUE(duration_parse("0", DURATION_BARE_MINUTES, &got));
    EQUAL_NUMBER(got, 0);
    CU_ASSERT_TRUE(duration_parse("52560000", DURATION_BARE_MINUTES, &got));
    EQUAL_NUMBER(got, DURATION_MAX);
    CU_ASSERT_TRUE(duration_parse("99999999999999999999", DURATION_BARE_MINUTES, &got));
    EQUAL_NUMBER(got, DURATION_MAX);
    CU_ASSERT_TRUE(duration_parse("15s", DURATION_BARE_MINUTES, &got));
    EQUAL_NUMBER(got, 15000);
    CU_ASSERT_FALSE(duration_parse("1h30", DURATION_BARE_MINUTES, &got));
    CU_ASSERT_FALSE(duration_parse("15 ", DURATION_BARE_MINUTES, &got));
    EQUAL_NUMBER(got, 15000);
}

static void
durations_are_written_shortly(void)
{
    static const struct {
        msec length;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {-5, "0s"},
        {1, "1ms"},
        {500, "500ms"},
        {999, "999ms"},
        {1000, "1s"},
        {1999, "1s"},
        {90000, "1m30s"},
        {600000, "10m"},
        {36 * MSEC_HOUR, "1d12h"},
        {MSEC_DAY - 1000, "23h59m59s"},
        {MSEC_DAY, "1d"},
        {7 * MSEC_DAY, "7d"},
        {DURATION_MAX, "36500d"},
    };
    char text[DURATION_TEXT];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        duration_format(cases[i].length, text, sizeof(text));
        EQUAL_TEXT(text, cases[i].text);
    }
    duration_format(INT64_MAX, text, sizeof(text));
    EQUAL_TEXT(text, "106751991167d7h12m55s");
}

static void
people_read_the_two_greatest_units(void)
{
    static const struct {
        msec length;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {999, "999ms"},
        {59000, "59s"},
        {90000, "1m30s"},
        {600000, "10m"},
        {MSEC_HOUR, "1h"},
        {MSEC_HOUR + 59000, "1h"},
        {MSEC_DAY - 1000, "23h59m"},
        {MSEC_DAY + 59 * MSEC_MINUTE, "1d"},
        {7 * MSEC_DAY - 1000, "6d23h"},
        {DURATION_MAX - 3000, "36499d23h"},
        {DURATION_MAX, "36500d"},
    };
    char text[DURATION_TEXT];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        duration_words(cases[i].length, text, sizeof(text));
        EQUAL_TEXT(text, cases[i].text);
    }
}

static void
what_is_written_reads_back(void)
{
    static const msec lengths[] = {1, 999, 1000, 59000, 61000, 3661000, 86399000};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        char text[DURATION_TEXT];
        msec got = -1;

        duration_format(lengths[i], text, sizeof(text));
        CU_ASSERT_TRUE(duration_parse(text, DURATION_NEEDS_UNIT, &got));
        EQUAL_NUMBER(got, lengths[i]);
    }
}

static void
moments_are_utc(void)
{
    static const struct {
        msec wall;
        const char *text, *iso;
    } cases[] = {
        {0, "1970-01-01 00:00:00 UTC", "1970-01-01T00:00:00.000Z"},
        {-1, "1970-01-01 00:00:00 UTC", "1970-01-01T00:00:00.000Z"},
        {68169599999, "1972-02-28 23:59:59 UTC", "1972-02-28T23:59:59.999Z"},
        {68169600000, "1972-02-29 00:00:00 UTC", "1972-02-29T00:00:00.000Z"},
        {94694399000, "1972-12-31 23:59:59 UTC", "1972-12-31T23:59:59.000Z"},
        {94694400000, "1973-01-01 00:00:00 UTC", "1973-01-01T00:00:00.000Z"},
        {951782400000, "2000-02-29 00:00:00 UTC", "2000-02-29T00:00:00.000Z"},
        {1795356185123, "2026-11-22 14:03:05 UTC", "2026-11-22T14:03:05.123Z"},
        {2147483648000, "2038-01-19 03:14:08 UTC", "2038-01-19T03:14:08.000Z"},
        {4107542400000, "2100-03-01 00:00:00 UTC", "2100-03-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31 23:59:59 UTC", "9999-12-31T23:59:59.999Z"},
        {253402300800000, "9999-12-31 23:59:59 UTC", "9999-12-31T23:59:59.999Z"},
        {INT64_MAX, "9999-12-31 23:59:59 UTC", "9999-12-31T23:59:59.999Z"},
    };
    char text[MOMENT_TEXT];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        moment_format(cases[i].wall, text, sizeof(text));
        EQUAL_TEXT(text, cases[i].text);
        moment_format_iso(cases[i].wall, text, sizeof(text));
        EQUAL_TEXT(text, cases[i].iso);
    }
}

static void
moments_are_written_for_http(void)
{
    static const struct {
        msec wall;
        const char *text;
    } cases[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {-1, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {86399999, "Thu, 01 Jan 1970 23:59:59 GMT"},
        {86400000, "Fri, 02 Jan 1970 00:00:00 GMT"},
        {784111777000, "Sun, 06 Nov 1994 08:49:37 GMT"}, /* RFC 9110 5.6.7 */
        {951782400000, "Tue, 29 Feb 2000 00:00:00 GMT"},
        {1795356185123, "Sun, 22 Nov 2026 14:03:05 GMT"},
        {2147483648000, "Tue, 19 Jan 2038 03:14:08 GMT"},
        {253402300799999, "Fri, 31 Dec 9999 23:59:59 GMT"},
        {INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT"},
    };
    char text[MOMENT_TEXT];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        moment_format_http(cases[i].wall, text, sizeof text);
        EQUAL_TEXT(text, cases[i].text);
    }
}

static void
rates_are_read(void)
{
    static const struct {
        const char *text;
        bool ok;
        int count;
        msec per;
    } cases[] = {
        {"6/60s", true, 6, 60000},
        {"1/1ms", true, 1, 1},
        {"1000000/1h", true, 1000000, MSEC_HOUR},
        {"1000001/1h", false, 0, 0},
        {"0/60s", false, 0, 0},
        {"6/0", false, 0, 0},
        {"6/0s", false, 0, 0},
        {"6/60", false, 0, 0},
        {"6", false, 0, 0},
        {"/60s", false, 0, 0},
        {"6/", false, 0, 0},
        {"06/60s", false, 0, 0},
        {"-6/60s", false, 0, 0},
        {"6/60s/1", false, 0, 0},
        {"6 /60s", false, 0, 0},
        {"00000000006/60s", false, 0, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rate rate = {-1, -1};

        EQUAL_NUMBER(rate_parse(cases[i].text, &rate), cases[i].ok);
        EQUAL_NUMBER(rate.count, cases[i].ok ? cases[i].count : -1);
        EQUAL_NUMBER(rate.per, cases[i].ok ? cases[i].per : -1);
    }
}

static void
moments_are_read_back_and_nothing_else_is(void)
{
    static const msec good[] = {
        0, 1, 951782400000, 1795305785123, 4107542399999, 253402300799999};
    static const char *const bad[] = {"",
                                      "never",
                                      "2026",
                                      "2026-11-22",
                                      "2026-11-22 00:03:05",
                                      "2026-11-22T00:03:05",
                                      "2026-11-22T00:03:05.12Z",
                                      "2026-11-22T00:03:05.1234Z",
                                      "2026-11-22T00:03:05Zx",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-01-00T00:00:00Z",
                                      "2026-01-32T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:60:00Z",
                                      "2026-01-01T00:00:60Z",
                                      "1969-12-31T23:59:59Z",
                                      "2026-1-1T00:00:00Z",
                                      "+026-01-01T00:00:00Z",
                                      "2026-01-01T00:00:00+01:00"};
    char text[MOMENT_TEXT];
    msec got = -1;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        moment_format_iso(good[i], text, sizeof text);
        CU_ASSERT_TRUE(moment_parse_iso(text, &got));
        EQUAL_NUMBER(got, good[i]);
    }
    CU_ASSERT_TRUE(moment_parse_iso("2028-02-29T00:00:00Z", &got));
    EQUAL_NUMBER(got, 1835395200000);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        got = 7;
        CU_ASSERT_FALSE(moment_parse_iso(bad[i], &got));
        EQUAL_NUMBER(got, 7);
    }
}

SUITE(duration)
{
    TEST(waits_are_rounded_up_to_seconds);
    TEST(durations_are_read);
    TEST(bare_numbers_are_minutes_where_allowed);
    TEST(durations_are_written_shortly);
    TEST(people_read_the_two_greatest_units);
    TEST(what_is_written_reads_back);
    TEST(moments_are_utc);
    TEST(moments_are_read_back_and_nothing_else_is);
    TEST(moments_are_written_for_http);
    TEST(rates_are_read);
}
