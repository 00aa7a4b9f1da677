/* Paths and queries: one decoding, one spelling, and no way out of the tree of paths.
 */
#include "proto/http_target.h"

#include "http_heads.h"
#include "test.h"

static struct http_text
text_of(const char *text)
{
    return (struct http_text){text, strlen(text)};
}

static void
a_target_is_cut_at_its_first_question_mark(void)
{
    static const struct {
        const char *target, *path, *query;
    } cases[] = {
        {"/", "/", ""},           {"/a?", "/a", ""},
        {"/a?b=c", "/a", "b=c"},  {"/?a?b", "/", "a?b"},
        {"/a%3fb", "/a%3fb", ""}, {"/irc?x=[::1]|{y}", "/irc", "x=[::1]|{y}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_text path, query;
        EQUAL_NUMBER(http_target_split(text_of(cases[i].target), &path, &query),
                     HTTP_FINE);
        EQUAL_TEXT(heads_text(path), cases[i].path);
        EQUAL_TEXT(heads_text(query), cases[i].query);
    }
}

static void
other_targets_are_refused(void)
{
    static const char *const targets[] = {
        "",      "*",     "x",      "?a",     "%2f",       "http://localhost/",
        "a:1",   "/a#b",  "/a?b#c", "/\"",    "/<",        "/a?>",
        "/a\\b", "/a\tb", "/a\x7f", "/a\x80", "/\xc3\xa4",
    };
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct http_text path, query;
        if (http_target_split(text_of(targets[i]), &path, &query) !=
            HTTP_REFUSED_BAD_TARGET)
            EQUAL_TEXT(targets[i], "refused");
    }
}

