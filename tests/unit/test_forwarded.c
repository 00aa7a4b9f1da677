/* X-Forwarded-For: the last address that is not a trusted proxy is the client, and nothing
 * before it counts. */
#include "proto/forwarded.h"

#include "base/str.h"
#include "http_heads.h"
#include "test.h"

/* Trusts 10.0.0.0/8 and fd00::/8; ctx counts the questions. */
static bool
trusts_inside(void *ctx, const struct addr *addr)
{
    static const char *const inside[] = {"10.0.0.0/8", "fd00::/8"};
    struct prefix p;
    char err[100];
    ++*(int *)ctx;
    for (size_t i = 0; i < 2; i++)
        if (prefix_parse(inside[i], &p, err, sizeof err) && prefix_match(&p, addr))
            return true;
    return false;
}

static const struct {
    const char *list;
    enum forwarded_kind kind;
    const char *addr;
    int questions;
} cases[] = {
    {"192.0.2.7", FORWARDED_CLIENT, "192.0.2.7", 1},
    {" \t192.0.2.7\t ", FORWARDED_CLIENT, "192.0.2.7", 1},
    {"2001:db8::7", FORWARDED_CLIENT, "2001:db8::7", 1},
    {"::ffff:192.0.2.7", FORWARDED_CLIENT, "192.0.2.7", 1},
    {"192.0.2.7:56324", FORWARDED_CLIENT, "192.0.2.7", 1},
    {"[2001:db8::7]", FORWARDED_CLIENT, "2001:db8::7", 1},
    {"[2001:db8::7]:56324", FORWARDED_CLIENT, "2001:db8::7", 1},
    {"192.0.2.7, 10.0.0.1", FORWARDED_CLIENT, "192.0.2.7", 2},
    {"192.0.2.7,fd00::1,10.0.0.1", FORWARDED_CLIENT, "192.0.2.7", 3},
    {"198.51.100.1, 192.0.2.7", FORWARDED_CLIENT, "192.0.2.7", 1},
    {"10.0.0.9, 192.0.2.7, 10.0.0.1", FORWARDED_CLIENT, "192.0.2.7", 2},
    /* the client writes what stands before it */
    {"x, 192.0.2.7", FORWARDED_CLIENT, "192.0.2.7", 1},
    {",,192.0.2.7", FORWARDED_CLIENT, "192.0.2.7", 1},
    {"' OR 1=1, 192.0.2.7, 10.0.0.1", FORWARDED_CLIENT, "192.0.2.7", 2},
    {"10.0.0.1", FORWARDED_TRUSTED, "10.0.0.1", 1},
    {"10.0.0.2, 10.0.0.1", FORWARDED_TRUSTED, "10.0.0.2", 2},
    {"", FORWARDED_BROKEN, "::", 0},
    {" ", FORWARDED_BROKEN, "::", 0},
    {",", FORWARDED_BROKEN, "::", 0},
    {"192.0.2.7,", FORWARDED_BROKEN, "::", 0},
    {"192.0.2.7, x", FORWARDED_BROKEN, "::", 0},
    {"192.0.2.7, x, 10.0.0.1", FORWARDED_BROKEN, "::", 1},
    {"192.0.2.7,,10.0.0.1", FORWARDED_BROKEN, "::", 1},
    {",10.0.0.1", FORWARDED_BROKEN, "::", 1},
    {"unknown", FORWARDED_BROKEN, "::", 0},
    {"_hidden", FORWARDED_BROKEN, "::", 0},
    {"localhost", FORWARDED_BROKEN, "::", 0},
    {"192.0.2.07", FORWARDED_BROKEN, "::", 0},
    {"192.0.2", FORWARDED_BROKEN, "::", 0},
    {"192.0.2.7.", FORWARDED_BROKEN, "::", 0},
    {"3221225991", FORWARDED_BROKEN, "::", 0},
    {"0xc0000207", FORWARDED_BROKEN, "::", 0},
    {"192.0.2.7/32", FORWARDED_BROKEN, "::", 0},
    {"192.0.2.7 10.0.0.1", FORWARDED_BROKEN, "::", 0},
    {"192.0.2.7;10.0.0.1", FORWARDED_BROKEN, "::", 0},
    {"192.0.2.7:", FORWARDED_BROKEN, "::", 0},
    {"192.0.2.7:0", FORWARDED_BROKEN, "::", 0},
    {"192.0.2.7:99999", FORWARDED_BROKEN, "::", 0},
    {"[192.0.2.7]", FORWARDED_BROKEN, "::", 0},
    {"[2001:db8::7", FORWARDED_BROKEN, "::", 0},
    {"2001:db8::7]", FORWARDED_BROKEN, "::", 0},
    {"fe80::1%eth0", FORWARDED_BROKEN, "::", 0},
    {"::192.0.2.7", FORWARDED_BROKEN, "::", 0},
    {"\"192.0.2.7\"", FORWARDED_BROKEN, "::", 0},
    {"for=192.0.2.7", FORWARDED_BROKEN, "::", 0},
};

