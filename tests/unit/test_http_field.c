/* Fields of a request: lists, tags of entities, tokens of rights. */
#include "proto/http_field.h"

#include "base/str.h"
#include "http_heads.h"
#include "test.h"

static void
a_list_is_read_over_all_fields_of_its_name(void)
{
    struct http_request r;
    heads_with(
        "Connection: keep-alive, Upgrade\r\nX: close\r\nCONNECTION:,\t, foo ,\r\n", &r);
    CU_ASSERT_TRUE(http_field_has(&r, "connection", "keep-alive"));
    CU_ASSERT_TRUE(http_field_has(&r, "Connection", "upgrade"));
    CU_ASSERT_TRUE(http_field_has(&r, "connection", "FOO"));
    CU_ASSERT_FALSE(http_field_has(&r, "connection", ""));
    CU_ASSERT_FALSE(http_field_has(&r, "connection", "close"));
    CU_ASSERT_FALSE(http_field_has(&r, "connection", "upgrad"));
    CU_ASSERT_FALSE(http_field_has(&r, "connectio", "upgrade"));
}

static void
a_word_is_chosen_by_the_order_of_the_client(void)
{
    static const char *const words[] = {"text.ircv3.net", "binary.ircv3.net"};
    static const struct {
        const char *fields;
        int want;
    } cases[] = {
        {"", -1},
        {"Sec-WebSocket-Protocol: text.ircv3.net\r\n", 0},
        {"Sec-WebSocket-Protocol: binary.ircv3.net, text.ircv3.net\r\n", 1},
        {"Sec-WebSocket-Protocol: x,text.ircv3.net,binary.ircv3.net\r\n", 0},
        {"Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: binary.ircv3.net\r\n",
         1},
        {"Sec-WebSocket-Protocol: TEXT.ircv3.net\r\n", -1},
        {"Sec-WebSocket-Protocol: text.ircv3.net.\r\n", -1},
        {"Sec-WebSocket-Protocol:\r\n", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_request r;
        heads_with(cases[i].fields, &r);
        EQUAL_NUMBER(http_field_choose(&r, "sec-websocket-protocol", words, 2),
                     cases[i].want);
    }
}

static void
a_connection_stays_open_by_version_and_field(void)
{
    static const struct {
        const char *head;
        bool open;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nHost: a\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n", true},
        {"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive,close\r\n\r\n", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_request r;
        EQUAL_NUMBER(heads_parse(cases[i].head, strlen(cases[i].head), &r), HTTP_WHOLE);
        EQUAL_NUMBER(http_keeps_open(&r), cases[i].open);
    }
}

static void
a_coding_is_accepted_by_its_weight(void)
{
    static const struct {
        const char *value;
        bool accepted;
    } cases[] = {
        {"gzip", true},
        {"GZIP", true},
        {"gzip, deflate, br, zstd", true},
        {"br;q=1.0, gzip;q=0.8, *;q=0.1", true},
        {"gzip;q=1", true},
        {"gzip ; q=0.001", true},
        {"gzip;Q=0.5", true},
        {"*", true},
        {"*;q=0.5, br", true},
        {"", false},
        {"identity", false},
        {"br", false},
        {"xgzip", false},
        {"gzip;q=0", false},
        {"gzip;q=0.", false},
        {"gzip;q=0.000", false},
        {"*;q=0", false},
        {"gzip;q=0, *", false},
        {"*, gzip;q=0", false},
        {"gzip;q=2", false},
        {"gzip;q=1.001", false},
        {"gzip;q=0.0001", false},
        {"gzip;q=", false},
        {"gzip;q", false},
        {"gzip;x=1", false},
        {"gzip;q=-1", false},
        {"gzip;q=0x1", false},
        {"gzip q=1", false},
    };
    char fields[100];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_request r;
        str_format(fields, sizeof fields, "Accept-Encoding: %s\r\n", cases[i].value);
        heads_with(fields, &r);
        if (http_accepts_coding(&r, "gzip") != cases[i].accepted)
            EQUAL_TEXT(cases[i].value, cases[i].accepted ? "accepted" : "not accepted");
    }
    struct http_request r;
    heads_with("", &r);
    CU_ASSERT_FALSE(http_accepts_coding(&r, "gzip"));
    heads_with("Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n", &r);
    CU_ASSERT_TRUE(http_accepts_coding(&r, "gzip"));
}

static void
a_tag_matches_if_the_field_names_it(void)
{
    static const struct {
        const char *value;
        bool matches;
    } cases[] = {
        {"\"1a2b\"", true},
        {"W/\"1a2b\"", true},
        {"*", true},
        {"\"x\", \"1a2b\"", true},
        {"\"1a2b\",\"x\"", true},
        {"\"x\" ,\t W/\"1a2b\" , \"y\"", true},
        {"\"a,b\", \"1a2b\"", true},
        {"\"\", \"1a2b\"", true},
        {"", false},
        {"\"\"", false},
        {"\"1A2B\"", false},
        {"\"1a2b\"x", false},
        {"\"1a2b", false},
        {"1a2b", false},
        {"w/\"1a2b\"", false},
        {"W/1a2b", false},
        {"\"1a2b\" \"x\"", false},
        {"\"1a2b\", x", false},
        {"\"1a2b\", *", false},
        {"\"1a2b1a2b\"", false},
        {"\"x,\"1a2b\"", false},
        {"W/", false},
    };
    char fields[100];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_request r;
        str_format(fields, sizeof fields, "If-None-Match: %s\r\n", cases[i].value);
        heads_with(fields, &r);
        if (http_tag_matches(&r, "\"1a2b\"") != cases[i].matches)
            EQUAL_TEXT(cases[i].value, cases[i].matches ? "matches" : "does not match");
    }
}