static void
a_path_is_decoded_once(void)
{
    static const struct {
        const char *path, *want;
    } cases[] = {
        {"/", "/"},
        {"/admin/", "/admin/"},
        {"/%61pi/v1", "/api/v1"},
        {"/%2Bx%2b", "/+x+"},
        {"/a+b", "/a+b"},
        {"/%252e%252e/x", "/%2e%2e/x"},
        {"/%25", "/%"},
        {"/%2525", "/%25"},
        {"/%c3%a4", "/\xc3\xa4"},
        {"/a%20b", "/a b"},
        {"/...", "/..."},
        {"/..a/a../.a", "/..a/a../.a"},
        {"/favicon.svg", "/favicon.svg"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[HTTP_PATH_MAX + 1];
        EQUAL_NUMBER(http_target_path(text_of(cases[i].path), out), HTTP_FINE);
        EQUAL_TEXT(out, cases[i].want);
    }
}

static void
a_path_with_two_spellings_is_refused(void)
{
    static const struct {
        const char *path;
        enum http_refusal want;
    } cases[] = {
        {"/..", HTTP_REFUSED_BAD_PATH},
        {"/.", HTTP_REFUSED_BAD_PATH},
        {"/../etc/passwd", HTTP_REFUSED_BAD_PATH},
        {"/a/../b", HTTP_REFUSED_BAD_PATH},
        {"/a/./b", HTTP_REFUSED_BAD_PATH},
        {"/a/..", HTTP_REFUSED_BAD_PATH},
        {"/%2e%2e/x", HTTP_REFUSED_BAD_PATH},
        {"/.%2E/x", HTTP_REFUSED_BAD_PATH},
        {"/%2e", HTTP_REFUSED_BAD_PATH},
        {"/a%2fb", HTTP_REFUSED_BAD_PATH},
        {"/..%2fx", HTTP_REFUSED_BAD_PATH},
        {"/%2f%2fx", HTTP_REFUSED_BAD_PATH},
        {"/a%5cb", HTTP_REFUSED_BAD_PATH},
        {"/..%5cx", HTTP_REFUSED_BAD_PATH},
        {"//", HTTP_REFUSED_BAD_PATH},
        {"//x", HTTP_REFUSED_BAD_PATH},
        {"/a//b", HTTP_REFUSED_BAD_PATH},
        {"/a%00", HTTP_REFUSED_BAD_PATH},
        {"/a%0d%0ab", HTTP_REFUSED_BAD_PATH},
        {"/a%1f", HTTP_REFUSED_BAD_PATH},
        {"/a%7f", HTTP_REFUSED_BAD_PATH},
        {"/%c0%ae%c0%ae/x", HTTP_REFUSED_BAD_PATH}, /* overlong dots */
        {"/%c3", HTTP_REFUSED_BAD_PATH},
        {"/%", HTTP_REFUSED_BAD_ESCAPE},
        {"/%4", HTTP_REFUSED_BAD_ESCAPE},
        {"/%zz", HTTP_REFUSED_BAD_ESCAPE},
        {"/%4g", HTTP_REFUSED_BAD_ESCAPE},
        {"/%u0041", HTTP_REFUSED_BAD_ESCAPE},
        {"/%%34%31", HTTP_REFUSED_BAD_ESCAPE},
        {"/% 41", HTTP_REFUSED_BAD_ESCAPE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[HTTP_PATH_MAX + 1];
        if (http_target_path(text_of(cases[i].path), out) != cases[i].want)
            EQUAL_TEXT(cases[i].path, "refused as listed");
        EQUAL_TEXT(out, "");
    }
}

static void
a_path_has_255_bytes_at_most(void)
{
    char path[3 * HTTP_PATH_MAX + 4], out[HTTP_PATH_MAX + 1];
    memset(path, 'x', sizeof path);
    path[0] = '/';
    EQUAL_NUMBER(http_target_path((struct http_text){path, HTTP_PATH_MAX}, out),
                 HTTP_FINE);
    EQUAL_NUMBER(strlen(out), HTTP_PATH_MAX);
    EQUAL_NUMBER(http_target_path((struct http_text){path, HTTP_PATH_MAX + 1}, out),
                 HTTP_REFUSED_LONG_PATH);
    for (size_t i = 1; i + 3 <= sizeof path; i += 3) /* decoded bytes count */
        memcpy(path + i, "%41", 3);
    EQUAL_NUMBER(http_target_path((struct http_text){path, 1 + 3 * 254}, out),
                 HTTP_FINE);
    EQUAL_NUMBER(http_target_path((struct http_text){path, 1 + 3 * 255}, out),
                 HTTP_REFUSED_LONG_PATH);
}

static void
a_query_is_read_pair_by_pair(void)
{
    struct http_text rest = text_of("&a=1&&b&c==d&=e&%61=%31&"), name, value;
    static const char *const want[][2] = {
        {"a", "1"}, {"b", ""}, {"c", "=d"}, {"", "e"}, {"%61", "%31"}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        CU_ASSERT_TRUE(http_query_next(&rest, &name, &value));
        EQUAL_TEXT(heads_text(name), want[i][0]);
        EQUAL_TEXT(heads_text(value), want[i][1]);
    }
    CU_ASSERT_FALSE(http_query_next(&rest, &name, &value));
    CU_ASSERT_FALSE(http_query_next(&rest, &name, &value));
}

static void
a_text_of_a_query_is_decoded_once(void)
{
    static const struct {
        const char *text;
        int length;
        const char *want;
    } cases[] = {
        {"", 0, ""},
        {"a+b%20c%2Bd", 7, "a b c+d"},
        {"%2541", 3, "%41"},
        {"%c3%a4", 2, "\xc3\xa4"},
        {"*!*@192.0.2.0/24", 16, "*!*@192.0.2.0/24"},
        {"%23tea", 4, "#tea"},
        {"%00", -1, ""},
        {"a%0d%0aKILL", -1, ""},
        {"%7f", -1, ""},
        {"%c3", -1, ""},
        {"%", -1, ""},
        {"a%2", -1, ""},
        {"%zz", -1, ""},
        {"1234567890123456789", 19, "1234567890123456789"},
        {"12345678901234567890", -1, ""},
        {"1234567890123456789%30", -1, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[20];
        EQUAL_NUMBER(http_query_decode(text_of(cases[i].text), out, sizeof out),
                     cases[i].length);
        EQUAL_TEXT(out, cases[i].want);
    }
}

static void
a_name_is_found_once(void)
{
    static const struct {
        const char *query;
        int found;
        const char *value;
    } cases[] = {
        {"", 0, ""},
        {"cursor", 1, ""},
        {"cursor=", 1, ""},
        {"a=b&cursor=x%2B1&c", 1, "x+1"},
        {"%63ursor=x", 1, "x"},
        {"Cursor=x", 0, ""},
        {"cursors=x", 0, ""},
        {"x=cursor", 0, ""},
        {"cursor=a&cursor=a", -1, ""},
        {"cursor=a&curs%6fr=b", -1, ""},
        {"cursor=%0a", -1, ""},
        {"cursor=%", -1, ""},
        {"cursor=12345678901234567890", -1, ""},
        {"%=1&cursor=x", 1, "x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[20];
        EQUAL_NUMBER(
            http_query_find(text_of(cases[i].query), "cursor", out, sizeof out),
            cases[i].found);
        EQUAL_TEXT(out, cases[i].value);
    }
}

SUITE(http_target)
{
    TEST(a_target_is_cut_at_its_first_question_mark);
    TEST(other_targets_are_refused);
    TEST(a_path_is_decoded_once);
    TEST(a_path_with_two_spellings_is_refused);
    TEST(a_path_has_255_bytes_at_most);
    TEST(a_query_is_read_pair_by_pair);
    TEST(a_text_of_a_query_is_decoded_once);
    TEST(a_name_is_found_once);
}