static void
a_list_is_read_from_its_end(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int questions = 0;
        char text[ADDR_TEXT];
        struct addr addr;
        struct http_text list = {cases[i].list, strlen(cases[i].list)};
        enum forwarded_kind kind =
            forwarded_list(list, trusts_inside, &questions, &addr);
        if (kind != cases[i].kind || questions != cases[i].questions)
            EQUAL_TEXT(cases[i].list, "read as listed");
        addr_format(&addr, text, sizeof text);
        EQUAL_TEXT(text, cases[i].addr);
    }
}

static void
a_nul_is_no_part_of_an_address(void)
{
    int questions = 0;
    struct addr addr;
    EQUAL_NUMBER(forwarded_list((struct http_text){"192.0.2.7\0x", 11}, trusts_inside,
                                &questions, &addr),
                 FORWARDED_BROKEN);
}

static void
several_fields_are_one_list(void)
{
    static const struct {
        const char *fields;
        enum forwarded_kind kind;
        const char *addr;
    } heads[] = {
        {"", FORWARDED_NONE, "::"},
        {"X-Forwarded: 192.0.2.7\r\nForwarded: for=192.0.2.7\r\n", FORWARDED_NONE,
         "::"},
        {"X-Forwarded-For:\r\n", FORWARDED_BROKEN, "::"},
        {"x-forwarded-for: 192.0.2.7\r\n", FORWARDED_CLIENT, "192.0.2.7"},
        {"X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 192.0.2.7\r\n",
         FORWARDED_CLIENT, "192.0.2.7"},
        {"X-Forwarded-For: 192.0.2.7\r\nA: b\r\nX-Forwarded-For: 10.0.0.1\r\n",
         FORWARDED_CLIENT, "192.0.2.7"},
        {"X-Forwarded-For: x\r\nX-Forwarded-For: 192.0.2.7\r\n", FORWARDED_CLIENT,
         "192.0.2.7"},
        {"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For: x\r\n", FORWARDED_BROKEN,
         "::"},
        {"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For:\r\n", FORWARDED_BROKEN, "::"},
        {"X-Forwarded-For: x\r\nX-Forwarded-For: 10.0.0.1\r\n", FORWARDED_BROKEN, "::"},
        {"X-Forwarded-For: 10.0.0.2\r\nX-Forwarded-For: 10.0.0.1\r\n",
         FORWARDED_TRUSTED, "10.0.0.2"},
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct http_request r;
        struct addr addr;
        char text[ADDR_TEXT];
        int questions = 0;
        heads_with(heads[i].fields, &r);
        EQUAL_NUMBER(forwarded_client(&r, trusts_inside, &questions, &addr),
                     heads[i].kind);
        addr_format(&addr, text, sizeof text);
        EQUAL_TEXT(text, heads[i].addr);
    }
}

static void
the_last_proxy_tells_of_tls(void)
{
    static const struct {
        const char *fields;
        bool secure;
    } heads[] = {
        {"", false},
        {"X-Forwarded-Proto: https\r\n", true},
        {"x-forwarded-proto: HTTPS\r\n", true},
        {"X-Forwarded-Proto: wss\r\n", true},
        {"X-Forwarded-Proto: http, https\r\n", true},
        {"X-Forwarded-Proto: http\r\nX-Forwarded-Proto: https\r\n", true},
        {"X-Forwarded-Proto: http\r\n", false},
        {"X-Forwarded-Proto: https, http\r\n", false},
        {"X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n", false},
        {"X-Forwarded-Proto: httpsx\r\n", false},
        {"X-Forwarded-Proto:\r\n", false},
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct http_request r;
        heads_with(heads[i].fields, &r);
        EQUAL_NUMBER(forwarded_is_secure(&r), heads[i].secure);
    }
}

SUITE(forwarded)
{
    TEST(a_list_is_read_from_its_end);
    TEST(a_nul_is_no_part_of_an_address);
    TEST(several_fields_are_one_list);
    TEST(the_last_proxy_tells_of_tls);
}