static void
a_tag_is_looked_for_in_all_fields(void)
{
    struct http_request r;
    heads_with("", &r);
    CU_ASSERT_FALSE(http_tag_matches(&r, "\"a\""));
    heads_with("If-None-Match: \"b\"\r\nIf-None-Match: \"a\"\r\n", &r);
    CU_ASSERT_TRUE(http_tag_matches(&r, "\"a\""));
}

static void
a_bearer_token_has_one_form(void)
{
    static const struct {
        const char *fields;
        int kind;
        const char *token;
    } cases[] = {
        {"", 0, ""},
        {"Authorization: Bearer abcXYZ019-._~+/==\r\n", 1, "abcXYZ019-._~+/=="},
        {"authorization: bEARER   a\r\n", 1, "a"},
        {"Authorization: Bearer\r\n", -1, ""},
        {"Authorization: Bearer =\r\n", -1, ""},
        {"Authorization: Bearer a=b\r\n", -1, ""},
        {"Authorization: Bearer a b\r\n", -1, ""},
        {"Authorization: Bearer a,b\r\n", -1, ""},
        {"Authorization: Bearer \"a\"\r\n", -1, ""},
        {"Authorization: Bearer\ta\r\n", -1, ""},
        {"Authorization: Bearera\r\n", -1, ""},
        {"Authorization: Basic YTpi\r\n", -1, ""},
        {"Authorization:\r\n", -1, ""},
        {"Authorization: Bearer \xc3\xa4\r\n", -1, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_request r;
        struct http_text token;
        heads_with(cases[i].fields, &r);
        EQUAL_NUMBER(http_bearer(&r, &token), cases[i].kind);
        EQUAL_TEXT(heads_text(token), cases[i].token);
    }
}

SUITE(http_field)
{
    TEST(a_list_is_read_over_all_fields_of_its_name);
    TEST(a_word_is_chosen_by_the_order_of_the_client);
    TEST(a_connection_stays_open_by_version_and_field);
    TEST(a_coding_is_accepted_by_its_weight);
    TEST(a_tag_matches_if_the_field_names_it);
    TEST(a_tag_is_looked_for_in_all_fields);
    TEST(a_bearer_token_has_one_form);
}
