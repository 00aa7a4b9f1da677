/* Requests of the API: the line of IRC that each becomes, and what is refused. */
#include "base/str.h"
#include "http_heads.h"
#include "proto/api.h"
#include "test.h"

/* The fault of a request with this first line, fields and body. */
static enum api_fault
ask(const char *line, const char *fields, const char *body, struct api_call *out)
{
    static char head[4096];
    struct http_request r;
    str_format(head, sizeof head, "%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", line,
               fields);
    CU_ASSERT_FATAL(heads_parse(head, strlen(head), &r) == HTTP_WHOLE);
    return api_request(&r, (struct http_text){body, strlen(body)}, out);
}

static enum api_fault
post(const char *type, const char *body, struct api_call *out)
{
    char fields[256];
    str_format(fields, sizeof fields, "%s%s%sContent-Length: %zu\r\n",
               *type ? "Content-Type: " : "", type, *type ? "\r\n" : "", strlen(body));
    return ask("POST /api/v1/command", fields, body, out);
}

static void
each_table_has_a_path(void)
{
    static const struct {
        const char *target, *line;
    } cases[] = {
        {"/api/v1/status", "TABLE status *"},
        {"/api/v1/clients?", "TABLE clients *"},
        {"/api/v1/channels", "TABLE channels *"},
        {"/api/v1/hosts?filter=", "TABLE hosts *"},
        {"/api/v1/log", "TABLE log *"},
        {"/api/v1/bans?cursor=~4.2", "TABLE bans ~4.2"},
        {"/api/v1/bans?filter=a+b%20c", "TABLE bans * :a b c"},
        {"/api/v1/bans?filter=%3Ax&cursor=%7E4", "TABLE bans ~4 ::x"},
        {"/api/v1/bans?filter=%C3%A4", "TABLE bans * :\xc3\xa4"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[256];
        struct api_call call;
        str_format(line, sizeof line, "GET %s", cases[i].target);
        EQUAL_NUMBER(ask(line, "", "", &call), API_FINE);
        EQUAL_TEXT(call.command, cases[i].line);
        CU_ASSERT(call.is_table);
        str_format(line, sizeof line, "HEAD %s", cases[i].target);
        EQUAL_NUMBER(ask(line, "", "", &call), API_FINE);
    }
}

static void
other_requests_are_refused(void)
{
    static const struct {
        const char *line, *fields;
        enum api_fault fault;
    } cases[] = {
        {"GET /api/v1/", "", API_FAULT_PATH},
        {"GET /api/v1/ban", "", API_FAULT_PATH},
        {"GET /api/v1/bansx", "", API_FAULT_PATH},
        {"GET /api/v1/BANS", "", API_FAULT_PATH},
        {"GET /api/v1/bans/", "", API_FAULT_PATH},
        {"GET /api/v2/bans", "", API_FAULT_PATH},
        {"GET /api/v1/bans%20x", "", API_FAULT_PATH},
        {"POST /api/v1/none", "Content-Length: 0\r\n", API_FAULT_PATH},
        {"POST /api/v1/bans", "Content-Length: 0\r\n", API_FAULT_READS},
        {"GET /api/v1/command", "", API_FAULT_POSTS},
        {"HEAD /api/v1/command", "", API_FAULT_POSTS},
        {"GET /api/v1/bans?page=2", "", API_FAULT_QUERY},
        {"GET /api/v1/bans?Cursor=~1", "", API_FAULT_QUERY},
        {"GET /api/v1/bans?cursor=~1&cursor=~2", "", API_FAULT_QUERY},
        {"GET /api/v1/bans?filter=a&filter=b", "", API_FAULT_QUERY},
        {"GET /api/v1/bans?filter=%0d%0aDIE", "", API_FAULT_QUERY},
        {"GET /api/v1/bans?filter=%00", "", API_FAULT_QUERY},
        {"GET /api/v1/bans?filter=%", "", API_FAULT_QUERY},
        {"GET /api/v1/bans?filter=%ff", "", API_FAULT_QUERY},
        {"GET /api/v1/bans?cursor=", "", API_FAULT_CURSOR},
        {"GET /api/v1/bans?cursor=x", "", API_FAULT_CURSOR},
        {"GET /api/v1/bans?cursor=~1+:x", "", API_FAULT_CURSOR},
        {"GET /api/v1/bans?cursor=~%C3%A4", "", API_FAULT_CURSOR},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct api_call call;
        if (ask(cases[i].line, cases[i].fields, "", &call) != cases[i].fault)
            EQUAL_TEXT(cases[i].line, "refused for another reason");
    }
}

static void
a_filter_and_a_cursor_have_a_longest_length(void)
{
    char line[512], word[256];
    struct api_call call;
    for (int n = 199; n <= 201; n++) {
        memset(word, 'x', sizeof word);
        word[n] = '\0';
        str_format(line, sizeof line, "GET /api/v1/bans?filter=%s", word);
        EQUAL_NUMBER(ask(line, "", "", &call), n <= 200 ? API_FINE : API_FAULT_QUERY);
        word[0] = '~';
        str_format(line, sizeof line, "GET /api/v1/bans?cursor=%s", word);
        EQUAL_NUMBER(ask(line, "", "", &call), n <= 199 ? API_FINE : API_FAULT_QUERY);
    }
}

static void
a_command_is_one_member_of_an_object(void)
{
    static const struct {
        const char *body, *command; /* NULL: it is refused */
    } cases[] = {
        {"{\"command\":\"STATS s\"}", "STATS s"},
        {" \r\n\t{ \"command\" : \"STATS s\" } \n", "STATS s"},
        {"{\"\\u0063ommand\":\"A\"}", "A"},
        {"{\"command\":\"A \\\"\\\\\\/\\u00e4\\u20ac\\ud83d\\ude00\"}",
         "A \"\\/\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"{\"command\":\"A \xc3\xa4\"}", "A \xc3\xa4"},
        {"", NULL},
        {"{}", NULL},
        {"[]", NULL},
        {"null", NULL},
        {"\"STATS s\"", NULL},
        {"{\"command\":\"A\"", NULL},
        {"{\"command\":\"A", NULL},
        {"{\"command\":\"A\"}}", NULL},
        {"{\"command\":\"A\"} {}", NULL},
        {"{\"command\":\"A\",}", NULL},
        {"{\"command\":\"A\",\"x\":1}", NULL},
        {"{\"command\":\"A\",\"command\":\"B\"}", NULL},
        {"{\"x\":1,\"command\":\"A\"}", NULL},
        {"{\"Command\":\"A\"}", NULL},
        {"{\"commandx\":\"A\"}", NULL},
        {"{\"comman\":\"A\"}", NULL},
        {"{\"command\":1}", NULL},
        {"{\"command\":null}", NULL},
        {"{\"command\":[\"A\"]}", NULL},
        {"{command:\"A\"}", NULL},
        {"{'command':'A'}", NULL},
        {"{\"command\":\"A\\x\"}", NULL},
        {"{\"command\":\"A\\\"}", NULL},
        {"{\"command\":\"A\\u12\"}", NULL},
        {"{\"command\":\"A\\u12g4\"}", NULL},
        {"{\"command\":\"A\\ud83d\"}", NULL},
        {"{\"command\":\"A\\ud83dx\"}", NULL},
        {"{\"command\":\"A\\ude00\\ud83d\"}", NULL},
        {"{\"command\":\"A\\ud83d\\u0041\"}", NULL},
        {"{\"command\":\"A\n\"}", NULL},
        {"{\"command\":\"A\x01\"}", NULL},
        {"{\"command\":\"A\xff\"}", NULL},
        {"{\"command\":\"A\xc3\"}", NULL},
        {"\xef\xbb\xbf{\"command\":\"A\"}", NULL},
        {"{\"command\":\"A\"} //", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct api_call call;
        enum api_fault fault = post("application/json", cases[i].body, &call);
        if (fault != (cases[i].command ? API_FINE : API_FAULT_JSON))
            EQUAL_TEXT(cases[i].body, cases[i].command ? "accepted" : "refused");
        EQUAL_TEXT(call.command, cases[i].command ? cases[i].command : "");
    }
}

static void
nothing_but_one_line_of_irc_gets_through(void)
{
    static const char *const commands[] = {
        "",          " A",       "@label=x A", ":x A",       "A\\r\\nB",   "A\\nB",
        "A\\u000aB", "A\\u000d", "A\\u0000B",  "\\u0000",    "A\\tB",      "A\\b",
        "A\\u0001",  "A\\u007f", "A\x7f",      "\\u0040x A", "\\u003ax A",
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char body[128];
        struct api_call call;
        str_format(body, sizeof body, "{\"command\":\"%s\"}", commands[i]);
        if (post("application/json", body, &call) != API_FAULT_LINE)
            EQUAL_TEXT(commands[i], "refused");
    }
}

static void
a_command_has_a_longest_length(void)
{
    static char body[1024], word[1024];
    struct api_call call;
    for (size_t n = API_COMMAND - 2; n <= API_COMMAND; n++) {
        memset(word, 'x', sizeof word);
        word[n] = '\0';
        str_format(body, sizeof body, "{\"command\":\"%s\"}", word);
        EQUAL_NUMBER(post("application/json", body, &call),
                     n < API_COMMAND ? API_FINE : API_FAULT_LONG);
        EQUAL_NUMBER(strlen(call.command), n < API_COMMAND ? n : 0);
    }
}

static void
a_body_is_json_in_utf_8_by_its_type(void)
{
    static const struct {
        const char *type;
        enum api_fault fault;
    } cases[] = {
        {"application/json", API_FINE},
        {"Application/JSON", API_FINE},
        {"application/json; charset=utf-8", API_FINE},
        {"application/json;charset=UTF-8", API_FINE},
        {"application/json ; charset=\"utf-8\"", API_FINE},
        {"", API_FAULT_TYPE},
        {"text/plain", API_FAULT_TYPE},
        {"application/x-www-form-urlencoded", API_FAULT_TYPE},
        {"multipart/form-data; boundary=x", API_FAULT_TYPE},
        {"application/jsonx", API_FAULT_TYPE},
        {"application/json; charset=latin1", API_FAULT_TYPE},
        {"application/json, text/plain", API_FAULT_TYPE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct api_call call;
        if (post(cases[i].type, "{\"command\":\"A\"}", &call) != cases[i].fault)
            EQUAL_TEXT(cases[i].type, "judged wrongly");
    }
}

static void
a_command_takes_no_query(void)
{
    struct api_call call;
    EQUAL_NUMBER(ask("POST /api/v1/command?x=1",
                     "Content-Type: application/json\r\nContent-Length: 15\r\n",
                     "{\"command\":\"A\"}", &call),
                 API_FAULT_QUERY);
}

SUITE(api_request)
{
    TEST(each_table_has_a_path);
    TEST(other_requests_are_refused);
    TEST(a_filter_and_a_cursor_have_a_longest_length);
    TEST(a_command_is_one_member_of_an_object);
    TEST(nothing_but_one_line_of_irc_gets_through);
    TEST(a_command_has_a_longest_length);
    TEST(a_body_is_json_in_utf_8_by_its_type);
    TEST(a_command_takes_no_query);
}
